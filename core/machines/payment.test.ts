import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qepik, sum } from '../../contracts/money.ts';
import { combine, DENOMINATIONS, worth, type Pieces } from '../../contracts/rules/denominations.ts';
import { draftLine, priced } from '../counter/basket-line.ts';
import { emptyFacts, type Facts, type ShiftFacts } from '../facts.ts';
import { BILLERS, sampleId, WATER } from '../testing/samples.ts';
import { emptyBasket, paymentStep, resumed, type PaymentEvent, type PaymentState } from './payment.ts';
import { basketTotal, cashGiven, changeFrom, paymentRecord, totalWithinBounds } from './records.ts';

const PAYMENT = sampleId(900);
const DAY = '2026-11-23';

const shift: ShiftFacts = {
  shiftId: sampleId(901),
  shiftNo: 7,
  businessDate: DAY,
  teller: { userId: sampleId(902), name: 'Aygün Məmmədova' },
  openedAt: '2026-11-23T05:00:00.000Z',
  floatTotal: qepik(0),
  closed: false,
  paymentCount: 0,
  paymentTotal: qepik(0),
  fees: qepik(0),
  stornoCount: 0,
  stornoTotal: qepik(0),
  cash: qepik(0),
  drawer: DENOMINATIONS.map((denomination) => ({ denomination, count: 10 })),
  offlineTotal: qepik(0),
  cards: { count: 0, charged: qepik(0), reversed: qepik(0) },
};

const line = (n: number, amount: number) => {
  const biller = BILLERS[n % BILLERS.length] ?? WATER;
  const view = {
    billerId: biller.id,
    account: String(10_000_000 + n),
    holder: 'H',
    address: '',
    phone: null,
    known: true,
    owed: qepik(amount),
    paidSince: qepik(0),
    bills: [],
    asOf: null,
    source: 'replica' as const,
  };
  return draftLine(sampleId(1000 + n), biller, view, DAY);
};

/** What a hurried, clumsy or repeated person can do, and what comes back from the journal and the printer. */
const event: fc.Arbitrary<(state: PaymentState, facts: Facts) => PaymentEvent> = fc.oneof(
  fc
    .record({ n: fc.nat(5), amount: fc.integer({ min: 1, max: 100_000 }) })
    .map(({ n, amount }) => (): PaymentEvent => ({ kind: 'lineAdded', line: line(n, amount) })),
  fc
    .record({ n: fc.nat(5), amount: fc.integer({ min: 1, max: 100_000 }) })
    .map(({ n, amount }) => (): PaymentEvent => {
      const { lineId, known, owed } = line(n, amount);
      return {
        kind: 'amountSet',
        line: priced(BILLERS[n % 4] ?? WATER, DAY, { lineId, known, owed }, qepik(amount)),
      };
    }),
  fc.nat(5).map((n) => (): PaymentEvent => ({ kind: 'lineRemoved', lineId: sampleId(1000 + n) })),
  fc.nat(100_000).map((more) => (state: PaymentState, facts: Facts): PaymentEvent => {
    if (state.lines.length === 0) return { kind: 'tenderLeft' };
    const cash = cashGiven(qepik(basketTotal(state.lines) + more), null);
    const given = { tenderId: sampleId(2000), online: true };
    return { kind: 'moneyTaken', record: paymentRecord(facts, shift, 'WS07', state, cash, given) };
  }),
  fc
    .constantFrom<PaymentEvent>(
      { kind: 'tenderBegun' },
      { kind: 'tenderLeft' },
      { kind: 'recorded' },
      { kind: 'notRecorded' },
      { kind: 'printed' },
      { kind: 'languageSet', language: 'ru' },
      { kind: 'offered', subscriber: null, offered: [] },
    )
    .map((one) => (): PaymentEvent => one),
);

