import type { DriverMachine } from '../../driver.ts';

/** A machine whose time runs `speed` times as fast as life: the waits of ZVT are seconds. */
export type FastMachine = DriverMachine & { readonly logged: string[]; readonly timers: () => number };

export function fastMachine(speed: number): FastMachine {
  const running = new Set<NodeJS.Timeout>();
  const logged: string[] = [];
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now() * speed,
    after(delayMs, run) {
      const timer = setTimeout(() => {
        running.delete(timer);
        run();
      }, delayMs / speed);
      running.add(timer);
      return () => {
        running.delete(timer);
        clearTimeout(timer);
      };
    },
    log: (level, event, fields) => void logged.push(JSON.stringify([level, event, fields ?? {}])),
    logged,
    timers: () => running.size,
  };
}
