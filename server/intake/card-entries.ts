import type { EntryBody, EntryPayload } from '../../contracts/journal.ts';
import type { PosResult } from '../../contracts/pos.ts';
import type { Transaction } from '../db/database.ts';
import { posClearingOf } from '../ledger/accounts.ts';
import type { Device } from '../registry/workstations.ts';
import { openCase } from './cases.ts';
import type { ReadEntry } from './journal-items.ts';
import { storable, storableDate } from './printable.ts';

/**
 * What counters did at their POS terminals, kept an attempt a row for the card centre's reconciliation. The money itself is
 * posted with its payment (journal-items.ts); what does not fit together here is a case and stops no journal.
 */
export async function noteCardEntries(
  transaction: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
): Promise<void> {
  for (const { body, wallTime } of fresh) {
    if (body) await noteOne(transaction, device, body, wallTime);
  }
}

async function noteOne(
  transaction: Transaction,
  device: Device,
  body: EntryBody,
  at: string | null,
): Promise<void> {
  switch (body.type) {
    case 'pos.prepared':
      return prepared(transaction, device, body.payload, at);
    case 'pos.authorised':
      await told(transaction, device, body.payload.attemptId, body.payload.result);
      await update(transaction, device, body.payload.attemptId, 'authorised_at = $3', [at]);
      return;
    case 'pos.decided':
      return update(transaction, device, body.payload.attemptId, 'decision = $3', [body.payload.decision]);
    case 'pos.concluded':
      return concluded(transaction, device, body, at);
    case 'pos.dayClosed':
      return dayClosed(transaction, device, body.payload, at);
    case 'payment.accepted':
      return carried(transaction, device, body.payload.paymentId, body.payload.tenders);
    case 'payment.stornoed':
      return carried(transaction, device, body.payload.stornoId, body.payload.tenders);
    default:
      return;
  }
}

