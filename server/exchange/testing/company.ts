import type { Database } from '../../db/database.ts';
import { mintId } from '../../registry/identity.ts';
import { importList, type ImportOptions } from '../import-list.ts';
import type { ImportAnswer } from '../import-answer.ts';

export type TestCompany = { readonly billerId: string; readonly code: string };

let number = 0;

/** A company whose lists may be unsigned, with a tolerance of 10 %, unless said otherwise. */
export async function testCompany(
  { pool }: Database,
  terms: {
    readonly unsigned?: boolean;
    readonly certificates?: readonly string[];
    readonly tolerance?: number;
    readonly mask?: string;
  } = {},
): Promise<TestCompany> {
  number += 1;
  const [participantId, billerId, code] = [mintId(), mintId(), `FIRM-${number}`];
  await pool.query(
    `insert into participant (participant_id, code, name, kind) values ($1, $2, $2, 'biller')`,
    [participantId, code],
  );
  await pool.query(
    `insert into biller (biller_id, participant_id, number, code, name, service, status, fetch_mode, exactness, min_amount, max_amount, advance_allowed, account_mask, offline)
     values ($1, $2, $3, $4, $4, '{"az":"a","en":"a","ru":"a"}', 'live', 'none', 'any', 1, 100000000, true, $5, 'known')`,
    [billerId, participantId, String(number).padStart(3, '0'), code, terms.mask ?? '^\\d{1,10}$'],
  );
  await pool.query(
    'insert into biller_exchange (biller_id, unsigned_allowed, certificates, bad_tolerance) values ($1, $2, $3, $4)',
    [billerId, terms.unsigned ?? true, terms.certificates ?? [], terms.tolerance ?? 1000],
  );
  return { billerId, code };
}

export const NOW = Date.parse('2026-11-23T10:00:00Z');

export const importFile = (
  database: Database,
  company: TestCompany,
  filePath: string,
  more: Partial<ImportOptions> = {},
): Promise<ImportAnswer> =>
  importList({ database, filePath, companyCode: company.code, nowMs: NOW, ...more });

export type AccountRow = {
  readonly account: string;
  readonly holder: string;
  readonly district: string;
  readonly active: boolean;
  readonly stated_total: number;
  readonly as_of: string;
  readonly payments_through: string;
  readonly list_id: string;
  readonly changed_xid: string;
  readonly folded: string;
  readonly bills: readonly unknown[];
};

export async function accountRows(
  { pool }: Database,
  { billerId }: TestCompany,
): Promise<Readonly<Record<string, AccountRow>>> {
  const { rows } = await pool.query<AccountRow>(
    'select * from biller_account where biller_id = $1 order by account',
    [billerId],
  );
  return Object.fromEntries(rows.map((row) => [row.account, row]));
}

/** Everything a list may change, as one value: equal before and after means that nothing was. */
export async function fingerprint({ pool }: Database, { billerId }: TestCompany): Promise<unknown> {
  const { rows } = await pool.query(
    `select (select md5(string_agg(a::text, '|' order by account)) from biller_account a where biller_id = $1) as accounts,
       (select to_jsonb(s) from biller_list_state s where biller_id = $1) as state,
       (select count(*) from biller_list where biller_id = $1 and state = 'applied') as applied,
       (select count(*) from biller_account_change where biller_id = $1) as changes,
       (select count(*) from pg_class where relname like 'list_stage_%') as stages`,
    [billerId],
  );
  return rows[0];
}
