import type { z } from 'zod';
import type { meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { inTransaction, type Transaction } from '../db/database.ts';
import { closeCase, openCase } from '../intake/cases.ts';
import { storable } from '../intake/printable.ts';
import type { Device } from '../registry/workstations.ts';
import { checkLogin, type User } from '../registry/users.ts';
import { spendNonce } from './nonces.ts';
import { checkEvidence, type EvidenceCode, type Vending } from './read-card.ts';
import { findLoad, lockCard, lockLoad, note, type LoadRow } from './rows.ts';
import { blockCard, owedKey, settleReading, stornoedKey } from './settle.ts';

type CancelContract = (typeof meterCardCentreContract)['load.cancel'];
type WriteOffContract = (typeof meterCardCentreContract)['load.writeOff'];
type SupervisorCode = 'notAllowed' | 'loginWrong' | 'loginLocked' | 'userBlocked';
type CancelCode = Exclude<CancelContract['errors'][number], 'deviceQuarantined'>;
type WriteOffCode = Exclude<WriteOffContract['errors'][number], 'deviceQuarantined'>;
type Credentials = { readonly username: string; readonly password: string };

const APPROVING: readonly string[] = ['supervisor', 'administrator'];

/** Who approves, by their own password. */
async function approvedBy(
  { database }: Vending,
  device: Device,
  supervisor: Credentials | null,
): Promise<Result<User, SupervisorCode>> {
  if (!supervisor) return fail('notAllowed');
  const login = await checkLogin(database.db, supervisor.username, supervisor.password);
  if (!login.ok) return login;
  const { participantId, ...user } = login.value;
  const elsewhere = participantId !== null && participantId !== device.participantId;
  return elsewhere || !APPROVING.includes(user.role) ? fail('notAllowed') : ok(user);
}

const CANCELLED = ok({ state: 'cancelled' as const });

/**
 * `load.cancel`: ends a load that is not on its card. A load without an order needs no proof. One with an order needs the
 * card's status on a nonce issued after the last order: GET STATUS kills every order before it, so that none is left alive.
 */
export async function cancelLoad(
  vending: Vending,
  device: Device,
  { loadId, evidence, supervisor }: z.output<CancelContract['input']>,
): Promise<Result<{ state: 'cancelled' }, CancelCode>> {
  const load = await findLoad(vending.database.pool, loadId);
  if (!load) return fail('loadUnknown');
  if (load.state === 'cancelled') return CANCELLED;
  if (load.state === 'quoted')
    return inTransaction(vending.database, (transaction) => endWithoutOrder(transaction, device, load, null));
  const user = await approvedBy(vending, device, supervisor);
  if (!user.ok) return user;
  return evidence && load.state === 'authorised'
    ? onEvidence(vending, device, load, evidence, user.value)
    : inTransaction(vending.database, (transaction) =>
        endWithoutOrder(transaction, device, load, user.value),
      );
}

/** Ends a load that no order went out for; looks again once it is held. */
async function endWithoutOrder(
  transaction: Transaction,
  device: Device,
  { load_id, card_id }: LoadRow,
  user: User | null,
): Promise<Result<{ state: 'cancelled' }, CancelCode>> {
  const card = await lockCard(transaction.client, card_id);
  const load = await lockLoad(transaction.client, load_id);
  switch (load.state) {
    case 'cancelled':
      return CANCELLED;
    case 'confirmed':
      return fail('loadWritten');
    case 'writtenOff':
      return fail('loadCancelled');
    case 'authorised':
      return fail(card.class === 'B' ? 'classBNeedsWriteOff' : 'evidenceNeeded');
    case 'paid':
      if (!user) return fail('notAllowed');
      break;
    case 'quoted':
      break;
  }
  await end(transaction, device, load, user, {});
  return CANCELLED;
}

async function onEvidence(
  vending: Vending,
  device: Device,
  { load_id, card_id }: LoadRow,
  { nonce, bytes }: { readonly nonce: string; readonly bytes: string },
  user: User,
): Promise<Result<{ state: 'cancelled' }, CancelCode | EvidenceCode>> {
  const checked = await checkEvidence(vending, nonce, bytes);
  if (!checked.ok) return checked;
  const { card, reading } = checked.value;
  if (card.card_id !== card_id) return fail('evidenceWrong');
  if (card.class === 'B') return fail('classBNeedsWriteOff');
  return inTransaction(vending.database, async (transaction) => {
    const turn = await spendNonce(transaction.client, device.deviceId, checked.value.nonce);
    if (turn === undefined) return fail('nonceStale');
    const settled = await settleReading(transaction, card_id, reading, { deviceId: device.deviceId, turn });
    if (settled.kind === 'incident') return fail('meterCardIncident');
    if (settled.kind === 'overtaken') return fail('nonceStale');
    const load = await lockLoad(transaction.client, load_id);
    if (load.state !== 'authorised') return endWithoutOrder(transaction, device, load, user);
    if (settled.ordered?.load_id !== load_id || !settled.sinceOrder) return fail('evidenceTooOld');
    await end(transaction, device, load, user, { nonce, status: bytes });
    return CANCELLED;
  });
}

async function end(
  { client, db }: Transaction,
  device: Device,
  load: LoadRow,
  user: User | null,
  evidence: Readonly<Record<string, string>>,
): Promise<void> {
  await client.query(
    `update meter_load set state = 'cancelled', ended_at = clock_timestamp() where load_id = $1`,
    [load.load_id],
  );
  await note(client, {
    cardId: load.card_id,
    loadId: load.load_id,
    kind: 'cancelled',
    deviceId: device.deviceId,
    detail: { from: load.state, ...(user ? { supervisor: user.username } : {}), ...evidence },
  });
  await closeCase(db, owedKey(load.load_id), 'cancelled');
  await closeCase(db, stornoedKey(load.load_id, 'open'), 'cancelled');
}

/**
 * `load.writeOff`: a supervisor's decision where nobody can ask the card. The card is blocked, because the load may be on it,
 * and a person at the centre gets the case.
 */
export async function writeOffLoad(
  vending: Vending,
  device: Device,
  { loadId, reason, note: why, supervisor }: z.output<WriteOffContract['input']>,
): Promise<Result<{ state: 'writtenOff' }, WriteOffCode>> {
  const found = await findLoad(vending.database.pool, loadId);
  if (!found) return fail('loadUnknown');
  const user = await approvedBy(vending, device, supervisor);
  if (!user.ok) return user;
  return inTransaction(vending.database, async (transaction) => {
    const { client, db } = transaction;
    const card = await lockCard(client, found.card_id);
    const load = await lockLoad(client, loadId);
    if (load.state === 'writtenOff') return ok({ state: 'writtenOff' });
    if (load.state === 'quoted') return fail('loadNotPaid');
    if (load.state === 'confirmed') return fail('loadWritten');
    if (load.state === 'cancelled') return fail('loadCancelled');
    await client.query(
      `update meter_load set state = 'writtenOff', ended_at = clock_timestamp() where load_id = $1`,
      [loadId],
    );
    await blockCard(client, card, 'writtenOff');
    await note(client, {
      cardId: card.card_id,
      loadId,
      kind: 'writtenOff',
      deviceId: device.deviceId,
      detail: { from: load.state, reason, note: storable(why), supervisor: user.value.username },
    });
    await closeCase(db, owedKey(loadId), 'writtenOff');
    await openCase(db, {
      kind: 'loadWrittenOff',
      eventKey: `loadWrittenOff:${loadId}`,
      deviceId: device.deviceId,
      amount: load.amount,
      detail: {
        loadId,
        cardId: card.card_id,
        reason,
        note: storable(why),
        supervisor: storable(user.value.name),
        workstation: device.workstation.code,
      },
    });
    return ok({ state: 'writtenOff' });
  });
}
