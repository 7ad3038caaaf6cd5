import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeCheckout } from './testing/checkout.ts';

const run = join(import.meta.dirname, 'run.mjs');

/** Notes every request to stop in a file, and needs a while to end cleanly. */
const stubborn = (log: string): string => `
  import { appendFileSync } from 'node:fs';
  const note = (line) => appendFileSync(${JSON.stringify(log)}, line + '\\n');
  const work = setInterval(() => {}, 1000);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      note(signal);
      setTimeout(() => { note('clean end'); clearInterval(work); process.exitCode = 7; }, 1200).unref();
      setTimeout(() => clearInterval(work), 1300);
    });
  }
  note('ready ' + process.pid);
  console.log('ready');
`;

const lines = (log: string): string[] =>
  existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 400) throw new Error('waited 20 s in vain');
    await wait(50);
  }
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

test('runs a file under Node 24 with its arguments, adds nothing to stdout, hands the exit code on', () => {
  using checkout = makeCheckout({ nodeModules: true });
  checkout.write({
    'x.ts': `console.log(JSON.stringify([process.version.split('.')[0], ...process.argv.slice(2)])); process.exitCode = 3 as number;`,
  });
  const { stdout, status } = spawnSync(
    process.execPath,
    [run, join(checkout.root, 'x.ts'), '--json', 'a b'],
    {
      encoding: 'utf8',
    },
  );
  expect(stdout).toBe('["v24","--json","a b"]\n');
  expect(status).toBe(3);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s reaches the program once, and its clean end is waited for',
  async (signal) => {
    using checkout = makeCheckout({ nodeModules: true });
    const log = join(checkout.root, 'log');
    checkout.write({ 'x.ts': stubborn(log) });
    const child = spawn(process.execPath, [run, join(checkout.root, 'x.ts')], { stdio: 'ignore' });
    await until(() => lines(log).length === 1);
    child.kill(signal);
    child.kill(signal);
    expect(await exitCode(child)).toBe(7);
    expect(lines(log).slice(1)).toEqual([signal, 'clean end']);
  },
);

test('Ctrl-C in a terminal, which goes to every process there, reaches the program once', async () => {
  using checkout = makeCheckout({ nodeModules: true });
  const log = join(checkout.root, 'log');
  checkout.write({
    'x.ts': stubborn(log),
    'package.json': JSON.stringify({
      scripts: { go: `${process.execPath} ${run} ${join(checkout.root, 'x.ts')}` },
    }),
  });
  // script(1) gives npm a terminal of its own; what comes in on its stdin is typed there.
  const terminal = spawn('script', ['-qec', 'npm run go', '/dev/null'], {
    cwd: checkout.root,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await until(() => lines(log).length === 1);
  terminal.stdin.write('\u0003');
  await until(() => lines(log).length > 2);
  terminal.stdin.end();
  await exitCode(terminal);
  expect(lines(log).slice(1)).toEqual(['SIGINT', 'clean end']);
});

test('when the process that started it is killed hard, the program still ends cleanly', async () => {
  using checkout = makeCheckout({ nodeModules: true });
  const log = join(checkout.root, 'log');
  checkout.write({ 'x.ts': stubborn(log) });
  const child = spawn(process.execPath, [run, join(checkout.root, 'x.ts')], { stdio: 'ignore' });
  await until(() => lines(log).length === 1);
  child.kill('SIGKILL');
  await until(() => lines(log).length > 2);
  expect(lines(log).slice(1)).toEqual(['SIGTERM', 'clean end']);
});

/** An npm that only notes what it was asked, and puts in place what the real one would. */
const fakeNpm = (root: string): string => `
  const fs = require('node:fs');
  const { join } = require('node:path');
  const root = ${JSON.stringify(root)};
  const [command] = process.argv.slice(2);
  console.log('noise on stdout');
  fs.appendFileSync(join(root, 'npm.log'), command + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  if (fs.existsSync(join(root, 'npm-fails'))) process.exit(9);
  if (command === 'ci') {
    fs.rmSync(join(root, 'node_modules'), { recursive: true, force: true });
    fs.mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
    fs.copyFileSync(join(root, 'package-lock.json'), join(root, 'node_modules/.package-lock.json'));
  } else if (!fs.existsSync(join(root, 'no-network'))) {
    fs.symlinkSync(${JSON.stringify(process.execPath)}, join(root, 'node_modules/node/bin/node'));
  }
`;

function startFresh(root: string): { done: Promise<{ code: unknown; stdout: string; stderr: string }> } {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'x.ts'], {
    cwd: root,
    env: { ...process.env, npm_execpath: join(root, 'npm.js'), npm_node_execpath: process.execPath },
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  return {
    done: once(child, 'close').then(([code]) => ({ code, stdout: out.join(''), stderr: err.join('') })),
  };
}

const freshFiles = (root: string, version: string): Record<string, string> => ({
  'npm.js': fakeNpm(root),
  'x.ts': `console.log('payload');`,
  'package.json': JSON.stringify({ type: 'commonjs', allowScripts: { node: true, 'better-sqlite3': false } }),
  'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/zod': { version } } }),
});

test('a fresh clone is set up once, though two start at the same time; a changed lock file sets it up again', async () => {
  using checkout = makeCheckout({ nodeModules: false });
  checkout.write(freshFiles(checkout.root, '1.0.0'));
  const npmCalls = (): string[] => lines(join(checkout.root, 'npm.log'));

  const both = await Promise.all([startFresh(checkout.root).done, startFresh(checkout.root).done]);
  for (const { code, stdout, stderr } of both)
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'payload\n' });
  expect(npmCalls()).toEqual(['ci', 'rebuild']);

  const third = await startFresh(checkout.root).done;
  expect(third).toEqual({ code: 0, stdout: 'payload\n', stderr: '' });
  expect(npmCalls()).toEqual(['ci', 'rebuild']);

  checkout.write(freshFiles(checkout.root, '1.0.1'));
  expect((await startFresh(checkout.root).done).stdout).toBe('payload\n');
  expect(npmCalls()).toEqual(['ci', 'rebuild', 'ci', 'rebuild']);
});

test('what npm has installed by hand is taken as it is', async () => {
  using checkout = makeCheckout({ nodeModules: false });
  checkout.write(freshFiles(checkout.root, '1.0.0'));
  checkout.write({
    'node_modules/.package-lock.json': JSON.stringify({
      packages: { 'node_modules/zod': { version: '1.0.0' } },
    }),
    'node_modules/node/bin/node': `#!/bin/sh\nexec ${process.execPath} "$@"\n`,
  });
  expect((await startFresh(checkout.root).done).stdout).toBe('payload\n');
  expect(existsSync(join(checkout.root, 'npm.log'))).toBe(false);
});

test('set-up that fails says so, runs nothing, and never falls back to another Node', async () => {
  using checkout = makeCheckout({ nodeModules: false });
  checkout.write({ ...freshFiles(checkout.root, '1.0.0'), 'npm-fails': '' });
  const failed = await startFresh(checkout.root).done;
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toContain('npm ci failed (9)');

  using offline = makeCheckout({ nodeModules: false });
  offline.write({ ...freshFiles(offline.root, '1.0.0'), 'no-network': '' });
  offline.write({ 'node_modules/node/package.json': '{}' });
  const lacking = await startFresh(offline.root).done;
  expect(lacking).toMatchObject({ code: 1, stdout: '' });
  expect(lacking.stderr).toContain('npm rebuild node');
});
