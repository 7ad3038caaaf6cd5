import type { PosResult, PosSnapshot } from '../../../contracts/pos.ts';
import type { Qepik } from '../../../contracts/money.ts';
import type { Fields } from './message.ts';

/** ISO 4217 numeric of the manat. */
export const AZN = 944;

const orNull = (text: string | undefined, length: number): string | null =>
  text === undefined || text.trim() === '' ? null : text.trim().slice(0, length);

/** A masked number that the contract takes; anything else is left out rather than stored. */
const panOrNull = (pan: string | undefined): string | null =>
  pan !== undefined && /^\d{0,6}\*+\d{0,4}$/.test(pan) ? pan : null;

function terminalTime(fields: Fields, year: number): string | null {
  if (fields.time === undefined) return null;
  if (fields.longDate !== undefined) return `20${fields.longDate}T${fields.time}`;
  return fields.date === undefined ? null : `${String(year)}${fields.date}T${fields.time}`;
}

/**
 * A status information as the rest of the house reads it.
 *
 * @param asked the amount that was asked for; counts where the terminal states none
 * @param year the terminal often leaves the year out
 */
export function resultOf(fields: Fields, asked: Qepik, year: number): PosResult {
  return {
    amount: (fields.amount ?? asked) as Qepik,
    currency: 'AZN',
    terminalId: orNull(fields.terminalId, 40),
    receiptNo: orNull(fields.receiptNo, 80),
    trace: orNull(fields.trace, 40),
    reference: orNull(fields.reference, 120),
    authCode: orNull(fields.authCode, 20),
    cardName: orNull(fields.cardName, 60),
    maskedPan: panOrNull(fields.maskedPan),
    terminalTime: terminalTime(fields, year),
  };
}

/** What tells this transaction from the next one. */
export function snapshotOf(fields: Fields, terminalId: string | null): PosSnapshot {
  return {
    terminalId: orNull(fields.terminalId, 40) ?? terminalId,
    receiptNo: orNull(fields.receiptNo, 80),
    trace: orNull(fields.trace, 40),
    reference: orNull(fields.reference, 120),
  };
}
