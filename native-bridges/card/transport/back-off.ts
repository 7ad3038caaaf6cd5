const FIRST_MS = 100;
const LONGEST_MS = 5000;

/** Pauses between attempts: 100 ms, doubling up to 5 s, from the start again after `good`. */
export type BackOff = { next(): number; good(): void };

export function backOff(): BackOff {
  let pause = FIRST_MS;
  return {
    next() {
      const now = pause;
      pause = Math.min(pause * 2, LONGEST_MS);
      return now;
    },
    good() {
      pause = FIRST_MS;
    },
  };
}
