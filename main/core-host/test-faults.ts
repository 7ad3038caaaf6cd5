/**
 * Faults that tests order through the environment: the only way to end the process exactly after the n-th append. Not
 * read by the packaged client (main/core-host/main.ts).
 */
export type TestFaults = { readonly afterAppend?: (seq: number) => void };

const VARIABLE = 'KOMIS_TEST_KILL_AFTER_APPENDS';

/** `KOMIS_TEST_KILL_AFTER_APPENDS=n`: SIGKILL after the n-th durable append of this process, before it is answered. */
export function testFaults(environment: Readonly<Record<string, string | undefined>>): TestFaults {
  let left = Number(environment[VARIABLE] ?? 0);
  if (!Number.isSafeInteger(left) || left < 1) return {};
  return {
    afterAppend() {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
