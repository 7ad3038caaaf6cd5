import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EntryPayload, EntryType, PaymentAccepted } from '../../contracts/journal.ts';
import { qepik } from '../../contracts/money.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { onTerminal, testCardSale, testDay, testReversal, type CardSale } from '../testing/cards.ts';
import { testJournal, testShift, testStorno } from '../testing/device.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { pushJournal } from './journal-push.ts';

/** Journals that are broken or lie about cards: all of it is taken, the money is on record, the proof holds. */

let database: Database;
let fixture: Fixture;
let serial = 0;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
});
afterAll(() => database.close());

async function counter(terminalId = `T${mintId()}`) {
  const { device, key } = await addDevice(database, fixture, `C${(serial += 1)}`);
  const journal = testJournal(key);
  let pushed = 0;
  return {
    device,
    journal,
    shift: testShift(device.workstation.code),
    terminalId,
    append: <T extends EntryType>(entryId: string, type: T, payload: EntryPayload<T>) =>
      journal.appendRaw(
        JSON.stringify({
          entryId,
          type,
          payload,
          wallTime: '2026-11-20T06:00:00.000Z',
          bootId: mintId(),
          monotonicMs: journal.entries.length,
        }),
      ),
    /** Sends what was appended since the last time, in batches of `size`. */
    async push(size = 100): Promise<readonly (readonly [string, string | null])[]> {
      const outcomes: (readonly [string, string | null])[] = [];
      while (pushed < journal.entries.length) {
        const batch = journal.entries.slice(pushed, pushed + size);
        const answer = await pushJournal(database, device, batch);
        if (!answer.ok) throw new Error(answer.error.code);
        outcomes.push(...answer.value.outcomes.map(({ outcome, note }) => [outcome, note] as const));
        pushed += batch.length;
      }
      return outcomes;
    },
  };
}
type Counter = Awaited<ReturnType<typeof counter>>;

const line = (amount: number) => ({ billerId: fixture.electricity, account: '1', amount });
const saleAt = (till: Counter, amount: number, cash = 0): CardSale =>
  onTerminal(testCardSale(till.shift, [line(amount)], cash), till.terminalId);

function appendSale(till: Counter, sale: CardSale, without: readonly EntryType[] = []): void {
  const { append } = till;
  if (!without.includes('pos.prepared')) append(mintId(), 'pos.prepared', sale.prepared);
  if (!without.includes('pos.authorised')) append(mintId(), 'pos.authorised', sale.authorised);
  if (!without.includes('pos.concluded')) append(mintId(), 'pos.concluded', sale.concluded);
  if (!without.includes('payment.accepted')) append(sale.payment.paymentId, 'payment.accepted', sale.payment);
}

/** The card tender of a payment changed. */
const withTender = (payment: PaymentAccepted, change: object): PaymentAccepted => ({
  ...payment,
  tenders: payment.tenders.map((tender) => (tender.kind === 'card' ? { ...tender, ...change } : tender)),
});

const balance = async (account: string): Promise<number> =>
  (
    await database.db
      .selectFrom('ledger_balance')
      .select('amount')
      .where('account', '=', account)
      .executeTakeFirst()
  )?.amount ?? 0;
const onCards = ({ terminalId }: Counter): Promise<number> => balance(`pos:${fixture.bankId}:${terminalId}`);
const casesOf = async ({ device }: Counter): Promise<string[]> =>
  (
    await database.db
      .selectFrom('case_file')
      .select('kind')
      .where('device_id', '=', device.deviceId)
      .orderBy('kind')
      .execute()
  ).map(({ kind }) => kind);
const proven = async (): Promise<void> => {
  const proof = await verifyLedger(database);
  expect(proof.checks.flatMap(({ findings }) => findings)).toEqual([]);
};

test('a count that no column holds stops nothing: a person looks, and what comes behind is posted', async () => {
  const till = await counter();
  const day = testDay(till.shift);
  till.append(mintId(), 'pos.dayClosed', { ...day, journal: { ...day.journal, count: 2 ** 40 } });
  appendSale(till, saleAt(till, 300));
  expect((await till.push()).at(-1)).toEqual(['posted', null]);
  expect(await casesOf(till)).toEqual(['notPostable']);
  expect(await onCards(till)).toBe(300);
  await proven();
});

