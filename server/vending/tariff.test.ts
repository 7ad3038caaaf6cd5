import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buy, costOf, tiersFit, type Tier } from './tariff.ts';

/** 12,5, 22 and 30 qəpik a m³, up to 1200 and 2500 m³ a year; a unit is a litre. */
const GAS: readonly Tier[] = [
  { through: 1_200_000, price: 12_500 },
  { through: 2_500_000, price: 22_000 },
  { through: null, price: 30_000 },
];

test('an amount within a step, over a step, and beyond the last', () => {
  expect(buy(1_000, GAS, 0)).toEqual({
    units: 80_000,
    shares: [{ units: 80_000, price: 12_500, amount: 1_000 }],
  });
  // 200 m³ are left at 12,5 (25 manat); 22 manat more buy 100 m³.
  expect(buy(4_700, GAS, 1_000_000)).toEqual({
    units: 300_000,
    shares: [
      { units: 200_000, price: 12_500, amount: 2_500 },
      { units: 100_000, price: 22_000, amount: 2_200 },
    ],
  });
  expect(buy(30, GAS, 9_999_999)).toEqual({
    units: 1_000,
    shares: [{ units: 1_000, price: 30_000, amount: 30 }],
  });
});

test('one qəpik buys whole units, rounded down', () => {
  expect(buy(1, GAS, 0).units).toBe(80);
  expect(buy(1, GAS, 1_200_000).units).toBe(45); // 45,45…
  expect(buy(1, [{ through: null, price: 2_000_000 }], 0)).toEqual({ units: 0, shares: [] });
});

const tiers: fc.Arbitrary<readonly Tier[]> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 5_000_000 }), { maxLength: 4 }),
    fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 5, maxLength: 5 }),
  )
  .map(([ends, prices]) => [
    ...ends.toSorted((a, b) => a - b).map((through, i) => ({ through, price: prices[i] ?? 1 })),
    { through: null, price: prices[4] ?? 1 },
  ]);
const amount = fc.integer({ min: 1, max: 10_000_000 });
const used = fc.integer({ min: 0, max: 6_000_000 });

test('shares make up the amount and the units; no unit is given that was not paid, none withheld that was', () => {
  fc.assert(
    fc.property(tiers, amount, used, (steps, paid, before) => {
      const { units, shares } = buy(paid, steps, before);
      expect(tiersFit(steps)).toBe(true);
      expect(shares.reduce((sum, share) => sum + share.units, 0)).toBe(units);
      if (shares.length > 0) expect(shares.reduce((sum, share) => sum + share.amount, 0)).toBe(paid);
      for (const share of shares) expect(share.amount).toBeGreaterThanOrEqual(0);
      expect(costOf(units, steps, before)).toBeLessThanOrEqual(paid);
      expect(costOf(units + 1, steps, before)).toBeGreaterThan(paid);
    }),
    { numRuns: 2_000 },
  );
});

test('an amount paid in two parts never buys more than paid at once', () => {
  fc.assert(
    fc.property(tiers, amount, amount, used, (steps, first, second, before) => {
      const one = buy(first, steps, before).units;
      const two = buy(second, steps, before + one).units;
      expect(one + two).toBeLessThanOrEqual(buy(first + second, steps, before).units);
    }),
    { numRuns: 1_000 },
  );
});

test('steps that do not rise, or have an end, are no tariff', () => {
  expect(tiersFit([])).toBe(false);
  expect(tiersFit([{ through: 5, price: 1 }])).toBe(false);
  expect(
    tiersFit([
      { through: 5, price: 1 },
      { through: 5, price: 2 },
      { through: null, price: 3 },
    ]),
  ).toBe(false);
  expect(
    tiersFit([
      { through: null, price: 1 },
      { through: null, price: 2 },
    ]),
  ).toBe(false);
});
