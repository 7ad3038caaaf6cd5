import type { DriverMachine } from '../../driver.ts';

/** A machine whose time moves only when the test says so. */
export type Clock = DriverMachine & {
  readonly logged: readonly string[];
  /** Timers run in their order, and what they wake runs to its next wait. */
  advance(ms: number): Promise<void>;
  settle(): Promise<void>;
  readonly timers: () => number;
};

const TURNS = 40;

export function testClock(startMs = Date.parse('2026-11-23T10:00:00Z')): Clock {
  let now = 0;
  let order = 0;
  let timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  const logged: string[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  };
  return {
    logged,
    nowMs: () => startMs + now,
    monotonicMs: () => now,
    log: (_level, event) => void logged.push(event),
    after(ms, run) {
      const timer = { at: now + ms, order: (order += 1), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    timers: () => timers.length,
    settle,
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = end;
    },
  };
}
