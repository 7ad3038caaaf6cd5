import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '..', '..');
const guard = join(root, 'scripts', 'orphan-guard.mjs');

const STOP_GRACE_MS = 30_000;
const LEFTOVER_GRACE_MS = 5000;
const LAST_LINES = 20;

export type ProcessOptions = {
  /** How it is called in messages and what its log file is named after. */
  readonly name: string;
  /** A TypeScript file of ours, relative to the root, run by the Node that runs us. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it writes to standard error is appended here. */
  readonly logFile?: string;
};

export type ProgramOptions = Omit<ProcessOptions, 'file'> & { readonly program: string };

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A process we started: known by its pid, stopped by its pid. */
export type Running = {
  readonly name: string;
  readonly pid: number;
  /** The first line of JSON on its standard output. Rejects in words when it ends before it has said one. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>;
  readonly exited: Promise<Exit>;
  /** The last lines it wrote to standard error. */
  lastWords(): string;
  /** Asks it to end, waits, and makes sure that it left nothing running. Answers the pids that had to be killed. */
  stop(): Promise<readonly number[]>;
  /** Ends it as a power cut would. What it had started itself is ended too. */
  kill(): Promise<void>;
};

/** A process ended before it was ready. The message holds its last words. */
export class ProcessEndedError extends Error {
  override readonly name = 'ProcessEndedError';
  /** What it said on standard output instead of being ready, when that was JSON. */
  readonly said: Readonly<Record<string, unknown>> | undefined;
  readonly code: number | null;
  constructor(message: string, code: number | null, said?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = code;
    this.said = said;
  }
}

/** Starts one of our programs under the same Node. It ends by itself when we are gone without a word. */
export function startProcess({ file, args, ...options }: ProcessOptions): Running {
  return startProgram({
    ...options,
    program: process.execPath,
    args: ['--import', guard, join(root, file), ...args],
  });
}

/** Starts any program. */
export function startProgram(options: ProgramOptions): Running {
  const child = spawn(options.program, options.args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name} could not be started`);
  const words = new Array<string>();
  const exited = new Promise<Exit>((done) => child.on('close', (code, signal) => done({ code, signal })));
  keepWords(child, words, options.logFile);
  const ready = firstJson(child, options.name, exited, () => words.join('\n'));
  // Whoever does not wait for it hears of a failed start through `exited`.
  ready.catch(() => undefined);

  return {
    name: options.name,
    pid,
    ready,
    exited,
    lastWords: () => words.join('\n'),
    async stop() {
      const family = descendants(pid);
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      const { signal } = await exited;
      clearTimeout(late);
      const left = await endAll(family, LEFTOVER_GRACE_MS);
      return signal === 'SIGKILL' ? [pid, ...left] : left;
    },
    async kill() {
      const family = descendants(pid);
      child.kill('SIGKILL');
      await exited;
      await endAll(family, 0);
    },
  };
}

function keepWords(child: ChildProcess, words: string[], logFile: string | undefined): void {
  if (!child.stderr) return;
  if (logFile !== undefined) {
    mkdirSync(dirname(logFile), { recursive: true });
    child.stderr.pipe(createWriteStream(logFile, { flags: 'a', mode: 0o600 }));
  }
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line);
    if (words.length > LAST_LINES) words.shift();
  });
}

function firstJson(
  child: ChildProcess,
  name: string,
  exited: Promise<Exit>,
  lastWords: () => string,
): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((done, fail) => {
    let said: Readonly<Record<string, unknown>> | undefined;
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        said ??= jsonObject(line);
        if (said && said['ready'] !== false) done(said);
      });
    }
    child.on('error', fail);
    void exited.then(({ code, signal }) => {
      const how = signal === null ? `code ${code}` : `signal ${signal}`;
      const reason = typeof said?.['message'] === 'string' ? said['message'] : lastWords();
      fail(new ProcessEndedError(`${name} ended (${how}) before it was ready: ${reason}`, code, said));
    });
  });
}

function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>; // starts with a brace: an object
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Is there a process with this id that is ours to signal, and not merely a corpse waiting to be fetched. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // kill throws nothing else but system errors
    throw error;
  }
  return process.platform !== 'linux' || !/\) Z /.test(readProc(pid, 'stat'));
}

/** All processes below one, as they are now. On Linux; elsewhere none are known. */
export function descendants(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [];
  const children = readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Waits for processes to end; after the grace kills the rest, by id, and answers which those were. */
async function endAll(pids: readonly number[], graceMs: number): Promise<readonly number[]> {
  const until = performance.now() + graceMs;
  let left = pids.filter(isAlive);
  while (left.length > 0 && performance.now() < until) {
    await wait(50);
    left = left.filter(isAlive);
  }
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // as above
    }
  }
  return left;
}

/** How long after a failed word with it a process may still be seen alive although it is dead. */
const DEATH_SEEN_MS = 2000;

/** Whether a process was ended as by a power cut. */
export async function wasKilled(running: Running): Promise<boolean> {
  const end = await Promise.race([running.exited, wait(DEATH_SEEN_MS, undefined)]);
  return end?.signal === 'SIGKILL';
}

function readProc(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // readFileSync throws system errors
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
