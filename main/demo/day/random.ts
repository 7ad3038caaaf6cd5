/** A stream of numbers that the same seed always gives again (mulberry32). For demo data and plans, never for secrets. */
export type Random = {
  /** In [0, 1). */
  next(): number;
  /** An integer in [from, to]. */
  integer(from: number, to: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
};

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick(list) {
      const one = list[Math.floor(next() * list.length)];
      if (one === undefined) throw new RangeError('there is nothing to pick from');
      return one;
    },
  };
}

/** All of a list, in an order of chance. */
export function shuffle<T>(by: Random, list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, at: by.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** Draws from a list that is not empty without putting back, and begins anew when all were drawn: each comes up in turn. */
export function bagOf<T>(by: Random, list: readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = shuffle(by, list);
    const drawn = left.pop();
    if (drawn === undefined) throw new RangeError('there is nothing to draw from');
    return drawn;
  };
}
