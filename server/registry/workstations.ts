import { randomInt } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { CounterPolicy, Workstation } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import { qepik } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Tables } from '../db/tables.ts';
import { audit } from './audit.ts';
import { devicePublicKey, sha256 } from './identity.ts';
import type { ParticipantStatus } from './participants.ts';

/** A device with its place in the tree: what every request of a workstation is judged by. */
export type Device = {
  readonly deviceId: Id;
  readonly unitId: Id;
  readonly participantId: Id;
  /** Only who is live takes money through a channel. What a counter took is on record whatever this says. */
  readonly participantStatus: ParticipantStatus;
  readonly branchId: Id;
  readonly district: string;
  readonly publicKey: string;
  readonly status: 'active' | 'quarantined';
  readonly channels: readonly string[];
  readonly policy: CounterPolicy;
  readonly workstation: Workstation;
};

/** What the centre allows where neither branch nor workstation says otherwise. Amounts in qəpik. */
export const DEFAULT_POLICY: CounterPolicy = {
  offlineMaxPayment: qepik(100_000) as CounterPolicy['offlineMaxPayment'], // constants of ours, within the bounds
  offlineMaxPerShift: qepik(2_000_000) as CounterPolicy['offlineMaxPerShift'],
  offlineLoginHours: 72,
  codeBlockLow: 20,
  countTolerance: qepik(100) as CounterPolicy['countTolerance'],
};

/** The device with this id, or `undefined`. */
export async function findDevice(db: Kysely<Tables>, deviceId: Id): Promise<Device | undefined> {
  const row = await db
    .selectFrom('device as d')
    .innerJoin('org_unit as w', 'w.unit_id', 'd.unit_id')
    .innerJoin('org_unit as b', 'b.unit_id', 'w.parent_id')
    .innerJoin('participant as p', 'p.participant_id', 'w.participant_id')
    .select([
      'd.device_id',
      'd.public_key',
      'd.status',
      'w.unit_id',
      'w.participant_id',
      'w.code',
      'w.channels',
      'w.policy as unit_policy',
      'b.unit_id as branch_id',
      'b.name as branch_name',
      'b.address as branch_address',
      'b.district',
      'b.policy as branch_policy',
      'p.name as participant_name',
      'p.status as participant_status',
    ])
    .where('d.device_id', '=', deviceId)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    deviceId: row.device_id,
    unitId: row.unit_id,
    participantId: row.participant_id,
    participantStatus: row.participant_status,
    branchId: row.branch_id,
    district: row.district ?? '',
    publicKey: row.public_key,
    status: row.status,
    channels: row.channels,
    policy: { ...DEFAULT_POLICY, ...row.branch_policy, ...row.unit_policy },
    workstation: {
      workstationId: row.unit_id,
      code: row.code,
      branchName: row.branch_name,
      branchAddress: row.branch_address,
      participantName: row.participant_name,
      district: row.district ?? '',
    },
  };
}

