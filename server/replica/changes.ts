import type pg from 'pg';
import type { ReplicaAccount, ReplicaCredit, ReplicaList } from '../../contracts/centre.ts';
import type { Subscriber } from '../../contracts/domain.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Database } from '../db/database.ts';
import { sha256 } from '../registry/identity.ts';
import { after, cursorAt, decodeCursor, encodeCursor, type Cursor } from './cursor.ts';

export type ReplicaChanges = {
  readonly restart: boolean;
  readonly accounts: readonly ReplicaAccount[];
  readonly credits: readonly ReplicaCredit[];
  readonly subscribers: readonly Subscriber[];
  readonly lists: readonly ReplicaList[];
  readonly cursor: string;
  readonly more: boolean;
  readonly trueAt: Instant;
};

/**
 * One page of what changed in a district since a cursor.
 *
 * Rows carry the transaction that wrote them. A page holds only rows of transactions below the horizon, the oldest one
 * still running when the page was read: whatever lies below is decided for good, so a cursor can never pass a row that
 * appears later, and nobody has to wait for a lock.
 */
export async function replicaChanges(
  database: Database,
  epoch: string,
  district: string,
  cursorText: string | null,
  limit: number,
): Promise<ReplicaChanges> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    // Before the snapshot: whoever is running now may commit later than this moment, and below it nobody can.
    const trueAt = await oldestRunning(client);
    await client.query('begin isolation level repeatable read read only');
    try {
      const page = await readPage(client, placeEpoch(epoch, district), district, cursorText, limit);
      await client.query('commit');
      return { ...page, trueAt };
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => (broken = failure));
      throw error;
    }
  } finally {
    client.release(broken);
  }
}

/** Cursors count in one district of one database: a workstation whose branch moves to another begins afresh there. */
const placeEpoch = (epoch: string, district: string): string => sha256(`${epoch}/${district}`).slice(0, 12);

async function oldestRunning(client: pg.PoolClient): Promise<Instant> {
  const { rows } = await client.query<{ at: Instant }>(
    'select least(clock_timestamp(), min(xact_start)) as at from pg_stat_activity where backend_xid is not null',
  );
  return rows[0]?.at ?? new Date(0).toISOString();
}

async function readPage(
  client: pg.PoolClient,
  epoch: string,
  district: string,
  cursorText: string | null,
  limit: number,
): Promise<Omit<ReplicaChanges, 'trueAt'>> {
  const given = cursorText === null ? undefined : decodeCursor(cursorText);
  const { rows } = await client.query<Standing>(STANDING, [given?.block?.seq ?? 0]);
  const [standing] = rows;
  if (!standing) throw new Error('the standing is one row');
  const { horizon, seq, hash, known } = standing;
  const usable = given?.epoch === epoch && !isAhead(given, horizon) && (given.block?.hash ?? null) === known;
  const from: Cursor = given && usable ? given : { ...cursorAt(epoch, '0'), loading: true };

  const read = from.loading ? readLoading : readSince;
  const { next, more, ...kinds } = await read(client, district, from, horizon, limit);
  const lists = more ? [] : (await client.query<ReplicaList>(LISTS, [horizon])).rows;
  return {
    restart: !usable,
    accounts: kinds.accounts,
    credits: kinds.credits.map(({ xid: _, ...credit }) => credit),
    subscribers: kinds.subscribers.map(({ xid: _, ...subscriber }) => subscriber),
    lists,
    cursor: encodeCursor({
      ...next,
      epoch,
      ...(from.loading && more ? { loading: true } : {}),
      ...(seq !== null && hash !== null ? { block: { seq, hash } } : {}),
    }),
    more,
  };
}

type Places = Pick<Cursor, 'accounts' | 'credits' | 'subscribers'>;
type Kinds = {
  readonly accounts: readonly ReplicaAccount[];
  readonly credits: readonly CreditRow[];
  readonly subscribers: readonly SubscriberRow[];
  readonly next: Places;
  readonly more: boolean;
};

/** A page of a first load: each kind goes its own way, for the replica is not read before all of it is there. */
async function readLoading(
  client: pg.PoolClient,
  district: string,
  from: Places,
  horizon: string,
  limit: number,
): Promise<Kinds> {
  const accounts = await readAccounts(client, district, from, horizon, limit);
  const credits = await readCredits(client, district, from, horizon, limit, true);
  const subscribers = await readSubscribers(client, district, from, horizon, limit);
  const end = cursorAt('', horizon);
  return {
    accounts: accounts.accounts,
    credits,
    subscribers,
    next: {
      accounts: accounts.more ? [accounts.xid, accounts.chunk] : end.accounts,
      credits: placeOf(credits, limit) ?? end.credits,
      subscribers: placeOf(subscribers, limit) ?? end.subscribers,
    },
    more: accounts.more || credits.length === limit || subscribers.length === limit,
  };
}

/**
 * A page for a replica that tellers read: all kinds up to the same transaction. Figures before a list with credits after
 * it, or the other way round, would show debts that never were, for as long as the line stays down between two pages.
 */
