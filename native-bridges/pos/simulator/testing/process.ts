import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The simulator as a process of its own, to be killed. */
export type SimulatorProcess = {
  readonly child: ChildProcess;
  readonly ready: Readonly<Record<string, unknown>>;
  /** Ends it without a word, as a power cut would. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  term(): Promise<number | null>;
};

const MAIN = join(import.meta.dirname, '..', 'main.ts');

export async function startProcess(args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]; // readline gives strings
  return {
    child,
    ready: JSON.parse(line) as Readonly<Record<string, unknown>>, // main prints one object
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
