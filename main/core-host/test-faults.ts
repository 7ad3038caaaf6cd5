import { readFileSync } from 'node:fs';

/**
 * Faults that tests order through the environment: the only way to end the process exactly after the n-th append, or to
 * have a clock that goes wrong. Not read by the packaged client (main/core-host/main.ts).
 */
export type TestFaults = {
  readonly afterAppend?: (seq: number) => void;
  /** The wall clock of this computer, epoch milliseconds; absent: the real one. */
  readonly wallClock?: () => number;
};

const KILL_AFTER = 'KOMIS_TEST_KILL_AFTER_APPENDS';
const CLOCK_FILE = 'KOMIS_TEST_CLOCK_FILE';

/**
 * `KOMIS_TEST_KILL_AFTER_APPENDS=n`: SIGKILL after the n-th durable append of this process, before it is answered.
 * `KOMIS_TEST_CLOCK_FILE=path`: the wall clock is wrong by the milliseconds in this file, now and whenever it is looked
 * at; only the wall clock, as when somebody sets it.
 */
export function testFaults(environment: Readonly<Record<string, string | undefined>>): TestFaults {
  const clockFile = environment[CLOCK_FILE];
  return {
    ...killer(Number(environment[KILL_AFTER] ?? 0)),
    ...(clockFile === undefined || clockFile === ''
      ? {}
      : { wallClock: () => Date.now() + Number(readFileSync(clockFile, 'utf8')) }),
  };
}

function killer(appends: number): Pick<TestFaults, 'afterAppend'> {
  let left = appends;
  if (!Number.isSafeInteger(left) || left < 1) return {};
  return {
    afterAppend() {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
