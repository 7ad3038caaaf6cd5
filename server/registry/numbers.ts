import type { Kysely } from 'kysely';
import type { Id } from '../../contracts/ids.ts';
import { parseEntryBody, type Numbers } from '../../contracts/journal.ts';
import { parseReceiptNumber } from '../../contracts/rules/receipt-number.ts';
import type { Tables } from '../db/tables.ts';

/** Entries looked at of each earlier device: days of a busy counter. Older days are not sold on any more. */
const ENTRIES_MAX = 3000;
const COUNTED = ['payment.accepted', 'payment.stornoed', 'shift.opened', 'shift.closed'] as const;

/**
 * How far earlier devices of a workstation have counted receipts, shifts and Zs; `undefined` when there was none, or it
 * counted nothing. What a lost machine had not sent is on its disk only: then a number may come twice, and opens a case.
 */
export async function numbersOf(db: Kysely<Tables>, unitId: Id, deviceId: Id): Promise<Numbers | undefined> {
  const earlier = await db
    .selectFrom('device')
    .select('device_id')
    .where('unit_id', '=', unitId)
    .where('device_id', '<>', deviceId)
    .execute();
  const receipts = new Map<string, number>();
  let [shiftNo, zNo] = [0, 0];
  for (const { device_id } of earlier) {
    const rows = await db
      .selectFrom('device_journal')
      .select('body')
      .where('device_id', '=', device_id)
      .where('type', 'in', COUNTED)
      .orderBy('seq', 'desc')
      .limit(ENTRIES_MAX)
      .execute();
    for (const { type, payload } of rows.map(({ body }) => parseEntryBody(body))) {
      if (type === 'shift.opened') shiftNo = Math.max(shiftNo, payload.shiftNo);
      if (type === 'shift.closed') zNo = Math.max(zNo, payload.zNo);
      if (type !== 'payment.accepted' && type !== 'payment.stornoed') continue;
      const receipt = parseReceiptNumber(payload.receiptNo);
      if (receipt && receipt.serial < SERIAL_MAX)
        receipts.set(receipt.businessDate, Math.max(receipts.get(receipt.businessDate) ?? 0, receipt.serial));
    }
  }
  if (receipts.size === 0 && shiftNo === 0 && zNo === 0) return undefined;
  return {
    receipts: [...receipts]
      .map(([businessDate, serial]) => ({ businessDate, serial }))
      .sort((a, b) => (a.businessDate < b.businessDate ? 1 : -1))
      .slice(0, DATES_MAX),
    shiftNo,
    zNo,
  };
}

/** A broken device's number beyond anything a counter reaches in a day is not gone on from. */
const SERIAL_MAX = 1_000_000;
const DATES_MAX = 100;
