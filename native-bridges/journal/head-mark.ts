import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';

/**
 * The last answered entry, noted in a small file of its own after each append. It is not fsynced, so it may lag after
 * a power cut, but it never runs ahead of the journal. Its one use: a journal that lost its end (a deleted or
 * truncated WAL, a file put back from a copy) still has a valid chain, and only this mark shows that more was answered.
 */
export type HeadMark = { readonly note: (seq: number, hash: string) => void; readonly close: () => void };

export type Marked = { readonly seq: number; readonly hash: string };

const LINE = /^(\d{1,15}) ([0-9a-f]{64}) ([0-9a-f]{16})\n/;
/** Always this many bytes in one write, so that a short line never leaves the end of a longer one. */
const MARK_BYTES = 128;

const line = (seq: number, hash: string): string => `${seq} ${hash} ${checksum(`${seq} ${hash}`)}\n`;
const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Opens the mark beside a journal. Throws what the file system threw. */
export function openHeadMark(path: string): HeadMark & { readonly last: Marked | undefined } {
  const file = openSync(path, 'a+', 0o600);
  closeSync(file);
  const handle = openSync(path, 'r+');
  const buffer = Buffer.alloc(MARK_BYTES);
  readSync(handle, buffer, 0, MARK_BYTES, 0);
  return {
    last: parseMark(buffer.toString('latin1')),
    note(seq, hash) {
      buffer.fill(0x20);
      buffer.write(line(seq, hash), 'latin1');
      writeSync(handle, buffer, 0, MARK_BYTES, 0);
    },
    close: () => closeSync(handle),
  };
}

/** Undefined for an empty or torn mark: it then says nothing. */
export function parseMark(text: string): Marked | undefined {
  const match = LINE.exec(text);
  const [, seq, hash, sum] = match ?? [];
  if (seq === undefined || hash === undefined || sum !== checksum(`${seq} ${hash}`)) return undefined;
  return { seq: Number(seq), hash };
}
