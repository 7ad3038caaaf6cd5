import { randomBytes } from 'node:crypto';
import { NONCE_SECONDS } from '../../contracts/centre-meter-card.ts';
import type { Queries } from './rows.ts';

/** Nonces: 16 bytes that one device gets one answer of a card for, within minutes. */

/** Gives a device a new nonce; its old ones are swept away. */
export async function issueNonce(queries: Queries, deviceId: string): Promise<Uint8Array> {
  const nonce = randomBytes(16);
  await queries.query(
    `with swept as (delete from meter_nonce where device_id = $2 and issued_at < now() - interval '1 hour')
     insert into meter_nonce (nonce, device_id) values ($1, $2)`,
    [nonce, deviceId],
  );
  return new Uint8Array(nonce);
}

/**
 * Takes a nonce for good: its turn among nonces and orders, or undefined when it is not this device's, was taken before, or is
 * older than `seconds`. Part of the caller's transaction.
 */
export async function spendNonce(
  queries: Queries,
  deviceId: string,
  nonce: Uint8Array,
  seconds = NONCE_SECONDS,
): Promise<number | undefined> {
  const { rows } = await queries.query<{ turn: number }>(
    `update meter_nonce set spent_at = clock_timestamp()
     where nonce = $1 and device_id = $2 and spent_at is null and issued_at > clock_timestamp() - make_interval(secs => $3)
     returning turn`,
    [Buffer.from(nonce), deviceId, seconds],
  );
  return rows[0]?.turn;
}
