import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_QEPIK, qepik } from '../money.ts';
import {
  combine,
  DENOMINATIONS,
  fewestPieces,
  makeChange,
  piecesSchema,
  worth,
  type Pieces,
} from './denominations.ts';

const pieceCount = (pieces: Pieces): number => pieces.reduce((n, p) => n + p.count, 0);
const drawerOf = (most: number): fc.Arbitrary<Pieces> =>
  fc
    .array(fc.nat(most), { minLength: DENOMINATIONS.length, maxLength: DENOMINATIONS.length })
    .map((counts) => DENOMINATIONS.map((denomination, i) => ({ denomination, count: counts[i] ?? 0 })));
const inDrawer = (pieces: Pieces, drawer: Pieces): boolean =>
  pieces.every(
    (p) => p.count > 0 && p.count <= (drawer.find((d) => d.denomination === p.denomination)?.count ?? 0),
  );

/** Every way there is, tried: the fewest pieces of a small drawer for an amount. */
function bruteForce(amount: number, drawer: Pieces): number | undefined {
  const best = new Map<number, number>([[0, 0]]);
  for (const { denomination, count } of drawer) {
    for (let piece = 0; piece < count; piece += 1) {
      for (const [made, pieces] of Array.from(best)) {
        const more = made + denomination;
        if (more <= amount && pieces + 1 < (best.get(more) ?? Infinity)) best.set(more, pieces + 1);
      }
    }
  }
  return best.get(amount);
}

test('change is exact, out of the drawer, and in the fewest pieces there are', () => {
  const amount = fc.oneof(
    fc.nat(400),
    fc.nat(30_000),
    fc.nat(600).map((n) => n * 100),
  );
  fc.assert(
    fc.property(drawerOf(2), amount, (drawer, wanted) => {
      const made = makeChange(qepik(wanted), drawer);
      const fewest = bruteForce(wanted, drawer);
      if (fewest === undefined) {
        expect(made).toBeUndefined();
        return;
      }
      expect(made && worth(made)).toBe(wanted);
      expect(made && inDrawer(made, drawer)).toBe(true);
      expect(made && pieceCount(made)).toBe(fewest);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['the three-qəpik coin makes greed fail', 6, { 5: 1, 3: 2 }, { 3: 2 }],
  ['a fifty is not begun with when twenties do', 6000, { 5000: 1, 2000: 3, 100: 10 }, { 2000: 3 }],
  [
    'a large amount does without the one note that would spoil it',
    186_000,
    { 5000: 1, 2000: 100 },
    { 2000: 93 },
  ],
  ['nothing to give', 0, {}, {}],
] as const)('%s', (_what, amount, drawer, expected) => {
  const pieces = (of: Readonly<Record<string, number>>): Pieces =>
    DENOMINATIONS.filter((d) => of[d] !== undefined).map((d) => ({ denomination: d, count: of[d] ?? 0 }));
  expect(makeChange(qepik(amount), pieces(drawer))).toEqual(pieces(expected));
});

test('large amounts from a large drawer: exact, at once, and no worse than with one note exchanged', () => {
  fc.assert(
    fc.property(drawerOf(2000), fc.double({ min: 0, max: 1, noNaN: true }), (drawer, share) => {
      const wanted = qepik(Math.floor(worth(drawer) * share));
      const made = makeChange(wanted, drawer);
      if (!made) return;
      expect(worth(made)).toBe(wanted);
      expect(inDrawer(made, drawer)).toBe(true);
      // A best answer stays best for what is left when one of its pieces has been handed over.
      const first = made[0];
      if (!first) return;
      const one = [{ denomination: first.denomination, count: 1 }];
      const rest = makeChange(qepik(wanted - first.denomination), combine(drawer, one, -1));
      expect(rest && pieceCount(rest)).toBe(pieceCount(made) - 1);
    }),
    { numRuns: 30 },
  );
});

test('a drawer worth more than the amount can make it when it holds coins enough', () => {
  fc.assert(
    fc.property(drawerOf(50), fc.nat(100_000), (drawer, wanted) => {
      const withCoins = combine(drawer, [{ denomination: 1, count: wanted }]);
      expect(worth(makeChange(qepik(wanted), withCoins) ?? [])).toBe(wanted);
    }),
    { numRuns: 50 },
  );
});

test('with every piece at hand the fewest are found for every amount up to 5 manat, and for the largest there is', () => {
  const plenty = DENOMINATIONS.filter((d) => d <= 500).map((denomination) => ({ denomination, count: 5 }));
  for (let amount = 0; amount <= 500; amount += 1) {
    expect(pieceCount(fewestPieces(qepik(amount)))).toBe(bruteForce(amount, plenty));
  }
  expect(fewestPieces(qepik(MAX_QEPIK))).toEqual([{ denomination: 20_000, count: MAX_QEPIK / 20_000 }]);
  expect(worth(fewestPieces(qepik(MAX_QEPIK - 1)))).toBe(MAX_QEPIK - 1);
});

test('combine adds and takes out; what was not there stays visible as negative', () => {
  fc.assert(
    fc.property(drawerOf(20), drawerOf(20), (a, b) => {
      expect(worth(combine(a, b))).toBe(worth(a) + worth(b));
      expect(worth(combine(a, b, -1))).toBe(worth(a) - worth(b));
      expect(combine(combine(a, b), b, -1)).toEqual(combine(a, []));
    }),
  );
  expect(combine([], [{ denomination: 100, count: 2 }], -1)).toEqual([{ denomination: 100, count: -2 }]);
});

test('pieces from outside: known denominations, each once, counts not negative', () => {
  expect(piecesSchema.safeParse([{ denomination: 100, count: 2 }]).success).toBe(true);
  for (const bad of [
    [{ denomination: 7, count: 1 }],
    [{ denomination: 100, count: -1 }],
    [{ denomination: 100, count: 0.5 }],
    [
      { denomination: 100, count: 1 },
      { denomination: 100, count: 1 },
    ],
  ]) {
    expect(piecesSchema.safeParse(bad).success).toBe(false);
  }
});
