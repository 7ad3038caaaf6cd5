import type { EntryBody, EntryPayload } from '../../contracts/journal.ts';
import type { PosResult } from '../../contracts/pos.ts';
import { bakuDate } from '../../contracts/time.ts';
import type { Transaction } from '../db/database.ts';
import { posClearingOf } from '../ledger/accounts.ts';
import type { Device } from '../registry/workstations.ts';
import { openCase } from './cases.ts';
import { cardAccountOf, type ReadEntry } from './journal-items.ts';
import { refusedData } from './post-batch.ts';
import { storable, storableDate } from './printable.ts';

/**
 * What counters did at their POS terminals, kept an attempt a row for the card centre's reconciliation. The money itself is
 * posted with its entry (journal-items.ts) before this runs; what does not fit together here is a case and stops no journal.
 */
export async function noteCardEntries(
  transaction: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
): Promise<void> {
  const entries = fresh.filter(({ body }) => body !== undefined && tellsOfCards(body));
  if (entries.length === 0) return;
  const journals = await journalsOf(transaction, device, entries);
  const { client } = transaction;
  await client.query('savepoint cards');
  try {
    for (const read of entries) await noteOne(transaction, device, read, journals);
    return;
  } catch (error) {
    if (!refusedData(error)) throw error;
    await client.query('rollback to savepoint cards');
  }
  for (const read of entries) {
    await client.query('savepoint card');
    try {
      await noteOne(transaction, device, read, journals);
    } catch (error) {
      if (!refusedData(error)) throw error;
      await client.query('rollback to savepoint card');
      await openCase(transaction.db, {
        kind: 'notPostable',
        eventKey: `entry:${device.deviceId}:${read.entry.seq}`,
        deviceId: device.deviceId,
        detail: { seq: read.entry.seq, type: read.body?.type ?? null },
      });
    }
  }
}

const tellsOfCards = ({ type, payload }: EntryBody): boolean =>
  type === 'payment.accepted' || type === 'payment.stornoed'
    ? payload.tenders.some(({ kind }) => kind === 'card')
    : type.startsWith('pos.');

/** The ledger journal of each entry that has one, by the entry's number. */
async function journalsOf(
  { client }: Transaction,
  device: Device,
  entries: readonly ReadEntry[],
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ seq: number; journal_id: string }>({
    name: 'card-journals',
    text: 'select seq, journal_id from device_journal where device_id = $1 and seq = any ($2) and journal_id is not null',
    values: [device.deviceId, entries.map(({ entry }) => entry.seq)],
  });
  return new Map(rows.map(({ seq, journal_id: journal }) => [seq, journal]));
}

/** An entry as it is noted: whose, when by the device's clock, and the ledger journal its money is in. */
type Noted = {
  readonly transaction: Transaction;
  readonly device: Device;
  readonly seq: number;
  readonly at: string | null;
  readonly journal: string | null;
};

async function noteOne(
  transaction: Transaction,
  device: Device,
  { entry, body, wallTime: at }: ReadEntry,
  journals: ReadonlyMap<number, string>,
): Promise<void> {
  const noted = { transaction, device, seq: entry.seq, at, journal: journals.get(entry.seq) ?? null };
  switch (body?.type) {
    case 'pos.prepared':
      return prepared(noted, body.payload);
    case 'pos.authorised':
      return authorised(noted, body.payload);
    case 'pos.decided':
      return decided(noted, body.payload);
    case 'pos.concluded':
      return concluded(noted, body.payload);
    case 'pos.dayClosed':
      return dayClosed(noted, body.payload);
    case 'payment.accepted':
      return carried(noted, 'sale', body.payload.paymentId, body.payload.tenders);
    case 'payment.stornoed':
      return carried(noted, 'back', body.payload.stornoId, body.payload.tenders);
    default:
      return;
  }
}

const text = (value: string | null): string | null => (value === null ? null : storable(value));