test.each(['\0', '\ud800', 'ə'.repeat(20)])(
  'texts of a terminal that no column takes as they are: %j',
  async (odd) => {
    const till = await counter();
    const sale = saleAt(till, 300);
    const result = { ...sale.authorised.result, authCode: odd, cardName: odd, trace: odd, receiptNo: odd };
    till.append(mintId(), 'pos.prepared', { ...sale.prepared, driver: odd });
    till.append(mintId(), 'pos.authorised', { ...sale.authorised, result });
    till.append(mintId(), 'pos.concluded', { ...sale.concluded, result, reason: { code: odd, detail: odd } });
    till.append(sale.payment.paymentId, 'payment.accepted', withTender(sale.payment, { authCode: odd }));
    expect((await till.push()).at(-1)).toEqual(['posted', null]);
    expect(await casesOf(till)).toEqual([]);
    await proven();
  },
);

test('two last words on one attempt: the first stays, what the second moved is on record', async () => {
  const till = await counter();
  const sale = saleAt(till, 300);
  appendSale(till, sale);
  till.append(mintId(), 'pos.concluded', { ...sale.concluded, recordedAs: null });
  till.append(mintId(), 'pos.concluded', { ...sale.concluded, outcome: 'declined', recordedAs: null });
  expect((await till.push()).map(([outcome]) => outcome).slice(-2)).toEqual(['posted', 'recorded']);
  expect(await casesOf(till)).toEqual(['cardConcludedTwice', 'cardConcludedTwice']);
  expect(await onCards(till)).toBe(600);
  await proven();
});

test('a charge in an entry whose id another act has is booked under an id of ours, and once', async () => {
  const [one, other] = [await counter(), await counter()];
  const id = mintId();
  for (const till of [one, other]) {
    const sale = saleAt(till, 300);
    appendSale(till, sale, ['pos.concluded', 'payment.accepted']);
    till.append(id, 'pos.concluded', { ...sale.concluded, recordedAs: null });
    if (till === one) till.append(id, 'pos.concluded', { ...sale.concluded, recordedAs: null });
    await till.push();
    expect(await onCards(till)).toBe(300);
  }
  expect(await casesOf(one)).toEqual([]);
  expect(await casesOf(other)).toEqual(['idempotencyConflict']);
  await proven();
});

test('sums that disagree, and a payment’s id that another has: the attempt is in the books where the money is', async () => {
  const till = await counter();
  const wrong = saleAt(till, 300);
  appendSale(till, { ...wrong, payment: { ...wrong.payment, total: qepik(301) } });
  const first = saleAt(till, 70);
  appendSale(till, first);
  const second = saleAt(till, 40, 10);
  const { paymentId } = first.payment;
  const taken = { ...second.payment, paymentId };
  appendSale(
    till,
    {
      ...second,
      payment: taken,
      concluded: { ...second.concluded, recordedAs: paymentId },
    },
    ['payment.accepted'],
  );
  till.append(mintId(), 'payment.accepted', taken);
  expect((await till.push()).filter(([outcome]) => outcome === 'case')).toEqual([
    ['case', 'totalsDisagree'],
    ['case', 'idempotencyConflict'],
  ]);
  expect(await onCards(till)).toBe(300 + 70 + 30);
  expect(await casesOf(till)).toEqual(['idempotencyConflict', 'totalsDisagree']);
  await proven();
});

test('a storno that comes twice, both of them reversed at the terminal: both are on the terminal’s account', async () => {
  const till = await counter();
  const sale = saleAt(till, 300);
  appendSale(till, sale);
  for (let n = 0; n < 2; n += 1) {
    const back = onTerminal(
      testReversal(till.shift, sale, testStorno(till.shift, sale.payment)),
      till.terminalId,
    );
    till.append(mintId(), 'pos.prepared', back.prepared);
    till.append(mintId(), 'pos.concluded', back.concluded);
    if (back.stornoed) till.append(back.stornoed.stornoId, 'payment.stornoed', back.stornoed);
  }
  await till.push();
  expect(await onCards(till)).toBe(-300);
  expect(await casesOf(till)).toEqual(['paymentAlreadyStornoed']);
  await proven();
});

