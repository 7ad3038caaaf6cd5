/**
 * One figure: what our code takes or does, as a ratio to a limit measured in the same run on the same machine.
 * `smaller`: the ratio must be at most `bound` (time over time); `larger`: at least (rate over rate); `report`: no
 * bound, the figures are told.
 */
export type Bench = {
  readonly name: string;
  readonly limit:
    { readonly kind: 'smaller' | 'larger'; readonly bound: number } | { readonly kind: 'report' };
  /** Measures. Throws when it cannot measure at all (a program missing): the runner says so and counts it as left out. */
  run(): Promise<BenchResult>;
};

export type BenchResult = {
  /** Ours ÷ the limit's; null where a `report` has none. */
  readonly ratio: number | null;
  /** The figures behind it, each name ending in its unit: `oursP99Ms`, `bareP99Ms`, `rows`. */
  readonly details: Readonly<Record<string, number | string>>;
};

/** Whether a result keeps its bound; reports always do. */
export function keeps(bench: Bench, result: BenchResult): boolean {
  if (bench.limit.kind === 'report') return true;
  if (result.ratio === null || !Number.isFinite(result.ratio)) return false;
  return bench.limit.kind === 'smaller'
    ? result.ratio <= bench.limit.bound
    : result.ratio >= bench.limit.bound;
}

/** The p-th percentile (0–1) of samples, nearest rank. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? NaN;
}
