import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted, PosConcluded, PosPrepared } from '../../contracts/journal.ts';
import { cardTender, recordOfIntent, stornoOfIntent } from '../machines/records.ts';
import { factsOf, record, stepPayment, type CounterContext } from './context.ts';

/**
 * The payment or storno that an attempt was made for, written down after the terminal's last word; also by a process that
 * finds it due. Its paper comes out, and a window that waits for it sees it. Throws when the journal does.
 */
export function recordMoney(context: CounterContext, attemptId: Id): void {
  const facts = factsOf(context);
  const attempt = facts.attempts.get(attemptId);
  assert(attempt?.concluded?.outcome === 'done', 'only what the terminal made is written down');
  const prepared = context.ledger.read(attempt.seq, 'pos.prepared').body.payload;
  const concluded = context.ledger.read(attempt.concluded.seq, 'pos.concluded').body.payload;
  if (prepared.payment !== null) recordPayment(context, prepared, prepared.payment, concluded);
  else if (prepared.storno !== null) recordStorno(context, prepared, prepared.storno, concluded);
}

function tenderOf(context: CounterContext, prepared: PosPrepared, { result, receipts }: PosConcluded) {
  assert(result !== null, 'what was made has a result');
  return cardTender(prepared, result, receipts.customer, context.ports.machine.mintId());
}

function recordPayment(
  context: CounterContext,
  prepared: PosPrepared,
  intent: NonNullable<PosPrepared['payment']>,
  concluded: PosConcluded,
): void {
  const { paymentId } = intent;
  assert(
    factsOf(context).shifts.get(intent.shiftId)?.closed === false,
    'a payment is recorded in its open shift',
  );
  const made = recordOfIntent(factsOf(context), intent, tenderOf(context, prepared, concluded));
  try {
    record(context, paymentId, 'payment.accepted', made);
  } finally {
    // Also when the append threw: the journal alone knows.
    if (factsOf(context).payments.has(paymentId)) {
      const { attemptId } = prepared;
      const onDesk = stepPayment(context, { kind: 'charged', attemptId, record: made }).fitted;
      // Whoever comes back later finds it on the desk; whoever is here is told on the strip.
      if (!onDesk && context.desk.user?.userId !== made.teller.userId) context.desk.interrupted ??= paymentId;
      printing(context, 'payment', paymentId, made.teller, made);
    }
  }
}

function recordStorno(
  context: CounterContext,
  prepared: PosPrepared,
  intent: NonNullable<PosPrepared['storno']>,
  concluded: PosConcluded,
): void {
  const made = stornoOfIntent(factsOf(context), intent, tenderOf(context, prepared, concluded));
  try {
    record(context, made.stornoId, 'payment.stornoed', made);
  } finally {
    if (factsOf(context).stornos.has(made.stornoId)) printing(context, 'storno', made.stornoId, made.teller);
  }
}

function printing(
  context: CounterContext,
  which: 'payment' | 'storno',
  id: Id,
  by: PosPrepared['teller'],
  paid?: PaymentAccepted,
): void {
  // What the payment bought goes onto its card first, where that is at hand.
  const loaded = paid ? context.loads.paid(paid) : Promise.resolve();
  const printed = loaded.then(() => context.paper.original(which, id, by));
  context.printing.set(id, printed);
  printed
    .then(() => {
      if (context.desk.payment.paymentId === id) stepPayment(context, { kind: 'printed' });
    })
    .catch((error: unknown) => context.ports.machine.log('error', 'print.fault', { error: String(error) }))
    .finally(() => context.printing.delete(id));
}
