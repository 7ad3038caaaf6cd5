import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SignedEntry } from '../../contracts/journal.ts';
import { qepik } from '../../contracts/money.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { appendSale, TERMINAL, testCardSale, testDay, testReversal } from '../testing/cards.ts';
import { testJournal, testShift, testStorno } from '../testing/device.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { mintId } from '../registry/identity.ts';
import { pushJournal } from './journal-push.ts';

let database: Database;
let fixture: Fixture;
let serial = 0;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  const account = { billerId: fixture.electricity, account: '1000000001', district: fixture.district };
  await putAccount(database, account);
});
afterAll(() => database.close());

async function counter() {
  const { device, key } = await addDevice(database, fixture, `WS${String((serial += 1)).padStart(2, '0')}`);
  const journal = testJournal(key);
  let pushed = 0;
  return {
    device,
    journal,
    shift: testShift(device.workstation.code),
    /** Sends what was appended since the last time, in batches of `size`. */
    async push(size = 100) {
      const outcomes: string[] = [];
      while (pushed < journal.entries.length) {
        const batch: readonly SignedEntry[] = journal.entries.slice(pushed, pushed + size);
        const answer = await pushJournal(database, device, batch);
        if (!answer.ok) throw new Error(answer.error.code);
        outcomes.push(...answer.value.outcomes.map(({ outcome }) => outcome));
        pushed += batch.length;
      }
      return outcomes;
    },
  };
}

const line = (amount: number, fee = 0) => ({
  billerId: fixture.electricity,
  account: '1000000001',
  amount,
  fee,
});
const pos = (): string => `pos:${fixture.bankId}:${TERMINAL}`;
const owed = (): string => `refunds-due:${fixture.bankId}`;
const balance = async (account: string): Promise<number> =>
  (
    await database.db
      .selectFrom('ledger_balance')
      .select('amount')
      .where('account', '=', account)
      .executeTakeFirst()
  )?.amount ?? 0;
const casesOf = async (deviceId: string): Promise<string[]> =>
  (await database.db.selectFrom('case_file').select('kind').where('device_id', '=', deviceId).execute()).map(
    ({ kind }) => kind,
  );
const booksHold = async (): Promise<void> =>
  expect((await verifyLedger(database)).checks.filter(({ wrong }) => wrong > 0)).toEqual([]);

test.each([100, 1])(
  'a sale by card is on the terminal’s account, its attempt a row (batches of %i)',
  async (size) => {
    const before = await balance(pos());
    const { device, journal, shift, push } = await counter();
    const sale = testCardSale(shift, [line(3800, 50)]);
    appendSale(journal, sale);
    expect(await push(size)).toEqual(['recorded', 'recorded', 'recorded', 'posted']);
    expect((await balance(pos())) - before).toBe(3850);
    expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(0);
    const { rows } = await database.pool.query('select * from card_attempt where attempt_id = $1', [
      sale.attemptId,
    ]);
    expect(rows).toMatchObject([
      {
        outcome: 'done',
        amount: 3850,
        terminal_id: TERMINAL,
        masked_pan: '416973******1234',
        payment_id: sale.payment.paymentId,
        booked_journal: sale.payment.paymentId,
      },
    ]);
    expect(await casesOf(device.deviceId)).toEqual([]);
    await booksHold();
  },
);

test('cash and card: each on its own account, and back the same way', async () => {
  const before = await balance(pos());
  const { device, journal, shift, push } = await counter();
  const sale = testCardSale(shift, [line(3000), line(800)], 1000);
  appendSale(journal, sale);
  await push();
  const cash = `cash:shift:${shift.context.shiftId}`;
  expect([(await balance(pos())) - before, await balance(cash)]).toEqual([2800, 1000]);
  const back = testReversal(shift, sale, testStorno(shift, sale.payment));
  journal.append('pos.prepared', back.prepared);
  journal.append('pos.concluded', back.concluded);
  if (back.stornoed) journal.append('payment.stornoed', back.stornoed);
  expect(await push()).toEqual(['recorded', 'recorded', 'posted']);
  expect([(await balance(pos())) - before, await balance(cash)]).toEqual([0, 0]);
  expect(await casesOf(device.deviceId)).toEqual([]);
  await booksHold();
});

