/** How long to wait before the next try, by the number of failures in a row. */
export type BackOff = { readonly firstMs: number; readonly capMs: number };

export const RECONNECT: BackOff = { firstMs: 500, capMs: 20_000 };

/**
 * Exponential, capped, with jitter: between half and the whole of the step, so that a district of counters does not knock
 * at the same moment when the line is back. `random` is in [0, 1).
 */
export function backOffMs(backOff: BackOff, failures: number, random: number): number {
  const step = Math.min(backOff.capMs, backOff.firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(step / 2 + (step / 2) * random);
}

/** A number in [0, 1) out of the random bits of an id: the machine's only source of chance. */
export const randomOf = (id: string): number => parseInt(id.slice(-8), 16) / 2 ** 32;

/**
 * How much goes in one request: half after each that was lost, twice as much after each that took little of its time. A
 * line that is too slow for much in the time a request may take still brings everything over, bit by bit.
 */
export type Pace = {
  /** How many to send or ask for now. */
  size(): number;
  /** A request was answered, after so much of the time it had. */
  answered(tookMs: number, limitMs: number): void;
  /** A request with so many was lost. */
  lost(sent: number): void;
};

export function paceBetween(least: number, most: number): Pace {
  let size = most;
  return {
    size: () => size,
    answered(tookMs, limitMs) {
      if (tookMs * 4 < limitMs) size = Math.min(most, size * 2);
    },
    lost(sent) {
      size = Math.max(least, Math.floor(Math.min(size, sent) / 2));
    },
  };
}
