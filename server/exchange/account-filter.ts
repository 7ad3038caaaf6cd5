/**
 * Finds accounts that may stand twice in a list, in memory that does not grow: a Bloom filter whose bits lie side by
 * side. What it lets pass came once for sure; what it names is looked up in the stage. A million different accounts
 * pass it nearly always without one being named.
 */
export type AccountFilter = {
  /** Looks at COPY rows in order, and adds the accounts that may have come before to `suspects`. */
  add(rows: Uint8Array): void;
  readonly suspects: readonly string[];
  /** Too many to name: all accounts are to be looked up. */
  overflowed(): boolean;
};

const PAIRS = 1 << 22;
const SUSPECTS_KEPT = 10_000;
const TAB = 0x09;
const LF = 0x0a;

export function createAccountFilter(): AccountFilter {
  const words = new Int32Array(PAIRS * 2);
  const suspects: string[] = [];
  let overflow = false;
  return {
    suspects,
    overflowed: () => overflow,
    add(rows) {
      for (let at = 0; at < rows.length;) {
        // Action, block, record and line come before the account.
        for (let tabs = 0; tabs < 4; at += 1) if (rows[at] === TAB) tabs += 1;
        const start = at;
        let a = 0x811c9dc5;
        let b = 0x01234567;
        for (; rows[at] !== TAB; at += 1) {
          const byte = rows[at] ?? 0;
          a = Math.imul(a ^ byte, 0x01000193);
          b = Math.imul(b ^ byte, 0x5bd1e995) + (b >>> 15);
        }
        a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d);
        a ^= a >>> 13;
        b = Math.imul(b ^ (b >>> 13), 0x297a2d39);
        b ^= b >>> 16;
        const low = bits(b);
        const high = bits(b >>> 15);
        const pair = (a & (PAIRS - 1)) * 2;
        const lowBefore = words[pair] ?? 0;
        const highBefore = words[pair + 1] ?? 0;
        if ((lowBefore & low) !== low || (highBefore & high) !== high) {
          words[pair] = lowBefore | low;
          words[pair + 1] = highBefore | high;
        } else if (suspects.length < SUSPECTS_KEPT)
          suspects.push(Buffer.from(rows.subarray(start, at)).toString('latin1'));
        else overflow = true;
        at = rows.indexOf(LF, at) + 1;
      }
    },
  };
}

/** Three bits of a word, by fifteen bits of a hash. */
const bits = (hash: number): number =>
  (1 << (hash & 31)) | (1 << ((hash >>> 5) & 31)) | (1 << ((hash >>> 10) & 31));
