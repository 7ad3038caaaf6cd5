import type pg from 'pg';
import type { ReplicaAccount, ReplicaCredit, ReplicaList } from '../../contracts/centre.ts';
import type { Subscriber } from '../../contracts/domain.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Database } from '../db/database.ts';
import { cursorAt, decodeCursor, encodeCursor, type Cursor } from './cursor.ts';

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
      const page = await readPage(client, epoch, district, cursorText, limit);
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
  const { rows } = await client.query<{ horizon: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot()) as horizon',
  );
  const horizon = rows[0]?.horizon ?? '0';
  const given = cursorText === null ? undefined : decodeCursor(cursorText);
  const usable = given?.epoch === epoch && !isAhead(given, horizon);
  const from = given && usable ? given : cursorAt(epoch, '0');

  const [accounts] = (await client.query<AccountPage>(ACCOUNTS, [district, ...from.accounts, horizon, limit]))
    .rows;
  if (!accounts) throw new Error('a page of accounts is one row');
  const credits = (await client.query<CreditRow>(CREDITS, [district, ...from.credits, horizon, limit])).rows;
  const subscribers = (
    await client.query<SubscriberRow>(SUBSCRIBERS, [district, ...from.subscribers, horizon, limit])
  ).rows;
  const more = accounts.more || credits.length === limit || subscribers.length === limit;
  const lists = more ? [] : (await client.query<ReplicaList>(LISTS, [horizon])).rows;
  const end = cursorAt(epoch, horizon);
  const [lastCredit, lastSubscriber] = [credits.at(-1), subscribers.at(-1)];
  const next: Cursor = {
    epoch,
    accounts: accounts.more ? [accounts.xid, accounts.chunk] : end.accounts,
    credits: lastCredit && credits.length === limit ? [lastCredit.xid, lastCredit.lineId] : end.credits,
    subscribers:
      lastSubscriber && subscribers.length === limit
        ? [lastSubscriber.xid, lastSubscriber.subscriberId]
        : end.subscribers,
  };
  return {
    restart: !usable,
    accounts: accounts.accounts,
    credits: credits.map(({ xid: _, ...credit }) => credit),
    subscribers: subscribers.map(({ xid: _, ...subscriber }) => subscriber),
    lists,
    cursor: encodeCursor(next),
    more,
  };
}

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

/** Credits that the company's list, as this replica will see it, already counts are left out. */
const CREDITS = `
  select l.changed_xid as xid, l.line_id as "lineId", l.biller_id as "billerId", l.account, l.amount, l.posted_at as "postedAt"
  from payment_line l
  left join biller_account a on a.biller_id = l.biller_id and a.account = l.account and a.changed_xid < $4::xid8
  left join biller_list_state s on s.biller_id = l.biller_id and a.active and s.changed_xid < $4::xid8
  where l.district = $1 and (l.changed_xid, l.line_id) > ($2::xid8, $3::uuid) and l.changed_xid < $4::xid8
    and l.posted_at > coalesce(greatest(a.payments_through, s.full_payments_through), '-infinity')
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
