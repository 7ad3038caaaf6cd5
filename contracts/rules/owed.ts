import { assert } from '../assert.ts';
import { qepik, shownAmount, type Qepik } from '../money.ts';
import type { CalendarDate, Instant } from '../time.ts';

/** One open bill of an account as the company's list states it. */
export type StatedBill = {
  readonly billNo: string;
  /** Month billed, `2026-10`. */
  readonly period: string;
  readonly amount: Qepik;
  readonly dueDate: CalendarDate;
};

/** A payment line (positive) or its storno (negative) on an account; `postedAt` is absent until the centre has it. */
export type Credit = {
  readonly lineId: string;
  readonly amount: Qepik;
  readonly postedAt?: Instant;
};

export type Owed = {
  /** What remains to be paid: Σ stated − paid since. Negative is an advance. */
  readonly owed: Qepik;
  /** Payments the company's figures do not know yet. */
  readonly paidSince: Qepik;
  /** What remains of each bill, oldest due first, the paid-up ones left out. */
  readonly bills: readonly StatedBill[];
};

/**
 * What is owed on an account: the company's figures as of its list, less the credits posted after
 * `paymentsThrough` (the moment up to which the list already counts payments; DESIGN §8). A credit without
 * `postedAt` has not reached the centre, so no list can know it. Credits are taken once per `lineId`.
 * What is beyond the largest amount is shown as that: one absurd row must not stop whoever looks at it.
 * Payments settle the oldest due bill first, then by bill number; stated negative bills are advances.
 */
export function owedOn(
  bills: readonly StatedBill[],
  credits: readonly Credit[],
  paymentsThrough: Instant | undefined,
): Owed {
  const through = paymentsThrough === undefined ? -Infinity : Date.parse(paymentsThrough);
  const unknown = new Map<string, Credit>();
  for (const credit of credits) {
    const known = unknown.get(credit.lineId);
    if (known === undefined || known.postedAt === undefined) unknown.set(credit.lineId, credit);
  }
  const since = [...unknown.values()].filter(
    (c) => c.postedAt === undefined || Date.parse(c.postedAt) > through,
  );
  const paidSince = total(since);
  const owed = total(bills) - paidSince;

  let toSettle = paidSince - total(bills.filter((b) => b.amount < 0)); // stated advances pay bills, too
  const open: StatedBill[] = [];
  for (const bill of [...bills].filter((b) => b.amount > 0).sort(oldestDueFirst)) {
    const settled = Math.min(Math.max(toSettle, 0), bill.amount);
    toSettle -= settled;
    if (settled < bill.amount) open.push({ ...bill, amount: qepik(bill.amount - settled) });
  }
  assert(owed <= 0 || paidSince < 0 || total(open) === owed, 'open bills must add up to what is owed');
  return { owed: shownAmount(owed), paidSince: shownAmount(paidSince), bills: open };
}

/** Σ amounts, exact while there are fewer than nine thousand of the largest. */
const total = (rows: readonly { readonly amount: Qepik }[]): number =>
  rows.reduce((all, { amount }) => all + amount, 0);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const oldestDueFirst = (a: StatedBill, b: StatedBill): number =>
  compare(a.dueDate, b.dueDate) || compare(a.billNo, b.billNo);
