import type { Id } from '../../contracts/ids.ts';
import type { PaymentStornoed, PosPrepared, StornoIntent } from '../../contracts/journal.ts';
import { subtract, ZERO } from '../../contracts/money.ts';
import type { PosSnapshot } from '../../contracts/pos.ts';
import { posReasonText } from '../../contracts/pos-reasons.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { PaymentFacts, ShiftFacts } from '../facts.ts';
import { cardShare, stornoIntent, stornoOfIntent } from '../machines/records.ts';
import { missingFor } from '../machines/shift.ts';
import { stornoStep, type StornoState } from '../machines/storno.ts';
import type { Area } from './area.ts';
import { beginCard, type CardStartCode } from './card-begin.ts';
import { endOf, isOwnTerminal, originalOf, terminalFree } from './card-state.ts';
import {
  again,
  factsOf,
  openDrawer,
  personOf,
  record,
  workstationCode,
  type CounterContext,
  type JournalCode,
} from './context.ts';
import type { PrintAnswer } from './paper.ts';
import { trust, type PeopleCode } from './people.ts';

type Stornoed = { readonly storno: PaymentStornoed; readonly print: PrintAnswer };
type RefusedCode =
  | 'notLoggedIn'
  | 'shiftNotOpen'
  | 'shiftCounting'
  | 'receiptUnknown'
  | 'paymentAlreadyStornoed'
  | 'stornoNotOwnShift'
  | 'cardAttemptOpen'
  | 'loadNotCancelled'
  | 'terminalOther'
  | 'drawerTooLow';
type StornoCode =
  | RefusedCode
  | 'ownApproval'
  | 'idempotencyConflict'
  | 'cardReversalDeclined'
  | CardStartCode
  | PeopleCode
  | JournalCode;
type Asked = {
  readonly stornoId: Id;
  readonly paymentId: Id;
  readonly reason: PaymentStornoed['reason'];
  readonly note: string;
  readonly cardBack: 'reversal' | 'refund';
  readonly supervisor: string;
  readonly password: string;
};

/** Cancelling a payment of one's own open shift, with a supervisor beside the teller: a new record, linked to the old. */
export function stornoHandlers(context: CounterContext): Area<'storno.make'> {
  const underWay = new Map<Id, Promise<Result<Stornoed, StornoCode>>>();
  return {
    'storno.make': async (asked) => {
      const running = underWay.get(asked.stornoId);
      if (running) return running;
      const known = firstAnswer(context, asked);
      if (known) {
        return known.ok
          ? ok({ storno: known.value, print: await context.paper.takeUp('storno', asked.stornoId) })
          : known;
      }
      const made = make(context, asked).finally(() => underWay.delete(asked.stornoId));
      underWay.set(asked.stornoId, made);
      return made;
    },
  };
}

async function make(context: CounterContext, asked: Asked): Promise<Result<Stornoed, StornoCode>> {
  const before = allowed(context, asked.paymentId);
  if (!before.ok) return before;
  if (before.value.payment.card !== null) {
    const free = terminalFree(context);
    if (!free.ok) return free;
  }
  const teller = context.desk.user;
  if (teller === null) return fail('notLoggedIn');
  if (asked.supervisor === teller.username) return fail('ownApproval');
  const trusted = await trust(context, asked.supervisor, asked.password, 'approval');
  if (!trusted.ok) return again(trusted.error);
  const supervisor = trusted.value.user;
  if (supervisor.userId === teller.userId) return fail('ownApproval');

  // While the centre was asked the world went on: look again at everything.
  if (context.desk.user?.userId !== teller.userId) return fail('notLoggedIn');
  const now = allowed(context, asked.paymentId);
  if (!now.ok) return now;
  const { shift, payment } = now.value;
  const paid = context.ledger.read(payment.seq, 'payment.accepted').body.payload;
  const intent = stornoIntent(shift, workstationCode(context), paid, {
    stornoId: asked.stornoId,
    reason: asked.reason,
    note: asked.note,
    approvedBy: personOf(supervisor),
    approvedOffline: trusted.value.offline,
    mintId: () => context.ports.machine.mintId(),
  });
  if (payment.card !== null) return takeBackCard(context, intent, payment.card.attemptId, asked.cardBack);
  const made = stornoOfIntent(factsOf(context), intent, null);
  const written = writeDown(context, made);
  if (!written.ok) return again(written.error);
  const print = await context.paper.original('storno', made.stornoId, made.teller);
  return ok({ storno: made, print });
}

