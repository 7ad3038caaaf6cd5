import type { Id } from '../../contracts/ids.ts';
import type { CardStory, RelatedCard } from '../../contracts/ipw.ts';
import type { PosStep } from '../../contracts/pos.ts';
import type { AttemptFacts } from '../facts.ts';
import { END_WORDS } from './card-state.ts';
import { factsOf, type CounterContext } from './context.ts';
import { cardRow } from './terminal-view.ts';

/** One card operation whole, however long ago: what this process saw of it, else what its journal tells. */
export function cardStory(context: CounterContext, attempt: AttemptFacts): CardStory {
  const facts = factsOf(context);
  const payment = facts.payments.get(attempt.paymentId);
  const storno = facts.stornos.get(payment?.stornoId ?? '');
  return {
    row: cardRow(context, attempt.attemptId),
    steps: stepsOf(context, attempt),
    decision: decisionOf(context, attempt),
    payment: payment
      ? {
          paymentId: payment.paymentId,
          receiptNo: payment.receiptNo,
          stornoReceiptNo: storno?.receiptNo ?? null,
        }
      : null,
    related: relatedTo(context, attempt),
    copies: { ...attempt.copies },
  };
}

/** A process keeps the last steps alone; what came before them, and before it, the journal has. */
function stepsOf(context: CounterContext, attempt: AttemptFacts): PosStep[] {
  const seen = context.cards.live(attempt.attemptId)?.steps ?? [];
  const [first] = seen;
  if (first?.what === 'written') return seen.map((step) => ({ ...step }));
  const written = journalSteps(context, attempt);
  return first === undefined ? written : [...written.filter(({ at }) => at < first.at), ...seen];
}

function journalSteps(context: CounterContext, attempt: AttemptFacts): PosStep[] {
  const { ledger } = context;
  const plain = { live: null, reason: null };
  const steps: PosStep[] = [{ at: attempt.preparedAt, what: 'written', ...plain }];
  if (attempt.authorisedSeq !== null) {
    const at = ledger.read(attempt.authorisedSeq, 'pos.authorised').body.wallTime;
    steps.push({ at, what: 'stored', ...plain });
  }
  if (attempt.decidedSeq !== null) {
    const at = ledger.read(attempt.decidedSeq, 'pos.decided').body.wallTime;
    steps.push({ at, what: 'decided', ...plain });
  }
  if (attempt.concluded !== null) {
    const { seq, at, outcome } = attempt.concluded;
    const { reason } = ledger.read(seq, 'pos.concluded').body.payload;
    steps.push({ at, what: END_WORDS[outcome], live: null, reason });
  }
  const recordedAt = recordedAtOf(context, attempt.concluded?.recordedAs ?? '');
  if (recordedAt !== null) steps.push({ at: recordedAt, what: 'recorded', ...plain });
  return steps;
}

function recordedAtOf(context: CounterContext, id: Id): string | null {
  const { payments, stornos } = factsOf(context);
  const storno = stornos.get(id);
  if (storno) return context.ledger.read(storno.seq, 'payment.stornoed').body.wallTime;
  return payments.get(id)?.takenAt ?? null;
}

function decisionOf(context: CounterContext, { decidedSeq }: AttemptFacts): CardStory['decision'] {
  if (decidedSeq === null) return null;
  const { wallTime, payload } = context.ledger.read(decidedSeq, 'pos.decided').body;
  const { decision, note, by, approvedBy } = payload;
  return { decision, note, at: wallTime, by, approvedBy };
}

/** Most are alone; a charge taken back has its reversal, and a reversal that was refused one more try. */
const RELATED_MAX = 50;

/** The sale an operation takes back, or whatever tried to take it back, oldest first. */
function relatedTo(context: CounterContext, { attemptId, originalId }: AttemptFacts): RelatedCard[] {
  const saleId = originalId ?? attemptId;
  return [...factsOf(context).attempts.values()]
    .filter((one) => one.attemptId !== attemptId && (one.attemptId === saleId || one.originalId === saleId))
    .slice(0, RELATED_MAX)
    .map((one) => ({
      attemptId: one.attemptId,
      kind: one.kind,
      outcome: one.concluded?.outcome ?? null,
      amount: one.amount,
      since: one.preparedAt,
    }));
}
