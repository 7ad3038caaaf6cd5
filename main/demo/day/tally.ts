import type { PaymentAccepted, PaymentStornoed } from '../../../contracts/journal.ts';
import { add, negate, subtract, ZERO, type Qepik } from '../../../contracts/money.ts';
import type { Answered } from './invariants.ts';
import { cardIn, cashIn } from './tenders.ts';

/** What the teller knows of the day: what was answered, what is in the drawer, what accounts owe. */

export type Account = { readonly billerId: string; readonly account: string; owed: Qepik };

export type Tally = {
  readonly answered: Answered[];
  readonly codes: string[];
  /** Power cuts survived. */
  kills: number;
  /** Answers that were lost with the power and asked for again under the same id. */
  askedAgain: number;
  /** Operations at the terminal whose answer the day let get lost. */
  lost: number;
  /** Sales that policy did not allow without the centre. */
  refused: number;
  /** What must be in the drawer. */
  drawer: Qepik;
};

export const newTally = (): Tally => ({
  answered: [],
  codes: [],
  kills: 0,
  askedAgain: 0,
  lost: 0,
  refused: 0,
  drawer: ZERO,
});

/** A payment was answered: the drawer has its cash, its accounts owe that much less. */
export function notePayment(tally: Tally, accounts: readonly Account[], payment: PaymentAccepted): void {
  tally.answered.push({ kind: 'payment', id: payment.paymentId, ...answerOf(payment) });
  tally.drawer = add(tally.drawer, cashIn(payment.tenders));
  for (const line of payment.lines) if (!line.load) owe(accounts, line, negate(line.amount));
}

/** And the other way round. */
export function noteStorno(tally: Tally, accounts: readonly Account[], storno: PaymentStornoed): void {
  tally.answered.push({ kind: 'storno', id: storno.stornoId, ...answerOf(storno) });
  tally.drawer = subtract(tally.drawer, cashIn(storno.tenders));
  for (const line of storno.lines) owe(accounts, line, line.amount);
}

const answerOf = ({ receiptNo, total, tenders, lines }: PaymentAccepted | PaymentStornoed) => ({
  receiptNo,
  total,
  card: cardIn(tenders),
  // A load of a meter card lowers no debt.
  lines: lines
    .filter(({ load }) => !load)
    .map(({ billerId, account, amount }) => ({ billerId, account, amount })),
});

function owe(accounts: readonly Account[], line: Omit<Account, 'owed'>, more: Qepik): void {
  const known = accounts.find(
    ({ billerId, account }) => billerId === line.billerId && account === line.account,
  );
  if (known) known.owed = add(known.owed, more);
}
