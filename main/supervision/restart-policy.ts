/** A process that dies is started again, but not for ever: at most this often in this time. */
export const RESTARTS_MAX = 3;
export const RESTART_WINDOW_MS = 5 * 60_000;

export type RestartDecision = {
  readonly restart: boolean;
  /** The deaths that still count, for the next decision. Milliseconds, monotonic. */
  readonly deaths: readonly number[];
};

/** Decides after a death at `nowMs`, given the deaths before it. */
export function afterDeath(deaths: readonly number[], nowMs: number): RestartDecision {
  const recent = [...deaths.filter((at) => nowMs - at < RESTART_WINDOW_MS), nowMs];
  return { restart: recent.length <= RESTARTS_MAX, deaths: recent };
}
