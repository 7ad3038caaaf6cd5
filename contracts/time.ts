import { z } from 'zod';

/** An instant, UTC, ISO 8601 with milliseconds at most: `2026-11-23T10:31:07.123Z`. */
export const instantSchema = z.iso.datetime({ offset: false });
export type Instant = string;

/** A calendar day `2026-11-23`. A business date belongs to the shift and is a day in Asia/Baku. */
export const dateSchema = z.iso.date();
export type CalendarDate = string;

/** Asia/Baku is UTC+4 all year since 2016 (no daylight saving). Minutes. */
const BAKU_OFFSET_MIN = 240;

/** The calendar day in Asia/Baku at an instant given in Unix milliseconds. */
export const bakuDate = (unixMs: number): CalendarDate =>
  new Date(unixMs + BAKU_OFFSET_MIN * 60_000).toISOString().slice(0, 10);

/** `23.11.2026 14:31` in Asia/Baku, for people. */
export function formatBaku(instant: Instant): string {
  const iso = new Date(Date.parse(instant) + BAKU_OFFSET_MIN * 60_000).toISOString();
  return `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)} ${iso.slice(11, 16)}`;
}
