import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted, PosPrepared } from '../../contracts/journal.ts';
import { CURRENCY, qepik, type Qepik } from '../../contracts/money.ts';
import { posReasonText } from '../../contracts/pos-reasons.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Pieces } from '../../contracts/rules/denominations.ts';
import type { Facts } from '../facts.ts';
import { basketTotal, cardShare, cashGiven, paymentIntent } from '../machines/records.ts';
import { cardsAreIn, firstAnswer, offlineAllows, type OfflineCode } from './accept.ts';
import type { Area } from './area.ts';
import { beginCard, type CardStartCode } from './card-begin.ts';
import { endOf, terminalFree } from './card-state.ts';
import {
  again,
  factsOf,
  loggedIn,
  openDrawer,
  personOf,
  record,
  stepPayment,
  workstationCode,
  type CounterContext,
  type JournalCode,
} from './context.ts';
import type { PrintAnswer } from './paper.ts';
import { trust } from './people.ts';
import { attemptView } from './terminal-view.ts';

type Asked = {
  readonly paymentId: Id;
  readonly revision: number;
  readonly attemptId: Id;
  readonly cash: { readonly received: Qepik; readonly receivedPieces: Pieces | null } | null;
};
type Paid = { readonly payment: PaymentAccepted; readonly print: PrintAnswer };
type PayCode =
  | 'notLoggedIn'
  | 'shiftNotOpen'
  | 'shiftCounting'
  | 'basketEmpty'
  | 'basketChanged'
  | 'cashCoversAll'
  | 'meterCardAbsent'
  | 'cardDeclined'
  | 'cardNotCharged'
  | 'idempotencyConflict'
  | CardStartCode
  | OfflineCode
  | JournalCode;

