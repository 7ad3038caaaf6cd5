import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Person } from '../../contracts/journal.ts';
import { negate, type Qepik } from '../../contracts/money.ts';
import type { TerminalSlip } from '../../contracts/pos.ts';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { receiptAddress, receiptCode } from '../../contracts/rules/receipt-code.ts';
import type { Instant } from '../../contracts/time.ts';
import type { PaymentFacts, StornoFacts } from '../facts.ts';
import type { Reprint } from '../receipts/blocks.ts';
import { paymentReceipt } from '../receipts/payment-receipt.ts';
import { stornoReceipt } from '../receipts/storno-receipt.ts';
import { slipCopy } from './slip-copy.ts';
import {
  again,
  factsOf,
  instantNow,
  record,
  workstationOf,
  type CounterContext,
  type JournalCode,
} from './context.ts';

export type PrintAnswer = { readonly printed: boolean; readonly reason: string | null };
type Which = 'payment' | 'storno';

/** Receipts on paper. One at a time, so that two papers never run into one another. */
export type Paper = {
  /** The original of a receipt just issued; opens the drawer. The print is a journal entry, whether or not it worked. */
  original(which: Which, id: Id, by: Person): Promise<PrintAnswer>;
  /**
   * A receipt that is due since the process ended (or failed) between the journal and the printer: a copy, since the
   * original may be out. Where a print was noted, how that went.
   */
  takeUp(which: Which, id: Id): Promise<PrintAnswer>;
  /** A marked and counted copy. */
  copy(which: Which, id: Id, by: Person): Promise<Result<{ copy: number }, 'printerAway' | JournalCode>>;
  /** The same as a PDF, marked and counted alike. */
  pdf(which: Which, id: Id, by: Person): Promise<Result<{ copy: number; pdf: Uint8Array }, JournalCode>>;
  /** One of the terminal's own papers of a card attempt: always a copy, marked and counted for itself. */
  slip(
    attemptId: Id,
    slip: TerminalSlip,
    by: Person,
  ): Promise<Result<{ copy: number }, 'slipMissing' | 'printerAway' | JournalCode>>;
  /** Anything else on paper, in its turn; not counted. */
  print(document: ReceiptDocument): Promise<PrintAnswer>;
};

const PRINT_TIMEOUT_MS = 15_000;

export function createPaper(context: () => CounterContext): Paper {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = last.then(run);
    last = mine.catch(() => undefined); // whoever asked for it hears of the fault; the next paper does not
    return mine;
  };

  const printing = (document: ReceiptDocument, drawer: boolean): Promise<PrintAnswer> => {
    const { machine, printer } = context().ports;
    return new Promise((done) => {
      const callOff = machine.after(PRINT_TIMEOUT_MS, () => done({ printed: false, reason: 'timedOut' }));
      printer.print(document, drawer).then(
        (answer) => {
          callOff();
          done(answer);
        },
        (error: unknown) => {
          callOff();
          machine.log('error', 'print.fault', { error: String(error) });
          done({ printed: false, reason: 'deviceFault' });
        },
      );
    });
  };

  const subjectOf = (which: Which, id: Id): PaymentFacts | StornoFacts => {
    const { payments, stornos } = factsOf(context());
    const subject = which === 'payment' ? payments.get(id) : stornos.get(id);
    assert(subject !== undefined, `the journal holds the ${which}`);
    return subject;
  };
  const nextCopy = (which: Which, id: Id): number => (subjectOf(which, id).print?.lastCopy ?? 0) + 1;

  /** Written down after the attempt: a paper counts once it may be out. */
  const noted = (
    which: Which,
    subjectId: Id,
    print: { copy: number; form: 'thermal' | 'pdf'; printed: boolean; by: Person },
  ): Result<unknown, JournalCode> => {
    const { receiptNo } = subjectOf(which, subjectId);
    const entryId = context().ports.machine.mintId();
    return record(context(), entryId, 'receipt.printed', { subjectId, receiptNo, ...print });
  };

  const issue = async (which: Which, id: Id, by: Person, copy: number): Promise<PrintAnswer> => {
    const reprint = copy === 0 ? undefined : { by: by.name, at: instantNow(context()) };
    const answer = await printing(documentOf(context(), which, id, copy, reprint), copy === 0);
    const written = noted(which, id, { copy, form: 'thermal', printed: answer.printed, by });
    // The money stands whatever becomes of the note about its paper.
    if (!written.ok) context().ports.machine.log('error', 'print.notNoted', { code: written.error.code });
    return answer;
  };

  return {
    original: (which, id, by) => inTurn(() => issue(which, id, by, 0)),
    takeUp: (which, id) =>
      inTurn(async () => {
        const { print } = subjectOf(which, id);
        if (print !== null) return { printed: print.first, reason: null };
        const { payload } = recordOf(context(), which, id);
        return issue(which, id, payload.teller, nextCopy(which, id));
      }),
    copy: (which, id, by) =>
      inTurn(async () => {
        const copy = nextCopy(which, id);
        const reprint = { by: by.name, at: instantNow(context()) };
        const answer = await printing(documentOf(context(), which, id, copy, reprint), false);
        const written = noted(which, id, { copy, form: 'thermal', printed: answer.printed, by });
        if (!written.ok) return again(written.error);
        return answer.printed ? ok({ copy }) : fail('printerAway', { reason: answer.reason ?? '' });
      }),
    pdf: (which, id, by) =>
      inTurn(async () => {
        const copy = nextCopy(which, id);
        const reprint = { by: by.name, at: instantNow(context()) };
        const pdf = await context().ports.printer.pdf(documentOf(context(), which, id, copy, reprint));
        const written = noted(which, id, { copy, form: 'pdf', printed: true, by });
        return written.ok ? ok({ copy, pdf }) : again(written.error);
      }),
    slip: (attemptId, slip, by) =>
      inTurn(async () => {
        const made = slipCopy(context(), attemptId, slip, by);
        if (made === null) return fail('slipMissing');
        const { receiptNo, copy } = made;
        const answer = await printing(made, false);
        const print = { slip, receiptNo, copy, form: 'thermal' as const, printed: answer.printed, by };
        const entryId = context().ports.machine.mintId();
        const written = record(context(), entryId, 'receipt.printed', { subjectId: attemptId, ...print });
        if (!written.ok) return again(written.error);
        return answer.printed ? ok({ copy }) : fail('printerAway', { reason: answer.reason ?? '' });
      }),
    print: (document) => inTurn(() => printing(document, false)),
  };
}

