/**
 * `npm run check`: format, types, lint, layers and folder READMEs, side by side. Prints one line per check, and what
 * is wrong below it. Exit code 1 when anything is.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkLayering } from './layering.ts';
import { zones } from './layers.ts';

interface Outcome {
  readonly ok: boolean;
  /** What to read when it is not ok. */
  readonly report: string;
}

interface Check {
  readonly name: string;
  readonly remedy: string;
  readonly run: () => Promise<Outcome>;
}

const root = resolve(import.meta.dirname, '..');

const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };

/** Runs a tool of node_modules under this same Node and keeps what it prints. */
function tool(script: string, ...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined, ...colour },
    });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
    child.on('error', (error) => done({ ok: false, report: String(error) }));
    child.on('close', (code) =>
      done({ ok: code === 0, report: Buffer.concat(printed).toString('utf8').trim() }),
    );
  });
}

/** Holds every import against the table of scripts/layers.ts. */
function layering(): Outcome {
  const { breaches } = checkLayering(root);
  const lines = breaches.map(
    ({ file, line, specifier, rule }) => `${file}:${line}\n  imports ${specifier}\n  rule: ${rule}`,
  );
  return { ok: breaches.length === 0, report: lines.join('\n') };
}

/** Every top folder opens with a README.md: purpose, may import, where to start reading. */
function readmes(): Outcome {
  const folders = zones.map(({ folder }) => folder).filter((folder) => !folder.includes('/'));
  const missing = folders.filter(
    (folder) => existsSync(join(root, folder)) && !existsSync(join(root, folder, 'README.md')),
  );
  return {
    ok: missing.length === 0,
    report: missing.map((folder) => `${folder}/README.md is missing`).join('\n'),
  };
}

const checks: readonly Check[] = [
  {
    name: 'format',
    remedy: 'npm run format',
    run: () =>
      tool(
        'prettier/bin/prettier.cjs',
        '--check',
        '--log-level=warn',
        '--cache',
        '--cache-location=.cache/prettier',
        '.',
      ),
  },
  { name: 'types', remedy: '', run: () => tool('typescript/bin/tsc', '-b') },
  { name: 'lint', remedy: '', run: () => tool('oxlint/bin/oxlint', '--deny-warnings') },
  { name: 'layers', remedy: 'DESIGN §3, scripts/layers.ts', run: async () => layering() },
  {
    name: 'readmes',
    remedy: 'about ten lines: purpose, may import, where to start reading',
    run: async () => readmes(),
  },
];

const results = await Promise.all(
  checks.map(async ({ name, remedy, run }) => {
    const started = performance.now();
    const outcome = await run().catch((error: unknown): Outcome => ({ ok: false, report: String(error) }));
    return { name, remedy, ...outcome, seconds: (performance.now() - started) / 1000 };
  }),
);

for (const { name, ok, seconds, report, remedy } of results) {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(5)} s`);
  if (!ok) console.log(`${report.replace(/^/gm, '      ')}${remedy === '' ? '' : `\n      -> ${remedy}`}\n`);
}
const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
console.log(failed.length === 0 ? 'check passed' : `check failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
