import { setTimeout as wait } from 'node:timers/promises';
import type { TerminalState } from '../../../contracts/ipw.ts';
import type { PaymentAccepted, PaymentStornoed, PosDayClosed } from '../../../contracts/journal.ts';
import { stateWhere } from '../watch.ts';
import { must, POLICY_CODES, prepareSale, type Ask, type Sale, type SaleLine } from './teller.ts';

/**
 * What a teller does with cards, over the counter's contract. Each act may be begun again after a power cut, and then goes
 * on: what was asked for is asked for again under the same id.
 */

/** The longest a terminal that was cut off or asked in vain needs to be back. */
const TERMINAL_LIMIT_MS = 120_000;
/** Between two looks at what passes by itself. */
const PAUSE_MS = 200;

export const terminalWhere = (
  ask: Ask,
  what: string,
  fits: (state: TerminalState) => boolean,
): Promise<TerminalState> => stateWhere(ask().terminal, what, fits, TERMINAL_LIMIT_MS);

/** Waits until the terminal is there and everything it was asked before is known. */
export const terminalFree = (ask: Ask): Promise<TerminalState> =>
  terminalWhere(
    ask,
    'the terminal free',
    ({ state, open, attempt }) => state === 'ready' && open.length === 0 && attempt === null,
  );

/** What passes by itself: the same is asked again. */
const PASSING: readonly string[] = ['cardOutcomeUnknown', 'terminalAway', 'terminalBusy', 'cardAttemptOpen'];

/** How a customer with a card left the terminal. */
export type CardEnd =
  | { readonly kind: 'paid'; readonly payment: PaymentAccepted }
  /** The basket still lies at the money, unless the power has failed since. */
  | { readonly kind: 'declined'; readonly sale: Sale }
  /** The centre's policy does not let this be sold now. */
  | { readonly kind: 'notSold' };

export type CardSale = {
  paymentId(): string;
  /** Until the payment is recorded, or the card refused for good. */
  pay(ask: Ask): Promise<CardEnd>;
};

/**
 * A customer who pays by card, `cash` qəpik of it in cash. A card that was not charged after all (the answer was lost, the
 * terminal took it back) is charged anew, as a new attempt for a new basket.
 */
export function saleByCard(
  lines: readonly SaleLine[],
  how: {
    readonly mintId: () => string;
    /** Of the total, once that is known. Null: all by card. */
    readonly cash: (total: number) => number | null;
    /** Before the card is asked for, each time. */
    readonly before?: () => void;
  },
): CardSale {
  let sale: (Sale & { readonly attemptId: string }) | undefined;
  return {
    paymentId() {
      if (!sale) throw new Error('nothing was sold yet');
      return sale.paymentId;
    },
    async pay(ask) {
      for (;;) {
        await terminalFree(ask);
        if (!sale) {
          const prepared = await prepareSale(ask, lines);
          if (!prepared.ok && POLICY_CODES.includes(prepared.error.code)) return { kind: 'notSold' };
          sale = { ...must('the sale', prepared), attemptId: how.mintId() };
          how.before?.();
        }
        const { paymentId, revision, attemptId } = sale;
        const received = how.cash(sale.total);
        const cash = received === null ? null : { received, receivedPieces: null };
        const paid = await ask()['card.pay']({ paymentId, revision, attemptId, cash });
        if (paid.ok) return { kind: 'paid', payment: paid.value.payment };
        const { code } = paid.error;
        if (code === 'cardDeclined') return { kind: 'declined', sale };
        // The basket died with the process, or the card was not charged: the customer is asked again.
        if (code === 'basketChanged' || code === 'cardNotCharged') sale = undefined;
        else if (PASSING.includes(code)) await wait(PAUSE_MS);
        else must('the card', paid);
      }
    },
  };
}

/** The storno of any payment: asked for under the same id until it is recorded, the card's money back first. */
export async function stornoOf(
  ask: Ask,
  storno: {
    readonly stornoId: string;
    readonly paymentId: string;
    readonly supervisor: string;
    readonly password: string;
  },
): Promise<PaymentStornoed> {
  for (;;) {
    const made = await ask()['storno.make']({ ...storno, reason: 'wrongAmount', note: '' });
    if (made.ok) return made.value.storno;
    if (!PASSING.includes(made.error.code)) must('the storno', made);
    await wait(PAUSE_MS);
    await terminalFree(ask);
  }
}

/** How often a terminal may say that it did not close its day, or be lost over it. */
const CLOSES_MAX = 5;

/** The terminal's end of day, asked for under the same id until it is in the journal. */
export async function closeTerminalDay(ask: Ask, closingId: string): Promise<PosDayClosed> {
  for (let refused = 0; ;) {
    await terminalFree(ask);
    const answer = await ask()['terminal.endOfDay']({ closingId });
    if (answer.ok) return answer.value.closed;
    const { code } = answer.error;
    if (code === 'terminalDayNotClosed') refused += 1;
    const again = code === 'terminalDayNotClosed' ? refused < CLOSES_MAX : PASSING.includes(code);
    if (!again) must('the terminal’s end of day', answer);
    await wait(PAUSE_MS);
  }
}
