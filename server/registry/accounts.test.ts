import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { qepik } from '../../contracts/money.ts';
import { owedOn, type StatedBill } from '../../contracts/rules/owed.ts';
import { replicaEpoch } from '../db/centre-meta.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { replicaChanges } from '../replica/changes.ts';
import { fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { horizonPassed } from '../testing/horizon.ts';
import { viewAccount } from './accounts.ts';
import { readBillers } from './billers.ts';
import { mintId } from './identity.ts';

let database: Database;
let fixture: Fixture;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
});
afterAll(() => database.close());

/** Days of one month: lists, payments and full lists fall on them in any order. */
const day = fc.integer({ min: 1, max: 20 }).map((n) => `2026-06-${String(n).padStart(2, '0')}T12:00:00.000Z`);
const bill: fc.Arbitrary<StatedBill> = fc.record({
  billNo: fc.uuid(),
  period: fc.constant('2026-05'),
  amount: fc.integer({ min: -5_000, max: 50_000 }).map(qepik),
  dueDate: fc.integer({ min: 1, max: 28 }).map((n) => `2026-06-${String(n).padStart(2, '0')}`),
});
const state = fc.record({
  bills: fc.array(bill, { maxLength: 4 }),
  through: day,
  active: fc.boolean(),
  full: fc.option(fc.record({ asOf: day, through: day }), { nil: null }),
  credits: fc.array(
    fc.record({ amount: fc.integer({ min: -20_000, max: 20_000 }).filter((n) => n !== 0), at: day }),
    { maxLength: 6 },
  ),
});

test('what the centre says is owed is what a workstation computes from its replica, and what the one rule says', async () => {
  const epoch = await replicaEpoch(database.db);
  const [biller] = await readBillers(database.db, fixture.electricity);
  if (!biller) throw new Error('a company');
  let serial = 0;
  await fc.assert(
    fc.asyncProperty(state, async ({ bills, through, active, full, credits }) => {
      const account = `P${(serial += 1)}`;
      const district = `Rayon ${serial}`;
      await putAccount(database, {
        billerId: biller.id,
        account,
        district,
        bills: active ? bills : [],
        paymentsThrough: through,
        active,
      });
      await database.pool.query(
        `insert into biller_list_state (biller_id, last_seq, full_as_of, full_payments_through) values ($1, 1, $2, $3)
         on conflict (biller_id) do update set full_as_of = excluded.full_as_of, full_payments_through = excluded.full_payments_through, changed_xid = pg_current_xact_id()`,
        [biller.id, full?.asOf ?? null, full?.through ?? null],
      );
      for (const { amount, at } of credits) {
        await database.pool.query(
          `insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, placed, posted_at) values ($1, $2, 1, $3, $4, $5, $6, 0, 'payable', $7)`,
          [mintId(), mintId(), biller.id, account, district, amount, at],
        );
      }
      const view = await viewAccount(database.db, biller, account);

      await horizonPassed(database);
      const page = await replicaChanges(database, epoch, district, null, 5000);
      const copy = page.accounts.find((one) => one.account === account);
      const list = page.lists.find((one) => one.billerId === biller.id);
      if (!copy) throw new Error('the account is in the replica');
      const counted =
        copy.active && list && list.paymentsThrough > copy.paymentsThrough
          ? list.paymentsThrough
          : copy.paymentsThrough;
      const counter = owedOn(
        copy.bills,
        page.credits.map((one) => ({ lineId: one.lineId, amount: one.amount, postedAt: one.postedAt })),
        counted,
      );
      expect({ owed: view.owed, paidSince: view.paidSince, bills: view.bills }).toEqual(counter);

      const known = active && full && full.through > through ? full.through : through;
      const rule = owedOn(
        active ? bills : [],
        credits.map(({ amount, at }, i) => ({ lineId: String(i), amount: qepik(amount), postedAt: at })),
        known,
      );
      expect(view.owed).toBe(rule.owed);
      expect(view.known).toBe(active);
    }),
    { numRuns: 60 },
  );
});