test('a charge that no payment takes is owed to the payer until it is reversed', async () => {
  const before = [await balance(pos()), await balance(owed())];
  const moved = async () => [
    (await balance(pos())) - (before[0] ?? 0),
    (await balance(owed())) - (before[1] ?? 0),
  ];
  const { device, journal, shift, push } = await counter();
  const sale = testCardSale(shift, [line(3800)]);
  journal.append('pos.prepared', sale.prepared);
  journal.append('pos.decided', {
    attemptId: sale.attemptId,
    decision: 'otherTender',
    note: 'terminal dondu',
    by: shift.context.teller,
    approvedBy: { userId: mintId(), name: 'Rauf' },
    approvedOffline: false,
  });
  journal.append('pos.concluded', { ...sale.concluded, recordedAs: null });
  expect(await push()).toEqual(['recorded', 'recorded', 'posted']);
  expect(await moved()).toEqual([3800, -3800]);
  await booksHold();

  const refused = testReversal(shift, sale, null, 'declined');
  journal.append('pos.prepared', refused.prepared);
  journal.append('pos.concluded', refused.concluded);
  await push();
  expect(await casesOf(device.deviceId)).toEqual(['cardNotReversed']);

  const back = testReversal(shift, sale, null);
  journal.append('pos.prepared', back.prepared);
  journal.append('pos.concluded', back.concluded);
  expect(await push()).toEqual(['recorded', 'posted']);
  expect(await moved()).toEqual([0, 0]);
  await booksHold();
});

test('a storno that the terminal refused is nobody’s trouble; an outcome nobody can find out is', async () => {
  const { device, journal, shift, push } = await counter();
  const sale = testCardSale(shift, [line(700)]);
  appendSale(journal, sale);
  const refused = testReversal(shift, sale, testStorno(shift, sale.payment), 'declined');
  journal.append('pos.prepared', refused.prepared);
  journal.append('pos.concluded', refused.concluded);
  await push();
  expect(await casesOf(device.deviceId)).toEqual([]);
  const lost = testCardSale(shift, [line(900)]);
  journal.append('pos.prepared', lost.prepared);
  journal.append('pos.concluded', {
    ...lost.concluded,
    outcome: 'manual',
    by: 'supervisor',
    result: null,
    recordedAs: null,
  });
  await push();
  expect(await casesOf(device.deviceId)).toEqual(['cardOutcomeUnknown']);
  await booksHold();
});

test('a card tender that rests on nothing the terminal made is booked all the same, and a person looks', async () => {
  const { device, journal, shift, push } = await counter();
  const invented = testCardSale(shift, [line(500)]);
  journal.append('payment.accepted', invented.payment);
  const sale = testCardSale(shift, [line(600)]);
  appendSale(journal, sale);
  const twice = testCardSale(shift, [line(600)]);
  journal.append('payment.accepted', {
    ...twice.payment,
    tenders: twice.payment.tenders.map((tender) =>
      tender.kind === 'card' ? { ...tender, attemptId: sale.attemptId } : tender,
    ),
  });
  expect((await push()).filter((outcome) => outcome === 'posted')).toHaveLength(3);
  expect(await casesOf(device.deviceId)).toEqual(['cardTenderUnproven', 'cardTenderUnproven']);
  await booksHold();
});

test('sums that disagree: the card’s part waits for a person on the card’s account', async () => {
  const before = await balance(pos());
  const { device, journal, shift, push } = await counter();
  const sale = testCardSale(shift, [line(3800)], 1000);
  appendSale(journal, { ...sale, payment: { ...sale.payment, total: qepik(3801) } });
  expect((await push()).at(-1)).toBe('case');
  expect((await balance(pos())) - before).toBe(2800);
  expect(await balance(`cash:shift:${shift.context.shiftId}`)).toBe(1000);
  expect(await casesOf(device.deviceId)).toEqual(expect.arrayContaining(['totalsDisagree']));
});

test('a terminal’s day whose totals differ from the journal’s is a case; one that agrees is not', async () => {
  const { device, journal, shift, push } = await counter();
  journal.append('pos.dayClosed', testDay(shift));
  await push();
  expect(await casesOf(device.deviceId)).toEqual([]);
  journal.append('pos.dayClosed', testDay(shift, { terminal: 8300 }));
  journal.append('pos.dayClosed', testDay(shift, { terminal: null }));
  await push();
  expect(await casesOf(device.deviceId)).toEqual(['posTotalsDiffer', 'posTotalsDiffer']);
});

test('told twice, everything gets its first answer and is booked once', async () => {
  const before = await balance(pos());
  const { device, journal, shift } = await counter();
  const sale = testCardSale(shift, [line(3800)]);
  appendSale(journal, sale);
  const first = await pushJournal(database, device, journal.entries);
  const again = await pushJournal(database, device, journal.entries);
  expect(again).toEqual(first);
  expect((await balance(pos())) - before).toBe(3800);
});
