import type { FileHandle } from 'node:fs/promises';
import { BLOCK_BYTES } from './list-format.ts';
import { wholeCharacters } from './list-head.ts';

/** A piece of the file, in memory of its own that can be handed to a thread. */
export type Piece = {
  readonly buffer: ArrayBuffer;
  readonly length: number;
  /** The file ends with it. */
  readonly last: boolean;
  /** Another record (or what looks like one) begins right behind it. False: it was cut where it was full. */
  readonly whole: boolean;
};

const TAGS = [Buffer.from('<account '), Buffer.from('<removed ')];
/** The last record's start is nearly always this near to the end. */
const TAIL = 16 * 1024;

/**
 * Reads a file from an offset on in pieces of at most `blockBytes`, each cut before a record's start tag. `seen` is
 * shown every byte once, in order.
 */
export function createPieceReader(
  file: FileHandle,
  offset: number,
  seen: (bytes: Uint8Array) => void,
  blockBytes = BLOCK_BYTES,
) {
  let position = offset;
  let rest = Buffer.alloc(0);
  let done = false;
  const free: ArrayBuffer[] = [];

  return {
    /** The next piece; `undefined` after the last. */
    async next(): Promise<Piece | undefined> {
      if (done) return undefined;
      const buffer = free.pop() ?? new ArrayBuffer(blockBytes);
      const bytes = Buffer.from(buffer);
      let length = rest.copy(bytes);
      while (length < blockBytes) {
        const { bytesRead } = await file.read(bytes, length, blockBytes - length, position);
        if (bytesRead === 0) {
          done = true;
          return { buffer, length, last: true, whole: true };
        }
        seen(bytes.subarray(length, length + bytesRead));
        position += bytesRead;
        length += bytesRead;
      }
      const start = lastRecordStart(bytes);
      const cut = start > 0 ? start : wholeCharacters(bytes);
      rest = Buffer.from(bytes.subarray(cut));
      return { buffer, length: cut, last: false, whole: start > 0 };
    },
    /** Takes a buffer back to fill it again. */
    give(buffer: ArrayBuffer): void {
      free.push(buffer);
    },
  };
}

function lastRecordStart(bytes: Buffer): number {
  const tail = bytes.subarray(-TAIL);
  const near = Math.max(...TAGS.map((tag) => tail.lastIndexOf(tag)));
  if (near !== -1) return bytes.length - tail.length + near;
  return Math.max(...TAGS.map((tag) => bytes.lastIndexOf(tag)));
}
