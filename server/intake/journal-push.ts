import { GENESIS_HASH, type EntryOutcome, type SignedEntry } from '../../contracts/journal.ts';
import { fail, ok, type Failure, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import { inTransaction, type Database, type Transaction } from '../db/database.ts';
import { audit } from '../registry/audit.ts';
import { devicePublicKey } from '../registry/identity.ts';
import type { Device } from '../registry/workstations.ts';
import { noteLoadPayments } from '../vending/load-payments.ts';
import { openCase } from './cases.ts';
import { noteCardEntries } from './card-entries.ts';
import { checkClosedShifts, checkReceiptNumbers, flagSkew } from './journal-doubts.ts';
import { checkChain, firstForged } from './journal-chain.ts';
import { movesMoney, readEntry, toPostings, type ReadEntry } from './journal-items.ts';
import {
  EMPTY_BATCH,
  onlyItem,
  postAlone,
  postBatch,
  refusedData,
  type Posted,
  type PostingBatch,
} from './post-batch.ts';
import { storable } from './printable.ts';
import { applyRegistryEntry } from './registry-entries.ts';

export type Outcome = {
  readonly seq: number;
  readonly outcome: EntryOutcome;
  readonly postedAt: Instant | null;
  readonly note: string | null;
};

export type PushAnswer = { readonly acknowledgedThrough: number; readonly outcomes: readonly Outcome[] };
export type PushCode = 'journalGap' | 'journalFork' | 'journalForged' | 'deviceQuarantined';

/**
 * Takes in the next entries of a device's journal, all or none. What is here already gets its first answer; a gap is
 * asked for; a forged batch changes nothing; a fork (another, validly signed, past) stops the device for a person.
 */
export async function pushJournal(
  database: Database,
  device: Device,
  entries: readonly SignedEntry[],
): Promise<Result<PushAnswer, PushCode>> {
  const key = devicePublicKey(device.publicKey);
  if (!key) throw new Error(`device ${device.deviceId} was enrolled with a broken key`);
  const chain = checkChain(device.deviceId, entries);
  if (!chain.ok) return refuse(database, device, chain.error);
  const forged = firstForged(key, provingEntries(entries)); // in the thread pool, while this thread reads
  const read = entries.map(readEntry);
  const found = await forged;
  if (found) return refuse(database, device, { code: 'journalForged', detail: { seq: found.seq } });
  return inTransaction(database, (transaction) => take(transaction, device, read));
}

/**
 * The entries whose signatures are checked before a batch is taken: all of a short one; of a long one (a drain) the
 * last, whose hash covers every entry before it, so that nothing in the batch can be other than what the device signed.
 * The rest are evidence for single entries and are checked right after (signature-check.ts).
 */
const provingEntries = (entries: readonly SignedEntry[]): readonly SignedEntry[] =>
  entries.length <= SIGNATURES_AT_ONCE ? entries : entries.slice(-1);
const SIGNATURES_AT_ONCE = 64;

async function refuse(
  database: Database,
  device: Device,
  error: Failure<'journalGap' | 'journalForged'>,
): Promise<Result<never, PushCode>> {
  if (error.code === 'journalForged') {
    await audit(database.db, `device:${device.deviceId}`, error.code, device.deviceId, { ...error.detail });
  }
  return { ok: false, error };
}

type Head = { readonly head_seq: number; readonly head_hash: string; readonly status: string };

async function take(
  transaction: Transaction,
  device: Device,
  read: readonly ReadEntry[],
): Promise<Result<PushAnswer, PushCode>> {
  const { client, db } = transaction;
  const locked = await client.query<Head>({
    name: 'device-lock',
    text: 'select head_seq, head_hash, status from device where device_id = $1 for update',
    values: [device.deviceId],
  });
  const head = locked.rows[0];
  if (!head || head.status !== 'active') return fail('deviceQuarantined');
  const first = read[0]?.entry.seq ?? 0;
  if (first > head.head_seq + 1) return fail('journalGap', { expectedSeq: head.head_seq + 1 });
  const known = await knownOutcomes(
    transaction,
    device,
    read.filter(({ entry }) => entry.seq <= head.head_seq),
  );
  const fresh = read.filter(({ entry }) => entry.seq > head.head_seq);
  const follows =
    fresh[0] === undefined ||
    fresh[0].entry.prevHash === (head.head_seq === 0 ? GENESIS_HASH : head.head_hash);
  const forkedAt = known.forkedAt ?? (follows ? undefined : fresh[0]?.entry.seq);
  if (forkedAt !== undefined) {
    await quarantine(transaction, device, forkedAt);
    return fail('journalFork', { seq: forkedAt });
  }
  const outcomes = await takeFresh(transaction, device, fresh);
  const last = fresh.at(-1);
  if (last) await moveHead(transaction, device, last, read.length <= SIGNATURES_AT_ONCE);
  await flagSkew(db, device, last);
  await checkClosedShifts(transaction, device, fresh);
  await checkReceiptNumbers(transaction, device, fresh);
  await noteCardEntries(transaction, device, fresh);
  await noteLoadPayments(transaction, device, fresh, outcomes);
  return ok({
    acknowledgedThrough: last?.entry.seq ?? head.head_seq,
    outcomes: [...known.outcomes, ...outcomes],
  });
}

type KnownRow = {
  seq: number;
  hash: string;
  outcome: EntryOutcome;
  posted_at: Instant | null;
  note: string | null;
};

/** The first answers to entries that are here already, or where they differ from what is here. */
async function knownOutcomes(
  { client }: Transaction,
  device: Device,
  read: readonly ReadEntry[],
): Promise<{ readonly outcomes: readonly Outcome[]; readonly forkedAt: number | undefined }> {
  if (read.length === 0) return { outcomes: [], forkedAt: undefined };
  const { rows } = await client.query<KnownRow>(
    'select seq, hash, outcome, posted_at, note from device_journal where device_id = $1 and seq between $2 and $3 order by seq',
    [device.deviceId, read[0]?.entry.seq, read.at(-1)?.entry.seq],
  );
  const forked = rows.find((row, index) => row.hash !== read[index]?.entry.hash);
  const outcomes = rows.map((row) => ({
    seq: row.seq,
    outcome: row.outcome,
    postedAt: row.posted_at,
    note: row.note,
  }));
  return { outcomes, forkedAt: forked?.seq };
}

async function quarantine({ db }: Transaction, device: Device, seq: number): Promise<void> {
  await db
    .updateTable('device')
    .set({ status: 'quarantined', quarantine_reason: `journalFork at entry ${seq}` })
    .where('device_id', '=', device.deviceId)
    .execute();
  await openCase(db, {
    kind: 'journalFork',
    eventKey: `fork:${device.deviceId}:${seq}`,
    deviceId: device.deviceId,
    detail: { seq, workstation: device.workstation.code },
  });
  await audit(db, `device:${device.deviceId}`, 'workstation.quarantined', device.deviceId, {
    reason: 'journalFork',
    seq,
  });
}

type Taken = {
  readonly outcome: EntryOutcome;
  readonly postedAt: Instant | null;
  readonly note: string | null;
  readonly journalId: string | null;
};

async function takeFresh(
  transaction: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
): Promise<readonly Outcome[]> {
  if (fresh.length === 0) return [];
  const money = await post(transaction, device, toPostings(device, fresh));
  const posted = new Map(money.map((one) => [one.i, one]));
  const taken: Taken[] = [];
  for (const [i, read] of fresh.entries()) {
    const done = posted.get(i);
    taken.push(
      done
        ? { outcome: done.outcome, postedAt: done.postedAt, note: done.note, journalId: done.journalId }
        : { ...(await takeRecord(transaction, device, read)), postedAt: null, journalId: null },
    );
  }
  await store(transaction, device, fresh, taken);
  return fresh.map(({ entry }, i) => ({
    seq: entry.seq,
    outcome: taken[i]?.outcome ?? 'recorded',
    postedAt: taken[i]?.postedAt ?? null,
    note: taken[i]?.note ?? null,
  }));
}

/** Posts the batch; if the database refuses the data of one item, each by itself, and that one becomes a case. */
async function post(
  { client, db }: Transaction,
  device: Device,
  batch: PostingBatch,
): Promise<readonly Posted[]> {
  const items = [...batch.payments, ...batch.stornos, ...batch.shifts, ...batch.unplaced].sort(
    (a, b) => a.i - b.i,
  );
  if (items.length === 0) return [];
  await client.query('savepoint batch');
  try {
    return await postBatch(client, batch);
  } catch (error) {
    if (!refusedData(error)) throw error;
    await client.query('rollback to savepoint batch');
  }
  const posted: Posted[] = [];
  for (const { i } of items) {
    await client.query('savepoint item');
    try {
      const undo = () => client.query('rollback to savepoint item');
      posted.push(...(await postAlone(() => postBatch(client, onlyItem(batch, i)), undo)));
    } catch (error) {
      if (!refusedData(error)) throw error;
      await client.query('rollback to savepoint item');
      posted.push(...(await postUnplaced(client, device, batch, i)));
      await audit(db, 'centre', 'intake.refusedData', device.deviceId, {
        reason: error instanceof Error ? storable(error.message) : '',
      });
    }
  }
  return posted;
}

/**
 * The cash of an item that could not be posted as what it is; nothing where even that is refused, which leaves the entry
 * to a person without a posting.
 */
async function postUnplaced(
  client: Transaction['client'],
  device: Device,
  batch: PostingBatch,
  i: number,
): Promise<readonly Posted[]> {
  const payment = batch.payments.find((item) => item.i === i);
  const storno = batch.stornos.find((item) => item.i === i);
  const item = payment ?? storno;
  if (!item) return [];
  try {
    return await postBatch(client, {
      ...EMPTY_BATCH,
      unplaced: [
        {
          i,
          id: item.entry ?? item.id,
          hash: item.hash,
          date: item.date,
          cash: payment ? payment.debit : (storno?.credit ?? ''),
          amount: payment ? payment.total : -(storno?.total ?? 0),
          ...(item.card === undefined
            ? {}
            : { card: payment ? item.card : -item.card, cardAccount: item.cardAccount ?? '' }),
          reason: 'notPostable',
          device: device.deviceId,
          payment: item.id,
          detail: { receiptNo: storable(item.receipt) },
        },
      ],
    });
  } catch (error) {
    if (!refusedData(error)) throw error;
    await client.query('rollback to savepoint item');
    return [];
  }
}

/** What becomes of an entry that moves no money, or whose money could not be posted at all. */
async function takeRecord(
  { client, db }: Transaction,
  device: Device,
  { entry, body, unreadable }: ReadEntry,
): Promise<Pick<Taken, 'outcome' | 'note'>> {
  const eventKey = `entry:${device.deviceId}:${entry.seq}`;
  if (!body) {
    await openCase(db, {
      kind: 'entryUnreadable',
      eventKey,
      deviceId: device.deviceId,
      detail: { seq: entry.seq, reason: storable(unreadable ?? '') },
    });
    return { outcome: 'case', note: 'entryUnreadable' };
  }
  await client.query('savepoint record');
  let refusal: string | null;
  try {
    refusal = movesMoney(body) ? 'notPostable' : await applyRegistryEntry(db, device, body);
  } catch (error) {
    if (!refusedData(error)) throw error;
    await client.query('rollback to savepoint record');
    refusal = 'notPostable';
  }
  await client.query('release savepoint record');
  if (refusal === null) return { outcome: 'recorded', note: null };
  await openCase(db, {
    kind: refusal,
    eventKey,
    deviceId: device.deviceId,
    detail: { seq: entry.seq, type: body.type },
  });
  return { outcome: 'case', note: refusal };
}

const STORE = {
  name: 'device-journal-store',
  text: `insert into device_journal (device_id, seq, entry_id, type, prev_hash, hash, signature, body, wall_time, received_at, outcome, posted_at, note, journal_id)
    select $1, x.seq, x.id, x.type, x.prev, x.hash, x.sig, x.body, x.wall, date_trunc('milliseconds', clock_timestamp()), x.outcome, x.posted, x.note, x.journal
    from json_to_recordset($2::json) as x(seq bigint, id uuid, type text, prev text, hash text, sig text, body text, wall timestamptz,
      outcome text, posted timestamptz, note text, journal uuid)`,
};

async function store(
  { client }: Transaction,
  device: Device,
  fresh: readonly ReadEntry[],
  taken: readonly Taken[],
): Promise<void> {
  const rows = fresh.map(({ entry, body, wallTime }, i) => ({
    seq: entry.seq,
    id: body?.entryId ?? null,
    type: body?.type ?? null,
    prev: entry.prevHash,
    hash: entry.hash,
    sig: entry.signature,
    body: entry.body,
    wall: wallTime,
    outcome: taken[i]?.outcome,
    posted: taken[i]?.postedAt,
    note: taken[i]?.note,
    journal: taken[i]?.journalId,
  }));
  await client.query({ ...STORE, values: [device.deviceId, JSON.stringify(rows)] });
}

async function moveHead(
  { client }: Transaction,
  device: Device,
  { entry, wallTime }: ReadEntry,
  allChecked: boolean,
): Promise<void> {
  await client.query({
    name: 'device-head',
    text: `update device set head_seq = $2, head_hash = $3, last_seen_at = now(),
      signatures_through = case when $5 and signatures_through = head_seq then $2 else signatures_through end,
      clock_skew_ms = coalesce((extract(epoch from ($4::timestamptz - clock_timestamp())) * 1000)::bigint, clock_skew_ms) where device_id = $1`,
    values: [device.deviceId, entry.seq, entry.hash, wallTime, allChecked],
  });
}
