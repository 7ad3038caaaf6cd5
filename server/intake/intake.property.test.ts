import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PaymentRequest } from '../../contracts/centre.ts';
import type { PaymentAccepted, PaymentStornoed } from '../../contracts/journal.ts';
import { withTestDatabase } from '../db/testing.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { appendSale, onTerminal, testCardSale, testReversal, type CardSale } from '../testing/cards.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { testJournal, testPayment, testShift, testStorno, type TestLine } from '../testing/device.ts';
import { acceptPayments } from './accept-payment.ts';
import { pushJournal, type Outcome } from './journal-push.ts';

/** What may happen at the counters and channels, in any order. Numbers choose among what there is. */
type Act =
  | {
      readonly kind: 'pay';
      readonly till: number;
      readonly lines: readonly { readonly where: number; readonly amount: number; readonly fee: number }[];
    }
  | {
      readonly kind: 'card';
      readonly till: number;
      readonly lines: readonly { readonly where: number; readonly amount: number; readonly fee: number }[];
      /** Hundredths of the total that are paid in cash. */
      readonly inCash: number;
      readonly ends: 'paid' | 'declined' | 'charged' | 'chargedAndReversed';
    }
  | { readonly kind: 'storno'; readonly till: number; readonly which: number }
  | { readonly kind: 'sameIdOtherContent'; readonly till: number; readonly which: number }
  | { readonly kind: 'sameAgain'; readonly till: number; readonly which: number }
  | { readonly kind: 'push'; readonly till: number; readonly from: number; readonly count: number }
  | { readonly kind: 'pushTwice'; readonly till: number }
  | { readonly kind: 'channel'; readonly where: number; readonly amount: number; readonly copies: number }
  | { readonly kind: 'channelConflict'; readonly which: number };

const TILLS = 2;
const till = fc.nat(TILLS - 1);
const line = fc.record({ where: fc.nat(4), amount: fc.integer({ min: 1, max: 100_000 }), fee: fc.nat(200) });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      till,
      lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('card' as const),
      till,
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
      inCash: fc.constantFrom(0, 0, 1, 50, 99),
      ends: fc.constantFrom('paid', 'paid', 'paid', 'declined', 'charged', 'chargedAndReversed'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('storno' as const), till, which: fc.nat(50) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('sameIdOtherContent' as const), till, which: fc.nat(50) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sameAgain' as const), till, which: fc.nat(50) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      till,
      from: fc.nat(20),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pushTwice' as const), till }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('channel' as const),
      where: fc.nat(4),
      amount: fc.integer({ min: 1, max: 100_000 }),
      copies: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('channelConflict' as const), which: fc.nat(50) }) },
);

test('any interleaving of payments in cash and by card, stornos, repetitions and conflicts: money conserved, books right, every payment once', async () => {
  const database = await withTestDatabase();
  const other = openDatabase(database.url, 4); // a second process of the centre
  try {
    const fixture = await fillRegistry(database);
    for (const account of ['1', '2'])
      await putAccount(database, { billerId: fixture.electricity, account, district: fixture.district });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        await play(database, other, fixture, (run += 1), acts);
      }),
      { numRuns: 20 },
    );
  } finally {
    await other.close();
    await database.close();
  }
}, 240_000);