/** Card payments at the counter: charging, stopping, asking, deciding. */
export function cardHandlers(
  context: CounterContext,
): Area<'card.pay' | 'card.cancel' | 'card.ask' | 'card.decide' | 'card.seen'> {
  const underWay = new Map<Id, Promise<Result<Paid, PayCode>>>();
  return {
    'card.pay': async (asked) => {
      const running = underWay.get(asked.attemptId);
      if (running) return running;
      const paying = pay(context, asked).finally(() => underWay.delete(asked.attemptId));
      underWay.set(asked.attemptId, paying);
      return paying;
    },

    'card.cancel': async ({ attemptId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      if (context.cards.inHand() !== attemptId) return fail('cardAttemptUnknown');
      const asked = await context.ports.pos.abort();
      if (asked !== 'asked') return fail(asked === 'tooLate' ? 'cardTooLateToCancel' : 'cardAttemptUnknown');
      context.cards.stopAsked(attemptId);
      return ok({});
    },

    'card.ask': async ({ attemptId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      if (!factsOf(context).attempts.has(attemptId)) return fail('cardAttemptUnknown');
      await context.cards.ask(attemptId);
      return ok({ attempt: attemptView(context, attemptId) });
    },

    'card.decide': async ({ attemptId, decision, note, supervisor, password }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const before = undecided(factsOf(context), attemptId, decision);
      if (!before.ok) return before;
      const teller = user.value;
      if (supervisor === teller.username) return fail('ownApproval');
      const trusted = await trust(context, supervisor, password, 'approval');
      if (!trusted.ok) return again(trusted.error);
      if (trusted.value.user.userId === teller.userId) return fail('ownApproval');
      // While the centre was asked the terminal may have answered.
      if (context.cards.live(attemptId)?.state.stage !== 'unknown') return fail('cardAttemptConcluded');
      const now = undecided(factsOf(context), attemptId, decision);
      if (!now.ok) return now;
      const written = record(context, context.ports.machine.mintId(), 'pos.decided', {
        attemptId,
        decision,
        note,
        by: personOf(teller),
        approvedBy: personOf(trusted.value.user),
        approvedOffline: trusted.value.offline,
      });
      if (!written.ok) return again(written.error);
      park(context, attemptId);
      context.cards.decided(attemptId, decision);
      return ok({});
    },

    'card.seen': async ({ attemptId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      return context.cards.seen(attemptId) ? ok({}) : fail('cardAttemptUnknown');
    },
  };
}

async function pay(context: CounterContext, asked: Asked): Promise<Result<Paid, PayCode>> {
  const { attemptId, paymentId } = asked;
  const attempt = factsOf(context).attempts.get(attemptId);
  if (attempt && attempt.paymentId !== paymentId) return fail('idempotencyConflict');
  if (attempt) return answerFor(context, attemptId, paymentId);
  const known = firstAnswer(context, paymentId);
  if (known) return ok({ payment: known, print: await context.paper.takeUp('payment', paymentId) });

  const ready = mayCharge(context, asked);
  if (!ready.ok) return ready;
  stepPayment(context, { kind: 'chargeBegun', attemptId });
  let begun = false;
  try {
    const prepared = await beginCard(context, (snapshot) => prepare(context, asked, snapshot));
    if (!prepared.ok) return again(prepared.error);
    begun = true;
  } finally {
    if (!begun && !factsOf(context).attempts.has(attemptId))
      stepPayment(context, { kind: 'chargeEnded', attemptId, refused: null });
  }
  await context.cards.run(attemptId);
  return answerFor(context, attemptId, paymentId);
}

/** Everything that can be refused is refused before the terminal hears of it. */
function mayCharge(context: CounterContext, { paymentId, revision, cash }: Asked): Result<null, PayCode> {
  const shift = openDrawer(context);
  if (!shift.ok) return shift;
  const { payment } = context.desk;
  if (payment.paymentId !== paymentId || payment.stage !== 'tendering') return fail('basketChanged');
  if (payment.revision !== revision) return fail('basketChanged');
  if (payment.lines.length === 0) return fail('basketEmpty');
  if (cash !== null && cash.received >= basketTotal(payment.lines)) return fail('cashCoversAll');
  const free = terminalFree(context);
  if (!free.ok) return free;
  const offline = offlineAllows(context, shift.value, payment);
  if (!offline.ok) return again(offline.error);
  const card = cardsAreIn(context, payment);
  if (!card.ok) return card;
  const writable = context.ledger.probe();
  return writable.ok ? ok(null) : again(writable.error);
}

function prepare(
  context: CounterContext,
  { attemptId, cash }: Asked,
  snapshot: PosPrepared['snapshot'],
): Result<PosPrepared, PayCode> {
  const shift = openDrawer(context);
  if (!shift.ok) return shift;
  const { payment } = context.desk;
  if (payment.stage !== 'charging' || payment.attemptId !== attemptId) return fail('basketChanged');
  const intent = paymentIntent(shift.value, workstationCode(context), payment, {
    cash: cash && cashGiven(cash.received, cash.receivedPieces),
    online: context.sync.link().line === 'online',
    mintId: () => context.ports.machine.mintId(),
  });
  const { shiftId, shiftNo, businessDate, workstation, teller } = intent;
  return ok({
    shiftId,
    shiftNo,
    businessDate,
    workstation,
    teller,
    attemptId,
    kind: 'sale',
    driver: context.ports.pos.settings().kind,
    amount: qepik(cardShare(intent)),
    currency: CURRENCY,
    snapshot,
    payment: intent,
    original: null,
    storno: null,
  });
}

/** How an attempt stands, in the words of whoever asked for it. */
async function answerFor(
  context: CounterContext,
  attemptId: Id,
  paymentId: Id,
): Promise<Result<Paid, PayCode>> {
  const end = endOf(context, attemptId);
  if (end.kind === 'unknown') return fail('cardOutcomeUnknown');
  if (end.kind === 'refused') {
    if (end.outcome !== 'declined') return fail('cardNotCharged');
    return fail('cardDeclined', { reason: posReasonText(end.reason, context.ports.settings.language()) });
  }
  const payment = firstAnswer(context, paymentId);
  if (!payment) {
    // A charge that no payment takes is being reversed; one that waits for the journal is written down as soon as it can be.
    return factsOf(context).unrecorded.has(attemptId)
      ? fail('journalUnwritable', { reason: 'payment' })
      : fail('cardNotCharged');
  }
  const printed = context.printing.get(paymentId);
  const print = printed ? await printed : await context.paper.takeUp('payment', paymentId);
  return ok({ payment, print });
}

function undecided(
  facts: Readonly<Facts>,
  attemptId: Id,
  decision: 'otherTender' | 'manual',
): Result<null, 'cardAttemptUnknown' | 'cardAttemptConcluded' | 'notAllowed'> {
  const attempt = facts.attempts.get(attemptId);
  if (!attempt) return fail('cardAttemptUnknown');
  if (attempt.concluded !== null) return fail('cardAttemptConcluded');
  // Other money can only be taken for a sale; and what was decided is not decided again, but for giving up.
  const fits = decision === 'manual' || (attempt.kind === 'sale' && attempt.decision === null);
  return fits ? ok(null) : fail('notAllowed');
}

/** Leaves a basket to its attempt, so that the desk is free. Answers whether it was on the desk. */
export function park(context: CounterContext, attemptId: Id): boolean {
  const paymentId = context.ports.machine.mintId();
  return stepPayment(context, { kind: 'parked', attemptId, paymentId, language: 'az' }).fitted;
}
