import type pg from 'pg';
import { assert } from '../../contracts/assert.ts';
import { ok, type Failure } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Database } from '../db/database.ts';
import type { AccountFilter } from './account-filter.ts';
import { NAMED_BAD_RECORDS, type ListCounts } from './acknowledgement.ts';
import type { ImportAnswer, ImportCode } from './import-answer.ts';
import type { ListHead } from './list-head.ts';

/** The statements an import is made of. All run on the importing transaction's connection. */

/** What a company's lists are judged by. */
export type Exchange = {
  readonly billerId: string;
  readonly code: string;
  readonly accountMask: RegExp;
  readonly certificates: readonly string[];
  readonly unsignedAllowed: boolean;
  /** Basis points of a list's records. */
  readonly badTolerance: number;
};

export async function findExchange({ pool }: Database, companyCode: string): Promise<Exchange | undefined> {
  const { rows } = await pool.query<{
    biller_id: string;
    code: string;
    account_mask: string;
    certificates: string[] | null;
    unsigned_allowed: boolean | null;
    bad_tolerance: number | null;
  }>(
    `select b.biller_id, b.code, b.account_mask, x.certificates, x.unsigned_allowed, x.bad_tolerance
     from biller b left join biller_exchange x using (biller_id) where b.code = $1`,
    [companyCode],
  );
  const row = rows[0];
  return (
    row && {
      billerId: row.biller_id,
      code: row.code,
      accountMask: new RegExp(row.account_mask),
      certificates: row.certificates ?? [],
      unsignedAllowed: row.unsigned_allowed ?? false,
      badTolerance: row.bad_tolerance ?? 0,
    }
  );
}

/** Lists of one company are taken in one after the other; the lock goes with the transaction. */
export async function lockLists(client: pg.PoolClient, billerId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(7130010, hashtext($1))', [billerId]);
}

export async function latestList(
  client: pg.PoolClient,
  billerId: string,
): Promise<{ seq: number; asOf: Instant; paymentsThrough: Instant } | undefined> {
  const { rows } = await client.query<{ seq: number; asOf: Instant; paymentsThrough: Instant }>(
    `select seq, as_of as "asOf", payments_through as "paymentsThrough" from biller_list
     where biller_id = $1 and state = 'applied' order by seq desc limit 1`,
    [billerId],
  );
  return rows[0];
}

/** The first answer to a list that was applied before: same number, same bytes. */
export async function acknowledgedAs(
  client: pg.PoolClient,
  billerId: string,
  seq: number,
  hash: string,
): Promise<ImportAnswer | undefined> {
  const { rows } = await client.query<
    ListCounts & {
      list_id: string;
      code: string;
      kind: 'full' | 'delta';
      as_of: Instant;
      acknowledgement: string;
      acknowledgement_signature: string | null;
    }
  >(
    `select l.list_id, b.code, l.kind, l.as_of, l.records, l.bad, l.inserted, l.updated, l.unchanged, l.deactivated, l.acknowledgement, l.acknowledgement_signature
     from biller_list l join biller b using (biller_id)
     where l.biller_id = $1 and l.seq = $2 and l.state = 'applied' and l.file_hash = $3`,
    [billerId, seq, hash],
  );
  const row = rows[0];
  if (!row) return undefined;
  const { records, bad, inserted, updated, unchanged, deactivated } = row;
  return {
    outcome: ok({
      listId: row.list_id,
      company: row.code,
      seq,
      kind: row.kind,
      asOf: row.as_of,
      repeated: true,
      badRecords: [],
      counts: { records, bad, inserted, updated, unchanged, deactivated },
    }),
    acknowledgement: row.acknowledgement,
    acknowledgementSignature: row.acknowledgement_signature,
  };
}

export type StagePlace = {
  readonly block: number;
  readonly record: number;
  readonly line: number;
  readonly account: string;
};

