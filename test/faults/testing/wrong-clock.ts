import { renameSync, writeFileSync } from 'node:fs';

export const DAY_MS = 86_400_000;

/** The wall clock of a workstation, to be set wrong while it runs. */
export type WrongClock = {
  /** What its processes must be started with. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on it is wrong by so much. */
  set(wrongByMs: number): void;
};

export function wrongClock(path: string, wrongByMs: number): WrongClock {
  const set = (ms: number): void => {
    writeFileSync(`${path}.new`, String(ms));
    renameSync(`${path}.new`, path);
  };
  set(wrongByMs);
  return { env: { KOMIS_TEST_CLOCK_FILE: path }, set };
}
