import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { singleFlight } from './single-flight.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'komis-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('processes take turns', async () => {
  const count = join(folder, 'count');
  writeFileSync(count, '0');
  // Read, wait, write: without turns, increments are lost.
  writeFileSync(
    join(folder, 'worker.mjs'),
    `import { readFileSync, writeFileSync } from 'node:fs';
     import { setTimeout as wait } from 'node:timers/promises';
     import { singleFlight } from ${JSON.stringify(new URL('./single-flight.mjs', import.meta.url).href)};
     for (let turn = 0; turn < 3; turn += 1) {
       await singleFlight(${JSON.stringify(join(folder, 'lock'))}, 'counting', async () => {
         const seen = Number(readFileSync(${JSON.stringify(count)}, 'utf8'));
         await wait(20);
         writeFileSync(${JSON.stringify(count)}, String(seen + 1));
       });
     }`,
  );
  const workers = [1, 2, 3].map(() =>
    spawn(process.execPath, [join(folder, 'worker.mjs')], { stdio: 'ignore' }),
  );
  const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(count, 'utf8')).toBe('9');
});

test.each([
  ['of a process that ended', () => JSON.stringify({ pid: 2 ** 22 + 1, started: '1', host: hostname() })],
  [
    'whose process number went to another',
    () => JSON.stringify({ pid: process.pid, started: '1', host: hostname() }),
  ],
  ['that was never written completely', () => '{"pid":'],
])('a lock %s is taken over', async (_, content) => {
  const lock = join(folder, 'lock');
  writeFileSync(lock, content());
  expect(await singleFlight(lock, 'testing', () => 'done')).toBe('done');
  expect(existsSync(lock)).toBe(false);
});

test('the lock is given back when the work fails', async () => {
  const lock = join(folder, 'lock');
  await expect(singleFlight(lock, 'testing', () => Promise.reject(new Error('no luck')))).rejects.toThrow(
    'no luck',
  );
  expect(existsSync(lock)).toBe(false);
});
