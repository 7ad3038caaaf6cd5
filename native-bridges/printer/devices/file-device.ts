import { constants } from 'node:fs';
import { access, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isErrno } from '../../durable-file.ts';
import { reasonOf, type Delivery } from './delivery.ts';

/**
 * A printer at a path: a device node (`/dev/usb/lp0`, `\\.\COM3`) or a spool file that something else prints. A spool file
 * holds whole jobs only: what cannot be written whole is taken back.
 */

export type FileTimes = {
  /** How long the device may take no byte before the job is given up, ms. */
  readonly stalledMs: number;
};

/** Appends the job and has it on the disk (or in the device) when it returns. Reports, never throws, for system errors. */
export async function writeToFile(path: string, job: Uint8Array, times: FileTimes): Promise<Delivery> {
  try {
    const file = await openForAppend(path);
    try {
      return await append(file, job, times);
    } finally {
      await file.close();
    }
  } catch (error) {
    return expected(error);
  }
}

/**
 * Could a job be written now? A device is opened and closed; of a spool file or a pipe only the permission is asked, and of
 * the folder where there is no spool file yet.
 */
export async function probeFile(path: string): Promise<Delivery> {
  try {
    const there = await statOrNull(path);
    if (there === null) {
      if (isDevicePath(path)) return 'absent';
      await access(dirname(path), constants.W_OK);
    } else if (there.isCharacterDevice()) await (await openForAppend(path)).close();
    else if (there.isDirectory()) return 'absent';
    else await access(path, constants.W_OK);
    return null;
  } catch (error) {
    return expected(error);
  }
}

/** A missing device must not be made up as an ordinary file, where receipts would vanish without a word. */
const isDevicePath = (path: string): boolean => /^(?:\/dev\/|\\\\[.?]\\|(?:COM|LPT)\d+:?$)/i.test(path);

function openForAppend(path: string): Promise<FileHandle> {
  const create = isDevicePath(path) ? 0 : constants.O_CREAT;
  // Without O_NONBLOCK a printer out of paper, or a pipe nobody reads, would hold the process for ever. Windows has none.
  const patient = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;
  return open(path, constants.O_WRONLY | constants.O_APPEND | create | patient, 0o600);
}

async function append(file: FileHandle, job: Uint8Array, times: FileTimes): Promise<Delivery> {
  const before = await file.stat();
  try {
    const delivery = await writeAll(file, job, times);
    if (delivery === null && before.isFile()) await file.datasync();
    return delivery;
  } catch (error) {
    if (before.isFile()) await file.truncate(before.size);
    throw error;
  }
}

async function writeAll(file: FileHandle, job: Uint8Array, times: FileTimes): Promise<Delivery> {
  let written = 0;
  let lastProgress = performance.now();
  while (written < job.length) {
    const taken = await writeSome(file, job.subarray(written));
    written += taken;
    if (taken > 0) lastProgress = performance.now();
    else if (performance.now() - lastProgress > times.stalledMs) return 'timedOut';
    else await pause(20);
  }
  return null;
}

/** Bytes taken; 0 when the device's buffer is full for the moment. */
async function writeSome(file: FileHandle, bytes: Uint8Array): Promise<number> {
  try {
    return (await file.write(bytes)).bytesWritten;
  } catch (error) {
    if (isErrno(error) && error.code === 'EAGAIN') return 0;
    throw error;
  }
}

async function statOrNull(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return null;
    throw error;
  }
}

function expected(error: unknown): Delivery {
  const reason = reasonOf(error);
  if (reason === undefined) throw error;
  return reason;
}
