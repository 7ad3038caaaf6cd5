import type pg from 'pg';
import { GENESIS_HASH, type SignedEntry } from '../../contracts/journal.ts';
import { entryHash, firstForged } from '../intake/journal-chain.ts';
import { devicePublicKey } from '../registry/identity.ts';
import { FINDINGS_MAX, type Check } from './check.ts';

type DeviceRow = {
  readonly device_id: string;
  readonly public_key: string;
  readonly head_seq: number;
  readonly head_hash: string;
};

/** How many entries are held at once. */
const PAGE = 2000;

/** Checks every device's journal as it was received: numbers, chain, hashes, and each signature against the device's key. */
export async function verifyDeviceJournals(client: pg.PoolClient): Promise<readonly Check[]> {
  const devices = await client.query<DeviceRow>(
    'select device_id, public_key, head_seq, head_hash from device order by device_id',
  );
  const findings: string[] = [];
  let checked = 0;
  for (const device of devices.rows)
    checked += await verifyOne(client, device, (finding) =>
      findings.push(`device ${device.device_id}: ${finding}`),
    );
  return [
    {
      name: 'deviceJournals',
      says: 'every device’s journal is unbroken, and signed by the device',
      checked,
      wrong: findings.length,
      findings: findings.slice(0, FINDINGS_MAX),
    },
  ];
}

async function verifyOne(
  client: pg.PoolClient,
  device: DeviceRow,
  found: (finding: string) => void,
): Promise<number> {
  const key = devicePublicKey(device.public_key);
  if (!key) found('its key is no key');
  let seq = 0;
  let hash = GENESIS_HASH;
  for (;;) {
    const { rows } = await client.query<SignedEntry & { prevHash: string }>(
      `select seq, prev_hash as "prevHash", hash, signature, body from device_journal where device_id = $1 and seq > $2 order by seq limit ${PAGE}`,
      [device.device_id, seq],
    );
    for (const entry of rows) {
      if (entry.seq !== seq + 1) found(`entry ${seq + 1} is missing`);
      else if (entry.prevHash !== hash) found(`entry ${entry.seq} does not follow the one before`);
      else if (entryHash(device.device_id, entry) !== entry.hash) found(`entry ${entry.seq} was altered`);
      seq = entry.seq;
      hash = entry.hash;
    }
    const forged = key ? await firstForged(key, rows) : undefined;
    if (forged) found(`the signature of entry ${forged.seq} does not fit`);
    if (rows.length < PAGE) break;
  }
  if (seq !== device.head_seq || (seq > 0 && hash !== device.head_hash))
    found(`it ends at ${seq}, noted is ${device.head_seq}`);
  return seq;
}
