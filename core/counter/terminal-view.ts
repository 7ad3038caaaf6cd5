import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import { NO_RECEIPTS, type CardRow, type PosAttemptView, type TerminalState } from '../../contracts/pos.ts';
import type { AttemptFacts } from '../facts.ts';
import { heldCash } from './card-state.ts';
import { factsOf, type CounterContext } from './context.ts';

const STEPS_SHOWN = 12;
const ENDED_SHOWN = 5;

/** The topic `terminal`: the device, the attempt in hand, and those whose outcome people wait for. */
export function terminalView(context: CounterContext): TerminalState {
  const { pos } = context.ports;
  const facts = factsOf(context);
  const health = pos.health();
  const hand = context.cards.inHand();
  const due = [...facts.openAttempts, ...facts.unrecorded, ...facts.unreversed];
  const open = due.filter((id) => id !== hand);
  return {
    settings: pos.settings(),
    simulator: health.simulator,
    state: health.state,
    reason: health.reason,
    since: context.cards.healthSince(),
    terminalId: health.terminalId,
    capabilities: pos.capabilities(),
    live: context.cards.atTerminal(),
    attempt: hand !== null && facts.attempts.has(hand) ? attemptView(context, hand) : null,
    open: open.map((id) => attemptView(context, id)),
    ended: context.cards
      .ended()
      .slice(0, ENDED_SHOWN)
      .map((id) => attemptView(context, id)),
  };
}

/** An attempt as the window sees it, from the journal and from what this process has seen of it. */
export function attemptView(context: CounterContext, attemptId: Id): PosAttemptView {
  const attempt = attemptOf(context, attemptId);
  const prepared = context.ledger.read(attempt.seq, 'pos.prepared').body.payload;
  const live = context.cards.live(attemptId);
  const facts = factsOf(context);
  const followed = attempt.concluded?.recordedAs ?? '';
  const stage = attempt.concluded !== null ? 'concluded' : live === undefined ? 'unknown' : live.state.stage;
  return {
    attemptId,
    kind: attempt.kind,
    // Between the last word and its place in the journal nobody should be told more than is written.
    stage: stage === 'concluding' ? 'unknown' : stage,
    outcome: attempt.concluded?.outcome ?? null,
    amount: attempt.amount,
    paymentId: attempt.paymentId,
    receiptNo: (facts.payments.get(followed) ?? facts.stornos.get(followed))?.receiptNo ?? null,
    payerName: prepared.payment?.payerName ?? null,
    teller: attempt.tellerName,
    since: attempt.preparedAt,
    cashHeld: attempt.concluded?.outcome === 'done' ? heldCash({ payment: null }) : heldCash(prepared),
    decided: attempt.decision === 'otherTender',
    stopAsked: live?.stopAsked ?? false,
    steps: (live?.steps ?? []).slice(-STEPS_SHOWN).map((step) => ({ ...step })),
    nextAskAt: live?.nextAskAt ?? null,
    asks: live?.state.asks ?? 0,
  };
}

/** A card transaction as a row of the archive, with both papers of the terminal. */
export function cardRow(context: CounterContext, attemptId: Id): CardRow {
  const attempt = attemptOf(context, attemptId);
  const {
    stopAsked: _stop,
    steps: _steps,
    nextAskAt: _next,
    asks: _asks,
    ...view
  } = attemptView(context, attemptId);
  const { concluded, authorisedSeq } = attempt;
  const last = concluded && context.ledger.read(concluded.seq, 'pos.concluded').body.payload;
  const approved =
    authorisedSeq === null ? null : context.ledger.read(authorisedSeq, 'pos.authorised').body.payload;
  return {
    ...view,
    result: last?.result ?? approved?.result ?? null,
    reason: last?.reason ?? null,
    receipts: last?.receipts ?? approved?.receipts ?? NO_RECEIPTS,
  };
}

function attemptOf(context: CounterContext, attemptId: Id): AttemptFacts {
  const attempt = factsOf(context).attempts.get(attemptId);
  assert(attempt !== undefined, 'an attempt on screen is in the journal');
  return attempt;
}