async function play(
  database: Database,
  other: Database,
  fixture: Fixture,
  run: number,
  acts: readonly Act[],
): Promise<void> {
  // Known, known, fits the mask, on no list, closed company.
  const places: readonly Omit<TestLine, 'amount'>[] = [
    { billerId: fixture.electricity, account: '1' },
    { billerId: fixture.electricity, account: '2' },
    { billerId: fixture.water, account: '91234567' },
    { billerId: fixture.water, account: '5' },
    { billerId: fixture.closed, account: '12345' },
  ];
  const place = (where: number): Omit<TestLine, 'amount'> =>
    places[where % places.length] ?? { billerId: '', account: '' };
  const tills = await Promise.all(
    Array.from({ length: TILLS }, async (_, i) => {
      const { device, key } = await addDevice(database, fixture, `R${run}T${i}`);
      return {
        device,
        journal: testJournal(key),
        shift: testShift(device.workstation.code),
        payments: [] as PaymentAccepted[],
        /** Card payments by id, for their reversals. */
        sales: new Map<string, CardSale>(),
        terminalId: `R${run}T${i}`,
        cash: 0,
        cards: 0,
        /** Charges that no payment takes. */
        stranded: 0,
        outcomes: new Map<number, Outcome>(),
      };
    }),
  );
  const { device: kiosk } = await addDevice(database, fixture, `R${run}K`, ['kiosk']);
  const lanes = [acceptPayments(database), acceptPayments(other)];
  const requests: PaymentRequest[] = [];
  let taken = 0;

  /** Pushes entries, on both processes at once if asked; every answer for an entry must be the same for ever. */
  const push = async (
    one: (typeof tills)[number],
    from: number,
    to: number,
    processes: readonly Database[],
  ): Promise<void> => {
    const entries = one.journal.entries.slice(from, to);
    if (entries.length === 0) return;
    const answers = await Promise.all(processes.map((process) => pushJournal(process, one.device, entries)));
    for (const answer of answers) {
      if (!answer.ok) {
        expect(answer.error.code).toBe('journalGap');
        continue;
      }
      for (const outcome of answer.value.outcomes) {
        expect(one.outcomes.get(outcome.seq) ?? outcome).toEqual(outcome);
        one.outcomes.set(outcome.seq, outcome);
      }
    }
  };

  /** What a terminal takes back, and the storno that rests on it. */
  const reverse = (
    { journal, shift, terminalId }: (typeof tills)[number],
    sale: CardSale,
    storno: PaymentStornoed | null,
  ): PaymentStornoed | null => {
    const back = onTerminal(testReversal(shift, sale, storno), terminalId);
    journal.append('pos.prepared', back.prepared);
    journal.append('pos.concluded', back.concluded);
    return back.stornoed;
  };

  const owedBefore = await balance(database, `refunds-due:${fixture.bankId}`);
  const underWay: Promise<unknown>[] = [];
  for (const one of acts) {
    const at = 'till' in one ? tills[one.till] : undefined;
    if (one.kind === 'pay' && at) {
      const payment = testPayment(
        at.shift,
        one.lines.map(({ where, amount, fee }) => ({ ...place(where), amount, fee })),
      );
      at.payments.push(payment);
      at.cash += payment.total;
      at.journal.append('payment.accepted', payment);
    } else if (one.kind === 'card' && at) {
      const lines = one.lines.map(({ where, amount, fee }) => ({ ...place(where), amount, fee }));
      const total = lines.reduce((sum, { amount, fee }) => sum + amount + fee, 0);
      const inCash = Math.floor((total * one.inCash) / 100);
      const sale = onTerminal(testCardSale(at.shift, lines, inCash), at.terminalId);
      if (one.ends === 'paid') {
        appendSale(at.journal, sale);
        at.payments.push(sale.payment);
        at.sales.set(sale.payment.paymentId, sale);
        at.cash += inCash;
        at.cards += total - inCash;
        continue;
      }
      at.journal.append('pos.prepared', sale.prepared);
      const outcome = one.ends === 'declined' ? 'declined' : 'done';
      at.journal.append('pos.concluded', { ...sale.concluded, outcome, recordedAs: null });
      if (one.ends === 'charged') at.stranded += total - inCash;
      if (one.ends === 'chargedAndReversed') reverse(at, sale, null);
    } else if (
      (one.kind === 'storno' || one.kind === 'sameIdOtherContent' || one.kind === 'sameAgain') &&
      at
    ) {
      const payment = at.payments[one.which % Math.max(at.payments.length, 1)];
      if (!payment) continue;
      if (one.kind === 'storno') {
        const sale = at.sales.get(payment.paymentId);
        const plain = testStorno(at.shift, payment);
        const storno = (sale && reverse(at, sale, plain)) ?? plain;
        at.journal.append('payment.stornoed', storno);
        // The money went out of the drawer and back onto the card, whatever the centre thinks of it.
        at.cash -= tenderedBy(payment, 'cash');
        at.cards -= tenderedBy(payment, 'card');
      } else if (one.kind === 'sameAgain') at.journal.append('payment.accepted', payment);
      else {
        const changed = {
          ...testPayment(at.shift, [{ ...place(0), amount: 77 }]),
          paymentId: payment.paymentId,
        };
        at.cash += 77;
        at.journal.append('payment.accepted', changed);
      }
    } else if (one.kind === 'push' && at) await push(at, one.from, one.from + one.count, [database]);
    else if (one.kind === 'pushTwice' && at) await push(at, 0, at.journal.entries.length, [database, other]);
    else if (one.kind === 'channel') {
      const request = channelPayment(place(one.where), one.amount);
      requests.push(request);
      taken += request.total;
      for (let copy = 0; copy < one.copies; copy += 1)
        underWay.push(
          (lanes[copy % 2] ?? lanes[0])
            ?.accept(kiosk, request)
            .then((answer) => expect(answer.ok).toBe(true)) ?? Promise.resolve(),
        );
    } else if (one.kind === 'channelConflict') {
      const request = requests[one.which % Math.max(requests.length, 1)];
      if (!request) continue;
      await Promise.all(underWay);
      const changed = { ...request, reference: 'başqa' };
      expect(await lanes[0]?.accept(kiosk, changed)).toMatchObject({
        ok: false,
        error: { code: 'idempotencyConflict' },
      });
    }
  }
  await Promise.all(underWay);
  for (const one of tills) await push(one, 0, one.journal.entries.length, [database, other]);

  for (const one of tills) {
    expect(one.outcomes.size).toBe(one.journal.entries.length);
    expect(await balance(database, `cash:shift:${one.shift.context.shiftId}`)).toBe(one.cash);
    expect(await balance(database, `pos:${fixture.bankId}:${one.terminalId}`)).toBe(one.cards + one.stranded);
    for (const payment of one.payments) {
      const posted = await database.pool.query('select from payment where payment_id = $1', [
        payment.paymentId,
      ]);
      expect(posted.rowCount).toBe(1);
    }
  }
  const stranded = tills.reduce((sum, one) => sum + one.stranded, 0);
  expect(owedBefore - (await balance(database, `refunds-due:${fixture.bankId}`))).toBe(stranded);
  const told = tills.flatMap(({ journal }) =>
    journal.entries.filter(({ body }) => body.includes('"pos.concluded"')),
  );
  const kept = await database.pool.query(
    'select from card_attempt where device_id = any ($1) and outcome is not null',
    [tills.map(({ device }) => device.deviceId)],
  );
  expect(kept.rowCount).toBe(told.length);
  const { rows } = await database.pool.query<{ n: number; total: number }>(
    `select count(*) as n, coalesce(sum(total), 0)::bigint as total from payment where device_id = $1`,
    [kiosk.deviceId],
  );
  expect(rows[0]).toEqual({ n: requests.length, total: taken });
  const sums = await database.pool.query<{ total: number }>(
    'select sum(amount)::bigint as total from ledger_balance',
  );
  expect(sums.rows[0]?.total ?? 0).toBe(0);
  const proof = await verifyLedger(database);
  expect(proof.checks.flatMap(({ findings }) => findings)).toEqual([]);
}

const tenderedBy = ({ tenders }: PaymentAccepted, kind: 'cash' | 'card'): number =>
  tenders.reduce((sum, tender) => sum + (tender.kind === kind ? tender.amount : 0), 0);

const channelPayment = (where: Omit<TestLine, 'amount'>, amount: number): PaymentRequest =>
  ({
    paymentId: mintId(),
    channel: 'kiosk',
    reference: 'K-1',
    takenAt: new Date().toISOString(),
    businessDate: '2026-11-23',
    currency: 'AZN',
    subscriberCode: null,
    lines: [{ lineId: mintId(), ...where, billNo: null, amount, fee: 0 }],
    total: amount,
  }) as unknown as PaymentRequest; // plain numbers of a test are amounts

async function balance({ db }: Database, account: string): Promise<number> {
  return (
    (await db.selectFrom('ledger_balance').select('amount').where('account', '=', account).executeTakeFirst())
      ?.amount ?? 0
  );
}
