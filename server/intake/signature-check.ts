import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { SignedEntry } from '../../contracts/journal.ts';
import { inTransaction, type Database } from '../db/database.ts';
import { devicePublicKey } from '../registry/identity.ts';
import { quarantineDevice } from '../registry/workstations.ts';
import { openCase } from './cases.ts';
import { entrySigned } from './journal-chain.ts';

/** How often it looks for work, and how many entries it checks between two looks at a device. */
const EVERY_MS = 1000;
const PAGE = 200;

/**
 * Checks, one by one, the signatures that long batches brought (journal-push.ts), when their device has paused. One that
 * does not fit cannot have changed any money, but is no evidence: the device is stopped, and a person looks.
 */
export function startSignatureCheck(database: Database, log: Logger): { stop(): Promise<void> } {
  let stopping = false;
  let wake: (() => void) | undefined;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, EVERY_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async (): Promise<void> => {
    while (!stopping) {
      try {
        if ((await checkNextSignatures(database)) > 0) continue;
      } catch (error) {
        log.error({ err: error }, 'signatureCheck'); // the database is away: it is tried again
      }
      if (!stopping) await pause();
    }
  };
  const running = loop();
  return {
    stop() {
      stopping = true;
      wake?.();
      return running;
    },
  };
}

type Behind = {
  readonly device_id: string;
  readonly public_key: string;
  readonly signatures_through: number;
};

/** Checks the next signatures of one device that has fallen behind. Gives how many were checked; 0 when none is behind. */
export async function checkNextSignatures(database: Database): Promise<number> {
  const behind = await database.pool.query<Behind>(
    `select device_id, public_key, signatures_through from device
     where signatures_through < head_seq and (last_seen_at < now() - interval '1 second' or head_seq - signatures_through > 50000)
     order by last_seen_at limit 1`,
  );
  const [device] = behind.rows;
  if (!device) return 0;
  const { rows } = await database.pool.query<SignedEntry>(
    `select seq, prev_hash as "prevHash", hash, signature, body from device_journal where device_id = $1 and seq > $2 order by seq limit $3`,
    [device.device_id, device.signatures_through, PAGE],
  );
  const key = devicePublicKey(device.public_key);
  if (!key) throw new Error(`device ${device.device_id} was enrolled with a broken key`);
  const wrong = await firstWrong(key, rows);
  await inTransaction(database, async ({ db }) => {
    await db
      .updateTable('device')
      .set({ signatures_through: rows.at(-1)?.seq ?? device.signatures_through })
      .where('device_id', '=', device.device_id)
      .execute();
    if (!wrong) return;
    await openCase(db, {
      kind: 'signatureWrong',
      eventKey: `signature:${device.device_id}:${wrong.seq}`,
      deviceId: device.device_id,
      detail: { seq: wrong.seq },
    });
    await quarantineDevice(db, device.device_id, `signature of entry ${wrong.seq} does not fit`, 'centre');
  });
  return rows.length;
}

/** One after the other: this is never in a hurry, and what comes in is. */
async function firstWrong(key: KeyObject, entries: readonly SignedEntry[]): Promise<SignedEntry | undefined> {
  for (const entry of entries) if (!(await entrySigned(key, entry))) return entry;
  return undefined;
}
