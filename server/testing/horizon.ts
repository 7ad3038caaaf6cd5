import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/database.ts';

const STEP_MS = 5;
const LIMIT_MS = 60_000;

/**
 * Waits until replicas are told of everything committed so far. Transactions of all databases of a server hold the
 * horizon back, and the test files of a run share one.
 */
export async function horizonPassed({ pool }: Database): Promise<void> {
  const now = await pool.query<{ xid: string }>('select pg_snapshot_xmax(pg_current_snapshot()) as xid');
  const xid = now.rows[0]?.xid ?? '0';
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(STEP_MS)) {
    const { rows } = await pool.query<{ passed: boolean }>(
      'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as passed',
      [xid],
    );
    if (rows[0]?.passed) return;
  }
  throw new Error('a transaction of another test holds the horizon back for too long');
}
