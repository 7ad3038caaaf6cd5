import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_QEPIK, qepik, sum } from '../money.ts';
import { owedOn, type Credit, type StatedBill } from './owed.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 23, 0, minute)).toISOString();
const bill = (billNo: string, amount: number, dueDate = '2026-11-30'): StatedBill => ({
  billNo,
  period: '2026-10',
  amount: qepik(amount),
  dueDate,
});
const credit = (lineId: string, amount: number, postedAt?: string): Credit =>
  postedAt === undefined ? { lineId, amount: qepik(amount) } : { lineId, amount: qepik(amount), postedAt };

const bills = fc.uniqueArray(
  fc.record({
    billNo: fc.stringMatching(/^[a-z]{1,3}$/),
    period: fc.constant('2026-10'),
    amount: fc.integer({ min: -5000, max: 20_000 }).map(qepik),
    dueDate: fc.constantFrom('2026-10-31', '2026-11-30', '2026-12-31'),
  }),
  { maxLength: 6, selector: (b) => b.billNo },
);
const credits = fc.array(
  fc.record({
    lineId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    minute: fc.option(fc.nat(100), { nil: undefined }),
  }),
  { maxLength: 10 },
);
/** A line has one amount and is posted once, however often it is told of; some tellings come before the posting. */
const told = (rows: { lineId: string; minute: number | undefined }[]): Credit[] => {
  const first = new Map<string, number>();
  for (const { lineId, minute } of rows)
    if (minute !== undefined && !first.has(lineId)) first.set(lineId, minute);
  return rows.map(({ lineId, minute }) => {
    const posted = first.get(lineId);
    const amount = (lineId.charCodeAt(0) - 96) * 700 * (lineId === 'f' ? -1 : 1);
    return minute === undefined || posted === undefined
      ? credit(lineId, amount)
      : credit(lineId, amount, at(posted));
  });
};

test('neither the order of bills nor of credits matters, nor how often a credit is told', () => {
  fc.assert(
    fc.property(bills, credits, fc.nat(100), fc.nat(), (b, rows, through, turn) => {
      const c = told(rows);
      const rotate = <T>(list: T[]): T[] => [
        ...list.slice(turn % (list.length || 1)),
        ...list.slice(0, turn % (list.length || 1)),
      ];
      const once = owedOn(b, c, at(through));
      expect(owedOn([...b].reverse(), rotate([...c].reverse()), at(through))).toEqual(once);
      expect(owedOn(rotate(b), [...c, ...c], at(through))).toEqual(once);
    }),
  );
});

test('owed is what is stated less what was paid since, and the open bills make up the debt', () => {
  fc.assert(
    fc.property(bills, credits, fc.nat(100), (b, rows, through) => {
      const c = told(rows);
      const { owed, paidSince, bills: open } = owedOn(b, c, at(through));
      expect(owed).toBe(sum(b.map((one) => one.amount)) - paidSince);
      for (const one of open) expect(one.amount).toBeGreaterThan(0);
      if (paidSince >= 0) expect(sum(open.map((one) => one.amount))).toBe(Math.max(owed, 0));
      expect(sum(open.map((one) => one.amount))).toBeGreaterThanOrEqual(Math.min(0, owed));
    }),
  );
});

test('a list that arrives late does not resurrect what was paid after its figures were true', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.nat(50),
      fc.integer({ min: 51, max: 100 }),
      (amount, listAt, paidAt) => {
        const paid = credit('a', amount, at(paidAt));
        expect(owedOn([bill('1', amount)], [paid], at(listAt)).owed).toBe(0);
        expect(owedOn([bill('1', amount)], [paid], at(listAt)).bills).toEqual([]);
      },
    ),
  );
});

test('a list that knows a payment already does not subtract it twice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.nat(50),
      fc.integer({ min: 50, max: 100 }),
      (amount, paidAt, listAt) => {
        const stated = [bill('2', 700)];
        expect(owedOn(stated, [credit('a', amount, at(paidAt))], at(listAt))).toEqual({
          owed: 700,
          paidSince: 0,
          bills: stated,
        });
      },
    ),
  );
});

test('a payment the centre does not have yet counts, and counts once when its posting is told of', () => {
  const stated = [bill('1', 3840)];
  const waiting = credit('a', 3840);
  const posted = credit('a', 3840, at(60));
  for (const order of [
    [waiting, posted],
    [posted, waiting],
  ]) {
    expect(owedOn(stated, order, at(10)).owed).toBe(0);
    expect(owedOn([], order, at(70))).toEqual({ owed: 0, paidSince: 0, bills: [] });
  }
  expect(owedOn([], [waiting], at(70)).owed).toBe(-3840);
});

test('posted at the very moment of the list: the list knows it', () => {
  expect(owedOn([], [credit('a', 100, at(5))], at(5)).paidSince).toBe(0);
});

test('without a list nothing is stated, and every credit is an advance', () => {
  expect(owedOn([], [credit('a', 500, at(1)), credit('b', 300)], undefined)).toEqual({
    owed: -800,
    paidSince: 800,
    bills: [],
  });
});

test('a storno gives the debt back', () => {
  const stated = [bill('1', 3840)];
  const lines = [credit('a', 3840, at(20)), credit('b', -3840, at(21))];
  expect(owedOn(stated, lines, at(10))).toEqual({ owed: 3840, paidSince: 0, bills: stated });
  // The list knew the payment, not its cancellation.
  expect(owedOn([], lines, at(20)).owed).toBe(3840);
});

test('payments settle the oldest bill first, then by number', () => {
  const stated = [
    bill('9', 1000, '2026-11-30'),
    bill('b', 1000, '2026-10-31'),
    bill('a', 1000, '2026-10-31'),
  ];
  expect(owedOn(stated, [credit('x', 1500)], undefined).bills).toEqual([
    bill('b', 500, '2026-10-31'),
    bill('9', 1000, '2026-11-30'),
  ]);
});

test('an advance stated by the company settles bills like a payment', () => {
  expect(owedOn([bill('1', 1000), bill('2', -400)], [], undefined)).toEqual({
    owed: 600,
    paidSince: 0,
    bills: [bill('1', 600)],
  });
});

test('figures beyond the largest amount are the largest amount: one absurd row must not stop a counter', () => {
  const amount = fc.oneof(
    fc.integer({ min: -MAX_QEPIK, max: MAX_QEPIK }),
    fc.constantFrom(MAX_QEPIK, -MAX_QEPIK),
  );
  const clamped = (exact: number): number => Math.max(-MAX_QEPIK, Math.min(MAX_QEPIK, exact));
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 20 }), fc.array(amount, { maxLength: 20 }), (stated, paid) => {
      const bills = stated.map((one, i) => ({
        billNo: `B${i}`,
        period: '2026-10',
        amount: qepik(one),
        dueDate: '2026-11-25',
      }));
      const credits = paid.map((one, i) => ({ lineId: `L${i}`, amount: qepik(one) }));
      const { owed, paidSince, bills: open } = owedOn(bills, credits, undefined);
      const [allStated, allPaid] = [stated, paid].map((all) => all.reduce((a, b) => a + b, 0));
      expect(paidSince).toBe(clamped(allPaid ?? 0) + 0);
      expect(owed).toBe(clamped((allStated ?? 0) - (allPaid ?? 0)) + 0);
      for (const bill of open) expect(bill.amount).toBeGreaterThan(0);
    }),
  );
});
