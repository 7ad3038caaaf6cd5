import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EntryPayload, EntryType, PaymentAccepted, SignedEntry } from '../../contracts/journal.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { testJournal, testPayment, testShift, testStorno } from '../testing/device.ts';
import { pushJournal, type Outcome } from './journal-push.ts';

/** Journals of workstations that are broken or lie: whatever stands in an entry, the entries behind it go on. */

let database: Database;
let fixture: Fixture;
let serial = 0;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
});
afterAll(() => database.close());

async function counter() {
  const { device, key } = await addDevice(database, fixture, `P${(serial += 1)}`);
  const journal = testJournal(key);
  return {
    device,
    journal,
    shift: testShift(device.workstation.code),
    /** As a workstation writes it: the entry bears the id of the act. */
    append: <T extends EntryType>(entryId: string, type: T, payload: EntryPayload<T>, wallTime?: string) =>
      journal.appendRaw(
        JSON.stringify({
          entryId,
          type,
          payload,
          wallTime: wallTime ?? '2026-11-20T06:00:00.000Z',
          bootId: mintId(),
          monotonicMs: journal.entries.length,
        }),
      ),
    push: (entries: readonly SignedEntry[]) => pushJournal(database, device, entries),
  };
}
const line = (amount: number) => ({ billerId: fixture.electricity, account: '1', amount });
const balance = async (account: string): Promise<number> =>
  (
    await database.db
      .selectFrom('ledger_balance')
      .select('amount')
      .where('account', '=', account)
      .executeTakeFirst()
  )?.amount ?? 0;
const drawer = (shiftId: string): Promise<number> => balance(`cash:shift:${shiftId}`);
const opened = (shift: ReturnType<typeof testShift>, floatTotal: number): EntryPayload<'shift.opened'> =>
  ({ ...shift.context, float: [], floatTotal }) as unknown as EntryPayload<'shift.opened'>; // a plain number
const casesOf = async (deviceId: string): Promise<string[]> =>
  (
    await database.db
      .selectFrom('case_file')
      .select('kind')
      .where('device_id', '=', deviceId)
      .orderBy('kind')
      .execute()
  ).map(({ kind }) => kind);
const proven = async (): Promise<void> => {
  const proof = await verifyLedger(database);
  expect(proof.checks.flatMap(({ findings }) => findings)).toEqual([]);
};
const outcomesOf = async (
  pushed: ReturnType<typeof pushJournal>,
): Promise<readonly (readonly [string, string | null])[]> => {
  const answer = await pushed;
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value.outcomes.map(({ outcome, note }) => [outcome, note] as const);
};

test('a payment’s id that another payment has, in an entry that bears it: the cash is on record', async () => {
  const [one, other] = [await counter(), await counter()];
  const first = testPayment(one.shift, [line(100)]);
  one.append(first.paymentId, 'payment.accepted', first);
  expect(await outcomesOf(one.push(one.journal.entries))).toEqual([['posted', null]]);
  const second = { ...testPayment(other.shift, [line(70)]), paymentId: first.paymentId };
  other.append(second.paymentId, 'payment.accepted', second);
  expect(await outcomesOf(other.push(other.journal.entries))).toEqual([['case', 'idempotencyConflict']]);
  expect(await drawer(other.shift.context.shiftId)).toBe(70);
  expect(await casesOf(other.device.deviceId)).toEqual(['idempotencyConflict']);
  await proven();
});

test('the same record in the journal of another device is another payment under a taken id', async () => {
  const [one, other] = [await counter(), await counter()];
  const payment = testPayment(one.shift, [line(100)]);
  for (const at of [one, other]) at.append(payment.paymentId, 'payment.accepted', payment);
  expect(await outcomesOf(one.push(one.journal.entries))).toEqual([['posted', null]]);
  expect(await outcomesOf(other.push(other.journal.entries))).toEqual([['case', 'idempotencyConflict']]);
  const storno = testStorno(one.shift, payment);
  for (const at of [one, other]) at.append(storno.stornoId, 'payment.stornoed', storno);
  expect(await outcomesOf(one.push(one.journal.entries.slice(1)))).toEqual([['posted', null]]);
  expect(await outcomesOf(other.push(other.journal.entries.slice(1)))).toEqual([
    ['case', 'idempotencyConflict'],
  ]);
  expect(await drawer(one.shift.context.shiftId)).toBe(0);
  await proven();
});

test('an entry id used for several acts hides none of them', async () => {
  const { device, shift, journal, append, push } = await counter();
  const id = mintId();
  const wrong = (amount: number): PaymentAccepted => ({
    ...testPayment(shift, [line(amount)]),
    total: 1 as never,
  });
  append(id, 'shift.opened', opened(shift, 5000));
  append(id, 'shift.opened', opened(shift, 300));
  append(id, 'payment.accepted', wrong(70));
  append(id, 'payment.accepted', wrong(20));
  append(id, 'payment.accepted', { ...testPayment(shift, [line(9)]), paymentId: id });
  // The id is one act's; which one's is nobody's concern.
  const outcomes = await outcomesOf(push(journal.entries));
  expect(outcomes.map(([outcome]) => outcome).sort()).toEqual(['case', 'case', 'case', 'case', 'posted']);
  expect(await drawer(shift.context.shiftId)).toBe(5000 + 300 + 70 + 20 + 9);
  expect(await casesOf(device.deviceId)).toHaveLength(4);
  await proven();
});

