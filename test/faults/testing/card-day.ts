import {
  closeTerminalDay as closed,
  saleByCard,
  stornoOf,
  type CardSale,
} from '../../../main/demo/day/card-teller.ts';
import type { SaleLine } from '../../../main/demo/day/teller.ts';
import { PASSWORD } from '../../e2e/demo.ts';
import { mintId, type Step } from './script.ts';

/** What people do with cards, in steps of a script: the same attempt under the same id after every power cut. */

export type CardSaleStep = Step & Pick<CardSale, 'paymentId'>;

/** A sale by card, `cash` of it in cash. Ends with the payment recorded, or (`declined`) with the card refused for good. */
export function payByCard(
  lines: readonly SaleLine[],
  options: { readonly cash?: number; readonly before?: () => void; readonly declined?: true } = {},
): CardSaleStep {
  const { cash = null, before } = options;
  const sale = saleByCard(lines, { mintId, cash: () => cash, ...(before && { before }) });
  return {
    what: `a card payment of ${lines.length} lines`,
    paymentId: sale.paymentId,
    async run(ask) {
      const { kind } = await sale.pay(ask);
      if (kind !== (options.declined ? 'declined' : 'paid')) throw new Error(`the card was ${kind}`);
    },
  };
}

/** The storno of a card payment: asked again under the same id until it is recorded. */
export function stornoOfCard(paymentId: () => string): Step {
  const stornoId = mintId();
  return {
    what: 'a storno of a card payment',
    async run(ask) {
      await stornoOf(ask, { stornoId, paymentId: paymentId(), supervisor: 'rauf', password: PASSWORD });
    },
  };
}

/** The terminal's end of day: nothing differs. */
export function closeTerminalDay(): Step {
  const closingId = mintId();
  return {
    what: 'the terminal’s end of day',
    async run(ask) {
      const { terminal, journal } = await closed(ask, closingId);
      if (terminal?.sum !== journal.sum || terminal.count !== journal.count)
        throw new Error(`the terminal counted ${JSON.stringify(terminal)}, the journal ${journal.sum}`);
    },
  };
}