/** Letters and digits that nobody confuses when reading a code aloud. */
const CODE_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** `K7QM-2XNP-84TH`: 60 bits. */
const newCode = (): string =>
  Array.from({ length: 3 }, () =>
    Array.from({ length: 4 }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join(''),
  ).join('-');

/** Makes a one-time enrolment code for a workstation. Only its hash is kept; the code itself is shown once. */
export async function issueEnrolmentCode(
  db: Kysely<Tables>,
  workstationCode: string,
  validMinutes: number,
  actor: string,
): Promise<{ readonly code: string; readonly expiresAt: Instant } | undefined> {
  const unit = await db
    .selectFrom('org_unit')
    .select('unit_id')
    .where('code', '=', workstationCode)
    .where('kind', '=', 'workstation')
    .executeTakeFirst();
  if (!unit) return undefined;
  const code = newCode();
  const expiresAt = new Date(Date.now() + validMinutes * 60_000).toISOString();
  await db
    .insertInto('enrolment_code')
    .values({ code_hash: sha256(code), unit_id: unit.unit_id, expires_at: expiresAt, device_id: null })
    .execute();
  await audit(db, actor, 'workstation.enrolmentCode', workstationCode, { expiresAt });
  return { code, expiresAt };
}

/**
 * Trades a one-time code for a place in the tree. The same device with the same key and code gets the first answer (its
 * own may have been lost); any other use of a spent code is wrong.
 */
export async function enrolDevice(
  db: Kysely<Tables>,
  code: string,
  deviceId: Id,
  publicKey: string,
): Promise<Result<Workstation, 'enrolmentCodeWrong' | 'idempotencyConflict'>> {
  if (!devicePublicKey(publicKey)) return fail('enrolmentCodeWrong');
  const outcome = await db.transaction().execute(async (trx) => {
    const known = await trx
      .selectFrom('enrolment_code')
      .selectAll()
      .where('code_hash', '=', sha256(code))
      .forUpdate()
      .executeTakeFirst();
    if (!known) return 'enrolmentCodeWrong';
    const device = await trx
      .selectFrom('device')
      .select(['unit_id', 'public_key'])
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    if (known.used_at !== null) {
      if (known.device_id !== deviceId) return 'enrolmentCodeWrong';
      return device?.public_key === publicKey ? 'enrolled' : 'idempotencyConflict';
    }
    if (Date.parse(known.expires_at) < Date.now()) return 'enrolmentCodeWrong';
    if (device) return 'idempotencyConflict';
    await trx
      .insertInto('device')
      .values({
        device_id: deviceId,
        unit_id: known.unit_id,
        public_key: publicKey,
        quarantine_reason: null,
        clock_skew_ms: null,
      })
      .execute();
    await trx
      .updateTable('enrolment_code')
      .set({ used_at: new Date().toISOString(), device_id: deviceId })
      .where('code_hash', '=', known.code_hash)
      .execute();
    await audit(trx, `device:${deviceId}`, 'workstation.enrolled', known.unit_id);
    return 'enrolled';
  });
  if (outcome !== 'enrolled') return fail(outcome);
  const device = await findDevice(db, deviceId);
  if (!device) throw new Error('an enrolled device has a place');
  return ok(device.workstation);
}

/** Stops a device: its journal stays where it is until a person has looked. */
export async function quarantineDevice(
  db: Kysely<Tables>,
  deviceId: Id,
  reason: string,
  actor: string,
): Promise<boolean> {
  const changed = await db
    .updateTable('device')
    .set({ status: 'quarantined', quarantine_reason: reason })
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await audit(db, actor, 'workstation.quarantined', deviceId, { reason });
  return true;
}

/** Lets a quarantined device go on. */
export async function releaseDevice(db: Kysely<Tables>, deviceId: Id, actor: string): Promise<boolean> {
  const changed = await db
    .updateTable('device')
    .set({ status: 'active', quarantine_reason: null })
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await audit(db, actor, 'workstation.released', deviceId);
  return true;
}

/** How many registration codes one lease gives. */
const BLOCK_SIZE = 100;
const FIRST_SERIAL = 400_000_001;

/** Leases the next block of registration codes; the same lease again gets the same block. */
export async function leaseCodes(
  db: Kysely<Tables>,
  deviceId: Id,
  leaseId: Id,
): Promise<{ readonly leaseId: Id; readonly firstSerial: number; readonly lastSerial: number } | undefined> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(7130005)`.execute(trx);
    await sql`insert into code_block (lease_id, device_id, first_serial, last_serial)
      select ${leaseId}, ${deviceId}, next, next + ${BLOCK_SIZE - 1}
      from (select coalesce(max(last_serial) + 1, ${FIRST_SERIAL}) as next from code_block) c
      on conflict (lease_id) do nothing`.execute(trx);
    const block = await trx
      .selectFrom('code_block')
      .selectAll()
      .where('lease_id', '=', leaseId)
      .executeTakeFirstOrThrow();
    if (block.device_id !== deviceId) return undefined;
    return { leaseId, firstSerial: block.first_serial, lastSerial: block.last_serial };
  });
}
