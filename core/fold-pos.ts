import { unreachable } from '../contracts/assert.ts';
import type { EntryBody, PosConcluded } from '../contracts/journal.ts';
import { add, subtract } from '../contracts/money.ts';
import type { PosResult } from '../contracts/pos.ts';
import { emptyPosDay, type AttemptFacts, type Facts, type PosDay } from './facts.ts';

type PosEntry = EntryBody<
  'pos.prepared' | 'pos.authorised' | 'pos.decided' | 'pos.concluded' | 'pos.dayClosed'
>;

/** The part of the fold that is about the POS terminal (fold.ts). */
export function applyPosEntry(facts: Facts, seq: number, body: PosEntry): void {
  switch (body.type) {
    case 'pos.prepared': {
      const { payload } = body;
      facts.attempts.set(payload.attemptId, {
        attemptId: payload.attemptId,
        kind: payload.kind,
        seq,
        shiftId: payload.shiftId,
        preparedAt: body.wallTime,
        tellerName: payload.teller.name,
        amount: payload.amount,
        paymentId: paymentOf(facts, payload),
        stornoId: payload.storno?.stornoId ?? null,
        originalId: payload.original?.attemptId ?? null,
        authorisedSeq: null,
        decidedSeq: null,
        words: '',
        copies: { customer: 0, merchant: 0 },
        decision: null,
        concluded: null,
      });
      facts.openAttempts.add(payload.attemptId);
      if (payload.original) facts.unreversed.delete(payload.original.attemptId);
      return;
    }
    case 'pos.authorised': {
      const attempt = facts.attempts.get(body.payload.attemptId);
      if (!attempt) return;
      attempt.authorisedSeq = seq;
      attempt.words = wordsOf(body.payload.result);
      return;
    }
    case 'pos.decided': {
      const attempt = facts.attempts.get(body.payload.attemptId);
      if (!attempt) return;
      attempt.decision = body.payload.decision;
      attempt.decidedSeq = seq;
      return;
    }
    case 'pos.concluded': {
      const { payload } = body;
      const attempt = facts.attempts.get(payload.attemptId);
      facts.openAttempts.delete(payload.attemptId);
      if (!attempt) return;
      const { outcome, recordedAs } = payload;
      attempt.concluded = { seq, at: body.wallTime, outcome, recordedAs };
      if (payload.result !== null) attempt.words = wordsOf(payload.result);
      facts.posDay = withConclusion(facts.posDay, payload);
      if (outcome === 'done' && recordedAs !== null) facts.unrecorded.add(payload.attemptId);
      oweReversal(facts, attempt);
      return;
    }
    case 'pos.dayClosed':
      facts.posDay = emptyPosDay;
      facts.posCloses.set(body.payload.closingId, seq);
      return;
    default:
      unreachable(body);
  }
}

/**
 * Each behind a blank, so that a search finds beginnings and not the middle of a longer number; numbers also without their
 * noughts, the card by its last digits.
 */
const wordsOf = ({ receiptNo, trace, reference, authCode, cardName, maskedPan }: PosResult): string =>
  [
    receiptNo,
    receiptNo?.replace(/^0+/, ''),
    trace,
    trace?.replace(/^0+/, ''),
    reference,
    authCode,
    cardName,
    maskedPan,
    maskedPan?.replace(/^.*\*/, ''),
  ]
    .filter((part) => part)
    .map((part) => ` ${part?.toUpperCase()}`)
    .join('');

/** The payment an attempt is about: its own, the storno's, or (a queued reversal) that of the sale it takes back. */
function paymentOf(facts: Facts, payload: Extract<PosEntry, { type: 'pos.prepared' }>['payload']): string {
  if (payload.payment) return payload.payment.paymentId;
  if (payload.storno) return payload.storno.paymentId;
  const original = facts.attempts.get(payload.original?.attemptId ?? '');
  return original?.paymentId ?? payload.attemptId;
}

function withConclusion(
  { totals, attempts }: PosDay,
  { attemptId, kind, amount, outcome }: PosConcluded,
): PosDay {
  const all = [...attempts, attemptId];
  if (outcome !== 'done') return { totals, attempts: all };
  return kind === 'sale'
    ? { totals: { count: totals.count + 1, sum: add(totals.sum, amount) }, attempts: all }
    : {
        totals: { count: totals.count + (kind === 'refund' ? 1 : -1), sum: subtract(totals.sum, amount) },
        attempts: all,
      };
}

/** A charge that no payment takes is owed back: at once after it, and again where its reversal never reached the terminal. */
function oweReversal(facts: Facts, { attemptId, kind, originalId, stornoId, concluded }: AttemptFacts): void {
  if (!concluded || concluded.recordedAs !== null) return;
  if (kind === 'sale') {
    if (concluded.outcome === 'done') facts.unreversed.add(attemptId);
    return;
  }
  if (originalId !== null && stornoId === null && concluded.outcome === 'notDone')
    facts.unreversed.add(originalId);
}
