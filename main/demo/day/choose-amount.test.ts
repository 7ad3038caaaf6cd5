import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BillerRules } from '../../../contracts/domain.ts';
import { qepik } from '../../../contracts/money.ts';
import { checkAmount } from '../../../contracts/rules/amount-rule.ts';
import { chooseAmount, chooseCash } from './choose-amount.ts';
import { seededRandom } from './random.ts';

const rules = fc.record<BillerRules>({
  exactness: fc.constantFrom('any', 'exact', 'up', 'down'),
  minAmount: fc.integer({ min: 1, max: 1000 }).map(qepik) as fc.Arbitrary<BillerRules['minAmount']>,
  maxAmount: fc.integer({ min: 1000, max: 500_000 }).map(qepik) as fc.Arbitrary<BillerRules['maxAmount']>,
  advanceAllowed: fc.boolean(),
});

test('what is chosen the company takes, whatever its rules and the debt', () => {
  fc.assert(
    fc.property(fc.integer(), rules, fc.integer({ min: -50_000, max: 100_000 }), (seed, given, owed) => {
      const amount = chooseAmount(seededRandom(seed), given, qepik(owed));
      if (amount !== undefined)
        expect(checkAmount(given, qepik(owed), amount)).toEqual({ ok: true, value: null });
    }),
  );
});

test('a debt can be paid by every rule that allows it', () => {
  for (const exactness of ['any', 'exact', 'up', 'down'] as const) {
    const given = {
      exactness,
      minAmount: qepik(100),
      maxAmount: qepik(10_000),
      advanceAllowed: false,
    } as BillerRules;
    expect(chooseAmount(seededRandom(1), given, qepik(2150))).toBeGreaterThan(0);
  }
});

test('the cash covers the total', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000_000 }), (seed, total) => {
      const cash = chooseCash(seededRandom(seed), qepik(total));
      expect(cash).toBeGreaterThanOrEqual(total);
      expect(cash - total).toBeLessThan(5000);
    }),
  );
});

test('the same seed plays the same day', () => {
  const play = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => random.integer(1, 1000));
  };
  expect(play(7)).toEqual(play(7));
  expect(play(7)).not.toEqual(play(8));
  expect(Math.min(...play(7))).toBeGreaterThanOrEqual(1);
  expect(Math.max(...play(7))).toBeLessThanOrEqual(1000);
});
