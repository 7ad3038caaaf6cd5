import Database from 'better-sqlite3';
import { hostname } from 'node:os';
import { z } from 'zod';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { formatBaku, instantSchema } from '../../contracts/time.ts';
import { readFileIfThere, writeFileDurably } from '../durable-file.ts';

/** How long a newcomer waits for the lock: two that start in the same moment must not turn each other away. */
const LOCK_WAIT_MS = 500;

const holderSchema = z.object({
  holder: z.string(),
  pid: z.int(),
  host: z.string(),
  since: instantSchema,
});

export type JournalLock = { readonly release: () => void };

/**
 * One writer per journal, whichever shell it runs in. The lock is SQLite's own exclusive lock on a file beside the
 * journal: the operating system drops it with the process, however that ends, so a stale one cannot exist. The JSON
 * beside it only says who holds it. Throws what SQLite threw when the lock file cannot be made at all.
 */
export function takeLock(
  journalPath: string,
  holder: string,
  nowMs: number,
): Result<JournalLock, 'journalInUse'> {
  const holderPath = `${journalPath}.holder.json`;
  const database = new Database(`${journalPath}.lock`, { timeout: LOCK_WAIT_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    return fail('journalInUse', { holder: nameOf(readFileIfThere(holderPath)) });
  }
  const told: z.infer<typeof holderSchema> = {
    holder,
    pid: process.pid,
    host: hostname(),
    since: new Date(nowMs).toISOString(),
  };
  try {
    writeFileDurably(holderPath, `${JSON.stringify(told)}\n`);
  } catch (error) {
    database.close();
    throw error;
  }
  return ok({ release: () => database.close() });
}

function nameOf(text: string | undefined): string {
  if (text === undefined) return '?';
  const told = holderSchema.safeParse(parsed(text));
  if (!told.success) return '?';
  const { holder, pid, host, since } = told.data;
  return `${holder}, pid ${pid}, ${host}, ${formatBaku(since)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // whoever holds the lock may have died while naming itself; it is then unnamed
  }
}
