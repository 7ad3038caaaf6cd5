import type pg from 'pg';
import type { CentreLoadState } from '../../contracts/centre-meter-card.ts';
import type { Instant } from '../../contracts/time.ts';
import { loadRulesSchema, type LoadRules } from './rules.ts';
import type { TierShare } from './tariff.ts';

/** The rows of cards, loads and rules, and how they are found and held. */

/** A pool, or a connection inside a transaction. */
export type Queries = Pick<pg.PoolClient, 'query'>;

export type CardRow = {
  readonly card_id: string;
  readonly biller_id: string;
  /** The company's number. */
  readonly company: string;
  readonly account: string;
  readonly meter: string;
  readonly unit: 'money' | 'litres' | 'wattHours';
  readonly class: 'A' | 'B';
  readonly key_revision: number;
  readonly state: 'active' | 'blocked';
  readonly blocked_because: 'incident' | 'writtenOff' | 'office' | null;
  readonly counter: number;
  readonly last_load_id: string | null;
  /** When it last counted, among nonces and orders. */
  readonly counted_turn: number;
  readonly credit_owed: number;
  readonly read_at: Instant | null;
  readonly read_device: string | null;
  readonly read_known: boolean | null;
  readonly read_taken_through: number | null;
};

const CARD = `select c.card_id, c.biller_id, b.number as company, c.account, c.meter, c.unit, c.class, c.key_revision, c.state, c.blocked_because,
    c.counter, c.last_load_id, c.counted_turn, c.credit_owed, c.read_at, c.read_device, c.read_known, c.read_taken_through
  from meter_card c join biller b using (biller_id) where c.card_id = $1`;

export async function findCard(queries: Queries, cardId: string): Promise<CardRow | undefined> {
  const { rows } = await queries.query<CardRow>({ name: 'meter-card', text: CARD, values: [cardId] });
  return rows[0];
}

/** The card, held until the transaction ends. Whoever changes a card or gives it an order holds it first. */
export async function lockCard(queries: Queries, cardId: string): Promise<CardRow> {
  const { rows } = await queries.query<CardRow>({
    name: 'meter-card-lock',
    text: `${CARD} for update of c`,
    values: [cardId],
  });
  const [card] = rows;
  if (!card) throw new Error(`the card ${cardId} was there a moment ago`);
  return card;
}

export type LoadRow = {
  readonly load_id: string;
  readonly card_id: string;
  readonly biller_id: string;
  readonly account: string;
  readonly amount: number;
  readonly fee: number;
  readonly gross_units: number;
  readonly credit_deducted: number;
  readonly units: number;
  readonly tiers: readonly TierShare[];
  readonly expires_at: Instant;
  readonly expired: boolean;
  readonly state: CentreLoadState;
  readonly line_id: string | null;
  readonly stornoed_at: Instant | null;
  readonly counter: number | null;
  readonly authorised_turn: number | null;
  readonly authorised_device: string | null;
  readonly request_hash: string | null;
  readonly found_at: Instant | null;
};

const LOAD = `select load_id, card_id, biller_id, account, amount, fee, gross_units, credit_deducted, units, tiers, expires_at,
    expires_at < clock_timestamp() as expired, state, line_id, stornoed_at, counter, authorised_turn, authorised_device, request_hash, found_at
  from meter_load`;

export async function findLoad(queries: Queries, loadId: string): Promise<LoadRow | undefined> {
  const { rows } = await queries.query<LoadRow>(`${LOAD} where load_id = $1`, [loadId]);
  return rows[0];
}

/** The load, held until the transaction ends; after its card. */
export async function lockLoad(queries: Queries, loadId: string): Promise<LoadRow> {
  const { rows } = await queries.query<LoadRow>(`${LOAD} where load_id = $1 for update`, [loadId]);
  const [load] = rows;
  if (!load) throw new Error(`the load ${loadId} was there a moment ago`);
  return load;
}

/** The load whose order went out and may be on the card: authorised, or written off since and not found. */
export async function orderedLoad(queries: Queries, card: CardRow): Promise<LoadRow | undefined> {
  const { rows } = await queries.query<LoadRow>(
    `${LOAD} where card_id = $1 and counter = $2 and (state = 'authorised' or (state = 'writtenOff' and found_at is null)) for update`,
    [card.card_id, card.counter],
  );
  return rows[0];
}

/** The company's rules, and whether it takes payments now; undefined when it loads no cards. */
export async function rulesOf(
  queries: Queries,
  billerId: string,
): Promise<{ readonly rules: LoadRules; readonly live: boolean } | undefined> {
  const { rows } = await queries.query<{ rules: unknown; live: boolean }>(
    `select r.rules, b.status = 'live' as live from meter_rules r join biller b using (biller_id) where r.biller_id = $1`,
    [billerId],
  );
  return rows[0] && { rules: loadRulesSchema.parse(rows[0].rules), live: rows[0].live };
}

/** What was bought for an account in this calendar year (Asia/Baku), in units, with what its cards brought along. */
export async function usedThisYear(queries: Queries, card: CardRow): Promise<number> {
  const { rows } = await queries.query<{ used: number }>(
    `with year as (select extract(year from now() at time zone 'Asia/Baku')::int as y)
     select (select coalesce(sum(l.gross_units), 0)::bigint from meter_load l, year
         where l.biller_id = $1 and l.account = $2 and l.state in ('paid', 'authorised', 'confirmed')
           and extract(year from l.paid_at at time zone 'Asia/Baku') = year.y)
       + (select coalesce(sum(c.used_units), 0)::bigint from meter_card c, year
         where c.biller_id = $1 and c.account = $2 and c.used_year = year.y) as used`,
    [card.biller_id, card.account],
  );
  return rows[0]?.used ?? 0;
}

/** What was authorised today (Asia/Baku): loads onto a card, and amounts of this company by a device. */
export async function authorisedToday(
  queries: Queries,
  card: CardRow,
  deviceId: string,
): Promise<{ readonly loadsToday: number; readonly deviceAmountToday: number }> {
  const { rows } = await queries.query<{ loads: number; amount: number }>(
    `with today as (select date_trunc('day', now() at time zone 'Asia/Baku') at time zone 'Asia/Baku' as since)
     select count(*) filter (where card_id = $1) as loads,
       coalesce(sum(amount) filter (where authorised_device = $2 and biller_id = $3), 0)::bigint as amount
     from meter_load, today
     where authorised_at >= today.since and state in ('authorised', 'confirmed')
       and (card_id = $1 or authorised_device = $2)`,
    [card.card_id, deviceId, card.biller_id],
  );
  return { loadsToday: rows[0]?.loads ?? 0, deviceAmountToday: rows[0]?.amount ?? 0 };
}

/** Writes down what happened, with the evidence. Never a key, a code or an order. */
export async function note(
  queries: Queries,
  event: {
    readonly cardId: string;
    readonly loadId?: string | null;
    readonly kind: string;
    readonly deviceId?: string | null;
    readonly detail?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await queries.query(
    'insert into meter_event (card_id, load_id, kind, device_id, detail) values ($1, $2, $3, $4, $5)',
    [
      event.cardId,
      event.loadId ?? null,
      event.kind,
      event.deviceId ?? null,
      JSON.stringify(event.detail ?? {}),
    ],
  );
}
