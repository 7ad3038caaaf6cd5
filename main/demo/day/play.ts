import type { PaymentStornoed, ShiftClosed } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import { fewestPieces, worth } from '../../../contracts/rules/denominations.ts';
import type { Line } from '../line.ts';
import { stateWhere } from '../watch.ts';
import { cardCustomers, losesAnswer, type Trouble } from './card-customers.ts';
import { closeTerminalDay, stornoOf } from './card-teller.ts';
import type { VirtualCards } from '../../../native-bridges/card/simulator/virtual-cards.ts';
import { topUp } from './day-loads.ts';
import type { DayTerminal } from './day-terminal.ts';
import { powerOf } from './power.ts';
import { daySales, type SaleParts } from './sales.ts';
import { noteStorno, type Tally } from './tally.ts';
import {
  closeShift,
  drained,
  logIn,
  logInWhenLet,
  must,
  openShift,
  prepareSale,
  takeMoney,
} from './teller.ts';
import { troublesOf } from './troubles.ts';

/** What the day is played with. */
export type DayParts = Omit<SaleParts, 'power' | 'customers' | 'troubles'> & {
  readonly line: Line;
  readonly terminal: DayTerminal;
  readonly password: string;
};

const TELLER = 'aygun';
const SUPERVISOR = 'rauf';
const FLOAT = qepik(20_000);
const RECEIPTS_LOOKED_AT = 100;

export type Play = ReturnType<typeof playDay>;

/** The acts of a day, each of them a step of {@link DayParts}' counter. */
export function playDay(parts: DayParts, tally: Tally) {
  const { random, station, terminal, password } = parts;
  const ask = station.ask;
  const power = powerOf({ station, teller: TELLER, password }, tally);
  const troubles = troublesOf(station, terminal, power);
  const customers = cardCustomers(random);
  const sales = daySales({ ...parts, power, customers, troubles }, tally);

  async function beginShift(): Promise<void> {
    await logInWhenLet(ask, TELLER, password);
    const float = fewestPieces(FLOAT);
    await openShift(ask, parts.mintId(), float);
    tally.drawer = worth(float);
    sales.newShift();
  }

  /** The next thing that is asked of the terminal meets this. */
  async function bring(trouble: Trouble): Promise<void> {
    await troubles.powerFor(trouble);
    troubles.meet({}, trouble);
  }

  return {
    ask,

    /** The supervisor sets printer and terminal and is known here from now on, then the teller begins. */
    async begin(printTo: string): Promise<void> {
      await logIn(ask, SUPERVISOR, password);
      must('the printer', await ask()['printer.set']({ kind: 'file', path: printTo }));
      must('the terminal', await ask()['terminal.set']({ settings: terminal.settings }));
      must('log-out', await ask()['session.logout']({}));
      await beginShift();
    },

    beginShift,

    async register(): Promise<void> {
      const accounts = [random.pick(parts.accounts), random.pick(parts.accounts)];
      const { subscriber } = must(
        'the registration',
        await ask()['subscriber.register']({
          subscriberId: parts.mintId(),
          name: `Gündəlik Abunəçi ${tally.codes.length + 1}`,
          address: 'Bakı, Nərimanov r., Təbriz küç. 41',
          phone: null,
          email: null,
          language: random.pick(['az', 'en', 'ru']),
          accounts: [...new Map(accounts.map((one) => [`${one.billerId} ${one.account}`, one])).values()].map(
            ({ billerId, account }) => ({ billerId, account, label: '' }),
          ),
        }),
      );
      tally.codes.push(subscriber.code);
    },

    /** Serves customers; `between` may do something to the counter before each of them. */
    async serve(
      count: number,
      between: (served: number) => Promise<void> = async () => undefined,
    ): Promise<void> {
      for (let served = 0; served < count; served += 1) {
        await between(served);
        await sales.next();
      }
    },

    /** Customers with cards, the terminal's answer to each of whom is lost. */
    async serveUnlucky(count: number): Promise<void> {
      for (let served = 0; served < count; served += 1) await sales.byCard(customers.unlucky());
    },

    /** Customers with cards, during each of whose payments the core host is killed. */
    async servePowerless(count: number): Promise<void> {
      for (let served = 0; served < count; served += 1) await sales.byCard(customers.powerless());
    },

    powerCut: power.cut,
    powerCutAfterAppends: power.cutAfterAppends,

    /** The power goes while the money lies on the counter: nothing was taken, the sale is made afresh. */
    async powerCutAtTheMoney(): Promise<void> {
      const sale = must('a sale', await prepareSale(ask, sales.basket()));
      await power.cut();
      const answer = await takeMoney(ask, sale, sale.total);
      if (answer.ok || answer.error.code !== 'basketChanged')
        throw new Error(`a payment that nobody confirmed: ${JSON.stringify(answer)}`);
    },

    async cutLine(): Promise<void> {
      parts.line.cut();
      await ask()['sync.now']({});
      await stateWhere(ask().status, 'the line is seen to be cut', ({ centre }) => centre.link === 'offline');
    },

    async restoreLine(): Promise<void> {
      parts.line.restore();
      await drained(ask);
    },

    /** Cancels a payment of this shift: any, or one by card to whose reversal something happens. */
    async storno(which: 'any' | 'card'): Promise<PaymentStornoed | undefined> {
      const listed = await ask()['receipts.list']({ text: '', limit: RECEIPTS_LOOKED_AT });
      const byCard = new Set(tally.answered.filter(({ card }) => card > 0).map(({ id }) => id));
      const allowed = must('the receipts', listed).rows.filter(
        ({ paymentId, stornoAllowed }) => stornoAllowed && (which === 'any' || byCard.has(paymentId)),
      );
      if (allowed.length === 0) return undefined;
      const { paymentId } = random.pick(allowed);
      const asked = { stornoId: parts.mintId(), paymentId, supervisor: SUPERVISOR, password };
      const trouble = which === 'card' ? customers.reversal() : null;
      if (trouble) await bring(trouble);
      const storno = await power.through((client) => stornoOf(client, asked));
      if (losesAnswer(trouble)) tally.lost += 1;
      noteStorno(tally, parts.accounts, storno);
      return storno;
    },

    /** Meter cards, torn out and interrupted among them. */
    topUp: (count: number, cards: VirtualCards) =>
      topUp({ ask, station, power, random, accounts: parts.accounts, cards }, tally, count),

    /** The terminal's day, whatever happens to it; then the shift's. */
    async endShift(): Promise<ShiftClosed> {
      await bring(customers.endOfDay());
      const closingId = parts.mintId();
      await power.through((client) => closeTerminalDay(client, closingId));
      const closed = await closeShift(ask, fewestPieces(tally.drawer));
      must('log-out', await ask()['session.logout']({}));
      await drained(ask);
      return closed;
    },
  };
}
