/** A clock that stands still while this process is kept from running. */
export type SteadyClock = {
  /** Milliseconds of this clock. Without a timer under way it does not go. */
  elapsedMs(): number;
  /** Runs something after so many of its milliseconds; answers the way to call it off. */
  after(ms: number, run: () => void): () => void;
  /** How many timers are under way. */
  timers(): number;
};

/** How often it looks at the time while a timer is under way, and the most it goes on at one look. */
const LOOK_MS = 5;
const STEP_MS = 10;

/**
 * Where a test lives faster than life a time-out is some milliseconds. When a busy machine stops the process for longer, a
 * timer of Node's elapses before the answer that has long arrived is read. This clock goes on by no more than a step between
 * two looks at the lines: only an answer that really does not come is waited for in vain, and of two timers the shorter one
 * stays the shorter one.
 */
export function steadyClock(): SteadyClock {
  let now = 0;
  let readAt = performance.now();
  let order = 0;
  let timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  let ticking: NodeJS.Timeout | undefined;

  function elapsedMs(): number {
    const real = performance.now();
    now += Math.min(real - readAt, STEP_MS);
    readAt = real;
    return now;
  }

  function schedule(): void {
    clearTimeout(ticking);
    ticking = undefined;
    if (timers.length === 0) return;
    const next = Math.min(...timers.map(({ at }) => at));
    ticking = setTimeout(tick, Math.max(0, Math.min(next - now, LOOK_MS)));
  }

  function tick(): void {
    elapsedMs();
    const due = timers.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at || a.order - b.order);
    for (const timer of due) {
      // One that ran before it may have called it off.
      if (!timers.includes(timer)) continue;
      timers = timers.filter((other) => other !== timer);
      timer.run();
    }
    schedule();
  }

  return {
    elapsedMs,
    after(ms, run) {
      const timer = { at: elapsedMs() + ms, order: (order += 1), run };
      timers.push(timer);
      schedule();
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    timers: () => timers.length,
  };
}

/** The same for a simulator, which wants the time of day, too. */
export const simulatorClock = (): {
  nowMs(): number;
  after(ms: number, run: () => void): () => void;
} => ({ nowMs: () => Date.now(), after: steadyClock().after });