test('whatever happens in whatever order: one append, balanced, and nothing changes behind what was shown', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const facts = emptyFacts();
      let state: PaymentState = emptyBasket(PAYMENT, 'az');
      let taken = 0;
      let appended = 0;
      for (const make of events) {
        const before = state;
        const { state: after, effects } = paymentStep(before, make(before, facts));
        state = after;
        expect(state === before || state.revision > before.revision || state.stage !== before.stage).toBe(
          true,
        );
        if (before.stage !== 'draft') {
          // Frozen from tendering on: the lines are the ones the total was said for.
          if (state.stage !== 'draft') expect(state.lines).toEqual(before.lines);
        }
        for (const effect of effects) {
          if (effect.kind === 'append') {
            appended += 1;
            expect(before.stage).toBe('tendering');
            const { record } = effect;
            expect(sum(record.lines.flatMap((one) => [one.amount, one.fee]))).toBe(record.total);
            expect(sum(record.tenders.map((tender) => tender.amount))).toBe(record.total);
            expect(record.paymentId).toBe(PAYMENT);
          } else {
            expect(state.stage).toBe('accepted');
          }
        }
        if (state.stage === 'accepted' && before.stage !== 'accepted') taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(1);
      expect(appended).toBeGreaterThanOrEqual(taken);
    }),
    { numRuns: 500 },
  );
});

test('once written down a payment cannot be taken back, changed or written again; only the next customer follows', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const facts = emptyFacts();
      const basket = { ...emptyBasket(PAYMENT, 'az'), lines: [line(0, 3840)] };
      const cash = cashGiven(qepik(3840), null);
      const record = paymentRecord(facts, shift, 'WS07', basket, cash, {
        tenderId: sampleId(2000),
        online: true,
      });
      let state: PaymentState = resumed(record, 5);
      for (const make of events) {
        const { state: after, effects } = paymentStep(state, make(state, facts));
        expect(effects.filter((effect) => effect.kind === 'append')).toEqual([]);
        expect(after.stage === 'accepted' || after.stage === 'receipted').toBe(true);
        state = after;
      }
      const next = paymentStep(state, { kind: 'begun', paymentId: sampleId(3000), language: 'az' }).state;
      expect(next).toMatchObject({ stage: 'draft', paymentId: sampleId(3000), lines: [] });
    }),
  );
});

test('money that could not be written down was not taken: the teller is still at the money, with the same basket', () => {
  const basket = { ...emptyBasket(PAYMENT, 'az'), lines: [line(0, 3840)] };
  const tendering = paymentStep(basket, { kind: 'tenderBegun' }).state;
  const record = paymentRecord(emptyFacts(), shift, 'WS07', tendering, cashGiven(qepik(5000), null), {
    tenderId: sampleId(2000),
    online: false,
  });
  const recording = paymentStep(tendering, { kind: 'moneyTaken', record });
  expect(recording.effects).toEqual([{ kind: 'append', record }]);
  // The next customer cannot be begun while nobody knows.
  expect(paymentStep(recording.state, { kind: 'begun', paymentId: sampleId(1), language: 'az' }).state).toBe(
    recording.state,
  );
  const back = paymentStep(recording.state, { kind: 'notRecorded' }).state;
  expect(back).toMatchObject({ stage: 'tendering', lines: tendering.lines });
  expect(back).not.toHaveProperty('record');
});

test('change out of the drawer with what was just given, exact or not at all', () => {
  const drawer = fc
    .array(fc.nat(3), { minLength: 13, maxLength: 13 })
    .map((counts): Pieces =>
      DENOMINATIONS.map((denomination, i) => ({ denomination, count: counts[i] ?? 0 })),
    );
  fc.assert(
    fc.property(drawer, fc.integer({ min: 1, max: 50_000 }), drawer, (held, total, given) => {
      const received = worth(given);
      fc.pre(received >= total);
      const here = { ...shift, drawer: held };
      const pieces = changeFrom(here, cashGiven(received, given), qepik(total));
      if (pieces === null) return;
      expect(worth(pieces)).toBe(received - total);
      expect(combine(combine(held, given), pieces, -1).every(({ count }) => count >= 0)).toBe(true);
    }),
  );
});

test('pieces that do not add up to what was received are not believed', () => {
  expect(cashGiven(qepik(500), [{ denomination: 500, count: 1 }]).pieces).not.toBeNull();
  expect(cashGiven(qepik(500), [{ denomination: 100, count: 1 }]).pieces).toBeNull();
});

test('a basket typed up beyond all bounds is known to be that, and not a crash', () => {
  const lines = Array.from({ length: 3 }, (_, n) => ({ ...line(n, 1), amount: qepik(1_000_000_000_000) }));
  expect(totalWithinBounds(lines)).toBe(false);
});
