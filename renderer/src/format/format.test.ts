import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LANGUAGES } from '../../../contracts/domain.ts';
import { ERRORS, type ErrorCode } from '../../../contracts/errors.ts';
import { qepik } from '../../../contracts/money.ts';
import { asFailure, failureText } from './failure-text.ts';
import { dayText, periodText, shortMoment, spanSince } from './moments.ts';
import { pieceName } from './pieces-text.ts';
import { proposedCash } from './proposals.ts';

const NOON = Date.parse('2026-11-23T08:00:00Z');

test('a moment of today is its clock, another day has its date, another year its year; all in Baku', () => {
  expect(shortMoment('2026-11-23T06:02:00Z', NOON)).toBe('10:02');
  expect(shortMoment('2026-11-22T19:59:00Z', NOON)).toBe('22.11 23:59');
  expect(shortMoment('2026-11-22T20:00:00Z', NOON)).toBe('00:00');
  expect(shortMoment('2025-11-13T02:10:00Z', NOON)).toBe('13.11.2025 06:10');
});

test('days and periods are written the way bills write them', () => {
  expect(dayText('2026-11-23')).toBe('23.11.2026');
  expect(periodText('2026-10')).toBe('10.2026');
});

test('a span is told in its largest unit, and a clock set back gives no negative', () => {
  const ago = (minutes: number) => spanSince(new Date(NOON - minutes * 60_000).toISOString(), NOON);
  expect(ago(-5)).toEqual({ unit: 'moment' });
  expect(ago(6)).toEqual({ unit: 'minutes', count: 6 });
  expect(ago(61)).toEqual({ unit: 'hours', hours: 1, minutes: 1 });
  expect(ago(3 * 24 * 60)).toEqual({ unit: 'days', count: 3 });
});

test('pieces are named by note and coin', () => {
  expect(pieceName(2000, 'q')).toBe('20\u00a0₼');
  expect(pieceName(100, 'q')).toBe('1\u00a0₼');
  expect(pieceName(50, 'гяп.')).toBe('50\u00a0гяп.');
});

test('proposed cash is above the total, rising, at most four, and made of whole manat', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000_000 }), (total) => {
      const sums = proposedCash(qepik(total));
      expect(sums.length).toBeLessThanOrEqual(4);
      expect(sums.every((sum) => sum > total && sum % 100 === 0)).toBe(true);
      expect(sums.toSorted((a, b) => a - b)).toEqual(sums);
      expect(new Set(sums).size).toBe(sums.length);
    }),
  );
  expect(proposedCash(qepik(6925))).toEqual([7000, 8000, 10_000, 20_000]);
});

test('every error code says in every language what happened and what to do, with the same things filled in', () => {
  const asked = (text: string): string[] =>
    [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted();
  for (const [code, entry] of Object.entries(ERRORS)) {
    const names = asked(entry.text.az + entry.action.az);
    const detail = Object.fromEntries(names.map((name) => [name, 100]));
    for (const language of LANGUAGES) {
      expect(asked(entry.text[language] + entry.action[language]), `${code} ${language}`).toEqual(names);
      // The keys of ERRORS are the codes.
      const { text, action } = failureText({ code: code as ErrorCode, detail }, language);
      expect(`${text} ${action}`, `${code} ${language}`).not.toMatch(/[{}]|undefined|—/);
      expect(text.length).toBeGreaterThan(5);
      expect(action.length).toBeGreaterThan(3);
    }
  }
});

test('amounts in a failure come out as manat, and what is missing as a dash', () => {
  expect(failureText({ code: 'amountMustBeExact', detail: { owed: 123_456 } }, 'az').text).toContain(
    '1\u00a0234,56\u00a0₼',
  );
  expect(failureText({ code: 'amountMustBeExact' }, 'az').text).toContain('—');
});

test('a problem with a code we do not know is still told', () => {
  expect(asFailure({ code: 'somethingNewer' })).toEqual({
    code: 'inputInvalid',
    detail: { reason: 'somethingNewer' },
  });
  expect(asFailure({ code: 'basketEmpty' })).toEqual({ code: 'basketEmpty' });
});
