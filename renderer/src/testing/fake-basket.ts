import type { AccountView } from '../../../contracts/domain.ts';
import type { BasketLine } from '../../../contracts/ipw.ts';
import { qepik, sum, type Qepik } from '../../../contracts/money.ts';
import { checkAmount, proposedAmount } from '../../../contracts/rules/amount-rule.ts';
import { parseBillCode, parseRegistrationCode } from '../../../contracts/rules/bill-code.ts';
import { feeFor } from '../../../contracts/rules/fees.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { FakeState } from './fake-state.ts';
import { BILLERS, sampleId } from './sample-data.ts';

const TODAY = '2026-11-23';
export const billerOf = (billerId: string) => BILLERS.find((biller) => biller.id === billerId);

/** The account, or one not on a list whose number fits. */
export function viewOf(state: FakeState, billerId: string, account: string): AccountView | undefined {
  const known = state.accounts.find((view) => view.billerId === billerId && view.account === account);
  const biller = billerOf(billerId);
  if (known || !biller || !new RegExp(biller.accountMask).test(account)) return known;
  return {
    billerId,
    account,
    holder: '',
    address: '',
    phone: null,
    known: false,
    owed: qepik(0),
    paidSince: qepik(0),
    bills: [],
    asOf: null,
    source: 'replica',
  };
}

/** A line with its fee and problem as the rules have them. */
export function lineOf(view: AccountView, amount: Qepik, lineId: string): BasketLine {
  const biller = billerOf(view.billerId);
  if (!biller) throw new Error('sample without a company');
  const judged = checkAmount(biller, view.owed, amount);
  return {
    lineId,
    billerId: biller.id,
    billerName: biller.name,
    service: biller.service.az,
    account: view.account,
    holder: view.holder,
    period: view.bills[0]?.period ?? null,
    billNo: view.bills[0]?.billNo ?? null,
    owed: view.owed,
    asOf: view.asOf,
    known: view.known,
    amount,
    fee: feeFor(biller.fees, 'counter', TODAY, amount).amount,
    problem: judged.ok ? null : { code: judged.error.code, detail: { ...judged.error.detail } },
  };
}

/** Puts lines into the basket and adds up. */
export function setLines(state: FakeState, lines: BasketLine[]): void {
  const fees = sum(lines.map((line) => line.fee));
  state.counter.set({
    lines,
    fees,
    total: sum([...lines.map((line) => line.amount), fees]),
    revision: state.counter.current().revision + 1,
  });
}

/** Adds an account with the amount its rules propose. */
export function addLine(
  state: FakeState,
  billerId: string,
  account: string,
): Result<{ lineId: string }, 'accountUnknown' | 'accountInBasket'> {
  const view = viewOf(state, billerId, account);
  const biller = billerOf(billerId);
  if (!view || !biller) return fail('accountUnknown');
  const { lines } = state.counter.current();
  if (lines.some((line) => line.billerId === billerId && line.account === account))
    return fail('accountInBasket');
  const lineId = sampleId();
  setLines(state, [...lines, lineOf(view, proposedAmount(biller, view.owed), lineId)]);
  return ok({ lineId });
}

/** Shows a subscriber's accounts. */
export function openCode(state: FakeState, code: string): Result<object, 'subscriberUnknown'> {
  const subscriber = state.subscribers.get(code);
  if (!subscriber) return fail('subscriberUnknown');
  const offered = subscriber.accounts.flatMap(
    ({ billerId, account }) => viewOf(state, billerId, account) ?? [],
  );
  state.counter.set({ subscriber, offered, language: subscriber.language });
  return ok({});
}

/** What a scan or a confirmed text does. */
export function scan(
  state: FakeState,
  text: string,
): Result<
  { found: 'bill' | 'subscriber' | 'account' | 'nothing' },
  'codeDamaged' | 'billerUnknown' | 'accountUnknown' | 'accountInBasket' | 'subscriberUnknown'
> {
  const bill = parseBillCode(text);
  if (bill === 'damaged') return fail('codeDamaged');
  if (bill) {
    const biller = BILLERS.find((one) => one.number === bill.billerNo);
    if (!biller) return fail('billerUnknown');
    const view = viewOf(state, biller.id, bill.account);
    if (!view) return fail('accountUnknown');
    const added = addLine(state, biller.id, bill.account);
    if (!added.ok) return added;
    if (!state.counter.current().subscriber) state.counter.set({ offered: [view] });
    return ok({ found: 'bill' });
  }
  const code = parseRegistrationCode(text);
  if (code === 'damaged') return fail('codeDamaged');
  if (code === undefined) return ok({ found: 'nothing' });
  const opened = openCode(state, code);
  return opened.ok ? ok({ found: 'subscriber' }) : opened;
}
