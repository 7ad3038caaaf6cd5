import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted } from '../../contracts/journal.ts';
import { MAX_QEPIK, qepik, subtract, type Qepik } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ShiftFacts } from '../facts.ts';
import type { Basket } from '../machines/payment.ts';
import { basketTotal, cashGiven, changeFrom, paymentRecord, totalWithinBounds } from '../machines/records.ts';
import type { Area } from './area.ts';
import { problemOf, refuse, type LineCode } from './basket-line.ts';
import {
  again,
  factsOf,
  openDrawer,
  record,
  stepPayment,
  workstationCode,
  type CounterContext,
  type JournalCode,
} from './context.ts';
import { billerOf } from './figures.ts';
import type { PrintAnswer } from './paper.ts';
import { shownPieces } from './session.ts';

type Accepted = { readonly payment: PaymentAccepted; readonly print: PrintAnswer };
export type OfflineCode =
  'loadNeedsCentre' | 'offlineNotAllowed' | 'offlinePaymentCap' | 'offlineShiftCap' | 'deviceQuarantined';

/** From the basket to money in the drawer. Everything that can be refused is refused before money is asked for. */
export function acceptHandlers(
  context: CounterContext,
): Area<'basket.tender' | 'basket.quoteChange' | 'basket.accept'> {
  const { desk, ports } = context;
  /** Answers on their way: the same payment asked again meanwhile waits for the same answer. */
  const underWay = new Map<Id, Promise<Accepted>>();

  return {
    'basket.tender': async ({ back }) => {
      const shift = openDrawer(context);
      if (!shift.ok) return shift;
      if (back) {
        stepPayment(context, { kind: 'tenderLeft' });
        return ok({});
      }
      const { payment } = desk;
      if (payment.stage === 'tendering') return ok({});
      if (payment.stage !== 'draft') return fail('basketChanged');
      if (payment.lines.length === 0) return fail('basketEmpty');
      const problem = firstProblem(context, shift.value, payment);
      if (!problem.ok) return problem;
      const offline = offlineAllows(context, shift.value, payment);
      if (!offline.ok) return again(offline.error);
      const card = cardsAreIn(context, payment);
      if (!card.ok) return card;
      const writable = context.ledger.probe();
      if (!writable.ok) return again(writable.error);
      stepPayment(context, { kind: 'tenderBegun' });
      return ok({});
    },

    'basket.quoteChange': async ({ received, receivedPieces }) => {
      const shift = openDrawer(context);
      if (!shift.ok) return shift;
      const { lines } = desk.payment;
      if (lines.length === 0) return fail('basketEmpty');
      const total = qepik(Math.min(basketTotal(lines), MAX_QEPIK));
      if (received < total) return fail('tenderTooSmall', { missing: total - received });
      const pieces = changeFrom(shift.value, cashGiven(received, receivedPieces), total);
      return ok({ change: subtract(received, total), pieces: pieces && shownPieces(pieces) });
    },

    'basket.accept': async ({ paymentId, revision, received, receivedPieces }) => {
      const running = underWay.get(paymentId);
      if (running) return ok(await running);
      const known = firstAnswer(context, paymentId);
      if (known) return ok({ payment: known, print: await context.paper.takeUp('payment', paymentId) });

      const shift = openDrawer(context);
      if (!shift.ok) return shift;
      const { payment } = desk;
      if (payment.paymentId !== paymentId || payment.stage !== 'tendering') return fail('basketChanged');
      if (payment.revision !== revision) return fail('basketChanged');
      const total = qepik(basketTotal(payment.lines));
      if (received < total) return fail('tenderTooSmall', { missing: total - received });
      const offline = offlineAllows(context, shift.value, payment);
      if (!offline.ok) return again(offline.error);
      const card = cardsAreIn(context, payment);
      if (!card.ok) return card;

      const cash = cashGiven(received, receivedPieces);
      const made = paymentRecord(factsOf(context), shift.value, workstationCode(context), payment, cash, {
        tenderId: ports.machine.mintId(),
        online: context.sync.link().line === 'online',
      });
      const written = writeDown(context, made);
      if (!written.ok) return again(written.error);

      const printing = print(context, made).finally(() => underWay.delete(paymentId));
      underWay.set(paymentId, printing);
      return ok(await printing);
    },
  };
}