async function prepared(
  { client }: Transaction,
  device: Device,
  attempt: EntryPayload<'pos.prepared'>,
  at: string | null,
): Promise<void> {
  await client.query({
    name: 'card-attempt',
    text: `insert into card_attempt (device_id, attempt_id, participant_id, kind, driver, amount, original_id, payment_id, prepared_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    values: [
      device.deviceId,
      attempt.attemptId,
      device.participantId,
      attempt.kind,
      storable(attempt.driver),
      attempt.amount,
      attempt.original?.attemptId ?? null,
      attempt.payment?.paymentId ?? attempt.storno?.paymentId ?? null,
      at,
    ],
  });
}

/** Sets columns of an attempt; `values` are $3 and on. One that was never prepared is left to the checks. */
async function update(
  { client }: Transaction,
  device: Device,
  attemptId: string,
  set: string,
  values: readonly unknown[],
): Promise<void> {
  await client.query(`update card_attempt set ${set} where device_id = $1 and attempt_id = $2`, [
    device.deviceId,
    attemptId,
    ...values,
  ]);
}

const told = (
  transaction: Transaction,
  device: Device,
  attemptId: string,
  result: PosResult,
): Promise<void> =>
  update(
    transaction,
    device,
    attemptId,
    'terminal_id = $3, receipt_no = $4, trace = $5, auth_code = $6, card_name = $7, masked_pan = $8',
    [
      result.terminalId,
      result.receiptNo,
      result.trace,
      result.authCode,
      result.cardName,
      result.maskedPan,
    ].map((value) => (value === null ? null : storable(value))),
  );

async function concluded(
  transaction: Transaction,
  device: Device,
  body: EntryBody<'pos.concluded'>,
  at: string | null,
): Promise<void> {
  const { attemptId, kind, outcome, amount, result, reason, recordedAs } = body.payload;
  const { client, db } = transaction;
  // An attempt whose beginning never came is as real as its end.
  await client.query(
    `insert into card_attempt (device_id, attempt_id, participant_id, kind, amount) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [device.deviceId, attemptId, device.participantId, kind, amount],
  );
  if (result) await told(transaction, device, attemptId, result);
  await update(
    transaction,
    device,
    attemptId,
    'kind = $3, amount = $4, outcome = $5, concluded_at = $6, reason = $7, recorded_as = $8, ledger_account = $9',
    [
      kind,
      amount,
      outcome,
      at,
      reason === null ? null : storable(`${reason.code} ${reason.detail}`.trim()),
      recordedAs,
      outcome === 'done' ? posClearingOf(device.participantId, result?.terminalId ?? null) : null,
    ],
  );
  if (outcome === 'done' && recordedAs === null)
    await update(transaction, device, attemptId, 'booked_journal = $3', [body.entryId]);
  const stranded = outcome === 'declined' && (await takesBackNoPayment(transaction, device, attemptId));
  if (outcome !== 'manual' && !stranded) return;
  await openCase(db, {
    kind: stranded ? 'cardNotReversed' : 'cardOutcomeUnknown',
    eventKey: `attempt:${device.deviceId}:${attemptId}`,
    deviceId: device.deviceId,
    amount,
    detail: {
      attempt: attemptId,
      kind,
      workstation: device.workstation.code,
      reason: storable(reason?.code ?? ''),
    },
  });
}

/** A charge that no payment takes, and that the terminal would not take back: the payer has to get it otherwise. */
async function takesBackNoPayment(
  { client }: Transaction,
  device: Device,
  attemptId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from card_attempt where device_id = $1 and attempt_id = $2 and kind <> 'sale' and payment_id is null`,
    [device.deviceId, attemptId],
  );
  return rowCount === 1;
}

/** A record that carries a card tender rests on an attempt that was made, for the same amount, and on nobody else's. */
async function carried(
  { client, db }: Transaction,
  device: Device,
  recordId: string,
  tenders: EntryPayload<'payment.accepted'>['tenders'],
): Promise<void> {
  for (const tender of tenders) {
    if (tender.kind !== 'card') continue;
    const { rowCount } = await client.query(
      `update card_attempt set booked_journal = $3
       where device_id = $1 and attempt_id = $2 and outcome = 'done' and recorded_as = $3 and amount = $4 and booked_journal is null`,
      [device.deviceId, tender.attemptId, recordId, tender.amount],
    );
    if (rowCount === 1) continue;
    await openCase(db, {
      kind: 'cardTenderUnproven',
      eventKey: `card:${recordId}`,
      deviceId: device.deviceId,
      amount: tender.amount,
      detail: { attempt: tender.attemptId, record: recordId, workstation: device.workstation.code },
    });
  }
}

async function dayClosed(
  { client, db }: Transaction,
  device: Device,
  day: EntryPayload<'pos.dayClosed'>,
  at: string | null,
): Promise<void> {
  const { terminal, journal } = day;
  await client.query(
    `insert into card_day (device_id, closing_id, terminal_id, business_date, closed_at, terminal_count, terminal_sum, journal_count, journal_sum)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      device.deviceId,
      day.closingId,
      day.terminalId === null ? null : storable(day.terminalId),
      storableDate(day.businessDate) ? day.businessDate : new Date().toISOString().slice(0, 10),
      at,
      terminal?.count ?? null,
      terminal?.sum ?? null,
      journal.count,
      journal.sum,
    ],
  );
  if (terminal !== null && terminal.sum === journal.sum && terminal.count === journal.count) return;
  await openCase(db, {
    kind: 'posTotalsDiffer',
    eventKey: `posDay:${device.deviceId}:${day.closingId}`,
    deviceId: device.deviceId,
    amount: terminal === null ? 0 : terminal.sum - journal.sum,
    detail: {
      workstation: device.workstation.code,
      terminal: terminal?.sum ?? null,
      journal: journal.sum,
      suspects: day.suspects.join(' '),
    },
  });
}
