import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { readBillers } from '../registry/billers.ts';
import { checkLogin } from '../registry/users.ts';
import { demoSeed } from './demo-seed.ts';
import { iban, ibanValid, voen, voenValid } from './identifiers.ts';

let database: Database;
beforeAll(async () => {
  database = await withTestDatabase();
});
afterAll(() => database.close());

const counts = async (): Promise<unknown> =>
  (
    await database.pool
      .query(`select (select count(*) from participant) participants, (select count(*) from org_unit) units,
    (select count(*) from biller) billers, (select count(*) from fee_rule) fees, (select count(*) from app_user) users,
    (select count(*) from biller_exchange where unsigned_allowed) unsigned`)
  ).rows[0];

test('the demo registers a bank, the post and four companies, and a second run changes nothing', async () => {
  const seeded = await demoSeed(database, 'şifrə-2026');
  const first = await counts();
  expect(first).toEqual({ participants: 6, units: 13, billers: 4, fees: 12, users: 8, unsigned: 4 });
  expect(seeded.workstations).toContain('WS07');
  await demoSeed(database, 'başqa şifrə');
  expect(await counts()).toEqual(first);
  expect(await checkLogin(database.db, 'aygun', 'şifrə-2026')).toMatchObject({
    ok: true,
    value: { role: 'teller' },
  });
  expect(await checkLogin(database.db, 'aygun', 'başqa şifrə')).toMatchObject({ ok: false });
});

test('the companies of the demo differ in every rule a counter must keep', async () => {
  const billers = await readBillers(database.db);
  expect(billers.map((one) => [one.number, one.code, one.exactness, one.status])).toEqual([
    ['001', 'ELEKTRIK', 'any', 'live'],
    ['002', 'QAZ', 'up', 'live'],
    ['003', 'SU', 'exact', 'live'],
    ['004', 'TELEFON', 'down', 'live'],
  ]);
  for (const biller of billers) expect(biller.accountExample).toMatch(new RegExp(biller.accountMask));
});

test('every participant has a valid IBAN and VÖEN', async () => {
  const { rows } = await database.pool.query<{ iban: string; voen: string }>(
    'select iban, voen from participant',
  );
  expect(rows).toHaveLength(6);
  for (const row of rows) {
    expect(ibanValid(row.iban), row.iban).toBe(true);
    expect(voenValid(row.voen), row.voen).toBe(true);
  }
  expect(new Set(rows.map((row) => row.iban)).size).toBe(6);
});

test('check digits find a changed digit', () => {
  // The example of Azerbaijan in the IBAN registry.
  expect(iban('NABZ', '00000000137010001944')).toBe('AZ21NABZ00000000137010001944');
  expect(ibanValid('AZ21NABZ00000000137010001945')).toBe(false);
  const number = voen('99003021');
  expect(voenValid(number)).toBe(true);
  for (let i = 0; i < 8; i += 1) {
    const changed = number.slice(0, i) + String((Number(number[i]) + 1) % 10) + number.slice(i + 1);
    expect(voenValid(changed), changed).toBe(false);
  }
});
