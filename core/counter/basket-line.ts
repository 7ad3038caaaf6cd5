import type { AccountView, Biller, BillerRules } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import { qepik, type Qepik } from '../../contracts/money.ts';
import { fail, type Failure } from '../../contracts/result.ts';
import { checkAmount, proposedAmount, type AmountCode } from '../../contracts/rules/amount-rule.ts';
import { feeFor } from '../../contracts/rules/fees.ts';
import type { CalendarDate } from '../../contracts/time.ts';
import type { DraftLine } from '../machines/payment.ts';

/** One line of a basket: what is proposed, what it costs, and why it cannot be paid as it stands. */

/** Where the debt is not known, no rule about the debt can be applied; minimum and maximum still hold. */
const rulesFor = (biller: Biller, known: boolean): BillerRules =>
  known ? biller : { ...biller, exactness: 'any', advanceAllowed: true };

export type LineCode = AmountCode | 'billerNotLive';

export function problemOf(
  biller: Biller,
  line: Pick<DraftLine, 'known' | 'owed' | 'amount'>,
): Failure<LineCode> | null {
  if (biller.status !== 'live') return { code: 'billerNotLive' };
  const rules = rulesFor(biller, line.known);
  // An empty amount on an account that owes nothing: what is wrong is not that zero is too little.
  if (line.amount === 0 && line.owed <= 0 && !rules.advanceAllowed) return { code: 'advanceNotAllowed' };
  const checked = checkAmount(rules, line.owed, line.amount);
  return checked.ok ? null : checked.error;
}

/** The part of a line that follows from its amount. */
export function priced(
  biller: Biller,
  date: CalendarDate,
  line: Pick<DraftLine, 'lineId' | 'known' | 'owed'>,
  amount: Qepik,
): Pick<DraftLine, 'lineId' | 'amount' | 'fee' | 'feeRuleId' | 'problem'> {
  const fee = feeFor(biller.fees, 'counter', date, amount);
  return {
    lineId: line.lineId,
    amount,
    fee: fee.amount,
    feeRuleId: fee.feeRuleId,
    problem: problemOf(biller, { ...line, amount }),
  };
}

/** A line for an account, with the amount its rules propose. `billNo`: the bill that was presented, if it is still open. */
export function draftLine(
  lineId: Id,
  biller: Biller,
  view: AccountView,
  date: CalendarDate,
  billNo?: string,
): DraftLine {
  const only = view.bills.length === 1 ? view.bills[0] : undefined;
  const bill = view.bills.find((one) => one.billNo === billNo) ?? only;
  const line = { lineId, known: view.known, owed: view.owed };
  return {
    ...line,
    billerId: biller.id,
    billerName: biller.name,
    service: biller.service,
    account: view.account,
    holder: view.holder,
    period: bill?.period ?? null,
    billNo: bill?.billNo ?? null,
    asOf: view.asOf,
    ...priced(biller, date, line, view.known ? proposedAmount(biller, view.owed) : qepik(0)),
  };
}

/** A problem as an answer. */
export const refuse = (problem: Failure<LineCode>): ReturnType<typeof fail<LineCode>> =>
  fail(problem.code, problem.detail);
