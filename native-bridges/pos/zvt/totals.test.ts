import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTotals, encodeTotals } from './totals.ts';
import { bytesOf, hexOf } from './testing/wire.ts';

const NONE = '00'.repeat(7);
const slot = (count: string, sum: string): string => count + sum.padStart(12, '0');

describe('BMP 60', () => {
  test('numbers, then each scheme in its place', () => {
    const bytes =
      '00010042' +
      NONE +
      NONE +
      slot('02', '2500') +
      NONE +
      slot('1a', '999999999999') +
      NONE +
      slot('01', '1');
    expect(decodeTotals(bytesOf(bytes))).toMatchObject({
      receiptFrom: '0001',
      receiptTo: '0042',
      count: 29,
      sum: 1_000_000_002_500,
      perScheme: {
        mastercard: { count: 2, sum: 2500 },
        visa: { count: 26, sum: 999_999_999_999 },
        other: { count: 1, sum: 1 },
        girocard: { count: 0, sum: 0 },
      },
    });
  });

  test('a part of it, or letters, is nothing', () => {
    const good = '00010042' + NONE.repeat(7);
    expect(decodeTotals(bytesOf(good))).not.toBeNull();
    for (let at = 0; at < good.length; at += 2) expect(decodeTotals(bytesOf(good.slice(0, at)))).toBeNull();
    expect(decodeTotals(bytesOf(`${good}00`))).toBeNull();
    expect(decodeTotals(bytesOf(good.replace('0042', '004a')))).toBeNull();
    expect(decodeTotals(bytesOf(`${good.slice(0, 10)}0a${good.slice(12)}`))).toBeNull();
  });

  test('there and back, whatever cards there were', () => {
    const card = fc.record({
      cardType: fc.constantFrom(5, 6, 8, 10, 12, 14, 46, 255),
      count: fc.integer({ min: 0, max: 30 }),
      sum: fc.integer({ min: 0, max: 10_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(card, { maxLength: 8 }), (perCard) => {
        const read = decodeTotals(encodeTotals({ receiptFrom: '0001', receiptTo: '9999', perCard }));
        expect(read?.count).toBe(perCard.reduce((sum, one) => sum + one.count, 0));
        expect(read?.sum).toBe(perCard.reduce((sum, one) => sum + one.sum, 0));
      }),
    );
  });

  test('what the field cannot say is not said', () => {
    const day = (count: number, sum: number): string =>
      hexOf(
        encodeTotals({ receiptFrom: '0001', receiptTo: '0002', perCard: [{ cardType: 10, count, sum }] }),
      );
    expect(day(256, 1)).toBe('');
    expect(day(1, -1)).toBe('');
    expect(day(255, 0)).toHaveLength(106);
    expect(decodeTotals(new Uint8Array())).toBeNull();
  });
});
