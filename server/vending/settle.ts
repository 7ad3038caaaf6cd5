import type { Transaction } from '../db/database.ts';
import { closeCase, openCase } from '../intake/cases.ts';
import { judgeReading, type Reading } from './card-reading.ts';
import { lockCard, note, orderedLoad, type CardRow, type LoadRow, type Queries } from './rows.ts';

/** What a genuine reading does to the books of a card: an open load is confirmed, a card that cannot be is blocked. */
export type Settled =
  | { readonly kind: 'incident'; readonly card: CardRow }
  | {
      readonly kind: 'asKnown' | 'applied';
      readonly card: CardRow;
      /** The load whose order had gone out: confirmed now, or known not to be on the card as of this reading. */
      readonly ordered: LoadRow | undefined;
      /** The reading is younger than the last order of that load: it says what became of it. */
      readonly sinceOrder: boolean;
    };

export type ReadBy = {
  readonly deviceId: string;
  /** The turn of the nonce that the evidence answers. */
  readonly turn: number;
};

/** Holds the card and settles what the reading proves. The reading must have been checked with the card's key. */
export async function settleReading(
  transaction: Transaction,
  cardId: string,
  reading: Reading,
  { deviceId, turn }: ReadBy,
): Promise<Settled> {
  const { client } = transaction;
  const card = await lockCard(client, cardId);
  const ordered = await orderedLoad(client, card);
  const verdict = judgeReading(
    {
      counter: card.counter,
      lastLoadId: card.last_load_id,
      ordered: ordered ? { loadId: ordered.load_id, units: ordered.units } : null,
    },
    reading,
  );
  if (verdict === 'incident') {
    await blockForIncident(transaction, card, reading, deviceId);
    return { kind: 'incident', card: await lockCard(client, cardId) };
  }
  if (verdict === 'applied' && ordered)
    await (ordered.state === 'authorised'
      ? confirmLoad(transaction, card, ordered, { deviceId, by: 'status' })
      : noteFound(transaction, card, ordered, deviceId));
  await client.query(
    `update meter_card set read_at = clock_timestamp(), read_device = $2, read_known = $3, read_taken_through = $4,
       last_load_id = coalesce(last_load_id, $5) where card_id = $1`,
    [cardId, deviceId, reading.meter.known, reading.meter.takenThrough, reading.last?.loadId ?? null],
  );
  return {
    kind: verdict,
    card: await lockCard(client, cardId),
    ordered,
    sinceOrder: turn > (ordered?.authorised_turn ?? -1),
  };
}

/** Confirms a load on its card, both held: the card counts one more, and its credit is paid back. */
export async function confirmLoad(
  { client, db }: Transaction,
  card: CardRow,
  load: LoadRow,
  proof: { readonly deviceId: string; readonly by: 's3' | 'status'; readonly evidence?: string },
): Promise<void> {
  await client.query(
    `update meter_load set state = 'confirmed', ended_at = clock_timestamp() where load_id = $1`,
    [load.load_id],
  );
  await takeLoad(client, card, load);
  await note(client, {
    cardId: card.card_id,
    loadId: load.load_id,
    kind: 'confirmed',
    deviceId: proof.deviceId,
    detail: { by: proof.by, ...(proof.evidence === undefined ? {} : { evidence: proof.evidence }) },
  });
  await closeCase(db, owedKey(load.load_id), 'confirmed');
  if (load.stornoed_at !== null)
    await openCase(db, {
      kind: 'loadStornoedWritten',
      eventKey: `loadStornoed:${load.load_id}:written`,
      deviceId: proof.deviceId,
      amount: load.amount,
      detail: { loadId: load.load_id, cardId: card.card_id },
    });
}

async function takeLoad(queries: Queries, card: CardRow, load: LoadRow): Promise<void> {
  await queries.query(
    `update meter_card set counter = counter + 1, last_load_id = $2, credit_owed = greatest(credit_owed - $3, 0) where card_id = $1`,
    [card.card_id, load.load_id, load.credit_deducted],
  );
  // Two prices asked at once deduct the same credit; it is owed once.
  await queries.query(
    `update meter_load l set credit_deducted = least(l.credit_deducted, c.credit_owed) from meter_card c
     where c.card_id = l.card_id and l.card_id = $1 and l.state in ('quoted', 'paid') and l.credit_deducted > c.credit_owed`,
    [card.card_id],
  );
}

/** A load that was written off is on its card after all: its payer may have both, and a person must know. */
async function noteFound(
  { client, db }: Transaction,
  card: CardRow,
  load: LoadRow,
  deviceId: string,
): Promise<void> {
  await client.query('update meter_load set found_at = clock_timestamp() where load_id = $1', [load.load_id]);
  await takeLoad(client, card, load);
  await note(client, { cardId: card.card_id, loadId: load.load_id, kind: 'found', deviceId });
  await openCase(db, {
    kind: 'loadWrittenOffFound',
    eventKey: `loadFound:${load.load_id}`,
    deviceId,
    amount: load.amount,
    detail: { loadId: load.load_id, cardId: card.card_id },
  });
}

async function blockForIncident(
  transaction: Transaction,
  card: CardRow,
  { counter, last }: Reading,
  deviceId: string,
): Promise<void> {
  const seen = {
    cardId: card.card_id,
    counterSeen: counter,
    counterExpected: card.counter,
    lastSeen: last?.loadId ?? null,
    lastExpected: card.last_load_id,
  };
  await blockCard(transaction.client, card, 'incident');
  await note(transaction.client, { cardId: card.card_id, kind: 'incident', deviceId, detail: seen });
  await openCase(transaction.db, {
    kind: 'meterCardIncident',
    eventKey: `meterCard:${card.card_id}:${counter}:${last?.loadId ?? 'none'}`,
    deviceId,
    detail: seen,
  });
}

/** Blocks a card; the first reason stays. */
export async function blockCard(
  queries: Queries,
  card: CardRow,
  because: 'incident' | 'writtenOff' | 'office',
): Promise<void> {
  await queries.query(
    `update meter_card set state = 'blocked', blocked_because = $2, blocked_at = clock_timestamp() where card_id = $1 and state = 'active'`,
    [card.card_id, because],
  );
}

/** The event of a paid load that waits too long (overdue.ts). */
export const owedKey = (loadId: string): string => `loadOwed:${loadId}`;