/** The terminal gives the card its money back first; the storno is written down after its last word. */
async function takeBackCard(
  context: CounterContext,
  intent: StornoIntent,
  saleId: Id,
  kind: 'reversal' | 'refund',
): Promise<Result<Stornoed, StornoCode>> {
  const begun = await beginCard(context, (snapshot) => {
    const now = allowed(context, intent.paymentId);
    if (!now.ok) return now;
    const { terminalId } = originalOf(context, saleId);
    if (kind === 'reversal' && !isOwnTerminal(context, { terminalId }))
      return fail('terminalOther', { terminal: terminalId ?? '' });
    return ok(reversalOf(context, intent, saleId, kind, snapshot));
  });
  if (!begun.ok) return again(begun.error);
  const { attemptId } = begun.value;
  await context.cards.run(attemptId);
  const end = endOf(context, attemptId);
  if (end.kind === 'unknown') return fail('cardOutcomeUnknown');
  if (end.kind === 'refused')
    return fail('cardReversalDeclined', {
      reason: posReasonText(end.reason, context.ports.settings.language()),
    });
  const known = factsOf(context).stornos.get(intent.stornoId);
  if (!known) return fail('journalUnwritable', { reason: 'storno' }); // it is written down as soon as the journal can
  const storno = context.ledger.read(known.seq, 'payment.stornoed').body.payload;
  const printed = context.printing.get(intent.stornoId);
  return ok({
    storno,
    print: printed ? await printed : await context.paper.takeUp('storno', intent.stornoId),
  });
}

function reversalOf(
  context: CounterContext,
  intent: StornoIntent,
  saleId: Id,
  kind: 'reversal' | 'refund',
  snapshot: PosSnapshot,
): PosPrepared {
  return {
    shiftId: intent.shiftId,
    shiftNo: intent.shiftNo,
    businessDate: intent.businessDate,
    workstation: intent.workstation,
    teller: intent.teller,
    attemptId: context.ports.machine.mintId(),
    kind,
    driver: context.ports.pos.settings().kind,
    amount: cardShare(intent),
    currency: intent.currency,
    snapshot,
    payment: null,
    original: originalOf(context, saleId),
    storno: intent,
  };
}

/** Runs the storno machine as far as the journal: asked → recording → recorded. */
function writeDown(context: CounterContext, made: PaymentStornoed): Result<null, JournalCode> {
  let state: StornoState = { stage: 'asked' };
  const approved = stornoStep(state, { kind: 'approved', record: made });
  state = approved.state;
  for (const effect of approved.effects) {
    if (effect.kind !== 'append') continue;
    const written = record(context, made.stornoId, 'payment.stornoed', effect.record);
    if (!written.ok) return again(written.error);
  }
  return ok(null);
}

function allowed(
  context: CounterContext,
  paymentId: Id,
): Result<{ shift: ShiftFacts; payment: PaymentFacts }, RefusedCode> {
  const shift = openDrawer(context);
  if (!shift.ok) return shift;
  const facts = factsOf(context);
  const payment = facts.payments.get(paymentId);
  if (!payment) return fail('receiptUnknown');
  if (payment.stornoId !== null) return fail('paymentAlreadyStornoed');
  if (payment.shiftId !== shift.value.shiftId) return fail('stornoNotOwnShift');
  if (
    [...facts.openAttempts, ...facts.unrecorded].some((id) => facts.attempts.get(id)?.paymentId === paymentId)
  )
    return fail('cardAttemptOpen');
  // What it bought is on a meter card, or may be: the money goes back when the card itself has said that it is not.
  if ([...facts.loads.values()].some((load) => load.paymentId === paymentId && load.stage !== 'cancelled'))
    return fail('loadNotCancelled');
  const inCash = subtract(payment.total, payment.card?.amount ?? ZERO);
  const missing = missingFor(shift.value.cash, inCash);
  return missing > 0 ? fail('drawerTooLow', { missing }) : ok({ shift: shift.value, payment });
}

/** The same storno asked again gets its first answer; the same id for another payment is refused. */
function firstAnswer(
  context: CounterContext,
  { stornoId, paymentId }: Asked,
): Result<PaymentStornoed, 'idempotencyConflict'> | undefined {
  const known = factsOf(context).stornos.get(stornoId);
  if (!known) return undefined;
  if (known.paymentId !== paymentId) return fail('idempotencyConflict');
  return ok(context.ledger.read(known.seq, 'payment.stornoed').body.payload);
}
