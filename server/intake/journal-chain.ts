import type { KeyObject } from 'node:crypto';
import { hashInput, type SignedEntry } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { sha256, signatureFits } from '../registry/identity.ts';

/**
 * Checks a batch by itself: numbers without a hole, every hash recomputed, every entry chained to the one before it.
 * `journalGap` names the first number that is missing inside the batch, `journalForged` the first entry that is not what
 * it says.
 */
export function checkChain(
  deviceId: string,
  entries: readonly SignedEntry[],
): Result<null, 'journalGap' | 'journalForged'> {
  let previous: SignedEntry | undefined;
  for (const entry of entries) {
    if (previous && entry.seq !== previous.seq + 1)
      return fail('journalGap', { expectedSeq: previous.seq + 1 });
    if (previous && entry.prevHash !== previous.hash) return fail('journalForged', { seq: entry.seq });
    if (entryHash(deviceId, entry) !== entry.hash) return fail('journalForged', { seq: entry.seq });
    previous = entry;
  }
  return ok(null);
}

/** The hash an entry must have. */
export const entryHash = (deviceId: string, entry: Pick<SignedEntry, 'seq' | 'prevHash' | 'body'>): string =>
  sha256(hashInput(deviceId, entry.seq, entry.prevHash, entry.body));

/** Does the signature of one entry fit? */
export const entrySigned = (
  key: KeyObject,
  entry: Pick<SignedEntry, 'hash' | 'signature'>,
): Promise<boolean> => signatureFits(key, Buffer.from(entry.hash, 'hex'), entry.signature);

/** The first entry whose signature does not fit, or `undefined`. All are checked, in the thread pool. */
export async function firstForged(
  key: KeyObject,
  entries: readonly SignedEntry[],
): Promise<SignedEntry | undefined> {
  const fits = await Promise.all(entries.map((entry) => entrySigned(key, entry)));
  return entries[fits.indexOf(false)];
}
