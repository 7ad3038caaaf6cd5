import Database from 'better-sqlite3';
import { ZodError } from 'zod';

const CODES = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR'];

/**
 * Whether an error says that what is on the disk is not what we wrote. Everything else (a full disk, a file that another
 * program holds, a bug) must not be cured by throwing the file away.
 */
export const isDamage = (error: unknown): boolean =>
  error instanceof ZodError ||
  error instanceof SyntaxError ||
  error instanceof OtherVersion ||
  (error instanceof Database.SqliteError && CODES.some((code) => error.code.startsWith(code)));

/** A cache that another version of the program made. */
export class OtherVersion extends Error {
  override readonly name = 'OtherVersion';
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
