import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PRINTER_REASONS } from '../../../contracts/printer-reasons.ts';
import { reasonOf } from './delivery.ts';
import { probeFile, writeToFile } from './file-device.ts';

const times = { stalledMs: 150 };
const job = (text: string): Uint8Array => new TextEncoder().encode(text);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'komis-printer-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('jobs are appended to a spool file, one after another, readable by its owner alone', async () => {
  const spool = join(folder, 'spool.bin');
  expect(await probeFile(spool)).toBeNull();
  expect(existsSync(spool)).toBe(false);
  expect(await writeToFile(spool, job('first;'), times)).toBeNull();
  expect(await writeToFile(spool, job('second;'), times)).toBeNull();
  expect(readFileSync(spool, 'utf8')).toBe('first;second;');
  expect(statSync(spool).mode & 0o077).toBe(0);
  expect(await probeFile(spool)).toBeNull();
});

test('a job the device has no room for', async () => {
  // The kernel's always-full device.
  expect(await writeToFile('/dev/full', job('receipt'), times)).toBe('full');
});

test('a device that is not plugged in is not made up as a file', async () => {
  const absent = '/dev/komis-no-such-printer';
  expect(await writeToFile(absent, job('receipt'), times)).toBe('absent');
  expect(await probeFile(absent)).toBe('absent');
  expect(existsSync(absent)).toBe(false);
});

test('a folder that is gone, a folder in place of a file', async () => {
  expect(await writeToFile(join(folder, 'gone', 'spool.bin'), job('x'), times)).toBe('absent');
  expect(await probeFile(join(folder, 'gone', 'spool.bin'))).toBe('absent');
  expect(await writeToFile(folder, job('x'), times)).toBe('absent');
  expect(await probeFile(folder)).toBe('absent');
});

test('a pipe nobody reads is absent, not waited for; one that is read but stalls is given up', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await writeToFile(pipe, job('x'), times)).toBe('absent');
  const reader = await open(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    expect(await probeFile(pipe)).toBeNull();
    expect(await writeToFile(pipe, job('small'), times)).toBeNull();
    expect(await writeToFile(pipe, new Uint8Array(1_000_000), times)).toBe('timedOut');
  } finally {
    await reader.close();
  }
});

test('an existing spool that may not be written says so, where permissions bind', async () => {
  const spool = join(folder, 'spool.bin');
  writeFileSync(spool, '');
  chmodSync(spool, 0o400);
  // The superuser may write all the same.
  const expected = process.getuid?.() === 0 ? null : 'noPermission';
  expect(await writeToFile(spool, job('x'), times)).toBe(expected);
  expect(await probeFile(spool)).toBe(expected);
});

test.each([
  ['EBUSY', 'busy'],
  ['EIO', 'deviceFault'],
  ['ENODEV', 'absent'],
  ['EACCES', 'noPermission'],
  ['ENOSPC', 'full'],
  ['EREMOTEIO', 'deviceFault'],
] as const)('%s is put in words', (code, reason) => {
  expect(reasonOf(Object.assign(new Error(code), { code }))).toBe(reason);
  expect(PRINTER_REASONS[reason].az).not.toBe('');
});

test('what is no system error is not passed off as the printer’s', () => {
  expect(reasonOf(new TypeError('a bug'))).toBeUndefined();
  expect(reasonOf(Object.assign(new TypeError('a bug'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined();
});
