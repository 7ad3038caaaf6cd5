/** One thing that must hold, how much was looked at, and what does not fit (the first few, in words). */
export type Check = {
  readonly name: string;
  readonly says: string;
  readonly checked: number;
  readonly wrong: number;
  readonly findings: readonly string[];
};

/** A check in SQL: `count` counts what was looked at, `wrong` gives one text per thing that does not fit. */
export type SqlCheck = {
  readonly name: string;
  readonly says: string;
  readonly count: string;
  readonly wrong: string;
};

/** How many findings are spelled out. */
export const FINDINGS_MAX = 10;
