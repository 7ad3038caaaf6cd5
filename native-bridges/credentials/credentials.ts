import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { roleSchema } from '../../contracts/domain.ts';
import { idSchema } from '../../contracts/ids.ts';
import type { CredentialsPort } from '../../core/ports/machine.ts';
import { isErrno, readFileIfThere, writeFileDurably } from '../durable-file.ts';

/**
 * What this workstation remembers of people whom the centre let in (docs/adr/0008): an argon2id verifier of its own each,
 * in one file that only the owner reads. Wrong tries are counted there too, so that a restart does not forgive them.
 */
export type CredentialsOptions = {
  readonly path: string;
  /**
   * Told when the file cannot be read (everybody is forgotten and must log in online) or cannot be written (what was
   * learnt holds until the program ends).
   */
  readonly onUnreadable: (reason: string) => void;
  /** Counts milliseconds and cannot be set: a lock outlives a change of the clock. For tests; default: this process's. */
  readonly monotonicMs?: () => number;
};

/** `Algorithm.Argon2id` of the library: a const enum, which a file compiled alone cannot read. */
const ARGON2ID = 2;
/** 64 MiB, two passes: three times OWASP's memory for argon2id, and still tens of milliseconds on a counter PC. */
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 65_536, timeCost: 2, parallelism: 1 } as const;
const FREE_TRIES = 5;
const LOCK_MIN = 1;
const LOCK_MAX_MIN = 60;
const MINUTE_MS = 60_000;
const PEOPLE_MAX = 500;

const personSchema = z.object({
  user: z.object({ userId: idSchema, username: z.string(), name: z.string(), role: roleSchema }),
  verifier: z.string(),
  rememberedAtMs: z.int(),
  wrongTries: z.int().min(0),
  lockedUntilMs: z.int().min(0),
});
type KnownPerson = z.infer<typeof personSchema>;
const fileSchema = z.object({ version: z.literal(1), people: z.array(personSchema).max(PEOPLE_MAX) });

/** Opens the file. See {@link CredentialsPort} for what each answer means. */
export function createCredentials(options: CredentialsOptions): CredentialsPort {
  const { path, onUnreadable } = options;
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const people = load(path, onUnreadable);
  /** Locks set since this start, by the monotonic clock. */
  const locks = new Map<string, number>();

  function save(): void {
    try {
      writeFileDurably(path, `${JSON.stringify({ version: 1, people: [...people.values()] })}\n`);
    } catch (error) {
      // A full disk must not lock a teller out of a counter that says so itself before it takes money.
      if (!isErrno(error)) throw error;
      onUnreadable(`${path}: ${error.message}`);
    }
  }

  /** Changes what is known of a person now: somebody may have been remembered anew while a password was looked at. */
  function change(name: string, changed: (person: KnownPerson) => KnownPerson): void {
    const person = people.get(name);
    if (person === undefined) return;
    people.set(name, changed(person));
    save();
  }

  /** Minutes left of a lock, rounded up. In the process that set it the clock of the PC has no say. */
  function lockedMinutes(name: string, person: KnownPerson, atMs: number): number {
    const until = locks.get(name);
    const leftMs = until === undefined ? person.lockedUntilMs - atMs : until - monotonicMs();
    return leftMs > 0 ? Math.ceil(leftMs / MINUTE_MS) : 0;
  }

  return {
    async remember(user, password, atMs) {
      const verifier = await hash(password, PARAMETERS);
      const name = folded(user.username);
      const oldest = [...people.entries()].sort(([, a], [, b]) => a.rememberedAtMs - b.rememberedAtMs)[0];
      if (people.size >= PEOPLE_MAX && oldest && !people.has(name)) people.delete(oldest[0]);
      people.set(name, { user, verifier, rememberedAtMs: atMs, wrongTries: 0, lockedUntilMs: 0 });
      locks.delete(name);
      save();
    },
    async verify(username, password, atMs) {
      const name = folded(username);
      const person = people.get(name);
      if (!person) return { kind: 'absent' };
      if (!locks.has(name) && person.lockedUntilMs - atMs > LOCK_MAX_MIN * MINUTE_MS) {
        // Longer than any lock: the clock was set back since. The longest lock begins now instead.
        locks.set(name, monotonicMs() + LOCK_MAX_MIN * MINUTE_MS);
        change(name, (known) => ({ ...known, lockedUntilMs: atMs + LOCK_MAX_MIN * MINUTE_MS }));
      }
      const locked = lockedMinutes(name, person, atMs);
      if (locked > 0) return { kind: 'locked', minutes: locked };
      // The try is counted before the password is looked at: pulling the plug in between gains nothing.
      const wrongTries = person.wrongTries + 1;
      const lockMs = lockAfter(wrongTries);
      change(name, (known) => ({ ...known, wrongTries, lockedUntilMs: lockMs === 0 ? 0 : atMs + lockMs }));
      if (lockMs > 0) locks.set(name, monotonicMs() + lockMs);
      if (!(await verify(person.verifier, password))) return { kind: 'wrong' };
      change(name, (known) => ({ ...known, wrongTries: 0, lockedUntilMs: 0 }));
      locks.delete(name);
      return { kind: 'right', user: person.user, rememberedAtMs: person.rememberedAtMs };
    },
    forget(username) {
      const name = folded(username);
      locks.delete(name);
      if (people.delete(name)) save();
    },
  };
}

/** The centre keeps user names in lower case. */
const folded = (username: string): string => username.trim().toLowerCase();

/** How long the door stays shut: from the fifth wrong try on 1, 2, 4 … 60 minutes. */
const lockAfter = (wrongTries: number): number =>
  wrongTries < FREE_TRIES ? 0 : Math.min(LOCK_MIN * 2 ** (wrongTries - FREE_TRIES), LOCK_MAX_MIN) * MINUTE_MS;

function load(path: string, onUnreadable: (reason: string) => void): Map<string, KnownPerson> {
  const text = readFileIfThere(path);
  if (text === undefined) return new Map();
  try {
    const { people } = fileSchema.parse(JSON.parse(text));
    return new Map(people.map((person) => [folded(person.user.username), person]));
  } catch (error) {
    onUnreadable(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return new Map();
  }
}