/** The record of a payment or a storno, as the journal holds it. */
function recordOf(context: CounterContext, which: Which, id: Id) {
  const facts = factsOf(context);
  if (which === 'payment') {
    const seq = facts.payments.get(id)?.seq;
    assert(seq !== undefined, 'the journal holds the payment');
    const { payload, wallTime } = context.ledger.read(seq, 'payment.accepted').body;
    return { which, payload, wallTime };
  }
  const seq = facts.stornos.get(id)?.seq;
  assert(seq !== undefined, 'the journal holds the storno');
  const { payload, wallTime } = context.ledger.read(seq, 'payment.stornoed').body;
  return { which, payload, wallTime };
}

/** The paper of a payment or storno: the same whenever it is made, but for the mark of a copy. */
export function documentOf(
  context: CounterContext,
  which: Which,
  id: Id,
  copy: number,
  reprint?: Reprint,
): ReceiptDocument {
  const found = recordOf(context, which, id);
  const workstation = workstationOf(context);
  assert(workstation !== null, 'receipts are issued by an enrolled workstation');
  const common = { takenAt: found.wallTime, workstation, copy, ...(reprint ? { reprint } : {}) };
  if (found.which === 'payment') {
    const { payload: payment } = found;
    const facts = factsOf(context);
    const storno = facts.stornos.get(facts.payments.get(id)?.stornoId ?? '');
    return paymentReceipt({
      ...common,
      payment,
      loads: new Map(
        payment.lines.flatMap(({ load }) => {
          const known = load && facts.loads.get(load.loadId);
          return known ? [[known.loadId, known.stage] as const] : [];
        }),
      ),
      verifyAddress: verifyAddress(context, id, payment.receiptNo, payment.total, found.wallTime),
      ...(storno ? { stornoReceiptNo: storno.receiptNo } : {}),
    });
  }
  const { payload: storno } = found;
  const verify = verifyAddress(context, id, storno.receiptNo, negate(storno.total), found.wallTime);
  return stornoReceipt({ ...common, storno, verifyAddress: verify });
}

function verifyAddress(
  context: CounterContext,
  id: Id,
  receiptNo: string,
  total: Qepik,
  takenAt: Instant,
): string {
  const { deviceKey, replica } = context.ports;
  const deviceId = factsOf(context).device?.deviceId;
  assert(deviceId !== undefined, 'receipts are signed by an enrolled device');
  const code = receiptCode({ deviceId, paymentId: id, receiptNo, total, takenAt }, (text) =>
    deviceKey.signText(text),
  );
  return receiptAddress(replica.counter()?.receiptVerifyUrl ?? '', code);
}
