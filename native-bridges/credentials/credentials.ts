import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { roleSchema } from '../../contracts/domain.ts';
import { idSchema } from '../../contracts/ids.ts';
import type { CredentialsPort } from '../../core/ports/machine.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

/**
 * What this workstation remembers of people whom the centre let in (docs/adr/0008): an argon2id verifier of its own each,
 * in one file that only the owner reads. Wrong tries are counted there too, so that a restart does not forgive them.
 */
export type CredentialsOptions = {
  readonly path: string;
  /** Told when the file cannot be read: everybody is forgotten and must log in online. */
  readonly onUnreadable: (reason: string) => void;
};

/** `Algorithm.Argon2id` of the library: a const enum, which a file compiled alone cannot read. */
const ARGON2ID = 2;
/** OWASP's second choice for argon2id: 19 MiB, two passes; tens of milliseconds on a counter PC. */
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const FREE_TRIES = 5;
const LOCK_MIN = 1;
const LOCK_MAX_MIN = 60;
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
export function createCredentials({ path, onUnreadable }: CredentialsOptions): CredentialsPort {
  const people = load(path, onUnreadable);
  const save = (): void =>
    writeFileDurably(path, `${JSON.stringify({ version: 1, people: [...people.values()] })}\n`);
  const put = (person: KnownPerson): void => {
    people.set(folded(person.user.username), person);
    save();
  };

  return {
    async remember(user, password, atMs) {
      const verifier = await hash(password, PARAMETERS);
      const oldest = [...people.values()].sort((a, b) => a.rememberedAtMs - b.rememberedAtMs)[0];
      if (people.size >= PEOPLE_MAX && oldest) people.delete(folded(oldest.user.username));
      put({ user, verifier, rememberedAtMs: atMs, wrongTries: 0, lockedUntilMs: 0 });
    },
    async verify(username, password, atMs) {
      const person = people.get(folded(username));
      if (!person) return { kind: 'absent' };
      const locked = lockedMinutes(person, atMs);
      if (locked > 0) return { kind: 'locked', minutes: locked };
      // The try is counted before the password is looked at: pulling the plug in between gains nothing.
      const wrongTries = person.wrongTries + 1;
      put({ ...person, wrongTries, lockedUntilMs: lockAfter(wrongTries, atMs) });
      if (!(await verify(person.verifier, password))) return { kind: 'wrong' };
      put({ ...person, wrongTries: 0, lockedUntilMs: 0 });
      return { kind: 'right', user: person.user, rememberedAtMs: person.rememberedAtMs };
    },
    forget(username) {
      if (people.delete(folded(username))) save();
    },
  };
}

/** The centre keeps user names in lower case. */
const folded = (username: string): string => username.trim().toLowerCase();

/** From the fifth wrong try on the lock doubles: 1, 2, 4 … 60 minutes. */
const lockAfter = (wrongTries: number, atMs: number): number =>
  wrongTries < FREE_TRIES
    ? 0
    : atMs + Math.min(LOCK_MIN * 2 ** (wrongTries - FREE_TRIES), LOCK_MAX_MIN) * 60_000;

/** Minutes left, rounded up. A clock set back cannot make a lock longer than the longest. */
function lockedMinutes({ lockedUntilMs }: KnownPerson, atMs: number): number {
  const leftMs = Math.min(lockedUntilMs - atMs, LOCK_MAX_MIN * 60_000);
  return leftMs > 0 ? Math.ceil(leftMs / 60_000) : 0;
}

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
