import { z } from 'zod';
import { assert } from './assert.ts';

/** Every id is a UUIDv7 minted where the thing happens, before it happens, and is its idempotency key on every hop. */
export const idSchema = z.uuidv7();
export type Id = string;

/**
 * A UUIDv7 (RFC 9562 §5.7) from a wall clock in milliseconds and ten random bytes. Pure: the caller owns clock and
 * randomness. Ids only need to be unique; nothing may rely on their order.
 */
export function uuidv7(unixMs: number, random: Uint8Array): Id {
  assert(random.length === 10, 'uuidv7 wants ten random bytes');
  assert(Number.isSafeInteger(unixMs) && unixMs >= 0 && unixMs < 2 ** 48, 'uuidv7 wants milliseconds');
  const time = unixMs.toString(16).padStart(12, '0');
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = ((parseInt(hex.slice(4, 5), 16) & 0x3) | 0x8).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8, 12),
    `7${hex.slice(1, 4)}`,
    `${variant}${hex.slice(5, 8)}`,
    hex.slice(8, 20),
  ].join('-');
}
