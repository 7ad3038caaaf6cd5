import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isErrno } from '../durable-file.ts';

/** Where log lines go. Never throws: a log that cannot be written must not stop a counter. */
export type LogDestination = { readonly write: (line: string) => void };

/**
 * A file that only its owner reads and that never grows beyond `maxBytes`: it is then put aside as `NAME.1`, in place of
 * the one before. Lines are written at once, so that the last one before a crash is there. What a full disk refuses is
 * counted, and the count is the first thing written when there is room again.
 */
export function boundedLog(path: string, maxBytes: number): LogDestination & { readonly close: () => void } {
  let file: number | null = null;
  let bytes = 0;
  let refused = 0;
  /** A disk that filled up in the middle of a line left half of it. */
  let torn = false;

  function open(): number {
    if (file !== null) return file;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    file = openSync(path, 'a', 0o600);
    bytes = fstatSync(file).size;
    return file;
  }

  function putAside(): void {
    if (file !== null) closeSync(file);
    file = null;
    renameSync(path, `${path}.1`);
  }

  function append(text: string): void {
    const buffer = Buffer.from(text);
    open();
    if (bytes > 0 && bytes + buffer.length > maxBytes) putAside();
    const written = writeSync(open(), buffer);
    bytes += written;
    torn = written < buffer.length;
    if (torn) refused += 1;
  }

  return {
    write(line) {
      try {
        const missed = refused === 0 ? '' : `${JSON.stringify({ event: 'log.linesLost', lines: refused })}\n`;
        const before = refused;
        append(`${torn ? '\n' : ''}${missed}${line}`);
        if (!torn) refused -= before;
      } catch (error) {
        if (!isErrno(error)) throw error;
        refused += 1;
      }
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/** Standard error, for a program run by hand. A reader that is gone or slow loses lines. */
export const standardError: LogDestination = {
  write(line) {
    try {
      writeSync(2, line);
    } catch (error) {
      if (!isErrno(error)) throw error;
    }
  },
};
