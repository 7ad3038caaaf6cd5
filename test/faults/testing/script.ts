import { randomBytes } from 'node:crypto';
import { uuidv7 } from '../../../contracts/ids.ts';
import type { PaymentAccepted, PaymentStornoed } from '../../../contracts/journal.ts';
import { qepik, type Qepik } from '../../../contracts/money.ts';
import { fewestPieces } from '../../../contracts/rules/denominations.ts';
import { stateWhere } from '../../../main/demo/watch.ts';
import { stornoOf } from '../../../main/demo/day/card-teller.ts';
import type { Answered } from '../../../main/demo/day/invariants.ts';
import { cardIn, cashIn } from '../../../main/demo/day/tenders.ts';
import {
  closeShift,
  logIn,
  must,
  openShift,
  prepareSale,
  takeMoney,
  type Ask,
  type Sale,
  type SaleLine,
} from '../../../main/demo/day/teller.ts';
import { PASSWORD } from '../../e2e/demo.ts';
import type { FaultCounter } from './fault-place.ts';

/**
 * What people do at a counter, in steps that can be repeated: each looks at what the workstation says first, and asks for
 * the same thing under the same id, as a teller would whose screen went dark in the middle.
 */
export type Step = { readonly what: string; run(ask: Ask): Promise<void> };

/** What people at a counter know of their own: who is there, what they were told is done, and what drawers must hold. */
export type Diary = {
  readonly counter: FaultCounter;
  /** Who is logged in. */
  user: string | null;
  readonly answered: Answered[];
  readonly closed: { readonly shiftId: string; readonly expected: Qepik }[];
  /** Registration codes given out. */
  readonly codes: string[];
};

export const newDiary = (counter: FaultCounter): Diary => ({
  counter,
  user: null,
  answered: [],
  closed: [],
  codes: [],
});

export const mintId = (): string => uuidv7(Date.now(), randomBytes(10));

const FLOAT = qepik(60_000);

const step = (what: string, run: Step['run']): Step => ({ what, run });

export const logInAs = (diary: Diary, username: string): Step =>
  step(`log-in of ${username}`, async (ask) => {
    // Whoever was taking the seat when the power failed is who logs in again.
    diary.user = username;
    const { user } = await stateWhere(ask().session, 'the session', () => true);
    if (user?.username !== username) await logIn(ask, username, PASSWORD);
  });

export const logOut = (diary: Diary): Step =>
  step('log-out', async (ask) => {
    // A power cut logs everybody out: whoever was leaving does not come back for it.
    diary.user = null;
    const { user } = await stateWhere(ask().session, 'the session', () => true);
    if (user !== null) must('log-out', await ask()['session.logout']({}));
  });

/** A drawer from its opening to its count. */
export function shiftOf(diary: Diary) {
  const shiftId = mintId();
  let cash: number = FLOAT;

  function note(kind: Answered['kind'], id: string, made: PaymentAccepted | PaymentStornoed): void {
    if (diary.answered.some((one) => one.id === id)) return;
    diary.answered.push({ kind, id, ...made, card: cardIn(made.tenders) });
    const inCash = cashIn(made.tenders);
    cash += kind === 'payment' ? inCash : -inCash;
  }

  const notePayment = (payment: PaymentAccepted): void => note('payment', payment.paymentId, payment);

  return {
    /** A payment that was taken otherwise than by {@link pay}. */
    note: notePayment,
    open: step('opening the shift', (ask) => openShift(ask, shiftId, fewestPieces(FLOAT))),

    /** Takes money for lines, of which more than due is laid on the counter. Answers the step and the way to its payment. */
    pay(lines: readonly SaleLine[], over = 0): Step & { paymentId(): string } {
      let sale: Sale | undefined;
      const received = (): Qepik => qepik((sale?.total ?? 0) + over);
      return {
        what: `a payment of ${lines.length} lines`,
        paymentId() {
          if (!sale) throw new Error('nothing was sold yet');
          return sale.paymentId;
        },
        async run(ask) {
          if (sale && (await takenUp(ask, sale))) return;
          sale = must('the sale', await prepareSale(ask, lines));
          const { payment } = must('the payment', await takeMoney(ask, sale, received()));
          notePayment(payment);
        },
      };

      /** After a restart: was the money written down? The books and the repeated question must say the same. */
      async function takenUp(ask: Ask, asked: Sale): Promise<boolean> {
        const seen = await ask()['receipts.get']({ paymentId: asked.paymentId });
        const again = await takeMoney(ask, asked, received());
        if (again.ok && seen.ok) {
          const { payment } = again.value;
          if (JSON.stringify(payment) !== JSON.stringify(seen.value.payment))
            throw new Error(`${payment.receiptNo} is answered otherwise than it was written down`);
          notePayment(payment);
          return true;
        }
        const unknown =
          !seen.ok &&
          seen.error.code === 'receiptUnknown' &&
          !again.ok &&
          again.error.code === 'basketChanged';
        if (unknown) return false;
        throw new Error(`was it taken? ${JSON.stringify([seen, again]).slice(0, 500)}`);
      }
    },

    storno(paymentId: () => string): Step {
      const stornoId = mintId();
      return step('a storno', async (ask) => {
        const supervisor = { supervisor: 'rauf', password: PASSWORD };
        const made = await stornoOf(ask, { stornoId, paymentId: paymentId(), ...supervisor });
        note('storno', made.stornoId, made);
      });
    },

    close: step('closing the shift', async (ask) => {
      const { shift } = await stateWhere(ask().session, 'the session', () => true);
      const expected = qepik(cash);
      if (shift !== null) await closeShift(ask, fewestPieces(expected));
      if (!diary.closed.some((one) => one.shiftId === shiftId)) diary.closed.push({ shiftId, expected });
    }),
  };
}

