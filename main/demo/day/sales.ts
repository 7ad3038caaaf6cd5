import type { Biller } from '../../../contracts/domain.ts';
import type { PaymentAccepted } from '../../../contracts/journal.ts';
import type { Qepik } from '../../../contracts/money.ts';
import { stateWhere } from '../watch.ts';
import type { Workstation } from '../workstation.ts';
import { losesAnswer, type CardCustomer, type CardCustomers } from './card-customers.ts';
import { saleByCard } from './card-teller.ts';
import { chooseAmount, chooseCash } from './choose-amount.ts';
import { bagOf, type Random } from './random.ts';
import type { Power } from './power.ts';
import { notePayment, type Account, type Tally } from './tally.ts';
import { must, POLICY_CODES, prepareSale, takeMoney, type Sale, type SaleLine } from './teller.ts';
import type { Troubles } from './troubles.ts';

export type SaleParts = {
  readonly random: Random;
  readonly mintId: () => string;
  readonly station: Workstation;
  readonly billers: ReadonlyMap<string, Biller>;
  /** Accounts that may be paid on, with what they owe; the teller keeps it up to date. */
  readonly accounts: readonly Account[];
  readonly power: Power;
  readonly customers: CardCustomers;
  readonly troubles: Troubles;
};

/** Of the customers to whom nothing happens. With those to whom something does, a quarter pay by card. */
const TENDERS = ['cash', 'cash', 'cash', 'cash', 'cash', 'card'] as const;
/** A terminal's totals count no more than 255 of a scheme, of which there are three. */
const CARDS_A_SHIFT = 700;

/** How customers are served, whatever happens to the power, the line and the terminal. */
export function daySales(parts: SaleParts, tally: Tally) {
  const { random, power, troubles } = parts;
  const { ask } = parts.station;
  const paysWith = bagOf(random, TENDERS);
  let cardsThisShift = 0;

  const note = (payment: PaymentAccepted): void => notePayment(tally, parts.accounts, payment);

  /** One to three accounts, each once, with an amount its company takes. */
  function basket(): readonly SaleLine[] {
    const lines = new Map<string, SaleLine>();
    for (const wanted = random.pick([1, 1, 1, 2, 3]); lines.size < wanted;) {
      const { billerId, account, owed } = random.pick(parts.accounts);
      const rules = parts.billers.get(billerId);
      const amount = rules && chooseAmount(random, rules, owed);
      if (amount !== undefined) lines.set(`${billerId} ${account}`, { billerId, account, amount });
    }
    return [...lines.values()];
  }

  async function forCash(lines: readonly SaleLine[]): Promise<void> {
    for (;;) {
      const sale = await prepareSale(ask, lines);
      if (!sale.ok) {
        if (sale.error.code === 'connectionLost') {
          await power.back();
          continue;
        }
        if (!POLICY_CODES.includes(sale.error.code)) must('the sale', sale);
        return sentAway();
      }
      if (await settle(sale.value, chooseCash(random, sale.value.total))) return;
    }
  }

  /** Policy does not allow the sale now. */
  async function sentAway(): Promise<void> {
    must('clearing the basket', await ask()['basket.tender']({ back: true }));
    tally.refused += 1;
  }

  /**
   * Takes the money. When the answer is lost, the same payment is asked for again by its id: either it is in the journal and
   * gets its first answer, or it never was and the customer still has the money. Answers whether it was taken.
   */
  async function settle(sale: Sale, cash: Qepik): Promise<boolean> {
    let answer = await takeMoney(ask, sale, cash);
    if (!answer.ok && answer.error.code === 'connectionLost') {
      await power.back();
      tally.askedAgain += 1;
      answer = await takeMoney(ask, sale, cash);
      if (!answer.ok && answer.error.code === 'basketChanged') return false;
    }
    note(must('taking the money', answer).payment);
    return true;
  }

  /** Whose card is refused pays in cash. */
  async function byCard({ mixed, person, trouble, declined }: CardCustomer): Promise<void> {
    const lines = basket();
    const inCash = mixed ? random.integer(1, 9) / 10 : 0;
    await troubles.powerFor(trouble);
    let first = true;
    const sale = saleByCard(lines, {
      mintId: parts.mintId,
      cash: (total) => Math.floor(total * inCash) || null,
      before() {
        // Whom trouble has met once goes on like anybody.
        troubles.meet(first || trouble === null ? person : {}, first ? trouble : null);
        first = false;
      },
    });
    const end = await power.through(sale.pay);
    cardsThisShift += 1;
    if (end.kind === 'notSold') return sentAway();
    if (losesAnswer(trouble)) tally.lost += 1;
    if ((end.kind === 'declined') !== declined)
      throw new Error(`a card was ${end.kind}: ${JSON.stringify(person)}`);
    if (end.kind === 'paid') return note(end.payment);
    await otherwise(end.sale, lines);
  }

  /** The basket of a refused card is paid in cash; one that died with the process is made afresh. */
  async function otherwise({ paymentId }: Sale, lines: readonly SaleLine[]): Promise<void> {
    const now = await stateWhere(ask().counter, 'the basket', () => true);
    const stands = now.paymentId === paymentId && now.stage === 'tendering';
    if (!stands || !(await settle(now, chooseCash(random, now.total)))) await forCash(lines);
  }

  return {
    basket,
    byCard,
    /** Serves whoever comes next, to whom nothing happens at the terminal. */
    async next(): Promise<void> {
      const card = paysWith() === 'card' && cardsThisShift < CARDS_A_SHIFT;
      await (card ? byCard(parts.customers.next()) : forCash(basket()));
    },
    newShift(): void {
      cardsThisShift = 0;
    },
  };
}