async function prepared(
  { transaction: { client }, device, at }: Noted,
  attempt: EntryPayload<'pos.prepared'>,
): Promise<void> {
  await client.query({
    name: 'card-prepared',
    text: `insert into card_attempt (device_id, attempt_id, participant_id, kind, driver, amount, original_id, payment_id, prepared_at, terminal_id)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
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
      // The terminal that was asked, until one answers.
      text(attempt.snapshot.terminalId),
    ],
  });
}

const told = (result: PosResult | null): readonly (string | null)[] =>
  result === null
    ? [null, null, null, null, null, null]
    : [
        result.terminalId,
        result.receiptNo,
        result.trace,
        result.authCode,
        result.cardName,
        result.maskedPan,
      ].map(text);

async function authorised(
  { transaction: { client }, device, at }: Noted,
  { attemptId, result }: EntryPayload<'pos.authorised'>,
): Promise<void> {
  await client.query({
    name: 'card-authorised',
    text: `update card_attempt set authorised_at = $3, terminal_id = coalesce($4, terminal_id), receipt_no = $5, trace = $6, auth_code = $7, card_name = $8, masked_pan = $9
      where device_id = $1 and attempt_id = $2 and outcome is null`,
    values: [device.deviceId, attemptId, at, ...told(result)],
  });
}

async function decided(
  { transaction: { client }, device }: Noted,
  { attemptId, decision }: EntryPayload<'pos.decided'>,
): Promise<void> {
  await client.query({
    name: 'card-decided',
    text: 'update card_attempt set decision = $3 where device_id = $1 and attempt_id = $2 and outcome is null',
    values: [device.deviceId, attemptId, decision],
  });
}

/** The last word on an attempt, whether or not its beginning ever came. The first last word stays. */
const CONCLUDE = {
  name: 'card-concluded',
  text: `insert into card_attempt as a (device_id, attempt_id, participant_id, kind, amount, outcome, concluded_at, reason, recorded_as,
      ledger_account, booked_journal, terminal_id, receipt_no, trace, auth_code, card_name, masked_pan)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    on conflict (device_id, attempt_id) do update set kind = excluded.kind, amount = excluded.amount, outcome = excluded.outcome,
      concluded_at = excluded.concluded_at, reason = excluded.reason, recorded_as = excluded.recorded_as,
      ledger_account = excluded.ledger_account, booked_journal = excluded.booked_journal,
      terminal_id = coalesce(excluded.terminal_id, a.terminal_id), receipt_no = coalesce(excluded.receipt_no, a.receipt_no),
      trace = coalesce(excluded.trace, a.trace), auth_code = coalesce(excluded.auth_code, a.auth_code),
      card_name = coalesce(excluded.card_name, a.card_name), masked_pan = coalesce(excluded.masked_pan, a.masked_pan)
    where a.outcome is null`,
};

async function concluded(noted: Noted, word: EntryPayload<'pos.concluded'>): Promise<void> {
  const { transaction, device, at, journal } = noted;
  const { attemptId, kind, outcome, amount, result, reason, recordedAs } = word;
  const { rowCount } = await transaction.client.query({
    ...CONCLUDE,
    values: [
      device.deviceId,
      attemptId,
      device.participantId,
      kind,
      amount,
      outcome,
      at,
      reason === null ? null : storable(`${reason.code} ${reason.detail}`.trim()),
      recordedAs,
      outcome === 'done' ? posClearingOf(device.participantId, result?.terminalId ?? null) : null,
      journal,
      ...told(result),
    ],
  });
  if (rowCount === 0) return concludedBefore(noted, attemptId, amount);
  if (outcome !== 'manual' && outcome !== 'declined') return;
  const attempt = await attemptOf(noted, attemptId);
  // A storno that the terminal refuses moved nothing. A charge that no payment takes has to be given back otherwise.
  const stranded = outcome === 'declined' && kind !== 'sale' && attempt?.['payment'] === null;
  if (outcome !== 'manual' && !stranded) return;
  await openCase(transaction.db, {
    kind: stranded ? 'cardNotReversed' : 'cardOutcomeUnknown',
    eventKey: `attempt:${device.deviceId}:${attemptId}`,
    deviceId: device.deviceId,
    amount,
    detail: { attempt: attemptId, kind, workstation: device.workstation.code, ...attempt },
  });
}

/** A second last word on an attempt. What it moved is in the books; which of the two is true is for a person. */
async function concludedBefore(noted: Noted, attemptId: string, amount: number): Promise<void> {
  const { transaction, device, seq, journal } = noted;
  const attempt = await attemptOf(noted, attemptId);
  const { rowCount } = await transaction.client.query(
    'select from card_attempt where device_id = $1 and attempt_id = $2 and booked_journal = $3',
    [device.deviceId, attemptId, journal],
  );
  if (rowCount === 1) return; // the same entry, told twice
  await openCase(transaction.db, {
    kind: 'cardConcludedTwice',
    eventKey: journal === null ? `entry:${device.deviceId}:${seq}` : `card:${journal}`,
    deviceId: device.deviceId,
    amount,
    detail: { attempt: attemptId, seq, workstation: device.workstation.code, ...attempt },
  });
}

/** What a person asks the card centre with; undefined where nothing is known of the attempt. */
async function attemptOf(
  { transaction: { client }, device }: Noted,
  attemptId: string,
): Promise<Readonly<Record<string, string | null>> | undefined> {
  const { rows } = await client.query<Record<string, string | null>>(
    `select payment_id as payment, original_id as original, terminal_id as terminal, receipt_no as "terminalReceipt", trace,
       auth_code as "authCode", masked_pan as card, decision, outcome, reason
     from card_attempt where device_id = $1 and attempt_id = $2`,
    [device.deviceId, attemptId],
  );
  return rows[0];
}

/**
 * A record that carries a card tender rests on an attempt that this device concluded for it, on the same terminal, for the
 * same amount; and an attempt pays for one record only. The tender is a fact all the same: it is posted, and a person looks.
 */
async function carried(
  noted: Noted,
  way: 'sale' | 'back',
  recordId: string,
  tenders: EntryPayload<'payment.accepted'>['tenders'],
): Promise<void> {
  const { transaction, device, journal } = noted;
  for (const tender of tenders) {
    if (tender.kind !== 'card') continue;
    const { rowCount } = await transaction.client.query({
      name: 'card-carried',
      text: `update card_attempt set booked_journal = $3
        where device_id = $1 and attempt_id = $2 and outcome = 'done' and (kind = 'sale') = $4 and recorded_as = $5 and amount = $6
          and ledger_account = $7 and (booked_journal is null or booked_journal = $3)`,
      values: [
        device.deviceId,
        tender.attemptId,
        journal,
        way === 'sale',
        recordId,
        tender.amount,
        cardAccountOf(device, tenders),
      ],
    });
    if (rowCount === 1 && journal !== null) continue;
    await openCase(transaction.db, {
      kind: 'cardTenderUnproven',
      eventKey: `card:${journal ?? recordId}`,
      deviceId: device.deviceId,
      amount: tender.amount,
      detail: {
        attempt: tender.attemptId,
        record: recordId,
        workstation: device.workstation.code,
        terminal: text(tender.terminalId),
        authCode: text(tender.authCode),
        card: tender.maskedPan,
        concluded: (await attemptOf(noted, tender.attemptId))?.['outcome'] ?? null,
      },
    });
  }
}

async function dayClosed(
  { transaction: { client, db }, device, at }: Noted,
  day: EntryPayload<'pos.dayClosed'>,
): Promise<void> {
  const { terminal, journal } = day;
  await client.query(
    `insert into card_day (device_id, closing_id, terminal_id, business_date, closed_at, terminal_count, terminal_sum, journal_count, journal_sum)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      device.deviceId,
      day.closingId,
      text(day.terminalId),
      storableDate(day.businessDate) ? day.businessDate : bakuDate(Date.now()),
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
      terminalId: text(day.terminalId),
      terminal: terminal?.sum ?? null,
      terminalCount: terminal?.count ?? null,
      journal: journal.sum,
      journalCount: journal.count,
      reason: text(day.reason?.code ?? null),
      suspects: day.suspects.join(' '),
    },
  });
}