async function readSince(
  client: pg.PoolClient,
  district: string,
  from: Places,
  horizon: string,
  limit: number,
): Promise<Kinds> {
  const credits = await readCredits(client, district, from, horizon, limit, false);
  const subscribers = await readSubscribers(client, district, from, horizon, limit);
  const ends = [placeOf(credits, limit), placeOf(subscribers, limit)].flatMap((place) =>
    place ? [BigInt(place[0])] : [],
  );
  const bound = ends.length === 0 ? undefined : ends.reduce((a, b) => (b < a ? b : a));
  const before = bound === undefined ? horizon : String(bound + 1n);
  const accounts = await readAccounts(client, district, from, before, limit);
  const cut = accounts.more ? BigInt(accounts.xid) : bound;
  if (cut === undefined) {
    return { accounts: accounts.accounts, credits, subscribers, next: cursorAt('', horizon), more: false };
  }
  const upTo = <R extends { readonly xid: string }>(kind: readonly R[]): readonly R[] =>
    kind.filter(({ xid }) => BigInt(xid) <= cut);
  const end = after(String(cut));
  const [someCredits, someSubscribers] = [upTo(credits), upTo(subscribers)];
  return {
    accounts: accounts.accounts,
    credits: someCredits,
    subscribers: someSubscribers,
    next: {
      accounts: accounts.more ? [accounts.xid, accounts.chunk] : end.accounts,
      // A full page of them all may have more in its last transaction.
      credits: placeOf(someCredits, limit) ?? end.credits,
      subscribers: placeOf(someSubscribers, limit) ?? end.subscribers,
    },
    more: true,
  };
}

/** Where a kind goes on that filled its page; `undefined` when it did not. */
function placeOf(
  rows: readonly (CreditRow | SubscriberRow)[],
  limit: number,
): readonly [xid: string, id: string] | undefined {
  const last = rows.at(-1);
  if (!last || rows.length < limit) return undefined;
  return [last.xid, 'lineId' in last ? last.lineId : last.subscriberId];
}

async function readAccounts(
  client: pg.PoolClient,
  district: string,
  from: Places,
  before: string,
  limit: number,
): Promise<AccountPage> {
  const { rows } = await client.query<AccountPage>(ACCOUNTS, [district, ...from.accounts, before, limit]);
  const [page] = rows;
  if (!page) throw new Error('a page of accounts is one row');
  return page;
}

const readCredits = async (
  client: pg.PoolClient,
  district: string,
  from: Places,
  horizon: string,
  limit: number,
  loading: boolean,
): Promise<CreditRow[]> =>
  (await client.query<CreditRow>(CREDITS, [district, ...from.credits, horizon, limit, loading])).rows;

const readSubscribers = async (
  client: pg.PoolClient,
  district: string,
  from: Places,
  horizon: string,
  limit: number,
): Promise<SubscriberRow[]> =>
  (await client.query<SubscriberRow>(SUBSCRIBERS, [district, ...from.subscribers, horizon, limit])).rows;

/** What the snapshot stands on: the horizon, the ledger's last block, and the block that a cursor names. */
type Standing = {
  readonly horizon: string;
  readonly seq: number | null;
  readonly hash: string | null;
  readonly known: string | null;
};
const STANDING = `
  select pg_snapshot_xmin(pg_current_snapshot()) as horizon, b.seq, b.hash,
    (select left(hash, 12) from ledger_block where seq = $1) as known
  from (select 1) one left join (select seq, left(hash, 12) as hash from ledger_block order by seq desc limit 1) b on true`;

/** A replica that knows more than we do was filled by a database that has been set back since. */
const isAhead = (cursor: Cursor, horizon: string): boolean =>
  [cursor.accounts[0], cursor.credits[0], cursor.subscribers[0]].some((xid) => BigInt(xid) > BigInt(horizon));

type AccountPage = {
  readonly xid: string;
  readonly chunk: number;
  readonly more: boolean;
  readonly accounts: readonly ReplicaAccount[];
};
type CreditRow = ReplicaCredit & { readonly xid: string };
type SubscriberRow = Subscriber & { readonly xid: string };

const ACCOUNTS = `
  select next_xid as xid, next_chunk as chunk, more, accounts from replica_account_page($1, $2::xid8, $3::bigint, $4::xid8, $5)`;

/**
 * A load leaves out credits that the company's list, as the replica will see it when it is complete, already counts. A
 * replica that is read gets all: it may still show the figures of the list before, and leaves out for itself what the
 * figures it shows do count. What was loaded onto a meter card is no payment of a bill.
 */
const CREDITS = `
  select l.changed_xid as xid, l.line_id as "lineId", l.biller_id as "billerId", l.account, l.amount, l.posted_at as "postedAt"
  from payment_line l
  left join biller_account a on a.biller_id = l.biller_id and a.account = l.account and a.changed_xid < $4::xid8
  left join biller_list_state s on s.biller_id = l.biller_id and a.active and s.changed_xid < $4::xid8
  where l.district = $1 and (l.changed_xid, l.line_id) > ($2::xid8, $3::uuid) and l.changed_xid < $4::xid8
    and (not $6 or l.posted_at > coalesce(greatest(a.payments_through, s.full_payments_through), '-infinity'))
    and not exists (select from meter_load_payment n where n.line_id = l.line_id or n.storno_line_id = l.line_id)
  order by l.changed_xid, l.line_id limit $5`;

const SUBSCRIBERS = `
  select s.changed_xid as xid, s.subscriber_id as "subscriberId", s.code, s.name, s.address, s.phone, s.email, s.language,
    coalesce((select jsonb_agg(jsonb_build_object('billerId', b.biller_id, 'account', b.account, 'label', b.label) order by b.bound_at, b.biller_id, b.account)
      from subscriber_account b where b.subscriber_id = s.subscriber_id), '[]') as accounts
  from subscriber s
  where s.district = $1 and (s.changed_xid, s.subscriber_id) > ($2::xid8, $3::uuid) and s.changed_xid < $4::xid8
  order by s.changed_xid, s.subscriber_id limit $5`;

const LISTS = `
  select biller_id as "billerId", full_as_of as "asOf", full_payments_through as "paymentsThrough"
  from biller_list_state where full_as_of is not null and changed_xid < $1::xid8 order by biller_id`;
