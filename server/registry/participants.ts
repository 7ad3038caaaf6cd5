import type { Kysely } from 'kysely';
import type { Biller, Channel, CounterPolicy, FeeRule } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Tables } from '../db/tables.ts';
import { audit } from './audit.ts';
import { mintId } from './identity.ts';

export type ParticipantKind = Tables['participant']['kind'];
export type ParticipantStatus = 'onboarding' | 'live' | 'suspended' | 'closed';

export type NewParticipant = {
  readonly code: string;
  readonly name: string;
  readonly kind: ParticipantKind;
  /** Going live needs a settlement account (`iban`). */
  readonly status: ParticipantStatus;
  readonly iban: string | null;
};

/** Registers a participant [S5]. */
export async function addParticipant(
  db: Kysely<Tables>,
  participant: NewParticipant,
  actor: string,
): Promise<Result<Id, 'nameTaken'>> {
  const participantId = mintId();
  const added = await db
    .insertInto('participant')
    .values({ participant_id: participantId, ...participant })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return fail('nameTaken', { name: participant.code });
  await audit(db, actor, 'participant.added', participant.code, {
    kind: participant.kind,
    status: participant.status,
  });
  return ok(participantId);
}

export type NewUnit = {
  readonly participantId: Id;
  /** Null for a head office. */
  readonly parentId: Id | null;
  readonly kind: 'headOffice' | 'branch' | 'workstation';
  /** Unique in the whole system; a workstation's is printed in receipt numbers. */
  readonly code: string;
  readonly name: string;
  readonly address: string;
  /** Only of a branch: whose accounts its workstations copy. */
  readonly district: string | null;
  /** Only of a workstation; `counter` when absent. */
  readonly channels?: readonly Channel[];
  readonly policy?: Partial<CounterPolicy>;
};

/** Adds a place to the tree head office → branch → workstation [S4]. */
export async function addUnit(
  db: Kysely<Tables>,
  unit: NewUnit,
  actor: string,
): Promise<Result<Id, 'nameTaken'>> {
  const unitId = mintId();
  const added = await db
    .insertInto('org_unit')
    .values({
      unit_id: unitId,
      participant_id: unit.participantId,
      parent_id: unit.parentId,
      kind: unit.kind,
      code: unit.code,
      name: unit.name,
      address: unit.address,
      district: unit.district,
      channels: [...(unit.channels ?? ['counter'])],
      policy: unit.policy ?? {},
    })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return fail('nameTaken', { name: unit.code });
  await audit(db, actor, 'unit.added', unit.code, { kind: unit.kind });
  return ok(unitId);
}

/** The place with this code, or `undefined`. */
export const findUnit = (db: Kysely<Tables>, code: string) =>
  db.selectFrom('org_unit').selectAll().where('code', '=', code).executeTakeFirst();

export const findParticipant = (db: Kysely<Tables>, code: string) =>
  db.selectFrom('participant').selectAll().where('code', '=', code).executeTakeFirst();

export type NewBiller = Omit<Biller, 'id' | 'fees'> & {
  readonly participantId: Id;
  readonly fees: readonly Omit<FeeRule, 'id'>[];
};

/** Registers a service company's rules: configuration as data (DESIGN §8). */
export async function addBiller(
  db: Kysely<Tables>,
  biller: NewBiller,
  actor: string,
): Promise<Result<Id, 'nameTaken'>> {
  const billerId = mintId();
  return db.transaction().execute(async (trx) => {
    const added = await trx
      .insertInto('biller')
      .values({
        biller_id: billerId,
        participant_id: biller.participantId,
        number: biller.number,
        code: biller.code,
        name: biller.name,
        service: JSON.stringify(biller.service),
        status: biller.status,
        fetch_mode: biller.fetch,
        exactness: biller.exactness,
        min_amount: biller.minAmount,
        max_amount: biller.maxAmount,
        advance_allowed: biller.advanceAllowed,
        account_mask: biller.accountMask,
        account_example: biller.accountExample,
        offline: biller.offline,
        priority: biller.priority,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows === 0n)
      return fail('nameTaken', { name: `${biller.number} ${biller.code}` });
    for (const fee of biller.fees) await addFee(trx, billerId, fee);
    await audit(trx, actor, 'biller.added', biller.code, { number: biller.number, status: biller.status });
    return ok(billerId);
  });
}

async function addFee(db: Kysely<Tables>, billerId: Id, fee: Omit<FeeRule, 'id'>): Promise<void> {
  await db
    .insertInto('fee_rule')
    .values({
      fee_rule_id: mintId(),
      biller_id: billerId,
      channel: fee.channel,
      borne_by: fee.borneBy,
      fixed: fee.fixed,
      basis_points: fee.basisPoints,
      floor: fee.floor,
      cap: fee.cap,
      valid_from: fee.validFrom,
      valid_to: fee.validTo,
    })
    .execute();
}

/** Opens, suspends or closes a company. False when there is none with this code. */
export async function setBillerStatus(
  db: Kysely<Tables>,
  code: string,
  status: ParticipantStatus,
  actor: string,
): Promise<boolean> {
  const changed = await db.updateTable('biller').set({ status }).where('code', '=', code).executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await audit(db, actor, 'biller.status', code, { status });
  return true;
}
