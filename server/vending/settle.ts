import type { Transaction } from '../db/database.ts';
import { closeCase, openCase } from '../intake/cases.ts';
import { judgeReading, type Reading } from './card-reading.ts';
import { lockCard, note, orderedLoad, type CardRow, type LoadRow, type Queries } from './rows.ts';

/** What a genuine reading does to the books of a card: an open load is confirmed, a card that cannot be is blocked. */
export type Settled =
  | { readonly kind: 'incident' }
  /** It shows what the card was before its last load was confirmed: nothing can be said on it. */
  | { readonly kind: 'overtaken' }
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
    if (reading.counter < card.counter && turn < card.counted_turn) return { kind: 'overtaken' };
    await blockForIncident(transaction, card, reading, deviceId);
    return { kind: 'incident' };
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
  if (load.stornoed_at !== null) {
    await closeCase(db, stornoedKey(load.load_id, 'open'), 'confirmed');
    await openCase(db, {
      kind: 'loadStornoedWritten',
      eventKey: stornoedKey(load.load_id, 'written'),
      deviceId: proof.deviceId,
      amount: load.amount,
      detail: { loadId: load.load_id, cardId: card.card_id },
    });
  }
}

async function takeLoad(queries: Queries, card: CardRow, load: LoadRow): Promise<void> {
  await queries.query(
    `update meter_card set counter = counter + 1, last_load_id = $2, counted_turn = nextval('meter_turn'), credit_owed = greatest(credit_owed - $3, 0) where card_id = $1`,
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

/**
 * A person's decision on a card that was blocked for an incident: it counts as its last genuine reading said. Only ahead of what is
 * known, which is what a restored centre sees; a card that was rolled back stays blocked.
 * @returns the counter that is expected from now on, or what is against it
 */
export async function acceptCounter(
  { client, db }: Transaction,
  cardId: string,
  actor: string,
  reason: string,
): Promise<{ readonly counter: number } | 'notBlocked' | 'notAhead' | 'loadOpen'> {
  const card = await lockCard(client, cardId);
  if (card.blocked_because !== 'incident') return 'notBlocked';
  const { rows } = await client.query<{ counter: number; last: string | null }>(
    `select (detail->>'counterSeen')::bigint as counter, detail->>'lastSeen' as last from meter_event
     where card_id = $1 and kind = 'incident' order by event_no desc limit 1`,
    [cardId],
  );
  const [seen] = rows;
  if (!seen || seen.counter <= card.counter) return 'notAhead';
  // A paid load that the card has as its last is on it; of any other that is open nobody could say.
  const { rows: open } = await client.query<{ load_id: string; state: string }>(
    `select load_id, state from meter_load where card_id = $1 and state in ('paid', 'authorised') for update`,
    [cardId],
  );
  const onCard = open.find((one) => one.load_id === seen.last && one.state === 'paid');
  if (open.some((one) => one !== onCard)) return 'loadOpen';
  if (onCard) {
    await client.query(
      `update meter_load set state = 'confirmed', counter = $2, ended_at = clock_timestamp() where load_id = $1`,
      [onCard.load_id, seen.counter - 1],
    );
    await note(client, {
      cardId,
      loadId: onCard.load_id,
      kind: 'confirmed',
      detail: { by: 'accepted', actor },
    });
    await closeCase(db, owedKey(onCard.load_id), 'confirmed');
  }
  await client.query(
    `update meter_card set state = 'active', blocked_because = null, blocked_at = null, counter = $2, last_load_id = $3, counted_turn = nextval('meter_turn') where card_id = $1`,
    [cardId, seen.counter, seen.last],
  );
  await note(client, { cardId, kind: 'accepted', detail: { ...seen, actor, reason } });
  return { counter: seen.counter };
}

/** The event of a payment given back while its load was at a card, or on it. */
export const stornoedKey = (loadId: string, when: 'open' | 'written'): string =>
  `loadStornoed:${loadId}:${when}`;

/** The event of a paid load that waits too long (watch.ts). */
export const owedKey = (loadId: string): string => `loadOwed:${loadId}`;
