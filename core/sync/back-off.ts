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
