import type { Biller } from '../../../contracts/domain.ts';
import type { PaymentAccepted, PaymentStornoed, ShiftClosed } from '../../../contracts/journal.ts';
import { add, qepik, subtract, ZERO, type Qepik } from '../../../contracts/money.ts';
import { fewestPieces, worth } from '../../../contracts/rules/denominations.ts';
import type { Line } from '../line.ts';
import { stateWhere } from '../watch.ts';
import type { Workstation } from '../workstation.ts';
import { chooseAmount, chooseCash } from './choose-amount.ts';
import type { Answered } from './invariants.ts';
import type { Random } from './random.ts';
import {
  closeShift,
  drained,
  logIn,
  makeStorno,
  must,
  openShift,
  prepareSale,
  takeMoney,
  type Sale,
  type SaleLine,
} from './teller.ts';

/** What the day is played with. */
export type DayParts = {
  readonly random: Random;
  readonly mintId: () => string;
  readonly station: Workstation;
  readonly line: Line;
  readonly password: string;
  readonly billers: ReadonlyMap<string, Biller>;
  /** Accounts that may be paid on, with what they owe; the teller keeps it up to date. */
  readonly accounts: readonly Account[];
};

export type Account = { readonly billerId: string; readonly account: string; owed: Qepik };

export type Tally = {
  readonly answered: Answered[];
  readonly codes: string[];
  /** Power cuts survived. */
  kills: number;
  /** Answers that were lost and asked for again by the payment's id. */
  askedAgain: number;
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
  refused: 0,
  drawer: ZERO,
});

const TELLER = 'aygun';
const SUPERVISOR = 'rauf';
const FLOAT = qepik(20_000);

/** What the centre's policy may refuse while the line is down; the customer is sent to another counter. */
const POLICY_CODES: readonly string[] = ['offlineNotAllowed', 'offlinePaymentCap', 'offlineShiftCap'];

export type Play = ReturnType<typeof playDay>;

/** The acts of a day, each of them a step of {@link DayParts}' counter. */
export function playDay(parts: DayParts, tally: Tally) {
  const { random, station, password } = parts;
  const ask = station.ask;

  /** The power is back: the workstation starts, and the teller logs in to the shift that is still open. */
  async function powerBack(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await station.running().exited;
    tally.kills += 1;
    await station.start(env);
    await logIn(ask, TELLER, password);
  }

  async function powerCut(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await station.kill();
    tally.kills += 1;
    await station.start(env);
    await logIn(ask, TELLER, password);
  }

  function note(payment: PaymentAccepted): void {
    const { paymentId: id, receiptNo, total, lines } = payment;
    tally.answered.push({
      kind: 'payment',
      id,
      receiptNo,
      total,
      lines: lines.map(({ billerId, account, amount }) => ({ billerId, account, amount })),
    });
    tally.drawer = add(tally.drawer, total);
    for (const line of lines) owe(line.billerId, line.account, qepik(-line.amount));
  }

  function owe(billerId: string, account: string, more: Qepik): void {
    const known = parts.accounts.find((one) => one.billerId === billerId && one.account === account);
    if (known) known.owed = add(known.owed, more);
  }

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

  /** Serves one customer, whatever happens to the power. False when policy sent the customer away. */
  async function sell(): Promise<boolean> {
    const lines = basket();
    for (;;) {
      const sale = await prepareSale(ask, lines);
      if (!sale.ok) {
        if (sale.error.code === 'connectionLost') {
          await powerBack();
          continue;
        }
        if (!POLICY_CODES.includes(sale.error.code)) must('the sale', sale);
        must('clearing the basket', await ask()['basket.tender']({ back: true }));
        tally.refused += 1;
        return false;
      }
      const taken = await settle(sale.value, chooseCash(random, sale.value.total));
      if (taken) return true;
    }
  }

  /**
   * Takes the money. When the answer is lost, the same payment is asked for again by its id: either it is in the journal and
   * gets its first answer, or it never was and the customer still has the money. Answers whether it was taken.
   */
  async function settle(sale: Sale, cash: Qepik): Promise<boolean> {
    let answer = await takeMoney(ask, sale, cash);
    if (!answer.ok && answer.error.code === 'connectionLost') {
      await powerBack();
      tally.askedAgain += 1;
      answer = await takeMoney(ask, sale, cash);
      if (!answer.ok && answer.error.code === 'basketChanged') return false;
    }
    note(must('taking the money', answer).payment);
    return true;
  }

  return {
    ask,

    /** The supervisor sets the printer and is known here from now on, then the teller begins. */
    async begin(printTo: string): Promise<void> {
      await logIn(ask, SUPERVISOR, password);
      must('the printer', await ask()['printer.set']({ kind: 'file', path: printTo }));
      must('log-out', await ask()['session.logout']({}));
      await logIn(ask, TELLER, password);
      const float = fewestPieces(FLOAT);
      await openShift(ask, parts.mintId(), float);
      tally.drawer = worth(float);
    },

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
      customers: number,
      between: (served: number) => Promise<void> = async () => undefined,
    ): Promise<void> {
      for (let served = 0; served < customers; served += 1) {
        await between(served);
        await sell();
      }
    },

    sell,
    powerCut,

    /** The power goes while the money lies on the counter: nothing was taken, the sale is made afresh. */
    async powerCutAtTheMoney(): Promise<void> {
      const sale = must('a sale', await prepareSale(ask, basket()));
      await powerCut();
      const answer = await takeMoney(ask, sale, sale.total);
      if (answer.ok || answer.error.code !== 'basketChanged')
        throw new Error(`a payment that nobody confirmed: ${JSON.stringify(answer)}`);
    },

    /** The power goes after the n-th append from now on, between the journal and the answer. */
    powerCutAfterAppends: (appends: number): Promise<void> =>
      powerCut({ KOMIS_TEST_KILL_AFTER_APPENDS: String(appends + 1) }), // the log-in is an append, too

    async cutLine(): Promise<void> {
      parts.line.cut();
      await ask()['sync.now']({});
      await stateWhere(ask().status, 'the line is seen to be cut', ({ centre }) => centre.link === 'offline');
    },

    async restoreLine(): Promise<void> {
      parts.line.restore();
      await drained(ask);
    },

    async storno(): Promise<PaymentStornoed | undefined> {
      const done = new Set(tally.answered.filter(({ kind }) => kind === 'storno').map(({ id }) => id));
      const { rows } = must('the receipts', await ask()['receipts.list']({ text: '', limit: 50 }));
      const allowed = rows.filter(({ paymentId, stornoAllowed }) => stornoAllowed && !done.has(paymentId));
      if (allowed.length === 0) return undefined;
      const { paymentId } = random.pick(allowed);
      const storno = await makeStorno(ask, {
        stornoId: parts.mintId(),
        paymentId,
        supervisor: SUPERVISOR,
        password,
      });
      const lines = storno.lines.map(({ billerId, account, amount }) => ({ billerId, account, amount }));
      tally.answered.push({
        kind: 'storno',
        id: storno.stornoId,
        receiptNo: storno.receiptNo,
        total: storno.total,
        lines,
      });
      tally.drawer = subtract(tally.drawer, storno.total);
      for (const line of lines) owe(line.billerId, line.account, line.amount);
      return storno;
    },

    async end(): Promise<ShiftClosed> {
      const closed = await closeShift(ask, fewestPieces(tally.drawer));
      must('log-out', await ask()['session.logout']({}));
      await drained(ask);
      return closed;
    },
  };
}