test.each<[string, (payment: PaymentAccepted) => PaymentAccepted]>([
  ['an amount', (payment) => ({ ...withTender(payment, { amount: 299 }), ...lower(payment) })],
  ['a terminal', (payment) => withTender(payment, { terminalId: 'elsewhere' })],
  ['an attempt', (payment) => withTender(payment, { attemptId: mintId() })],
  ['a payment', (payment) => ({ ...payment, paymentId: mintId() })],
])('%s other than what the terminal made: posted as told, and a person looks', async (_, change) => {
  const till = await counter();
  const sale = saleAt(till, 300);
  appendSale(till, sale, ['payment.accepted']);
  till.append(mintId(), 'payment.accepted', change(sale.payment));
  expect((await till.push()).at(-1)).toEqual(['posted', null]);
  expect(await casesOf(till)).toEqual(['cardTenderUnproven']);
  await proven();
});
const lower = ({ lines }: PaymentAccepted) => ({
  lines: lines.map((each) => ({ ...each, amount: qepik(299) })),
  total: qepik(299),
});

test('an attempt of another device, a refusal and a reversal pay for nothing', async () => {
  const [one, other] = [await counter(), await counter()];
  const sale = saleAt(one, 300);
  appendSale(one, sale);
  await one.push();
  const copied = saleAt(other, 300);
  other.append(mintId(), 'payment.accepted', withTender(copied.payment, { attemptId: sale.attemptId }));
  const refused = saleAt(other, 50);
  appendSale(other, { ...refused, concluded: { ...refused.concluded, outcome: 'declined' } });
  const back = saleAt(other, 60);
  appendSale(other, { ...back, concluded: { ...back.concluded, kind: 'reversal' } });
  await other.push();
  expect(await casesOf(other)).toEqual(['cardTenderUnproven', 'cardTenderUnproven', 'cardTenderUnproven']);
  expect(await casesOf(one)).toEqual([]);
  await proven();
});

test('two cards in one payment, beside cash: no card’s money is booked as cash', async () => {
  const till = await counter();
  const sale = saleAt(till, 300, 100);
  const second = saleAt(till, 40);
  appendSale(till, second, ['payment.accepted']);
  const extra = second.payment.tenders[0];
  if (extra === undefined) throw new Error('a sale has a tender');
  appendSale(till, {
    ...sale,
    payment: {
      ...sale.payment,
      lines: sale.payment.lines.map((each) => ({ ...each, amount: qepik(340) })),
      tenders: [...sale.payment.tenders, extra],
      total: qepik(340),
    },
  });
  expect((await till.push()).at(-1)).toEqual(['posted', null]);
  expect(await balance(`cash:shift:${till.shift.context.shiftId}`)).toBe(100);
  expect(await onCards(till)).toBe(240);
  await proven();
});

/** One entry about cards that anything may be wrong with. Small numbers choose among few ids, so that they collide. */
type Act = {
  readonly kind: 'prepare' | 'conclude' | 'charge' | 'pay' | 'storno' | 'day';
  readonly till: number;
  readonly attempt: number;
  readonly record: number;
  readonly entryId: number;
  readonly amount: number;
  readonly cash: number;
  readonly odd: 'no' | 'total' | 'date' | 'reversal' | 'declined' | 'manual' | 'noResult' | 'nul';
};
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('prepare', 'conclude', 'conclude', 'charge', 'pay', 'pay', 'storno', 'day'),
  till: fc.nat(1),
  attempt: fc.nat(4),
  record: fc.nat(4),
  entryId: fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(6) }),
  amount: fc.constantFrom(100, 100, 250),
  cash: fc.constantFrom(0, 0, 30),
  odd: fc.oneof(
    { weight: 5, arbitrary: fc.constant('no' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'total',
        'date',
        'reversal',
        'declined',
        'manual',
        'noResult',
        'nul' as const,
      ),
    },
  ),
});

