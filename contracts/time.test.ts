import { expect, test } from 'vitest';
import { bakuDate, dateSchema, formatBaku, instantSchema } from './time.ts';

test('the business date turns at midnight in Baku, four hours before UTC', () => {
  expect(bakuDate(Date.parse('2026-11-23T19:59:59.999Z'))).toBe('2026-11-23');
  expect(bakuDate(Date.parse('2026-11-23T20:00:00.000Z'))).toBe('2026-11-24');
  expect(bakuDate(Date.parse('2026-12-31T20:00:00.000Z'))).toBe('2027-01-01');
  // No daylight saving: summer is the same.
  expect(bakuDate(Date.parse('2026-07-01T19:59:59.999Z'))).toBe('2026-07-01');
});

test('instants are shown to people in Baku time', () => {
  expect(formatBaku('2026-11-23T10:31:07.123Z')).toBe('23.11.2026 14:31');
  expect(formatBaku('2026-11-23T21:05:00Z')).toBe('24.11.2026 01:05');
});

test('instants from outside are UTC, dates are days of the calendar', () => {
  expect(instantSchema.safeParse('2026-11-23T10:31:07.123Z').success).toBe(true);
  for (const bad of ['2026-11-23T10:31:07+04:00', '2026-11-23', '2026-11-23T25:00:00Z', 'now', 1]) {
    expect(instantSchema.safeParse(bad).success).toBe(false);
  }
  expect(dateSchema.safeParse('2026-02-28').success).toBe(true);
  expect(dateSchema.safeParse('2026-02-30').success).toBe(false);
});
