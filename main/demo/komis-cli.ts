import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '..', '..');

/** The command line said no; the message is its own. */
export class KomisError extends Error {
  override readonly name = 'KomisError';
}

export type KomisOptions = {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Hears what it writes to standard error, line by line as it comes. */
  readonly progress?: (words: string) => void;
  /** Ends it when this is aborted. */
  readonly signal?: AbortSignal;
};

/**
 * Runs one command of the centre's command line, as its own process, and reads its JSON by the schema given. Exit code 1
 * with an answer (`verify` that found something) is an answer; anything else rejects with {@link KomisError}.
 */
export async function komis<T>(
  options: KomisOptions,
  args: readonly string[],
  schema: z.ZodType<T>,
): Promise<T> {
  const { code, output, words } = await run(options, args);
  const answer = code === 0 || code === 1 ? parsed(output) : undefined;
  if (answer === undefined) {
    throw new KomisError(
      words.trim().replace(/^komis: /, '') || `komis ${args.join(' ')} ended with code ${code}`,
    );
  }
  return schema.parse(answer);
}

/** For commands whose answer is of no interest. */
export const anything = z.unknown();

function run(
  { dataDir, env, progress, signal }: KomisOptions,
  args: readonly string[],
): Promise<{ code: number | null; output: string; words: string }> {
  return new Promise((done, fail) => {
    const cli = [join(root, 'server', 'cli', 'main.ts'), '--data-dir', dataDir, '--json', ...args];
    const child = spawn(process.execPath, cli, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(signal ? { signal } : {}),
    });
    let output = '';
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words += text;
      progress?.(text);
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, output, words }));
  });
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