test('whatever two journals tell of cards, in batches of any size: the accounts say what the journals say, and the proof holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 3, maxLength: 25 }),
      fc.integer({ min: 1, max: 9 }),
      async (acts, size) => {
        const terminal = `T${mintId()}`;
        const tills = [await counter(terminal), await counter(terminal)];
        const pick = (count: number): string[] => Array.from({ length: count }, () => mintId());
        const [attempts, records, entryIds] = [pick(5), pick(5), pick(7)];
        /** What moved on cards: every record once, however often it is told. */
        const moved = new Map<string, number>();
        const owedBefore = await balance(`refunds-due:${fixture.bankId}`);
        const owed = new Map<string, number>();
        const made = new Map<string, PaymentAccepted>();
        for (const one of acts) {
          const till = tills[one.till];
          if (till) tell(till, one);
        }
        function tell(till: Counter, one: Act): void {
          const attemptId = attempts[one.attempt] ?? '';
          const recordId = records[one.record] ?? '';
          const entryId = entryIds[one.entryId] ?? mintId();
          const base = saleAt(till, one.amount, one.cash);
          const payment = withTender({ ...base.payment, paymentId: recordId }, { attemptId });
          const kind = one.odd === 'reversal' ? 'reversal' : 'sale';
          const outcome = one.odd === 'declined' || one.odd === 'manual' ? one.odd : 'done';
          const key = (payload: unknown): string => `${one.till} ${JSON.stringify(payload)}`;
          const spoil = <P extends { total: number; businessDate: string; receiptNo: string }>(
            payload: P,
          ): P => ({
            ...payload,
            ...(one.odd === 'total' ? { total: 3 } : {}),
            ...(one.odd === 'date' ? { businessDate: '0000-01-01' } : {}),
            ...(one.odd === 'nul' ? { receiptNo: 'WS\0' } : {}),
          });
          if (one.kind === 'prepare') {
            till.append(entryId, 'pos.prepared', { ...base.prepared, attemptId, kind });
          } else if (one.kind === 'conclude' || one.kind === 'charge') {
            const word = {
              ...base.concluded,
              attemptId,
              kind,
              outcome,
              recordedAs: one.kind === 'charge' ? null : recordId,
              ...(one.odd === 'noResult' ? { result: null } : {}),
              ...(one.odd === 'date' ? { businessDate: '0000-01-01' } : {}),
              // A word that is like no other: one told again under an id that something else has would be booked again.
              reason: { code: one.odd === 'nul' ? '\0\ud800' : '', detail: mintId() },
            } as const;
            till.append(entryId, 'pos.concluded', word);
            if (one.kind === 'conclude' || outcome !== 'done') return;
            const sum = kind === 'sale' ? word.amount : -word.amount;
            if (one.odd !== 'noResult') moved.set(`${entryId} ${key(word)}`, sum); // else on no terminal's account
            owed.set(`${entryId} ${key(word)}`, -sum);
          } else if (one.kind === 'pay') {
            const written = spoil(payment);
            made.set(recordId, payment);
            till.append(recordId, 'payment.accepted', written);
            moved.set(key(written), one.amount - one.cash);
          } else if (one.kind === 'storno') {
            const original = made.get(records[one.entryId] ?? '') ?? payment;
            const written = spoil({ ...testStorno(till.shift, original), stornoId: recordId });
            till.append(recordId, 'payment.stornoed', written);
            moved.set(key(written), -cardPart(written));
          } else {
            till.append(
              entryId,
              'pos.dayClosed',
              testDay(till.shift, { terminal: one.amount, journal: 100 }),
            );
          }
        }
        for (const till of tills) {
          const answered = await till.push(size);
          expect(answered).toHaveLength(till.journal.entries.length);
        }
        const total = (sums: ReadonlyMap<string, number>): number =>
          [...sums.values()].reduce((all, one) => all + one, 0);
        expect(await balance(`pos:${fixture.bankId}:${terminal}`)).toBe(total(moved));
        expect((await balance(`refunds-due:${fixture.bankId}`)) - owedBefore).toBe(total(owed));
        await proven();
      },
    ),
    { numRuns: 30 },
  );
}, 240_000);

const cardPart = ({ tenders }: Pick<PaymentAccepted, 'tenders'>): number =>
  tenders.reduce((sum, { kind, amount }) => sum + (kind === 'card' ? amount : 0), 0);
