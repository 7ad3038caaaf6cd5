import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeeRule } from '../domain.ts';
import { uuidv7 } from '../ids.ts';
import { MAX_QEPIK, qepik } from '../money.ts';
import { feeFor } from './fees.ts';

const id = (n: number): string => uuidv7(n, new Uint8Array(10));
const rule = (over: Partial<FeeRule> = {}): FeeRule => ({
  id: id(1),
  channel: 'counter',
  borneBy: 'payer',
  fixed: qepik(0),
  basisPoints: 0,
  floor: qepik(0),
  cap: null,
  validFrom: '2026-01-01',
  validTo: null,
  ...over,
});
const amount = fc.integer({ min: 1, max: 10_000_000 }).map(qepik);
const day = '2026-11-23';

test.each([
  ['fixed', rule({ fixed: qepik(50) }), 1000, 50],
  ['one per cent', rule({ basisPoints: 100 }), 3840, 38],
  ['half a qəpik goes up', rule({ basisPoints: 100 }), 150, 2],
  ['just under half goes down', rule({ basisPoints: 100 }), 149, 1],
  ['floor', rule({ basisPoints: 100, floor: qepik(20) }), 500, 20],
  ['cap', rule({ basisPoints: 100, cap: qepik(30) }), 500_000, 30],
  ['fixed and share together', rule({ fixed: qepik(10), basisPoints: 50 }), 2000, 20],
  ['a basis point of the largest amount is exact', rule({ basisPoints: 9_999 }), MAX_QEPIK, 999_900_000_000],
])('%s', (_what, fee, paid, expected) => {
  expect(feeFor([fee], 'counter', day, qepik(paid))).toEqual({ feeRuleId: fee.id, amount: expected });
});

test('rules of another channel, of another time or borne by the company cost nothing', () => {
  const rules = [
    rule({ channel: 'kiosk', fixed: qepik(1) }),
    rule({ borneBy: 'company', fixed: qepik(1) }),
    rule({ validFrom: '2026-11-24', fixed: qepik(1) }),
    rule({ validTo: '2026-11-22', fixed: qepik(1) }),
  ];
  expect(feeFor(rules, 'counter', day, qepik(1000))).toEqual({ feeRuleId: null, amount: 0 });
  expect(feeFor([rule({ fixed: qepik(1) })], 'counter', day, qepik(0))).toEqual({
    feeRuleId: null,
    amount: 0,
  });
});

test('both ends of the validity count', () => {
  const one = rule({ validFrom: day, validTo: day, fixed: qepik(5) });
  expect(feeFor([one], 'counter', day, qepik(1000)).amount).toBe(5);
});

test('the latest valid rule wins, whatever the order of the rules', () => {
  const rules = [
    rule({ id: id(1), validFrom: '2026-01-01', fixed: qepik(1) }),
    rule({ id: id(2), validFrom: '2026-06-01', fixed: qepik(2) }),
    rule({ id: id(3), validFrom: '2026-06-01', fixed: qepik(3) }),
    rule({ id: id(4), validFrom: '2026-12-01', fixed: qepik(4) }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(rules, { minLength: 4 }), (shuffled) => {
      expect(feeFor(shuffled, 'counter', day, qepik(1000))).toEqual({ feeRuleId: id(3), amount: 3 });
    }),
  );
});

test('a fee never leaves its bounds and never falls when more is paid', () => {
  const rules = fc.record({
    fixed: fc.nat(500).map(qepik),
    basisPoints: fc.nat(10_000),
    floor: fc.nat(500).map(qepik),
    cap: fc.option(fc.integer({ min: 500, max: 100_000 }).map(qepik)),
  });
  fc.assert(
    fc.property(rules, amount, amount, (over, a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map(
        (n) => feeFor([rule(over)], 'counter', day, qepik(n)).amount,
      );
      expect(less).toBeGreaterThanOrEqual(over.floor);
      expect(more).toBeLessThanOrEqual(over.cap ?? Infinity);
      expect(less).toBeLessThanOrEqual(more ?? -1);
    }),
  );
});

test('a negative amount is a bug', () => {
  expect(() => feeFor([], 'counter', day, qepik(-1))).toThrow('a fee is on an amount paid');
});
