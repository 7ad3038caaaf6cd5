import { setTimeout as wait } from 'node:timers/promises';
import type { TerminalState } from '../../../contracts/ipw.ts';
import { must, prepareSale, type Ask, type Sale, type SaleLine } from '../../../main/demo/day/teller.ts';
import { stateWhere } from '../../../main/demo/watch.ts';
import { PASSWORD } from '../../e2e/demo.ts';
import { mintId, type Step } from './script.ts';

/** What people do with cards, in steps that can be repeated after a power cut: the same attempt under the same id. */

export const terminalWhere = (
  ask: Ask,
  what: string,
  fits: (state: TerminalState) => boolean,
): Promise<TerminalState> => stateWhere(ask().terminal, what, fits, 120_000);

/** Waits until the terminal is there and everything it was asked before is known. */
const terminalFree = (ask: Ask): Promise<TerminalState> =>
  terminalWhere(
    ask,
    'the terminal free',
    ({ state, open, attempt }) => state === 'ready' && open.length === 0 && attempt === null,
  );

export type CardSaleStep = Step & { paymentId(): string };

/** A sale by card, `cash` of it in cash. Ends with the payment recorded, or (`declined`) with the card refused for good. */
export function payByCard(
  lines: readonly SaleLine[],
  options: { readonly cash?: number; readonly before?: () => void; readonly declined?: true } = {},
): CardSaleStep {
  let sale: (Sale & { readonly attemptId: string }) | undefined;
  return {
    what: `a card payment of ${lines.length} lines`,
    paymentId() {
      if (!sale) throw new Error('nothing was sold yet');
      return sale.paymentId;
    },
    async run(ask) {
      for (;;) {
        await terminalFree(ask);
        if (!sale) {
          options.before?.();
          sale = { ...must('the sale', await prepareSale(ask, lines)), attemptId: mintId() };
        }
        const { paymentId, revision, attemptId } = sale;
        const cash = options.cash === undefined ? null : { received: options.cash, receivedPieces: null };
        const paid = await ask()['card.pay']({ paymentId, revision, attemptId, cash });
        if (paid.ok) return;
        switch (paid.error.code) {
          case 'cardOutcomeUnknown':
            break; // asked after by itself; then it is asked again here
          case 'cardDeclined':
            if (options.declined) return;
            throw new Error('a good card was declined');
          // The basket died with the process, or the card was not charged: the customer is asked again.
          case 'basketChanged':
          case 'cardNotCharged':
            sale = undefined;
            break;
          case 'terminalAway':
          case 'terminalBusy':
          case 'cardAttemptOpen':
            await wait(200);
            break;
          default:
            throw new Error(`the card: ${paid.error.code}`);
        }
      }
    },
  };
}

/** The storno of a card payment: asked again under the same id until it is recorded. */
export function stornoOfCard(paymentId: () => string): Step {
  const stornoId = mintId();
  return {
    what: 'a storno of a card payment',
    async run(ask) {
      for (;;) {
        await terminalFree(ask);
        const made = await ask()['storno.make']({
          stornoId,
          paymentId: paymentId(),
          reason: 'wrongAmount',
          note: '',
          supervisor: 'rauf',
          password: PASSWORD,
        });
        if (made.ok) return;
        if (
          ['cardOutcomeUnknown', 'terminalAway', 'terminalBusy', 'cardAttemptOpen'].includes(made.error.code)
        )
          await wait(200);
        else throw new Error(`the storno: ${made.error.code}`);
      }
    },
  };
}

/** The terminal's end of day: nothing differs. */
export function closeTerminalDay(): Step {
  const closingId = mintId();
  return {
    what: 'the terminal’s end of day',
    async run(ask) {
      await terminalFree(ask);
      const { closed } = must('the close', await ask()['terminal.endOfDay']({ closingId }));
      if (closed.terminal !== null && closed.terminal.sum !== closed.journal.sum)
        throw new Error(`the terminal counted ${closed.terminal.sum}, the journal ${closed.journal.sum}`);
    },
  };
}
