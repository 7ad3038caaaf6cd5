import { assert } from '../assert.ts';
import type { CalendarDate } from '../time.ts';

/** `WS07-20261123-0042`: workstation, business date, gap-free number of that workstation and date from 0001. */
export function receiptNumber(workstation: string, businessDate: CalendarDate, serial: number): string {
  assert(Number.isSafeInteger(serial) && serial > 0, 'receipt serials start at 1');
  return `${workstation}-${businessDate.replaceAll('-', '')}-${String(serial).padStart(4, '0')}`;
}

/** The parts of a receipt number, or `undefined` when it is none. */
export function parseReceiptNumber(
  text: string,
): { workstation: string; businessDate: CalendarDate; serial: number } | undefined {
  const match = /^([A-Z0-9]{2,12})-(\d{4})(\d{2})(\d{2})-(\d{4,})$/.exec(text);
  if (!match?.[1]) return undefined;
  return {
    workstation: match[1],
    businessDate: `${match[2]}-${match[3]}-${match[4]}`,
    serial: Number(match[5]),
  };
}
