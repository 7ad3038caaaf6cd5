import { fork, type ChildProcess } from 'node:child_process';
import { sameMac } from './card-mac.ts';
import {
  KeyStoreAway,
  MASTER_LENGTH,
  type CardKeys,
  type KeyStore,
  type MacPurpose,
  type MasterRef,
} from './key-store.ts';

/** Where a token is: the maker's library, the token's label, and the file with the user's PIN (0600). */
export type TokenStart = { readonly library: string; readonly label: string; readonly pinFile: string };

type Ask =
  | {
      readonly kind: 'mac';
      readonly purpose: MacPurpose;
      readonly card: CardKeys;
      readonly input: Uint8Array;
    }
  | { readonly kind: 'psc'; readonly card: CardKeys }
  | { readonly kind: 'masters' }
  | { readonly kind: 'generate'; readonly master: MasterRef }
  | { readonly kind: 'take'; readonly master: MasterRef; readonly key: Uint8Array };
export type TokenQuestion = { readonly id: number; readonly ask: Ask };
export type TokenAnswer = {
  readonly id: number;
  readonly value?: Uint8Array | MasterRef[] | 'made' | 'there';
  /** Why the token could not answer. */
  readonly away?: string;
};

export type Pkcs11Options = TokenStart & {
  /** How long one question may take before the process is given up. */
  readonly deadlineMs?: number;
  /** The program of the process; only a test has another. */
  readonly program?: URL;
};

const DEADLINE_MS = 5_000;
/** A process that ends is not started again before this. */
const RESTART_MS = 1_000;
const WAITING_MAX = 1_000;

type Waiting = {
  readonly ask: Ask;
  answer(value: TokenAnswer['value']): void;
  fail(error: Error): void;
};

/**
 * Keys on a token behind PKCS #11, reached through a process of its own, one question at a time. What takes too long, a
 * library that crashes, a token that was pulled: each is `KeyStoreAway`, and the next question starts anew.
 */
export function pkcs11Store(options: Pkcs11Options): KeyStore {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const waiting: Waiting[] = [];
  let child: ChildProcess | undefined;
  let current: { readonly id: number; readonly one: Waiting; readonly timer: NodeJS.Timeout } | undefined;
  let notBefore = 0;
  let asked = 0;
  let closed = false;

  function start(): ChildProcess {
    const program = options.program ?? new URL('./pkcs11-process.ts', import.meta.url);
    // Nothing a library prints is heard: it may print anything.
    const started = fork(program, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    started.on('message', (answer: TokenAnswer) => child === started && heard(answer));
    started.on('error', () => lost(started, 'the process of the token could not be started'));
    started.on('exit', () => lost(started, 'the process of the token ended'));
    const { library, label, pinFile } = options;
    started.send({ library, label, pinFile } satisfies TokenStart, () => undefined);
    return started;
  }

  function lost(which: ChildProcess, reason: string): void {
    if (child !== which) return;
    child = undefined;
    notBefore = performance.now() + RESTART_MS;
    const { one } = end() ?? {};
    one?.fail(new KeyStoreAway(reason));
    // Who waits behind it would wait in vain.
    for (const other of waiting.splice(0)) other.fail(new KeyStoreAway(reason));
  }

  function end(): typeof current {
    const ended = current;
    if (ended) clearTimeout(ended.timer);
    current = undefined;
    return ended;
  }

  function heard({ id, value, away }: TokenAnswer): void {
    if (current?.id !== id) return;
    const { one } = end() ?? {};
    if (away === undefined) one?.answer(value);
    else one?.fail(new KeyStoreAway(away));
    next();
  }

  function next(): void {
    if (current || closed) return;
    const one = waiting.shift();
    if (!one) return;
    if (child === undefined && performance.now() < notBefore) {
      one.fail(new KeyStoreAway('the token has just been lost'));
      return next();
    }
    const asking = (child ??= start());
    const id = (asked += 1);
    const timer = setTimeout(() => {
      asking.kill('SIGKILL');
      lost(asking, `the token did not answer within ${deadlineMs} ms`);
    }, deadlineMs);
    current = { id, one, timer };
    asking.send({ id, ask: one.ask } satisfies TokenQuestion, (error) => {
      if (error) lost(asking, 'the process of the token ended');
    });
  }

  const ask = (what: Ask): Promise<TokenAnswer['value']> =>
    new Promise((answer, fail) => {
      if (closed || waiting.length >= WAITING_MAX)
        return fail(new KeyStoreAway('the key store is closed or busy'));
      waiting.push({ ask: what, answer, fail });
      next();
    });
  const askBytes = async (what: Ask): Promise<Uint8Array> => {
    const value = await ask(what);
    if (!(value instanceof Uint8Array)) throw new KeyStoreAway('the token answered something else');
    return value;
  };
  const askMade = async (what: Ask): Promise<'made' | 'there'> => {
    const value = await ask(what);
    if (value !== 'made' && value !== 'there') throw new KeyStoreAway('the token answered something else');
    return value;
  };

  return {
    kind: 'pkcs11',
    mac: (purpose, card, input) => askBytes({ kind: 'mac', purpose, card, input }),
    verify: async (purpose, card, input, mac) =>
      sameMac(await askBytes({ kind: 'mac', purpose, card, input }), mac),
    psc: (card) => askBytes({ kind: 'psc', card }),
    async health() {
      try {
        const masters = await ask({ kind: 'masters' });
        return Array.isArray(masters)
          ? { state: 'up', masters }
          : { state: 'down', reason: 'the token answered something else' };
      } catch (error) {
        return { state: 'down', reason: error instanceof Error ? error.message : 'away' };
      }
    },
    generate: (master) => askMade({ kind: 'generate', master }),
    async take(master, key) {
      if (key.length !== MASTER_LENGTH) throw new RangeError('a master key has 16 bytes');
      return askMade({ kind: 'take', master, key });
    },
    async close() {
      closed = true;
      const old = child;
      child = undefined;
      end()?.one.fail(new KeyStoreAway('the key store is closed'));
      for (const one of waiting.splice(0)) one.fail(new KeyStoreAway('the key store is closed'));
      if (!old || old.exitCode !== null || old.signalCode !== null) return;
      await new Promise<void>((done) => {
        const late = setTimeout(() => old.kill('SIGKILL'), deadlineMs);
        old.once('exit', () => {
          clearTimeout(late);
          done();
        });
        old.disconnect();
      });
    },
  };
}
