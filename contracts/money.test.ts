import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  add,
  formatAmount,
  formatMoney,
  MAX_QEPIK,
  negate,
  parseAmount,
  qepik,
  qepikSchema,
  subtract,
  sum,
} from './money.ts';

const amount = fc.integer({ min: 0, max: MAX_QEPIK }).map(qepik);

test('what is shown is read back as the same amount', () => {
  fc.assert(
    fc.property(amount, (a) => {
      expect(parseAmount(formatAmount(a))).toBe(a);
    }),
  );
});

test.each([
  [0, '0,00'],
  [5, '0,05'],
  [3840, '38,40'],
  [123_456, '1\u00a0234,56'],
  [-123_456, '−1\u00a0234,56'],
  [MAX_QEPIK, '10\u00a0000\u00a0000\u00a0000,00'],
])('%s qəpik is shown as %s', (value, text) => {
  expect(formatAmount(qepik(value))).toBe(text);
  expect(formatMoney(qepik(value))).toBe(`${text}\u00a0₼`);
});

test.each([
  ['38', 3800],
  ['38,4', 3840],
  ['38.40', 3840],
  ['1 234,56', 123_456],
  ['0', 0],
  ['007', 700],
  ['10000000000', MAX_QEPIK],
])('%j typed is %s qəpik', (text, value) => {
  expect(parseAmount(text)).toBe(value);
});

test.each([
  '',
  '-1',
  '+1',
  '1,234',
  '1,2,3',
  '1e3',
  'abc',
  '٣',
  ',5',
  '5,',
  '10000000000,01',
  '99999999999999',
  'NaN',
  '0x10',
])('%j is no amount', (text) => {
  expect(parseAmount(text)).toBeUndefined();
});

test('whatever is typed gives an amount in bounds or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d ,.]{0,20}$/)), (text) => {
      const value = parseAmount(text);
      expect(value === undefined || qepikSchema.safeParse(value).success).toBe(true);
    }),
  );
});

test('sums are exact, and minus zero does not exist', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }).map(qepik), { maxLength: 100 }), (amounts) => {
      expect(BigInt(sum(amounts))).toBe(amounts.reduce((total, a) => total + BigInt(a), 0n));
    }),
  );
  expect(add(qepik(1), qepik(2))).toBe(3);
  expect(subtract(qepik(1), qepik(2))).toBe(-1);
  expect(Object.is(negate(qepik(0)), 0)).toBe(true);
  expect(negate(qepik(5))).toBe(-5);
});

test.each([0.5, NaN, Infinity, MAX_QEPIK + 1, -MAX_QEPIK - 1])('%s is not money: a bug', (value) => {
  expect(() => qepik(value)).toThrow('not an amount');
  expect(qepikSchema.safeParse(value).success).toBe(false);
});
