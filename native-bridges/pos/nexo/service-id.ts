import { createHash, randomBytes } from 'node:crypto';
import type { Id } from '../../../contracts/ids.ts';

const inBase36 = (bytes: Uint8Array, length: number): string =>
  (BigInt(`0x${Buffer.from(bytes).toString('hex')}`) % 36n ** BigInt(length))
    .toString(36)
    .toUpperCase()
    .padStart(length, '0');

/**
 * The ServiceID of an attempt, ten characters, always the same for the same attempt: what TransactionStatus names it by,
 * after a crash as well. Fifty-one bits of a hash: that two attempts of a till share one is next to impossible, and would
 * be seen by the SaleTransactionID.
 */
export const serviceIdOf = (attemptId: Id): string =>
  inBase36(createHash('sha256').update(attemptId).digest().subarray(0, 16), 10);

/** A ServiceID for a message that moves no money: nine characters, so that it never is one of an attempt. */
export const freshServiceId = (): string => inBase36(randomBytes(16), 9);
