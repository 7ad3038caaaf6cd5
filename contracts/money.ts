import { z } from 'zod';
import { assert } from './assert.ts';

/** The one currency of the system; documents carry it, so that a second one is an addition and not a change. */
export const CURRENCY = 'AZN';
export const currencySchema = z.literal(CURRENCY);

/** The largest amount in any document, 10 billion manat: far below 2^53, so sums of a million lines stay exact. */
export const MAX_QEPIK = 1_000_000_000_000;

/** Money: an integer of minor units (qəpik) of AZN. May be negative (a credit, a difference). */
export const qepikSchema = z.int().min(-MAX_QEPIK).max(MAX_QEPIK).brand<'Qepik'>();
export type Qepik = z.infer<typeof qepikSchema>;

/** Money that cannot be negative: prices, tenders, debts as stated on a bill. */
export const positiveQepikSchema = z.int().min(0).max(MAX_QEPIK).brand<'Qepik'>();

/** Brands an integer as money. Throws when it is not a safe integer within bounds: that is a bug upstream. */
export function qepik(value: number): Qepik {
  assert(Number.isSafeInteger(value) && Math.abs(value) <= MAX_QEPIK, `not an amount in qəpik: ${value}`);
  return value as Qepik;
}

export const ZERO = qepik(0);

/** Σ amounts, exact. */
export const sum = (amounts: Iterable<Qepik>): Qepik => {
  let total = 0;
  for (const amount of amounts) total += amount;
  return qepik(total);
};

export const add = (a: Qepik, b: Qepik): Qepik => qepik(a + b);
export const subtract = (a: Qepik, b: Qepik): Qepik => qepik(a - b);
export const negate = (a: Qepik): Qepik => qepik(a === 0 ? 0 : -a);

/** An exact sum as an amount; beyond the largest one it is the largest: a figure to be shown, never one to be booked. */
export const shownAmount = (exact: number): Qepik =>
  qepik(Math.max(-MAX_QEPIK, Math.min(MAX_QEPIK, exact)) + 0);

/** `123456` → `1 234,56` (no-break space between thousands, decimal comma, true minus). No currency sign. */
export function formatAmount(amount: Qepik): string {
  const absolute = Math.abs(amount);
  const whole = String(Math.floor(absolute / 100)).replace(/\B(?=(\d{3})+$)/g, '\u00a0');
  return `${amount < 0 ? '−' : ''}${whole},${String(absolute % 100).padStart(2, '0')}`;
}

/** `formatAmount` with the manat sign. */
export const formatMoney = (amount: Qepik): string => `${formatAmount(amount)}\u00a0₼`;

/**
 * What a person typed → qəpik: `38`, `38,4`, `38.40`, `1 234,56`. `undefined` for anything else
 * (signs, three decimals, letters, two commas, more than the maximum).
 */
export function parseAmount(text: string): Qepik | undefined {
  const match = /^(\d{1,11})(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s\u00a0]/g, ''));
  if (!match) return undefined;
  const value = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return value <= MAX_QEPIK ? qepik(value) : undefined;
}
