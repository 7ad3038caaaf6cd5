import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReceiptNumber, receiptNumber } from './receipt-number.ts';

const date = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((d) => d.toISOString().slice(0, 10));

test('a receipt number reads back', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Z0-9]{2,12}$/),
      date,
      fc.integer({ min: 1, max: 1_000_000 }),
      (workstation, businessDate, serial) => {
        expect(parseReceiptNumber(receiptNumber(workstation, businessDate, serial))).toEqual({
          workstation,
          businessDate,
          serial,
        });
      },
    ),
  );
  expect(receiptNumber('WS07', '2026-11-23', 42)).toBe('WS07-20261123-0042');
  expect(receiptNumber('WS07', '2026-11-23', 12_345)).toBe('WS07-20261123-12345');
});

test.each(['', 'WS07', 'WS07-2026112-0042', 'ws07-20261123-0042', 'WS07-20261123-42', 'WS07-20261123-0042 '])(
  '%j is none',
  (text) => {
    expect(parseReceiptNumber(text)).toBeUndefined();
  },
);

test.each([0, -1, 0.5, NaN])('serial %s is a bug', (serial) => {
  expect(() => receiptNumber('WS07', '2026-11-23', serial)).toThrow('start at 1');
});
