import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The virtual cards as a process of their own, to be killed. */
export type CardProcess = {
  readonly child: ChildProcess;
  readonly ready: Readonly<Record<string, unknown>>;
  command(
    body: object,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  /** Ends it without a word, as a power cut would. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  term(): Promise<number | null>;
};

const MAIN = join(import.meta.dirname, '..', 'simulator', 'main.ts');

export async function startCardProcess(args: readonly string[]): Promise<CardProcess> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]; // readline gives strings
  const ready = JSON.parse(line) as Readonly<Record<string, unknown>>; // main prints one object
  return {
    child,
    ready,
    async command(body) {
      const response = await fetch(`http://127.0.0.1:${String(ready['control'])}/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async term() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}
