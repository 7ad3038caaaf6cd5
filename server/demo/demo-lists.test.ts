import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseBillCode } from '../../contracts/rules/bill-code.ts';
import { accountsOf } from './accounts.ts';
import { DEMO_COMPANIES, demoCompany } from './companies.ts';
import { debtsOf, shift } from './debts.ts';
import { demoBills } from './demo-bills.ts';
import { demoAsOf, demoLists } from './demo-lists.ts';

const AS_OF = '2026-11-20T02:00:00Z';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'komis-demo-'));
});
afterAll(() => rm(folder, { recursive: true }));

const take = <T>(from: Iterable<T>, count: number): T[] => {
  const taken: T[] = [];
  for (const one of from) {
    if (taken.length === count) break;
    taken.push(one);
  }
  return taken;
};

test('the same options give the same bytes, another seed another city', async () => {
  const options = { seed: 'a', subscribersPerCompany: 300, sequence: 1, asOf: AS_OF };
  const [one, two, other] = await Promise.all([
    demoLists({ ...options, outDir: join(folder, '1') }),
    demoLists({ ...options, outDir: join(folder, '2') }),
    demoLists({ ...options, seed: 'b', outDir: join(folder, '3') }),
  ]);
  expect(one).toHaveLength(4);
  for (const [index, list] of one.entries()) {
    const bytes = await readFile(list.file);
    expect(bytes.equals(await readFile(two[index]?.file ?? ''))).toBe(true);
    expect(bytes.equals(await readFile(other[index]?.file ?? ''))).toBe(false);
    expect(bytes.length).toBe(list.bytes);
  }
});

test.each(DEMO_COMPANIES)('accounts of $code fit its mask and come once', (company) => {
  const accounts = take(accountsOf(company, 'a'), 20_000).map((one) => one.account);
  expect(new Set(accounts).size).toBe(accounts.length);
  const mask = new RegExp(company.accountMask);
  expect(accounts.filter((account) => !mask.test(account))).toEqual([]);
  expect(accounts.slice(0, company.fixed.length)).toEqual(company.fixed);
});

test('households meet across companies, and some have several accounts of one', () => {
  const [electricity, gas] = ['ELEKTRIK', 'QAZ'].map((code) =>
    take(accountsOf(demoCompany(code as 'QAZ'), 'a'), 2000),
  );
  const addresses = new Map(electricity?.map((one) => [one.household, one.address]));
  const shared = gas?.filter((one) => addresses.has(one.household)) ?? [];
  expect(shared.length).toBeGreaterThan(1000);
  expect(shared.filter((one) => one.address === addresses.get(one.household)).length).toBeGreaterThan(
    0.8 * shared.length,
  );
  expect(electricity?.length).toBeGreaterThan(new Set(electricity?.map((one) => one.household)).size);
});

test('debts are believable: most owe a month, some nothing, some in advance, some are late', () => {
  for (const company of DEMO_COMPANIES) {
    const debts = take(accountsOf(company, 'a'), 3000).map((one) =>
      debtsOf(company, 'a', one.ordinal, one.account, '2026-11', 1),
    );
    const share = (fits: (bills: (typeof debts)[number]) => boolean): number =>
      debts.filter(fits).length / debts.length;
    expect(share((bills) => bills.length === 0)).toBeGreaterThan(0.15);
    expect(share((bills) => bills.some((bill) => bill.amount < 0))).toBeGreaterThan(0.02);
    expect(share((bills) => bills.length > 1)).toBeGreaterThan(0.08);
    for (const bill of debts.flat()) {
      expect(bill.period <= '2026-11').toBe(true);
      expect(Math.abs(bill.amount)).toBeGreaterThanOrEqual(40);
      expect(Math.abs(bill.amount)).toBeLessThanOrEqual(company.bills.largest);
      expect(bill.dueDate > bill.period).toBe(true);
    }
  }
});

test('a later list is a delta: changed and new accounts, removed ones, and never the whole city', async () => {
  const options = { seed: 'a', subscribersPerCompany: 3000, asOf: AS_OF };
  const delta = await demoLists({ ...options, sequence: 2, outDir: join(folder, 'd') });
  for (const list of delta) {
    const text = await readFile(list.file, 'utf8');
    expect(list.kind).toBe('delta');
    expect(text).toContain(`records="${list.records}"`);
    expect(list.records).toBe((text.match(/<(account|removed) /g) ?? []).length);
    expect(list.records).toBeGreaterThan(100);
    expect(list.records).toBeLessThan(600);
    expect(text).not.toContain('Məmmədov Elşən İlqar oğlu');
  }
  expect(delta.some((list) => list.records > 0)).toBe(true);
});

test('the bills to scan are the bills of the lists', async () => {
  const options = { seed: 'a', subscribersPerCompany: 500, asOf: AS_OF };
  const lists = await demoLists({ ...options, sequence: 1, outDir: join(folder, 'b') });
  const bills = demoBills({ ...options, count: 3, district: 'Nərimanov' });
  expect(bills).toHaveLength(12);
  expect(bills[0]).toMatchObject({
    account: '1104552018',
    amount: 3840,
    holder: 'Məmmədov Elşən İlqar oğlu',
  });
  for (const bill of bills) {
    const text = await readFile(lists.find((list) => list.company === bill.company)?.file ?? '', 'utf8');
    expect(text).toContain(`<account no="${bill.account}"`);
    expect(text).toContain(`no="${bill.billNo}"`);
    for (const scanned of [bill.barcode, bill.qr])
      expect(parseBillCode(scanned)).toMatchObject({ account: bill.account, amount: bill.amount });
  }
});

test('months add across years', () => {
  expect(shift('2026-01', -1)).toBe('2025-12');
  expect(shift('2026-12', 1)).toBe('2027-01');
  expect(shift('2026-11', -23)).toBe('2024-12');
});

test('demo figures are true at six in the morning in Bakı', () => {
  expect(demoAsOf(Date.parse('2026-11-23T01:59:59Z'))).toBe('2026-11-22T02:00:00Z');
  expect(demoAsOf(Date.parse('2026-11-23T02:00:00Z'))).toBe('2026-11-23T02:00:00Z');
});
