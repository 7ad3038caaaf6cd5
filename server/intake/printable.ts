import type { CalendarDate, Instant } from '../../contracts/time.ts';

/** A text that any JSON column can hold: no NUL, no halves of letters. What people read of it stays the same. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** A day that the database's calendar has: there is no year 0. */
export const storableDate = (date: CalendarDate): boolean => !date.startsWith('0000');

/** An instant as the database takes it, to the millisecond; null for one that its calendar does not have. */
export function storableInstant(instant: Instant): Instant | null {
  const ms = Date.parse(instant);
  const text = Number.isNaN(ms) ? '0000' : new Date(ms).toISOString();
  return storableDate(text) ? text : null;
}
