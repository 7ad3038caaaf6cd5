import { setTimeout as wait } from 'node:timers/promises';
import type { IpwContract } from '../../../contracts/ipw.ts';
import type { PaymentAccepted, ShiftClosed } from '../../../contracts/journal.ts';
import type { Qepik } from '../../../contracts/money.ts';
import { ok, type Result } from '../../../contracts/result.ts';
import type { Client } from '../../../contracts/rpc/definition.ts';
import type { Pieces } from '../../../contracts/rules/denominations.ts';
import { stateWhere } from '../watch.ts';

/** What a teller does with a counter, step by step over its contract, as the screens do. */
export type Ask = () => Client<IpwContract>;

/** A step was refused. The plan says what a counter must take, so this ends the day. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** The value of an answer; throws {@link RefusedError} for a refusal. */
export function must<T>(what: string, answer: Result<T>): T {
  if (answer.ok) return answer.value;
  throw new RefusedError(`${what}: ${answer.error.code} ${JSON.stringify(answer.error.detail ?? {})}`);
}

export async function logIn(ask: Ask, username: string, password: string): Promise<void> {
  must(`log-in of ${username}`, await ask()['session.login']({ username, password }));
}

/** The centre counts log-ins per minute; a person waits that minute out. */
const LOG_IN_TRIES = 15;
const LOG_IN_PAUSE_MS = 5000;

/** The same for whoever logs in more often in a minute than the centre lets one workstation: after each power cut. */
export async function logInWhenLet(ask: Ask, username: string, password: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask()['session.login']({ username, password });
    if (answer.ok || answer.error.code !== 'loginLocked' || tries === LOG_IN_TRIES) {
      must(`log-in of ${username}`, answer);
      return;
    }
    await wait(LOG_IN_PAUSE_MS);
  }
}

export async function openShift(ask: Ask, shiftId: string, float: Pieces): Promise<void> {
  must('opening the shift', await ask()['shift.open']({ shiftId, float: [...float] }));
}

/** What the centre's policy may refuse while the line is down; the customer is sent to another counter. */
export const POLICY_CODES: readonly string[] = ['offlineNotAllowed', 'offlinePaymentCap', 'offlineShiftCap'];

/** One account to be paid, and how much. */
export type SaleLine = { readonly billerId: string; readonly account: string; readonly amount: Qepik };

export type Sale = {
  /** The payment's id: what is asked again by, whatever happens. */
  readonly paymentId: string;
  readonly total: Qepik;
  readonly revision: number;
};

/** Brings a basket as far as the money on the counter, or says why this cannot be sold now. */
export async function prepareSale(ask: Ask, lines: readonly SaleLine[]): Promise<Result<Sale>> {
  const counter = ask();
  must('clearing the basket', await counter['basket.clear']({}));
  for (const { billerId, account, amount } of lines) {
    const added = await counter['basket.add']({ billerId, account });
    if (!added.ok) return added;
    const set = await counter['basket.amount']({ lineId: added.value.lineId, amount });
    if (!set.ok) return set;
  }
  const tender = await counter['basket.tender']({ back: false });
  if (!tender.ok) return tender;
  const state = await stateWhere(
    counter.counter,
    'the basket at the money',
    (one) => one.stage === 'tendering' && one.lines.length === lines.length,
  );
  return ok({ paymentId: state.paymentId, total: state.total, revision: state.revision });
}

export type Accepted = Result<{ readonly payment: PaymentAccepted }>;

/** The money is taken. `connectionLost` means that nobody knows yet: ask again with the same sale. */
export const takeMoney = (ask: Ask, sale: Sale, received: Qepik): Promise<Accepted> =>
  ask()['basket.accept']({
    paymentId: sale.paymentId,
    revision: sale.revision,
    received,
    receivedPieces: null,
  });

export async function closeShift(ask: Ask, counted: Pieces): Promise<ShiftClosed> {
  must('clearing the basket', await ask()['basket.clear']({}));
  must('beginning the count', await ask()['shift.count']({ cancel: false }));
  return must('closing the shift', await ask()['shift.close']({ counted: [...counted], reason: null }));
}

/** Waits until everything in the journal has been acknowledged by the centre. */
export async function drained(ask: Ask, limitMs = 60_000): Promise<void> {
  await ask()['sync.now']({});
  await stateWhere(
    ask().status,
    'the journal drained',
    ({ centre }) => centre.link === 'online' && centre.waiting === 0,
    limitMs,
  );
}
