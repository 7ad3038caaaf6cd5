import { qepik, type Qepik } from '../../../contracts/money.ts';

/** Sums people hand over: whole manat, then what notes make. */
const STEPS = [100, 500, 1000, 2000, 5000, 10_000, 20_000] as const;

/**
 * Up to four sums of cash above `total` that a payer is likely to hand over, smallest first: the total rounded up to
 * each note. The exact sum is not among them; Enter alone is the exact sum.
 */
export function proposedCash(total: Qepik): readonly Qepik[] {
  const sums = STEPS.map((step) => Math.ceil(total / step) * step).filter((sum) => sum > total);
  return [...new Set(sums)]
    .sort((a, b) => a - b)
    .slice(0, 4)
    .map(qepik);
}