test('an act under an id that something else has is posted once, however often it is told', async () => {
  const { shift, journal, append, push } = await counter();
  const id = mintId();
  const wrong: PaymentAccepted = { ...testPayment(shift, [line(70)]), total: 1 as never };
  append(mintId(), 'payment.accepted', { ...testPayment(shift, [line(9)]), paymentId: id });
  for (let told = 0; told < 3; told += 1) {
    append(id, 'shift.opened', opened(shift, 5000));
    append(id, 'payment.accepted', wrong);
  }
  // In one batch and over several: each is the first answer again.
  expect((await push(journal.entries.slice(0, 5))).ok).toBe(true);
  expect((await push(journal.entries.slice(5))).ok).toBe(true);
  expect(await drawer(shift.context.shiftId)).toBe(9 + 5000 + 70);
  await proven();
});

const BAD_DATE = '0000-01-01';
const LONG = Array.from({ length: 6000 }, () => mintId().slice(-1)).join('');

test.each<[string, (payment: PaymentAccepted) => PaymentAccepted, string?]>([
  ['a business date of the year 0', (payment) => ({ ...payment, businessDate: BAD_DATE })],
  ['a receipt number of thousands of letters', (payment) => ({ ...payment, receiptNo: LONG })],
  ['a receipt number with a NUL', (payment) => ({ ...payment, receiptNo: 'WS\0' })],
  [
    'a bill number with half a letter',
    (payment) => ({
      ...payment,
      lines: payment.lines.map((one) => ({ ...one, billNo: '\ud800' })),
    }),
  ],
  ['a wall time of the year 0', (payment) => payment, '0000-02-29T00:00:00Z'],
  ['a wall time of very many digits', (payment) => payment, `2026-11-20T06:00:00.${'1'.repeat(400)}Z`],
])(
  '%s stops nothing: the cash is on record, and what comes behind is posted',
  async (_, change, wallTime) => {
    const { shift, journal, append, push } = await counter();
    const payments = [
      testPayment(shift, [line(100)]),
      testPayment(shift, [line(40)]),
      testPayment(shift, [line(7)]),
    ];
    for (const [i, payment] of payments.entries()) {
      const written = i === 1 ? change(payment) : payment;
      append(payment.paymentId, 'payment.accepted', written, i === 1 ? wallTime : undefined);
    }
    const outcomes = await outcomesOf(push(journal.entries));
    expect([outcomes[0], outcomes[2]]).toEqual([
      ['posted', null],
      ['posted', null],
    ]);
    expect(await drawer(shift.context.shiftId)).toBe(147);
    // Whatever comes alone or last moves the head, too.
    const [, , last] = payments;
    if (last) append(mintId(), 'payment.stornoed', testStorno(shift, last), wallTime);
    expect((await push(journal.entries)).ok).toBe(true);
    await proven();
  },
);

test('floats and closes of impossible dates are on record, and a person looks', async () => {
  const { device, shift, journal, append, push } = await counter();
  append(mintId(), 'shift.opened', { ...opened(shift, 5000), businessDate: BAD_DATE });
  const closed = {
    ...shift.context,
    businessDate: BAD_DATE,
    zNo: 1,
    counted: [],
    countedTotal: 4900,
    expectedTotal: 5000,
    difference: -100,
    reason: 'x',
    payments: { count: 0, total: 0, fees: 0 },
    stornos: { count: 0, total: 0 },
  } as unknown as EntryPayload<'shift.closed'>; // plain numbers
  append(mintId(), 'shift.closed', closed);
  expect(await outcomesOf(push(journal.entries))).toEqual([
    ['case', 'notPostable'],
    ['case', 'notPostable'],
  ]);
  expect(await drawer(shift.context.shiftId)).toBe(0);
  expect(await casesOf(device.deviceId)).toEqual(['notPostable', 'notPostable']);
  await proven();
});

test('a receipt number that was given before is posted, and a person looks', async () => {
  const { device, shift, journal, append, push } = await counter();
  const first = testPayment(shift, [line(100)]);
  append(first.paymentId, 'payment.accepted', first);
  await push(journal.entries);
  const second = { ...testPayment(shift, [line(50)]), receiptNo: first.receiptNo };
  append(second.paymentId, 'payment.accepted', second);
  expect(await outcomesOf(push(journal.entries.slice(1)))).toEqual([['posted', null]]);
  expect(await casesOf(device.deviceId)).toEqual(['receiptNumberTwice']);
  expect(await drawer(shift.context.shiftId)).toBe(150);
  await proven();
});

