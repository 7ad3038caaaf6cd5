import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * The last answered entry, noted in a small file of its own soon after each append. It is not fsynced and may lag after
 * a crash, but it never runs ahead of the journal. Its one use: a journal that lost its end (a deleted or
 * truncated WAL, a file put back from a copy) still has a valid chain, and only this mark shows that more was answered.
 */
export type HeadMark = { readonly note: (seq: number, hash: string) => void; readonly close: () => void };

export type Marked = { readonly seq: number; readonly hash: string };

/** `57 <hash> 57`: the number stands at both ends, so that a torn line shows. */
const LINE = /^(\d{1,15}) ([0-9a-f]{64}) (\d{1,15})\n/;
/** Always this many bytes in one write, so that a short line never leaves the end of a longer one. */
const MARK_BYTES = 128;

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
      buffer.write(`${seq} ${hash} ${seq}\n`, 'latin1');
      writeSync(handle, buffer, 0, MARK_BYTES, 0);
    },
    close: () => closeSync(handle),
  };
}

/** Undefined for an empty or torn mark: it then says nothing. */
export function parseMark(text: string): Marked | undefined {
  const [, seq, hash, again] = LINE.exec(text) ?? [];
  return seq === undefined || hash === undefined || seq !== again ? undefined : { seq: Number(seq), hash };
}
