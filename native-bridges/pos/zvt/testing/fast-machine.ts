import type { DriverMachine } from '../../driver.ts';
import { steadyClock } from '../../testing/steady-clock.ts';

/** A machine whose time runs `speed` times as fast as life: the waits of ZVT are seconds. */
export type FastMachine = DriverMachine & { readonly logged: string[]; readonly timers: () => number };

export function fastMachine(speed: number): FastMachine {
  const clock = steadyClock();
  const logged: string[] = [];
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => clock.elapsedMs() * speed,
    after: (delayMs, run) => clock.after(delayMs / speed, run),
    log: (level, event, fields) => void logged.push(JSON.stringify([level, event, fields ?? {}])),
    logged,
    timers: clock.timers,
  };
}
