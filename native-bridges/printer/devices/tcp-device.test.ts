import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTcpPrinter, type TcpPrinter } from '../testing/tcp-printer.ts';
import { probeTcp, sendOverTcp } from './tcp-device.ts';

const times = { connectMs: 1000, statusMs: 60, stalledMs: 250 };
const JOB = Uint8Array.from({ length: 3000 }, (_, i) => 0x20 + (i % 90));

let printer: TcpPrinter;
beforeEach(async () => {
  printer = await startTcpPrinter({ status: { 1: 0x16, 2: 0x12, 4: 0x12 } });
});
afterEach(() => printer.close());

const send = (job: Uint8Array = JOB): Promise<string | null> =>
  sendOverTcp({ host: '127.0.0.1', port: printer.port }, job, times);
const probe = (): Promise<string | null> => probeTcp({ host: '127.0.0.1', port: printer.port }, times);

test('a printer with paper gets the job, whole', async () => {
  expect(await send()).toBeNull();
  expect(printer.jobs.map((job) => job.equals(JOB))).toEqual([true]);
});

test('a probe sends nothing to be printed', async () => {
  expect(await probe()).toBeNull();
  expect(printer.jobs.map((job) => job.length)).toEqual([0]);
});

test('a printer that answers no status gets the job all the same', async () => {
  printer.temper.status = {};
  expect(await probe()).toBeNull();
  expect(await send()).toBeNull();
  expect(printer.jobs.at(-1)?.equals(JOB)).toBe(true);
});

test.each([
  ['paper at its end', { 4: 0x72 }, 'paperOut'],
  ['cover open', { 4: 0x12, 1: 0x1e, 2: 0x16 }, 'coverOpen'],
  ['stopped at the end of the paper', { 4: 0x12, 1: 0x1e, 2: 0x32 }, 'paperOut'],
  ['switched off line', { 4: 0x12, 1: 0x1e, 2: 0x12 }, 'printerOffline'],
  ['off line and silent about it', { 4: 0x12, 1: 0x1e }, 'printerOffline'],
])('%s: nothing is sent', async (_what, status, reason) => {
  printer.temper.status = status;
  expect(await probe()).toBe(reason);
  expect(await send()).toBe(reason);
  expect(printer.jobs.every((job) => job.length === 0)).toBe(true);
});

test('paper near its end is no reason not to print', async () => {
  printer.temper.status = { 1: 0x16, 2: 0x12, 4: 0x1e };
  expect(await send()).toBeNull();
});

test('bytes that are no status answer are not taken for one', async () => {
  printer.temper.status = { 4: 0x60 };
  expect(await send()).toBeNull();
});

test('a printer that never hangs up has printed', async () => {
  printer.temper.holds = true;
  expect(await send()).toBeNull();
  expect(printer.jobs.at(-1)?.equals(JOB)).toBe(true);
});

test('a printer that stops taking bytes is given up', async () => {
  printer.temper.takes = { bytes: 1, after: 'stall' };
  expect(await send(new Uint8Array(64_000_000).fill(0x41))).toBe('timedOut');
});

test('a line that breaks in the middle is said to be lost', async () => {
  printer.temper.takes = { bytes: 1, after: 'reset' };
  expect(await send(new Uint8Array(16_000_000).fill(0x41))).toBe('connectionLost');
});

test('nobody at the address', async () => {
  const vacant = createServer();
  await new Promise<void>((listening) => vacant.listen(0, '127.0.0.1', listening));
  const { port } = vacant.address() as AddressInfo; // A TCP server's address is never a path.
  await new Promise((closed) => vacant.close(closed));
  expect(await sendOverTcp({ host: '127.0.0.1', port }, JOB, times)).toBe('refused');
  expect(await probeTcp({ host: '127.0.0.1', port }, times)).toBe('refused');
});

test('a name that is no host', async () => {
  // RFC 6761: .invalid never resolves. Without a resolver the answer is a system error of its own.
  expect(['hostUnknown', 'timedOut']).toContain(
    await sendOverTcp({ host: 'printer.invalid', port: 9100 }, JOB, times),
  );
});
