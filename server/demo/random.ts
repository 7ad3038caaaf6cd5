/** A small deterministic source of chance for demo data: the same keys give the same data for ever, on every machine. */
export type Chance = {
  /** A whole number in [0, below). */
  int(below: number): number;
  /** A number in [0, 1). */
  unit(): number;
  /** True with the given probability. */
  odds(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Picks by weight. */
  weighted<T extends { readonly weight: number }>(items: readonly [T, ...T[]]): T;
};

/** Mixes whole numbers and texts into 32 bits (murmur3's finaliser over FNV-1a). */
export function mix(...keys: readonly (number | string)[]): number {
  let hash = 0x811c9dc5;
  for (const key of keys) {
    for (const char of typeof key === 'number' ? [key] : [...key].map((c) => c.codePointAt(0) ?? 0)) {
      hash = Math.imul(hash ^ (char & 0xffff), 0x01000193);
      hash = Math.imul(hash ^ (char >>> 16), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A stream of chance (mulberry32) that depends on its keys only. */
export function chance(...keys: readonly (number | string)[]): Chance {
  let state = mix(...keys);
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(unit() * below);
  return {
    int,
    unit,
    odds: (probability) => unit() < probability,
    pick: (items) => items[int(items.length)] ?? items[0],
    weighted(items) {
      let rest = unit() * items.reduce((sum, item) => sum + item.weight, 0);
      for (const item of items) {
        rest -= item.weight;
        if (rest < 0) return item;
      }
      return items[0];
    },
  };
}
