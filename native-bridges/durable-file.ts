import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a small file whole: whoever reads it, before or after a crash, finds the old text or the new one. The new
 * text is on the disk when this returns. Only the owner may read it. Throws what the file system threw; the old file
 * then stands untouched.
 */
export function writeFileDurably(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  try {
    // A leftover of a crash may be there with whatever mode it had; the new one is always created afresh.
    rmSync(beside, { force: true });
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Makes a rename or a new name in a folder durable. Windows has no such call: NTFS journals its names itself. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The text of a file, or undefined when there is none. Throws on anything else. */
export function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** An error of the operating system, with its code (`ENOSPC`, `EACCES`). */
export const isErrno = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';
