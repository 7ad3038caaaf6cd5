import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplicaAccount } from '../../contracts/centre.ts';
import { replicaAccountSchema } from '../../contracts/centre.ts';
import { withTestDatabase } from '../db/testing.ts';
import type { Database } from '../db/database.ts';
import { importFile, testCompany, type TestCompany } from './testing/company.ts';
import { accountText, listText, testFolder } from './testing/list-files.ts';

let database: Database;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  [database, folder] = await Promise.all([withTestDatabase(), testFolder()]);
});
afterAll(async () => {
  await database.close();
  await folder.remove();
});

const inDistrict = (no: number, district: string, amount = '1.00'): string =>
  accountText(no, amount).replace('"Nəsimi"', `"${district}"`);

async function send(
  company: TestCompany,
  seq: number,
  records: readonly string[],
  kind = 'full',
): Promise<void> {
  const path = await folder.write(
    'l.xml',
    listText(records.join(''), {
      company: company.code,
      seq,
      kind,
      records: records.length,
      asOf: `2026-11-${String(seq).padStart(2, '0')}T00:00:00Z`,
    }),
  );
  const { outcome } = await importFile(database, company, path);
  if (!outcome.ok) throw new Error(outcome.error.code);
}

type Position = { xid: string; chunk: number };

/** The horizon, once it has passed everything done so far: other tests' transactions hold it back for a while. */
async function horizonBeyondNow(): Promise<string> {
  const { rows } = await database.pool.query<{ now: string }>('select pg_current_xact_id() as now');
  for (;;) {
    const passed = await database.pool.query<{ horizon: string }>(
      'select xmin as horizon from pg_snapshot_xmin(pg_current_snapshot()) xmin where xmin > $1::xid8',
      [rows[0]?.now],
    );
    if (passed.rows[0]) return passed.rows[0].horizon;
    await sleep(20);
  }
}

/** Everything a district's replica is given after a position, page by page, as the replica does it. */
async function pull(
  district: string,
  from: Position,
  limit = 5000,
): Promise<{ accounts: ReplicaAccount[]; to: Position; pages: number }> {
  const horizon = await horizonBeyondNow();
  const accounts: ReplicaAccount[] = [];
  let to = from;
  for (let pages = 1; ; pages += 1) {
    const { rows } = await database.pool.query<{
      next_xid: string;
      next_chunk: number;
      more: boolean;
      accounts: unknown[];
    }>('select * from replica_account_page($1, $2::xid8, $3, $4::xid8, $5)', [
      district,
      to.xid,
      to.chunk,
      horizon,
      limit,
    ]);
    const page = rows[0];
    if (!page) throw new Error('a page is one row');
    expect(page.accounts.length).toBeLessThanOrEqual(limit);
    accounts.push(...page.accounts.map((account) => replicaAccountSchema.parse(account)));
    to = page.more ? { xid: page.next_xid, chunk: page.next_chunk } : { xid: horizon, chunk: 0 };
    if (!page.more) return { accounts, to, pages };
  }
}
const START: Position = { xid: '0', chunk: 0 };
const numbers = (accounts: readonly ReplicaAccount[]): number[] =>
  accounts.map((one) => Number(one.account)).sort((a, b) => a - b);

test('a district is given its accounts once, page by page, then only what changed', async () => {
  const company = await testCompany(database);
  const places = ['Bir', 'İki', 'Üç'];
  await send(
    company,
    1,
    Array.from({ length: 6000 }, (_, i) => inDistrict(i, places[i % 3] ?? '')),
  );
  const first = await pull('Bir', START, 700);
  expect(numbers(first.accounts)).toEqual(Array.from({ length: 2000 }, (_, i) => i * 3));
  expect(first.pages).toBeGreaterThan(2);
  expect((await pull('Bir', first.to)).accounts).toEqual([]);

  // Two changed here, one elsewhere, one gone.
  const changed = Array.from({ length: 6000 }, (_, i) =>
    inDistrict(i, places[i % 3] ?? '', [3, 4, 6].includes(i) ? '2.00' : '1.00'),
  ).filter((_, i) => i !== 9);
  await send(company, 2, changed);
  const second = await pull('Bir', first.to);
  expect(numbers(second.accounts)).toEqual([3, 6, 9]);
  expect(second.accounts.find((one) => one.account === '9')).toMatchObject({ active: false, bills: [] });
  // A newcomer gets every account once, as it is now.
  const whole = await pull('Bir', START, 700);
  expect(numbers(whole.accounts)).toEqual(numbers(first.accounts));
  expect(whole.accounts.find((one) => one.account === '3')?.bills[0]?.amount).toBe(200);
}, 60_000);

test('an account that moves is taken from the district it leaves', async () => {
  const company = await testCompany(database);
  await send(company, 1, [inDistrict(1, 'Köhnə'), inDistrict(2, 'Köhnə')]);
  const before = await pull('Köhnə', START);
  expect(numbers(before.accounts)).toEqual([1, 2]);
  await send(company, 2, [inDistrict(1, 'Təzə')], 'delta');
  await send(company, 3, [inDistrict(1, 'Təzə', '7.00')], 'delta');
  const after = await pull('Köhnə', before.to);
  expect(after.accounts).toEqual([expect.objectContaining({ account: '1', active: false, bills: [] })]);
  expect((await pull('Təzə', START)).accounts).toEqual([
    expect.objectContaining({ account: '1', active: true }),
  ]);

  await database.pool.query('select biller_account_change_compact($1)', [company.billerId]);
  expect((await pull('Köhnə', before.to)).accounts.map((one) => [one.account, one.active])).toEqual([
    ['1', false],
  ]);
  expect(numbers((await pull('Köhnə', START)).accounts.filter((one) => one.active))).toEqual([2]);
});

test('notes that later ones overtook are thinned out, and nobody misses an account', async () => {
  const company = await testCompany(database);
  const list = (amount: string): string[] =>
    Array.from({ length: 1500 }, (_, i) => inDistrict(i, 'Dar', amount));
  await send(company, 1, list('1.00'));
  const notes = async (): Promise<number> =>
    (
      await database.pool.query<{ n: number }>(
        'select coalesce(sum(size), 0)::bigint as n from biller_account_change where biller_id = $1',
        [company.billerId],
      )
    ).rows[0]?.n ?? 0;
  let position = START;
  let seen = 0;
  for (let seq = 2; seq <= 9; seq += 1) {
    await send(company, seq, list(`${seq}.00`));
    expect(await notes()).toBeLessThanOrEqual(4 * 1500);
    const pulled = await pull('Dar', position);
    expect(numbers(pulled.accounts)).toHaveLength(1500);
    expect(new Set(pulled.accounts.map((one) => one.bills[0]?.amount))).toEqual(new Set([seq * 100]));
    position = pulled.to;
    seen += 1;
  }
  expect(seen).toBe(8);
}, 60_000);

test('whoever writes an account, it is noted', async () => {
  const company = await testCompany(database);
  await send(company, 1, [inDistrict(1, 'Əl')]);
  const { to } = await pull('Əl', START);
  await database.pool.query(
    `update biller_account set holder = 'Başqası', changed_xid = pg_current_xact_id() where biller_id = $1`,
    [company.billerId],
  );
  expect((await pull('Əl', to)).accounts).toEqual([expect.objectContaining({ holder: 'Başqası' })]);
});
