import { LIMITS } from './list-format.ts';

/** The values of records judged as bytes, span by span: what record-check.ts says of texts, for fast-scanner.ts. */

const charSet = (chars: string): Uint8Array => {
  const set = new Uint8Array(256);
  for (const char of chars) set[char.charCodeAt(0)] = 1;
  return set;
};
const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const IN_ACCOUNT = charSet(`${DIGITS}${LETTERS}/-`);
export const IN_BILL_NO = charSet(`${DIGITS}${LETTERS}._/-`);
export const IN_PHONE = charSet(`${DIGITS}+() -`);

const MINUS = 0x2d;
const POINT = 0x2e;

/** A digit's value; NaN spoils whatever it is added to. */
const digit = (bytes: Uint8Array, p: number): number => {
  const value = (bytes[p] ?? 0) - 0x30;
  return value >= 0 && value <= 9 ? value : NaN;
};
const twoDigits = (bytes: Uint8Array, p: number): number => digit(bytes, p) * 10 + digit(bytes, p + 1);

/** Manat with two decimals → qəpik; NaN for anything else. */
export function amountOf(bytes: Uint8Array, start: number, stop: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const point = stop - 3;
  if (point - first < 1 || point - first > 11 || bytes[point] !== POINT) return NaN;
  let value = 0;
  for (let p = first; p < point; p += 1) value = value * 10 + digit(bytes, p);
  value = value * 100 + twoDigits(bytes, point + 1);
  if (!(value <= LIMITS.amount)) return NaN;
  return negative && value !== 0 ? -value : value;
}

/** YYYY-MM */
export function isPeriod(bytes: Uint8Array, start: number, stop: number): boolean {
  if (stop - start !== 7 || bytes[start + 4] !== MINUS) return false;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  return !Number.isNaN(year) && month >= 1 && month <= 12;
}

/** YYYY-MM-DD, a day of the calendar. */
export function isDate(bytes: Uint8Array, start: number, stop: number): boolean {
  if (stop - start !== 10 || bytes[start + 7] !== MINUS || !isPeriod(bytes, start, start + 7)) return false;
  const day = twoDigits(bytes, start + 8);
  if (!(day >= 1)) return false;
  if (day <= 28) return true;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  // The Gregorian calendar repeats every 400 years.
  return day <= new Date(Date.UTC(2000 + (year % 400), twoDigits(bytes, start + 5), 0)).getUTCDate();
}

/** Whether a span of `least` to `most` bytes holds only bytes of the set. */
export function isMadeOf(
  bytes: Uint8Array,
  start: number,
  stop: number,
  set: Uint8Array,
  least: number,
  most: number,
): boolean {
  if (stop - start < least || stop - start > most) return false;
  for (let p = start; p < stop; p += 1) if (set[bytes[p] ?? 0] === 0) return false;
  return true;
}

export function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  for (let i = 0; i < aEnd - a; i += 1) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
