import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { nexoDriver } from '../nexo/driver.ts';
import { BENCH_TIMINGS, settingsFor } from '../nexo/testing/nexo-bench.ts';
import { attemptOf, benchMachine, journal, settled, until, untilReady } from '../testing/bench.ts';
import { startNexoSimulator, type NexoSimulator } from './simulator.ts';

function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'komis-nexo-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'terminal.json');
}

function driverFor(simulator: NexoSimulator, over: 'tcp' | 'ws' = 'tcp') {
  const driver = nexoDriver(settingsFor(simulator, over), benchMachine(), BENCH_TIMINGS);
  onTestFinished(() => driver.close());
  driver.open();
  return driver;
}

test('what was charged is known after terminal and till were started anew', async () => {
  const file = stateFile();
  const first = await startNexoSimulator({ port: 0, over: 'tcp', stateFile: file, paceMs: 2 });
  onTestFinished(first.stop);
  const till = driverFor(first);
  const attempt = await attemptOf(till, 'sale', 4_321);
  first.fault({ at: 'response', does: 'cut' });
  expect((await till.pay(attempt, journal().hold)).kind).toBe('unknown');
  await till.close();
  await first.stop();

  const second = await startNexoSimulator({ port: 0, over: 'tcp', stateFile: file, paceMs: 2 });
  onTestFinished(second.stop);
  expect(second.charges()).toMatchObject([{ amount: 4_321, reversed: false }]);
  const found = await settled(driverFor(second), attempt);
  expect(found).toMatchObject({ kind: 'charged', result: { amount: 4_321, reference: attempt.attemptId } });
  expect(second.received()).not.toContain('Payment');
});

test('a state file that is something else stops the start', async () => {
  await expect(startNexoSimulator({ port: 0, over: 'tcp', stateFile: tmpdir() })).rejects.toThrow();
});

test('it says InProgress for as long as it is told to, and the till goes on asking', async () => {
  const simulator = await startNexoSimulator({ port: 0, over: 'tcp', paceMs: 2 });
  onTestFinished(simulator.stop);
  const till = driverFor(simulator);
  const attempt = await attemptOf(till, 'sale', 55);
  simulator.fault({ at: 'response', does: 'garbage' });
  expect((await till.pay(attempt, journal().hold)).kind).toBe('unknown');
  const before = simulator.received().length;
  simulator.tellSlowly(5);
  expect((await till.resolve(attempt)).kind).toBe('charged');
  expect(simulator.received().slice(before)).toEqual(Array.from({ length: 6 }, () => 'TransactionStatus'));
});

test('a second till is told that the terminal is busy, and one that never logged in that it must', async () => {
  const simulator = await startNexoSimulator({ port: 0, over: 'tcp', paceMs: 2, customer: 'wait' });
  onTestFinished(simulator.stop);
  const one = driverFor(simulator);
  const settings = { ...settingsFor(simulator, 'tcp'), saleId: 'WS08' };
  const two = nexoDriver(settings, benchMachine(), BENCH_TIMINGS);
  onTestFinished(() => two.close());
  two.open();
  await untilReady(two);
  const paying = one.pay(await attemptOf(one, 'sale', 10), journal().hold);
  await until('it waits for a card', () => simulator.received().includes('Payment'));
  expect(await two.pay(await attemptOf(two, 'sale', 20), journal().hold)).toMatchObject({
    kind: 'declined',
    reason: { code: 'busy' },
  });
  simulator.decide('approve');
  expect((await paying).kind).toBe('confirmed');
  expect(simulator.charges().map(({ amount }) => amount)).toEqual([10]);
});

test('as a process it serves a till, plays the customer it is told to, and ends when asked', async () => {
  const file = stateFile();
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, '--over', 'ws', '--pace', '2', '--state', file]);
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await until('it listens', () => lines.some((line) => line.startsWith('SIMULATOR listening')));
  const port = Number(/listening (\d+)/.exec(lines.join('\n'))?.[1]);
  const driver = nexoDriver(
    { kind: 'nexo', over: 'ws', host: '127.0.0.1', port, poiId: 'SIMULATOR-000000001', saleId: 'WS07' },
    benchMachine(),
    BENCH_TIMINGS,
  );
  onTestFinished(() => driver.close());
  driver.open();
  expect((await driver.pay(await attemptOf(driver, 'sale', 700), journal().hold)).kind).toBe('confirmed');
  expect(driver.health()).toMatchObject({ simulator: true });
  child.stdin.write('decline\n');
  await until('the next customer is there', () => lines.includes('customer: decline'));
  expect((await driver.pay(await attemptOf(driver, 'sale', 701), journal().hold)).kind).toBe('declined');
  child.stdin.write('charges\n');
  await until('the bank has spoken', () => lines.some((line) => line.startsWith('[{')));
  expect(JSON.parse(lines.find((line) => line.startsWith('[{')) ?? '')).toMatchObject([{ amount: 700 }]);
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
});