/** Into the journal, and only then accepted. Whatever goes wrong before that leaves the teller at the money, undone. */
function writeDown(context: CounterContext, made: PaymentAccepted): Result<null, JournalCode> {
  const { effects } = stepPayment(context, { kind: 'moneyTaken', record: made });
  let recorded = false;
  try {
    for (const effect of effects) {
      if (effect.kind !== 'append') continue;
      const written = record(context, made.paymentId, 'payment.accepted', effect.record);
      if (!written.ok) return again(written.error);
    }
    return ok(null);
  } finally {
    // Also when the append threw: the journal alone knows whether the payment is in it.
    recorded = factsOf(context).payments.has(made.paymentId);
    stepPayment(context, { kind: recorded ? 'recorded' : 'notRecorded' });
  }
}

/** What the payment bought goes onto its card first, where that is at hand: the receipt says how that went. */
async function print(context: CounterContext, payment: PaymentAccepted): Promise<Accepted> {
  await context.loads.paid(payment);
  const answer = await context.paper.original('payment', payment.paymentId, payment.teller);
  if (context.desk.payment.paymentId === payment.paymentId) stepPayment(context, { kind: 'printed' });
  return { payment, print: answer };
}

/** What was answered the first time, from the journal: also after a restart, and whoever asks. */
export function firstAnswer(context: CounterContext, paymentId: Id): PaymentAccepted | undefined {
  const seq = factsOf(context).payments.get(paymentId)?.seq;
  return seq === undefined ? undefined : context.ledger.read(seq, 'payment.accepted').body.payload;
}

/** The companies' rules as they are now: the basket may have stood since before they changed. */
function firstProblem(context: CounterContext, shift: ShiftFacts, basket: Basket): Result<null, LineCode> {
  for (const line of basket.lines) {
    const biller = billerOf(context, line.billerId);
    if (!biller) return fail('billerNotLive');
    // What a load costs the centre has priced by the card's own rules.
    const problem = line.load ? null : problemOf(biller, line);
    if (problem) return refuse(problem);
  }
  if (!totalWithinBounds(basket.lines)) return fail('amountTooBig', { max: MAX_QEPIK });
  // The sums of the shift are amounts, too: beyond the largest one its journal could not be read any more.
  const room = MAX_QEPIK - Math.max(shift.cash, shift.paymentTotal);
  return basketTotal(basket.lines) <= room ? ok(null) : fail('amountTooBig', { max: room });
}

/** No money is taken for a load whose card is not in the reader: it could not be written. */
export function cardsAreIn(context: CounterContext, basket: Basket): Result<null, 'meterCardAbsent'> {
  const here = context.meters.card();
  const absent = basket.lines.some(
    ({ load }) => load && (here?.stage !== 'known' || here.identity?.cardId !== load.cardId),
  );
  return absent ? fail('meterCardAbsent') : ok(null);
}

/** What the centre lets a counter do alone: by company, per payment, per shift (DESIGN §7). */
export function offlineAllows(
  context: CounterContext,
  shift: ShiftFacts,
  basket: Basket,
): Result<null, OfflineCode> {
  const { line } = context.sync.link();
  if (line === 'online') return ok(null);
  if (line === 'stopped') return fail('deviceQuarantined');
  if (basket.lines.some((one) => one.load)) return fail('loadNeedsCentre');
  for (const { billerId, known } of basket.lines) {
    const policy = billerOf(context, billerId)?.offline ?? 'none';
    if (policy === 'none' || (policy === 'known' && !known)) return fail('offlineNotAllowed');
  }
  const policy = context.ports.replica.counter()?.policy;
  if (!policy) return fail('offlineNotAllowed');
  const total: Qepik = qepik(basketTotal(basket.lines));
  if (total > policy.offlineMaxPayment) return fail('offlinePaymentCap', { cap: policy.offlineMaxPayment });
  return shift.offlineTotal + total > policy.offlineMaxPerShift
    ? fail('offlineShiftCap', { cap: policy.offlineMaxPerShift })
    : ok(null);
}