/** A subscriber comes to be registered; later an account is hung on the code, and another one taken off. */
export function registration(
  diary: Diary,
  accounts: { readonly first: readonly Omit<SaleLine, 'amount'>[]; readonly later: Omit<SaleLine, 'amount'> },
) {
  const subscriberId = mintId();
  let code = '';
  return {
    register: step('registration', async (ask) => {
      const { subscriber } = must(
        'registration',
        await ask()['subscriber.register']({
          subscriberId,
          name: 'Nəsibova Günel Tahir qızı',
          address: '',
          phone: null,
          email: null,
          language: 'az',
          accounts: accounts.first.map(({ billerId, account }) => ({ billerId, account, label: '' })),
        }),
      );
      if (code !== '' && code !== subscriber.code)
        throw new Error('another code at the second time of asking');
      if (code === '') diary.codes.push(subscriber.code);
      code = subscriber.code;
    }),
    bind: step('binding', async (ask) => {
      const { billerId, account } = accounts.later;
      const bound = await ask()['subscriber.bind']({ code, account: { billerId, account, label: '' } });
      if (!bound.ok && bound.error.code === 'accountAlreadyBound') return;
      must('binding', bound);
    }),
    unbind: step('unbinding', async (ask) => {
      const { billerId, account } = accounts.later;
      const unbound = await ask()['subscriber.unbind']({ code, billerId, account });
      if (!unbound.ok && unbound.error.code === 'accountNotBound') return;
      must('unbinding', unbound);
    }),
  };
}

/** A copy is a paper: whoever finds it in the printer after a power cut does not ask for another. */
export function printAgain(paymentId: () => string, which: 'payment' | 'storno'): Step {
  let papers: number | undefined;
  return step('a copy', async (ask) => {
    const { payment, storno } = must('the receipt', await ask()['receipts.get']({ paymentId: paymentId() }));
    const receiptNo = which === 'payment' ? payment.receiptNo : storno?.receiptNo;
    const out = await papersOf(ask, receiptNo ?? '');
    if (papers !== undefined && out > papers) return;
    papers = out;
    must('the copy', await ask()['receipts.print']({ paymentId: paymentId(), which }));
  });
}

/** How many papers of a receipt the journal knows of. */
async function papersOf(ask: Ask, receiptNo: string): Promise<number> {
  const listed = await ask()['journal.list']({ before: null, limit: 200, waitingOnly: false });
  const { rows } = must('the journal', listed);
  return rows.filter((row) => row.type === 'receipt.printed' && row.subject.includes(receiptNo)).length;
}

export const asPdf = (paymentId: string): Step =>
  step('a receipt as PDF', async (ask) => {
    must('the PDF', await ask()['receipts.pdf']({ paymentId, which: 'payment' }));
  });

export const lineCut = ({ counter }: Diary): Step =>
  step('the line is cut', async (ask) => {
    counter.line.cut();
    await ask()['sync.now']({});
    await stateWhere(ask().status, 'offline', ({ centre }) => centre.link === 'offline');
  });

export const lineBack = ({ counter }: Diary): Step =>
  step('the line is back', async (ask) => {
    counter.line.restore();
    await ask()['sync.now']({});
    await stateWhere(ask().status, 'online', ({ centre }) => centre.link === 'online');
  });
