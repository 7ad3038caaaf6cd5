import { bakuDate, formatBaku, type Instant } from '../../../contracts/time.ts';

/** `14:02` when it was today in Baku, else `13.11 06:10`; the year only when it is another one. */
export function shortMoment(instant: Instant, nowMs: number): string {
  const full = formatBaku(instant);
  const clock = full.slice(11);
  const day = bakuDate(Date.parse(instant));
  const today = bakuDate(nowMs);
  if (day === today) return clock;
  return `${day.slice(0, 4) === today.slice(0, 4) ? full.slice(0, 5) : full.slice(0, 10)} ${clock}`;
}

/** `23.11.2026` from `2026-11-23`. */
export const dayText = (date: string): string => date.split('-').toReversed().join('.');

/** `10.2026` from `2026-10`. */
export const periodText = dayText;

/** How long since, in the largest sensible unit: the words are the caller's. */
export type Span =
  | { readonly unit: 'moment' }
  | { readonly unit: 'minutes'; readonly count: number }
  | { readonly unit: 'hours'; readonly hours: number; readonly minutes: number }
  | { readonly unit: 'days'; readonly count: number };

/** The time between an instant and now. A clock set back gives a moment, never a negative. */
export function spanSince(instant: Instant, nowMs: number): Span {
  const minutes = Math.floor((nowMs - Date.parse(instant)) / 60_000);
  if (minutes < 1) return { unit: 'moment' };
  if (minutes < 60) return { unit: 'minutes', count: minutes };
  if (minutes < 48 * 60) return { unit: 'hours', hours: Math.floor(minutes / 60), minutes: minutes % 60 };
  return { unit: 'days', count: Math.floor(minutes / (24 * 60)) };
}
