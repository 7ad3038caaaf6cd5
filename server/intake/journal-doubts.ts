import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import type { Device } from '../registry/workstations.ts';
import { openCase } from './cases.ts';
import type { ReadEntry } from './journal-items.ts';
import { storable } from './printable.ts';

/** What a person must look at although nothing in it stops the journal: its money is on record whatever comes of it. */

/** After a close nothing may be left in the drawer's account: the counter and the ledger counted the same payments. */
export async function checkClosedShifts(
  { db }: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
): Promise<void> {
  for (const { body } of fresh) {
    if (body?.type !== 'shift.closed') continue;
    const rest = await db
      .selectFrom('ledger_balance')
      .select('amount')
      .where('account', '=', `cash:shift:${body.payload.shiftId}`)
      .where('amount', '<>', 0)
      .executeTakeFirst();
    if (!rest) continue;
    await openCase(db, {
      kind: 'shiftMismatch',
      eventKey: `shift:${body.payload.shiftId}`,
      deviceId: device.deviceId,
      amount: rest.amount,
      detail: {
        shiftNo: body.payload.shiftNo,
        teller: storable(body.payload.teller.name),
        expected: body.payload.expectedTotal,
      },
    });
  }
}

/** A receipt number is given once. Where two payments bear it the money of both is right, and a person looks. */
export async function checkReceiptNumbers(
  { client, db }: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
): Promise<void> {
  const given = fresh.flatMap(({ body }) =>
    body?.type === 'payment.accepted' || body?.type === 'payment.stornoed'
      ? [storable(body.payload.receiptNo)]
      : [],
  );
  if (given.length === 0) return;
  const { rows } = await client.query<{ receipt_no: string }>({
    name: 'receipt-numbers',
    text: 'select receipt_no from payment where receipt_no = any ($1) group by receipt_no having count(*) > 1',
    values: [[...new Set(given)]],
  });
  for (const { receipt_no: receiptNo } of rows) {
    await openCase(db, {
      kind: 'receiptNumberTwice',
      eventKey: `receipt:${device.deviceId}:${receiptNo}`,
      deviceId: device.deviceId,
      detail: { receiptNo, workstation: device.workstation.code },
    });
  }
}

/** An entry from the future: the counter's clock is ahead. (One from the past may simply have waited.) */
const CLOCK_AHEAD_MS = 5 * 60_000;

export async function flagSkew(
  db: Transaction['db'],
  device: Device,
  last: ReadEntry | undefined,
): Promise<void> {
  const aheadMs = last?.wallTime ? Date.parse(last.wallTime) - Date.now() : 0;
  if (aheadMs < CLOCK_AHEAD_MS) return;
  const { rows } = await sql<{ day: string }>`select current_date::text as day`.execute(db);
  await openCase(db, {
    kind: 'clockSkew',
    eventKey: `skew:${device.deviceId}:${rows[0]?.day ?? ''}`,
    deviceId: device.deviceId,
    detail: { aheadMs, workstation: device.workstation.code },
  });
}
