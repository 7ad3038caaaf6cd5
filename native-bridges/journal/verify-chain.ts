import type { Database } from 'better-sqlite3';
import { hash } from 'node:crypto';
import { GENESIS_HASH, hashInput } from '../../contracts/journal.ts';
import { codeOf, faultOf } from './faults.ts';
import type { Marked } from './head-mark.ts';
import type { Rows } from './rows.ts';
import type { Signatures } from './signatures.ts';

/** The last entry that stands, and the first that does not. */
export type Verified = {
  readonly seq: number;
  readonly hash: string;
  readonly damage: { readonly seq: number; readonly why: string } | null;
};

/** Signatures take a hundred times longer than hashes, so only those that the centre is still to judge are checked. */
const SIGNATURES_MAX = 5000;

/** The hash of an entry, as both sides compute it. */
export const entryHash = (deviceId: string, seq: number, prevHash: string, body: string): string =>
  hash('sha256', hashInput(deviceId, seq, prevHash, body), 'hex');

/**
 * Walks the whole chain from the first entry, then holds its end against what was answered: the mark beside the file
 * and what the centre has acknowledged. Throws only on what is no damage (a fault of the disk, a bug).
 */
export function verifyChain(
  rows: Rows,
  deviceId: () => string | null,
  expected: {
    readonly acknowledgedThrough: number;
    readonly marked: Marked | undefined;
    /** Null when this device's key is not there to judge. */
    readonly signatures: Signatures | null;
  },
): Verified {
  const judgedFrom = expected.acknowledgedThrough + 1;
  const judgedTo = expected.acknowledgedThrough + SIGNATURES_MAX;
  let seq = 0;
  let last = GENESIS_HASH;
  const damaged = (why: string): Verified => ({ seq, hash: last, damage: { seq: seq + 1, why } });
  try {
    const owner = deviceId();
    for (const { seq: rowSeq, prevHash, hash: rowHash, seal, signature, body } of rows.all()) {
      if (rowSeq !== seq + 1) return damaged('missing');
      if (owner === null) return damaged('no owner');
      if (prevHash !== last || entryHash(owner, rowSeq, prevHash, body) !== rowHash) return damaged('hash');
      const judged = signature === null || (rowSeq >= judgedFrom && rowSeq <= judgedTo);
      if (judged && expected.signatures?.genuine({ hash: rowHash, seal, signature }) === false) {
        return damaged('signature');
      }
      if (rowSeq === expected.marked?.seq && rowHash !== expected.marked.hash)
        return damaged('not the entry answered');
      seq = rowSeq;
      last = rowHash;
    }
  } catch (error) {
    if (faultOf(error)?.kind === 'damaged') return damaged(codeOf(error));
    throw error;
  }
  if (Math.max(expected.marked?.seq ?? 0, expected.acknowledgedThrough) > seq)
    return damaged('the end is missing');
  if (!rows.sound) return damaged('the structure of the file');
  return { seq, hash: last, damage: null };
}

/** The device whose journal this is; null while it is empty. */
export function ownerOf(database: Database): string | null {
  return database.prepare<[], string>('SELECT device_id FROM owner').pluck().get() ?? null;
}
