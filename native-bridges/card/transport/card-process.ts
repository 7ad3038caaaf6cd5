import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { CardRequest, FromCardProcess } from './messages.ts';

/** The card process as its parent has it. */
export type CardProcess = {
  /** Its number on this machine, for logs; null when it never came to be. */
  readonly pid: number | null;
  send(request: CardRequest): void;
  kill(): void;
};

/**
 * Starts a card process. `ended` is called once, with how it ended in words, also when it could not be started; nothing is
 * heard from it after that. Neither is called before this has returned.
 */
export type StartCardProcess = (
  heard: (message: FromCardProcess) => void,
  ended: (how: string) => void,
) => CardProcess;

/** Each open card may have one call that waits, and the readers are watched by one more. */
const THREADS = '16';

/**
 * Starts the card process with Node, or with Electron as Node.
 * @param file the program: `child.ts` here, or what a build made of it
 * @param environment added to our own
 */
export function forkCardProcess(
  file: string = join(import.meta.dirname, 'child.ts'),
  environment: Readonly<Record<string, string>> = {},
): StartCardProcess {
  return (heard, ended) => {
    const child = fork(file, [], {
      // Structured clones: bytes stay bytes.
      serialization: 'advanced',
      // Neither our own loaders nor our debugger; what it would print to standard output is not ours to mix in.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, UV_THREADPOOL_SIZE: THREADS, ELECTRON_RUN_AS_NODE: '1', ...environment },
    });
    let over = false;
    const end = (how: string): void => {
      if (over) return;
      over = true;
      ended(how);
    };
    child.on('message', (message) => {
      if (!over) heard(message as FromCardProcess); // our own program says nothing else
    });
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal === null ? `code ${code}` : `signal ${signal}`));
    return {
      pid: child.pid ?? null,
      // A channel that is closed is a process that ends: its end is what is acted upon.
      send: (request) => void child.send(request, () => undefined),
      kill: () => void child.kill('SIGKILL'),
    };
  };
}
