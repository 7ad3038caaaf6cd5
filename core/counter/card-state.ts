import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PosPrepared } from '../../contracts/journal.ts';
import { sum, type Qepik } from '../../contracts/money.ts';
import type { PosReason, PosStep } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { AttemptFacts } from '../facts.ts';
import { preparedAttempt, type AttemptState } from '../machines/pos-attempt.ts';
import type { PosAttempt } from '../ports/pos.ts';
import { factsOf, type CounterContext } from './context.ts';

/** What this process knows of an attempt beyond the journal. */
export type LiveAttempt = {
  readonly state: AttemptState;
  readonly steps: readonly PosStep[];
  readonly nextAskAt: Instant | null;
  readonly stopAsked: boolean;
};

/** How a last word reads in an attempt's story. */
export const END_WORDS = {
  done: 'confirmed',
  declined: 'declined',
  notDone: 'notFound',
  manual: 'manual',
} as const;

/** Cash that the teller has counted for a payment whose card part is not known yet. */
export const heldCash = (prepared: Pick<PosPrepared, 'payment'>): Qepik =>
  sum((prepared.payment?.tenders ?? []).map((tender) => tender.received));

/** What a caller who waited for an attempt is told: how it ended, or that nobody knows. */
export type AttemptEnd =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'refused';
      readonly outcome: 'declined' | 'notDone' | 'manual';
      readonly reason: PosReason;
    }
  | { readonly kind: 'unknown' };

/** How an attempt stands, from the journal. */
export function endOf(context: CounterContext, attemptId: Id): AttemptEnd {
  const concluded = factsOf(context).attempts.get(attemptId)?.concluded;
  if (!concluded) return { kind: 'unknown' };
  if (concluded.outcome === 'done') return { kind: 'done' };
  const { reason } = context.ledger.read(concluded.seq, 'pos.concluded').body.payload;
  return { kind: 'refused', outcome: concluded.outcome, reason: reason ?? posReason('other') };
}

/** Whether a card operation may begin: a terminal is there and free, and no earlier one is open. */
export function terminalFree(
  context: CounterContext,
): Result<null, 'terminalNotSet' | 'terminalAway' | 'terminalBusy' | 'cardAttemptOpen'> {
  const { pos } = context.ports;
  if (pos.settings().kind === 'none') return fail('terminalNotSet');
  const facts = factsOf(context);
  // A charge of another terminal waits for that one, and keeps nobody from this one.
  const due = [...facts.unreversed].some((saleId) => isOwnTerminal(context, originalOf(context, saleId)));
  if (facts.openAttempts.size > 0 || facts.unrecorded.size > 0 || due) return fail('cardAttemptOpen');
  const { state } = pos.health();
  if (state === 'busy') return fail('terminalBusy');
  return state === 'ready' ? ok(null) : fail('terminalAway');
}

/** What the terminal called a charge, so that it can be taken back. Only of a sale that was made. */
export function originalOf(context: CounterContext, saleId: Id): NonNullable<PosPrepared['original']> {
  const concluded = factsOf(context).attempts.get(saleId)?.concluded;
  assert(concluded?.outcome === 'done', 'what is taken back was charged');
  const { result } = context.ledger.read(concluded.seq, 'pos.concluded').body.payload;
  assert(result !== null, 'a charge has a result');
  const { receiptNo, trace, reference, terminalId } = result;
  return { attemptId: saleId, receiptNo, trace, reference, terminalId };
}

/** Whether the terminal here made the charge: another one's receipt number names somebody else's. */
export function isOwnTerminal(
  context: CounterContext,
  { terminalId }: { readonly terminalId: string | null },
): boolean {
  const here = context.ports.pos.health().terminalId;
  return terminalId === null || here === null || here === terminalId;
}

/** An attempt of an earlier process as its journal tells it. */
export function storyOf(
  context: CounterContext,
  { kind, amount, preparedAt, authorisedSeq, decision }: AttemptFacts,
): { readonly state: AttemptState; readonly steps: PosStep[] } {
  const state = { ...preparedAttempt(kind, amount), authorised: authorisedSeq !== null, decision };
  const steps: PosStep[] = [{ at: preparedAt, what: 'written', live: null, reason: null }];
  if (authorisedSeq !== null) {
    const at = context.ledger.read(authorisedSeq, 'pos.authorised').body.wallTime;
    steps.push({ at, what: 'stored', live: null, reason: null });
  }
  return { state, steps };
}

/** An attempt as the driver is told of it. */
export const attemptFor = ({ attemptId, kind, amount, snapshot, original }: PosPrepared): PosAttempt => ({
  attemptId,
  kind,
  amount,
  snapshot,
  original,
});
