/**
 * Finds accounts that may stand twice in a list, in memory that does not grow: a Bloom filter whose bits lie side by
 * side. What it lets pass came once for sure; what it names is looked up in the stage. A million different accounts
 * pass it nearly always without one being named.
 */
export type AccountFilter = {
  /** Looks at COPY rows in order, with their keys, and adds the accounts that may have come before to `suspects`. */
  add(rows: Uint8Array, keys: Int32Array): void;
  readonly suspects: readonly string[];
  /** Too many to name: all accounts are to be looked up. */
  overflowed(): boolean;
};

const PAIRS = 1 << 22;
const SUSPECTS_KEPT = 10_000;
const TAB = 0x09;
const LF = 0x0a;

/** Integers of one key: two halves of a hash, and where in the rows the account stands. */
const KEY = 3;

/** The keys of all rows, hashed where the rows are made (a thread), so that looking them up is all that is left. */
export function accountKeys(rows: Uint8Array): Int32Array {
  const keys = new Int32Array(Math.ceil(rows.length / SHORTEST_ROW) * KEY);
  let count = 0;
  for (let at = 0; at < rows.length;) {
    // Action, block, record and line come before the account.
    for (let tabs = 0; tabs < 4; at += 1) if (rows[at] === TAB) tabs += 1;
    at = putKey(rows, at, keys, count);
    count += KEY;
    at = rows.indexOf(LF, at) + 1;
  }
  return keys.slice(0, count);
}

/** `u`, three numbers, an account, and what follows: no row is shorter. */
const SHORTEST_ROW = 16;

/** Writes the key of the account that stands at `start`; gives its end. */
export function putKey(rows: Uint8Array, start: number, keys: Int32Array, index: number): number {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  let at = start;
  for (; rows[at] !== TAB; at += 1) {
    const byte = rows[at] ?? 0;
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x5bd1e995) + (b >>> 15);
  }
  a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d);
  b = Math.imul(b ^ (b >>> 13), 0x297a2d39);
  keys[index] = a ^ (a >>> 13);
  keys[index + 1] = b ^ (b >>> 16);
  keys[index + 2] = start;
  return at;
}

export function createAccountFilter(): AccountFilter {
  const words = new Int32Array(PAIRS * 2);
  const suspects: string[] = [];
  let overflow = false;
  return {
    suspects,
    overflowed: () => overflow,
    add(rows, keys) {
      for (let index = 0; index < keys.length; index += KEY) {
        const b = keys[index + 1] ?? 0;
        const low = bits(b);
        const high = bits(b >>> 15);
        const pair = ((keys[index] ?? 0) & (PAIRS - 1)) * 2;
        const lowBefore = words[pair] ?? 0;
        const highBefore = words[pair + 1] ?? 0;
        if ((lowBefore & low) !== low || (highBefore & high) !== high) {
          words[pair] = lowBefore | low;
          words[pair + 1] = highBefore | high;
        } else if (suspects.length < SUSPECTS_KEPT) {
          const start = keys[index + 2] ?? 0;
          suspects.push(Buffer.from(rows.subarray(start, rows.indexOf(TAB, start))).toString('latin1'));
        } else {
          overflow = true;
        }
      }
    },
  };
}

/** Three bits of a word, by fifteen bits of a hash. */
const bits = (hash: number): number =>
  (1 << (hash & 31)) | (1 << ((hash >>> 5) & 31)) | (1 << ((hash >>> 10) & 31));
