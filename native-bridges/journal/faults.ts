import Database from 'better-sqlite3';
import type { JournalReason } from '../../contracts/journal-reasons.ts';
import { isErrno } from '../durable-file.ts';

/** What an error of SQLite or of the file system means for whoever wanted to write. */
export type Fault =
  { readonly kind: 'unwritable'; readonly reason: JournalReason } | { readonly kind: 'damaged' };

const SQLITE_REASONS: readonly (readonly [prefix: string, fault: Fault])[] = [
  ['SQLITE_FULL', { kind: 'unwritable', reason: 'diskFull' }],
  ['SQLITE_READONLY', { kind: 'unwritable', reason: 'readOnly' }],
  ['SQLITE_CANTOPEN', { kind: 'unwritable', reason: 'readOnly' }],
  ['SQLITE_PERM', { kind: 'unwritable', reason: 'readOnly' }],
  ['SQLITE_AUTH', { kind: 'unwritable', reason: 'readOnly' }],
  ['SQLITE_BUSY', { kind: 'unwritable', reason: 'busy' }],
  ['SQLITE_LOCKED', { kind: 'unwritable', reason: 'busy' }],
  ['SQLITE_PROTOCOL', { kind: 'unwritable', reason: 'busy' }],
  // The shared-memory file of the WAL cannot be made: on a full disk this is how opening fails.
  ['SQLITE_IOERR_SHMSIZE', { kind: 'unwritable', reason: 'diskFull' }],
  ['SQLITE_IOERR', { kind: 'unwritable', reason: 'diskFault' }],
  ['SQLITE_CORRUPT', { kind: 'damaged' }],
  ['SQLITE_NOTADB', { kind: 'damaged' }],
  // Our own statements fit our own tables: where they do not, the file's schema is not what we made.
  ['SQLITE_ERROR', { kind: 'damaged' }],
];

const ERRNO_REASONS: Readonly<Record<string, JournalReason>> = {
  ENOSPC: 'diskFull',
  EDQUOT: 'diskFull',
  EACCES: 'readOnly',
  EPERM: 'readOnly',
  EROFS: 'readOnly',
  EBUSY: 'busy',
  EIO: 'diskFault',
  ENXIO: 'diskFault',
  ENODEV: 'diskFault',
};

/** The fault behind an error; undefined when it is none of the machine's faults but a bug, which must go on. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Database.SqliteError) {
    return SQLITE_REASONS.find(([prefix]) => error.code.startsWith(prefix))?.[1];
  }
  const reason = isErrno(error) && error.code !== undefined ? ERRNO_REASONS[error.code] : undefined;
  return reason === undefined ? undefined : { kind: 'unwritable', reason };
}

/** The code of an error, for the log. */
export const codeOf = (error: unknown): string =>
  error instanceof Database.SqliteError || isErrno(error) ? (error.code ?? '') : String(error);
