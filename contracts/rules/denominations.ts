import { z } from 'zod';
import { assert } from '../assert.ts';
import { qepik, type Qepik } from '../money.ts';

/** Notes and coins of the manat in circulation, in qəpik, largest first. */
export const DENOMINATIONS = [20000, 10000, 5000, 2000, 1000, 500, 100, 50, 20, 10, 5, 3, 1] as const;
export type Denomination = (typeof DENOMINATIONS)[number];

const isDenomination = (value: number): value is Denomination => (DENOMINATIONS as readonly number[]).includes(value);

/** How many pieces of which denomination; each denomination at most once. */
export const piecesSchema = z
  .array(z.object({ denomination: z.int().refine(isDenomination, 'no such note or coin'), count: z.int().min(0).max(100_000) }))
  .max(DENOMINATIONS.length)
  .refine((pieces) => new Set(pieces.map((p) => p.denomination)).size === pieces.length, 'a denomination twice');
export type Pieces = readonly { readonly denomination: number; readonly count: number }[];

/** The worth of pieces in qəpik. */
export const worth = (pieces: Pieces): Qepik => qepik(pieces.reduce((total, p) => total + p.denomination * p.count, 0));

/** Adds (or with `sign` −1 takes out) pieces; counts below zero stay visible as negative: the drawer's estimate was off. */
export function combine(a: Pieces, b: Pieces, sign: 1 | -1 = 1): Pieces {
  const counts = new Map<number, number>();
  for (const p of a) counts.set(p.denomination, (counts.get(p.denomination) ?? 0) + p.count);
  for (const p of b) counts.set(p.denomination, (counts.get(p.denomination) ?? 0) + sign * p.count);
  return DENOMINATIONS.filter((d) => (counts.get(d) ?? 0) !== 0).map((d) => ({ denomination: d, count: counts.get(d) ?? 0 }));
}

/** The fewest pieces that make an amount when every denomination is at hand. */
export function fewestPieces(amount: Qepik): Pieces {
  const made = makeChange(amount, DENOMINATIONS.map((d) => ({ denomination: d, count: 100_000 })));
  assert(made !== undefined, 'one-qəpik coins make every amount');
  return made;
}

/**
 * The fewest pieces out of `drawer` that make `amount` exactly, or `undefined` when the drawer cannot. Bounded
 * dynamic programming over the coin part (3-qəpik coins make the greedy choice wrong), greedy with fall-back over notes.
 */
export function makeChange(amount: Qepik, drawer: Pieces): Pieces | undefined {
  assert(amount >= 0, 'change is not negative');
  const stock = DENOMINATIONS.map((d) => ({ d, n: Math.max(drawer.find((p) => p.denomination === d)?.count ?? 0, 0) }));
  const taken = search(amount, stock, 0, { steps: 20_000 });
  return taken?.filter((p) => p.count > 0);
}

function search(
  rest: number,
  stock: readonly { readonly d: number; readonly n: number }[],
  index: number,
  budget: { steps: number },
): { denomination: number; count: number }[] | undefined {
  if (rest === 0) return [];
  const here = stock[index];
  if (!here || budget.steps-- <= 0) return undefined;
  const most = Math.min(Math.floor(rest / here.d), here.n);
  let best: { denomination: number; count: number }[] | undefined;
  // Taking three pieces fewer than the most is never better with these denominations, unless the stock runs out below.
  for (let count = most; count >= 0; count -= 1) {
    const below = search(rest - count * here.d, stock, index + 1, budget);
    if (below) {
      const candidate = count > 0 ? [{ denomination: here.d, count }, ...below] : below;
      if (!best || pieceCount(candidate) < pieceCount(best)) best = candidate;
      if (here.d > 5 || most - count >= 2) break;
    }
  }
  return best;
}

const pieceCount = (pieces: Pieces): number => pieces.reduce((n, p) => n + p.count, 0);
