import { z } from 'zod';
import { assert } from '../assert.ts';
import { MAX_QEPIK, qepik, type Qepik } from '../money.ts';

/** Notes and coins of the manat in circulation, in qəpik, largest first. */
export const DENOMINATIONS = [20000, 10000, 5000, 2000, 1000, 500, 100, 50, 20, 10, 5, 3, 1] as const;
export type Denomination = (typeof DENOMINATIONS)[number];

const isDenomination = (value: number): value is Denomination =>
  (DENOMINATIONS as readonly number[]).includes(value);

/** How many pieces of which denomination; each denomination at most once. */
export const piecesSchema = z
  .array(
    z.object({
      denomination: z.int().refine(isDenomination, 'no such note or coin'),
      count: z.int().min(0).max(100_000),
    }),
  )
  .max(DENOMINATIONS.length)
  .refine(
    (pieces) => new Set(pieces.map((p) => p.denomination)).size === pieces.length,
    'a denomination twice',
  );
export type Pieces = readonly { readonly denomination: number; readonly count: number }[];

/** The worth of pieces in qəpik. */
export const worth = (pieces: Pieces): Qepik =>
  qepik(pieces.reduce((total, p) => total + p.denomination * p.count, 0));

/** Adds (or with `sign` −1 takes out) pieces; counts below zero stay visible as negative: the drawer's estimate was off. */
export function combine(a: Pieces, b: Pieces, sign: 1 | -1 = 1): Pieces {
  const counts = new Map<number, number>();
  for (const p of a) counts.set(p.denomination, (counts.get(p.denomination) ?? 0) + p.count);
  for (const p of b) counts.set(p.denomination, (counts.get(p.denomination) ?? 0) + sign * p.count);
  return DENOMINATIONS.filter((d) => (counts.get(d) ?? 0) !== 0).map((d) => ({
    denomination: d,
    count: counts.get(d) ?? 0,
  }));
}

/** The fewest pieces that make an amount when every denomination is at hand in any number. */
export function fewestPieces(amount: Qepik): Pieces {
  const made = makeChange(
    amount,
    DENOMINATIONS.map((denomination) => ({ denomination, count: MAX_QEPIK })),
  );
  assert(made !== undefined, 'one-qəpik coins make every amount');
  return made;
}

/**
 * The fewest pieces out of `drawer` that make `amount` exactly, or `undefined` when the drawer cannot. Exact for every
 * drawer: large amounts are first cut down by pieces that every best answer holds, the rest is found by dynamic programming.
 */
export function makeChange(amount: Qepik, drawer: Pieces): Pieces | undefined {
  assert(amount >= 0, 'change is not negative');
  const stock = DENOMINATIONS.map((d) => Math.max(drawer.find((p) => p.denomination === d)?.count ?? 0, 0));
  if (DENOMINATIONS.reduce((total, d, i) => total + d * (stock[i] ?? 0), 0) < amount) return undefined;
  const certain = certainPieces(amount, stock);
  const rest = amount - DENOMINATIONS.reduce((total, d, i) => total + d * (certain[i] ?? 0), 0);
  const chosen = fewestFor(
    rest,
    stock.map((n, i) => n - (certain[i] ?? 0)),
  );
  if (!chosen) return undefined;
  return DENOMINATIONS.map((denomination, i) => ({
    denomination,
    count: (certain[i] ?? 0) + (chosen[i] ?? 0),
  })).filter((p) => p.count > 0);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;

/**
 * Pieces that every best answer holds. In a best answer, pieces of a smaller denomination that add up to the least
 * common multiple with a larger one would have been exchanged for fewer of the larger, unless its stock is (but for
 * that exchange) used up. So the value below a denomination is bounded, and what exceeds the bound is certain.
 */
function certainPieces(amount: number, stock: readonly number[]): readonly number[] {
  let rest = amount;
  /** By how much a best answer may have used larger pieces beyond the certain ones. */
  let slack = 0;
  return DENOMINATIONS.map((d, i) => {
    const smaller = DENOMINATIONS.slice(i + 1);
    const below = smaller.reduce((total, s) => total + lcm(d, s), 0);
    const exchange = Math.max(0, ...smaller.map((s) => lcm(d, s) / d));
    const inStock = stock[i] ?? 0;
    const certain = Math.max(0, Math.min(inStock - exchange, Math.floor((rest - slack - below) / d)));
    rest -= certain * d;
    slack += Math.min(below + exchange * d + d, (inStock - certain) * d);
    return certain;
  });
}

/** Fewest pieces for `amount` from a bounded stock, as counts beside DENOMINATIONS. Time and space grow with the amount. */
function fewestFor(amount: number, stock: readonly number[]): readonly number[] | undefined {
  const NEVER = 0x7fffffff;
  let fewest = new Int32Array(amount + 1).fill(NEVER);
  fewest[0] = 0;
  // Counts of each denomination chosen at each amount, to walk back from the end.
  const chosen: Int32Array[] = [];
  for (const [i, d] of DENOMINATIONS.entries()) {
    const next = new Int32Array(amount + 1).fill(NEVER);
    const taken = new Int32Array(amount + 1);
    for (let residue = 0; residue < Math.min(d, amount + 1); residue += 1) {
      slideMinimum(fewest, next, taken, residue, d, stock[i] ?? 0, NEVER);
    }
    fewest = next;
    chosen.push(taken);
  }
  if (fewest[amount] === NEVER) return undefined;
  const counts = DENOMINATIONS.map(() => 0);
  let rest = amount;
  for (let i = DENOMINATIONS.length - 1; i >= 0; i -= 1) {
    const count = chosen[i]?.[rest] ?? 0;
    counts[i] = count;
    rest -= count * (DENOMINATIONS[i] ?? 0);
  }
  return counts;
}

/**
 * One step of the bounded knapsack: for the amounts of one residue class modulo `d`, the least of
 * `before[amount − k·d] + k` over k ≤ `most`, as the minimum of a sliding window.
 */
function slideMinimum(
  before: Int32Array,
  next: Int32Array,
  taken: Int32Array,
  residue: number,
  d: number,
  most: number,
  never: number,
): void {
  /** Indices j (amount = residue + j·d) whose `before − j` may still be the least, ascending; from `head` on. */
  const window: number[] = [];
  let head = 0;
  const worthAt = (j: number): number => (before[residue + j * d] ?? never) - j;
  for (let j = 0, amount = residue; amount < next.length; j += 1, amount += d) {
    if (before[amount] !== never) {
      while (window.length > head && worthAt(window[window.length - 1] ?? 0) >= worthAt(j)) window.pop();
      window.push(j);
    }
    while (head < window.length && (window[head] ?? 0) < j - most) head += 1;
    const best = window[head];
    if (head < window.length && best !== undefined) {
      next[amount] = worthAt(best) + j;
      taken[amount] = j - best;
    }
  }
}