/**
 * Marks the records of accounts that stand twice as bad: nobody can say which of them holds. Gives where they are, at
 * most NAMED_BAD_RECORDS, and how many had not been bad anyway.
 */
export async function markDuplicates(
  client: pg.PoolClient,
  stage: string,
  accounts: AccountFilter,
): Promise<{ readonly named: readonly StagePlace[]; readonly count: number }> {
  if (accounts.suspects.length === 0 && !accounts.overflowed()) return { named: [], count: 0 };
  const among = accounts.overflowed() ? '' : 'where account = any ($1)';
  const doubled = await client.query<{ account: string }>(
    `select account from ${stage} ${among} group by account having count(*) > 1`,
    accounts.overflowed() ? [] : [accounts.suspects],
  );
  if (doubled.rows.length === 0) return { named: [], count: 0 };
  const marked = await client.query<StagePlace & { total: number }>(
    `with marked as (
       update ${stage} set action = 'b' where action <> 'b' and account = any ($1) returning block, record, line, account)
     select *, count(*) over () as total from marked order by block, record limit ${NAMED_BAD_RECORDS}`,
    [doubled.rows.map(({ account }) => account)],
  );
  return { named: marked.rows, count: marked.rows[0]?.total ?? 0 };
}

export async function mergeStage(
  client: pg.PoolClient,
  stage: string,
  billerId: string,
  listId: string,
  head: ListHead,
  found: { readonly good: number; readonly bad: boolean; readonly unreadable: boolean },
): Promise<Omit<ListCounts, 'records' | 'bad'>> {
  // Two sides of a million rows meet in memory instead of on disk; only while this one transaction runs.
  await client.query(`set local work_mem = '256MB'`);
  const { rows } = await client.query<Omit<ListCounts, 'records' | 'bad'>>(
    'select inserted, updated, unchanged, deactivated from list_merge($1::regclass, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
    [
      stage,
      billerId,
      listId,
      head.kind,
      head.asOf,
      head.paymentsThrough,
      head.seq,
      found.good,
      found.bad,
      found.unreadable,
    ],
  );
  const merged = rows[0];
  assert(merged !== undefined, 'a merge answers with its counts');
  await client.query(`drop table ${stage}`);
  return merged;
}

export type ListRecord = {
  readonly listId: string;
  readonly head: ListHead | null;
  readonly records: number;
  readonly bad: number;
  readonly counts: ListCounts | null;
  readonly fileName: string;
  readonly fileBytes: number;
  readonly hash: string | null;
  readonly refusal: Failure<ImportCode> | null;
  readonly acknowledgement: string;
  readonly acknowledgementSignature: string | null;
  readonly receivedAt: Instant;
};

/** Keeps what came, what became of it, and the answer. */
export async function recordList(client: pg.PoolClient, billerId: string, list: ListRecord): Promise<void> {
  await client.query(
    `insert into biller_list (list_id, biller_id, state, seq, kind, as_of, payments_through, records, bad, inserted, updated,
       unchanged, deactivated, file_name, file_bytes, file_hash, refusal, acknowledgement, acknowledgement_signature, received_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    [
      list.listId,
      billerId,
      list.refusal ? 'refused' : 'applied',
      list.head?.seq ?? null,
      list.head?.kind ?? null,
      list.head?.asOf ?? null,
      list.head?.paymentsThrough ?? null,
      list.records,
      list.bad,
      list.counts?.inserted ?? 0,
      list.counts?.updated ?? 0,
      list.counts?.unchanged ?? 0,
      list.counts?.deactivated ?? 0,
      list.fileName,
      list.fileBytes,
      list.hash,
      list.refusal ? JSON.stringify(list.refusal) : null,
      list.acknowledgement,
      list.acknowledgementSignature,
      list.receivedAt,
    ],
  );
}

/** Thins out the notes of changes when most of them are overtaken. */
export async function tidyChanges(client: pg.PoolClient, billerId: string): Promise<void> {
  await client.query('select biller_account_change_tidy($1)', [billerId]);
}