/** One entry of a journal that anything may be wrong with. Small numbers choose among few ids, so that they collide. */
type Act = {
  readonly kind: 'pay' | 'storno' | 'open';
  readonly till: number;
  readonly id: number;
  readonly entryId: number;
  readonly lineId: number;
  readonly amount: number;
  readonly spoiled: 'no' | 'total' | 'date' | 'wall' | 'receipt' | 'billNo' | 'junk';
};
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('pay' as const, 'pay' as const, 'storno' as const, 'open' as const),
  till: fc.nat(1),
  id: fc.nat(8),
  entryId: fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(8) }),
  lineId: fc.nat(12),
  amount: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(1_000_000_000_000)),
  spoiled: fc.oneof(
    { weight: 5, arbitrary: fc.constant('no' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('total', 'date', 'wall', 'receipt', 'billNo', 'junk' as const),
    },
  ),
});

test('whatever the journals of two devices hold: all of it is taken, the drawers agree, the books are right', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 3, maxLength: 25 }),
      fc.integer({ min: 1, max: 9 }),
      async (acts, step) => {
        const tills = [await counter(), await counter()];
        const ids = Array.from({ length: 9 }, () => mintId());
        const lineIds = Array.from({ length: 13 }, () => mintId());
        /** What each drawer holds by its own journal: every record counts once, however often it is told. */
        const cash = tills.map(() => new Map<string, number>());
        const made = new Map<string, PaymentAccepted>();
        for (const one of acts) {
          const till = tills[one.till];
          if (!till) continue;
          const { shift, append, journal } = till;
          const id = ids[one.id] ?? '';
          const entryId = ids[one.entryId] ?? id;
          const wall = one.spoiled === 'wall' ? '0000-01-01T00:00:00Z' : undefined;
          if (one.spoiled === 'junk') {
            journal.appendRaw(`{"entryId":"${entryId}","type":"payment.accepted","payload":{}}`);
            continue;
          }
          const spoil = <P extends { total: number; businessDate: string; receiptNo: string }>(
            payload: P,
          ): P => ({
            ...payload,
            ...(one.spoiled === 'total' ? { total: 3 } : {}),
            ...(one.spoiled === 'date' ? { businessDate: BAD_DATE } : {}),
            ...(one.spoiled === 'receipt' ? { receiptNo: LONG } : {}),
          });
          const told = (key: string, amount: number): void => void cash[one.till]?.set(key, amount);
          if (one.kind === 'open') {
            const payload = opened(shift, one.amount);
            const written = one.spoiled === 'date' ? { ...payload, businessDate: BAD_DATE } : payload;
            append(entryId, 'shift.opened', written, wall);
            told(`open ${entryId} ${JSON.stringify(written)}`, one.amount);
          } else if (one.kind === 'pay') {
            const payment = spoil({
              ...testPayment(shift, [line(one.amount)]),
              paymentId: id,
            });
            payment.lines = payment.lines.map((each) => ({
              ...each,
              lineId: lineIds[one.lineId] ?? '',
              billNo: one.spoiled === 'billNo' ? 'a\0b' : null,
            }));
            made.set(id, payment);
            append(entryId, 'payment.accepted', payment, wall);
            told(`pay ${JSON.stringify(payment)}`, one.amount);
          } else {
            const payment = made.get(ids[one.lineId % 9] ?? '') ?? testPayment(shift, [line(one.amount)]);
            const storno = spoil({ ...testStorno(shift, payment), stornoId: id });
            append(entryId, 'payment.stornoed', storno, wall);
            told(`storno ${JSON.stringify(storno)}`, -storno.tenders.reduce((all, t) => all + t.amount, 0));
          }
        }
        const cursors = tills.map(() => 0);
        const heard = tills.map(() => new Map<number, Outcome>());
        while (tills.some(({ journal }, i) => (cursors[i] ?? 0) < journal.entries.length)) {
          for (const [i, { journal, push }] of tills.entries()) {
            const from = cursors[i] ?? 0;
            const entries = journal.entries.slice(from, from + step);
            if (entries.length === 0) continue;
            const pushed = await push(entries);
            if (!pushed.ok) throw new Error(pushed.error.code);
            expect(pushed.value.acknowledgedThrough).toBe(from + entries.length);
            for (const outcome of pushed.value.outcomes) heard[i]?.set(outcome.seq, outcome);
            cursors[i] = from + entries.length;
          }
        }
        for (const [i, { journal, shift, push }] of tills.entries()) {
          const sum = [...(cash[i]?.values() ?? [])].reduce((all, amount) => all + amount, 0);
          expect(await drawer(shift.context.shiftId)).toBe(sum);
          if (journal.entries.length === 0) continue;
          const again = await push(journal.entries);
          expect(again.ok && again.value.outcomes).toEqual([...(heard[i]?.values() ?? [])]);
        }
        await proven();
      },
    ),
    { numRuns: 25 },
  );
});
