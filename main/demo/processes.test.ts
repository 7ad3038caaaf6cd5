import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive, startProcess, type Running } from './processes.ts';

const root = resolve(import.meta.dirname, '..', '..');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'komis-processes-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(name: string, source: string): Promise<Running> {
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, source);
  return startProcess({ name, file: relative(root, file), args: [], logFile: join(folder, `${name}.log`) });
}

const family = `
  import { spawn } from 'node:child_process';
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); process.on("SIGTERM", () => {})']);
  console.log('a word before');
  console.log(JSON.stringify({ ready: true, child: child.pid }));
  setInterval(() => {}, 1000);
`;

test('it is ready when it says so, and stopping it ends what it had started, by pid', async () => {
  const running = await start('parent', family);
  const { child } = await running.ready;
  expect(isAlive(Number(child))).toBe(true);
  const killed = await running.stop();
  expect(killed).toEqual([child]); // it deafened itself to SIGTERM, and its parent left it behind
  await expect.poll(() => isAlive(Number(child))).toBe(false);
  expect(isAlive(running.pid)).toBe(false);
});

test('one that stops in order leaves nothing to kill', async () => {
  const running = await start(
    'tidy',
    `const t = setInterval(() => {}, 1000); process.on('SIGTERM', () => clearInterval(t)); console.log('{"ready":true}');`,
  );
  await running.ready;
  expect(await running.stop()).toEqual([]);
  expect(await running.exited).toEqual({ code: 0, signal: null });
});

test('one that ends too early is quoted', async () => {
  const running = await start('early', `console.error('no room on the disk'); process.exit(3);`);
  await expect(running.ready).rejects.toThrow(/early ended \(code 3\).*no room on the disk/);
  expect(await readFile(join(folder, 'early.log'), 'utf8')).toContain('no room on the disk');
});

test('one that says why it cannot start is quoted with that', async () => {
  const running = await start(
    'refused',
    `console.log(JSON.stringify({ ready: false, message: 'port 4100 is taken' })); process.exitCode = 1;`,
  );
  await expect(running.ready).rejects.toThrow(/port 4100 is taken/);
});

test('a power cut', async () => {
  const running = await start('cut', family);
  const { child } = await running.ready;
  await running.kill();
  expect((await running.exited).signal).toBe('SIGKILL');
  await expect.poll(() => isAlive(Number(child))).toBe(false);
});
