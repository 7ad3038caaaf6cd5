import { uuidv7 } from '../../contracts/ids.ts';
import type { MachinePort } from '../ports/machine.ts';

export type LogLine = {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
};

/** A machine whose time only moves when the test says so. Ids are made from a counter, so that runs repeat exactly. */
export type TestMachine = MachinePort & {
  readonly logged: LogLine[];
  /** Lets time pass: timers run in their order, and what they wake runs to its next wait. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as somebody's hand does. */
  setClock(unixMs: number): void;
  /** Runs whatever waits for nothing but its turn. */
  settle(): Promise<void>;
  /** Forgets all timers: the process is dead. */
  kill(): void;
};

export const TEST_NOW = Date.parse('2026-11-23T05:00:00.000Z');

const TURNS = 60;

export function testMachine(options: { readonly nowMs?: number; readonly seed?: number } = {}): TestMachine {
  let wall = options.nowMs ?? TEST_NOW;
  let monotonic = 0;
  let ids = (options.seed ?? 1) * 1_000_000;
  const logged: LogLine[] = [];
  let timers: { at: number; order: number; run: () => void }[] = [];
  let order = 0;

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  };

  return {
    logged,
    settle,
    nowMs: () => wall,
    monotonicMs: () => monotonic,
    mintId() {
      ids += 1;
      const bytes = new Uint8Array(10);
      for (let i = 0, rest = ids; i < 10; i += 1, rest = Math.floor(rest / 256)) bytes[9 - i] = rest % 256;
      return uuidv7(wall, bytes);
    },
    after(delayMs, run) {
      const timer = { at: monotonic + delayMs, order: (order += 1), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    log: (level, event, fields = {}) => void logged.push({ level, event, fields }),
    async advance(ms) {
      const end = monotonic + ms;
      await settle();
      for (;;) {
        const next = timers
          .filter((timer) => timer.at <= end)
          .sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        wall += Math.max(0, next.at - monotonic);
        monotonic = Math.max(monotonic, next.at);
        next.run();
        await settle();
      }
      wall += end - monotonic;
      monotonic = end;
      await settle();
    },
    setClock: (unixMs) => {
      wall = unixMs;
    },
    kill: () => {
      timers = [];
    },
  };
}
