/** How long the driver waits for what, in milliseconds. */
export const NEXO_TIMINGS = {
  connectMs: 5_000,
  loginMs: 10_000,
  /** For the answer to a payment, counted anew with every word of the terminal (customers are slow with PINs). */
  answerMs: 130_000,
  /** However much it says meanwhile. */
  longestMs: 600_000,
  /** For an answer in which no customer has a part. */
  shortMs: 10_000,
  /** For totals and a reconciliation, which go to the bank. */
  totalsMs: 60_000,
  /** All the asking of one `resolve`. */
  resolveMs: 30_000,
  /** Between two askings of one `resolve`. */
  askPauseMs: 2_000,
  /** "Not found" counts when it is said twice, this far apart: a request may still lie unread in the terminal. */
  settleMs: 2_000,
  /** Older attempts may be forgotten by a terminal: "not found" then proves nothing. */
  memoryMs: 24 * 3_600_000,
  heartbeatMs: 30_000,
  /** How long a refusal of an Abort is waited for; silence means it was taken. */
  abortMs: 1_500,
  logoutMs: 1_000,
  pausesMs: [500, 1_000, 2_000, 5_000, 10_000, 30_000],
} as const;

export type NexoTimings = {
  readonly [K in keyof typeof NEXO_TIMINGS]: K extends 'pausesMs' ? readonly number[] : number;
};
