import { unreachable } from '../../contracts/assert.ts';
import {
  NO_RECEIPTS,
  type PosKind,
  type PosOutcome,
  type PosReason,
  type PosResult,
  type TerminalReceipts,
} from '../../contracts/pos.ts';
import type { Qepik } from '../../contracts/money.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import type { PosAnswer, Resolution } from '../ports/pos.ts';
import { go, stay, type Step } from './step.ts';

/**
 * One operation at the POS terminal: prepared → sent → authorised → concluding → concluded, or unknown in between
 * (DESIGN §6). `prepared` is in the journal already. An operation is sent once; what is asked again is only what became of it.
 */
export type AttemptState = {
  readonly kind: PosKind;
  readonly amount: Qepik;
  readonly stage: 'prepared' | 'sent' | 'authorised' | 'unknown' | 'concluding' | 'concluded';
  /** Whether the terminal's approval is in the journal. */
  readonly authorised: boolean;
  readonly decision: 'otherTender' | 'manual' | null;
  /** How often the terminal was asked what became of it. */
  readonly asks: number;
  /** The last word, once there is one. */
  readonly conclusion: Conclusion | null;
};

export type Conclusion = {
  readonly outcome: PosOutcome;
  readonly by: 'terminal' | 'resolve' | 'supervisor';
  readonly result: PosResult | null;
  readonly reason: PosReason | null;
  readonly receipts: TerminalReceipts;
  /** Whether a payment or storno follows: not where a supervisor let the payer pay otherwise. */
  readonly records: boolean;
};

export type AttemptEvent =
  /** The driver has it: from here on a byte may have left. */
  | { readonly kind: 'sent' }
  /** The terminal's approval is durable; it is told so next. */
  | { readonly kind: 'authorised' }
  | { readonly kind: 'answered'; readonly answer: PosAnswer }
  /** A process took it up from the journal. */
  | { readonly kind: 'resumed' }
  | { readonly kind: 'resolved'; readonly resolution: Resolution }
  | { readonly kind: 'decided'; readonly decision: 'otherTender' | 'manual' }
  /** The conclusion is in the journal, or could not be written. */
  | { readonly kind: 'recorded' }
  | { readonly kind: 'notRecorded' };

export type AttemptEffect =
  | { readonly kind: 'append'; readonly conclusion: Conclusion }
  | { readonly kind: 'askAfter'; readonly ms: number }
  /** Write down the payment or storno it was for. */
  | { readonly kind: 'record' }
  /** Take the charge back: no payment takes it. */
  | { readonly kind: 'reverse' };

export const preparedAttempt = (kind: PosKind, amount: Qepik): AttemptState => ({
  kind,
  amount,
  stage: 'prepared',
  authorised: false,
  decision: null,
  asks: 0,
  conclusion: null,
});

const PAUSES_MS = [0, 2000, 4000, 8000, 15_000, 30_000] as const;
/** Asked for as long as it is open, at last once a minute: a terminal may be away for a night. */
const LAST_PAUSE_MS = 60_000;
export const pauseBefore = (asks: number): number => PAUSES_MS[asks] ?? LAST_PAUSE_MS;

/** One step of an attempt. */
export function attemptStep(state: AttemptState, event: AttemptEvent): Step<AttemptState, AttemptEffect> {
  switch (event.kind) {
    case 'sent':
      return state.stage === 'prepared' ? go({ ...state, stage: 'sent' }) : stay(state);
    case 'authorised':
      return state.stage === 'sent' || state.stage === 'authorised'
        ? go({ ...state, stage: 'authorised', authorised: true })
        : stay(state);
    case 'answered':
      return inHand(state) ? answered(state, event.answer) : stay(state);
    case 'resumed':
      return inHand(state) ? unknown(state) : stay(state);
    case 'resolved':
      return state.stage === 'unknown' ? resolved(state, event.resolution) : stay(state);
    case 'decided':
      return decided(state, event.decision);
    case 'recorded':
      return state.stage === 'concluding' && state.conclusion
        ? go({ ...state, stage: 'concluded' }, ...afterwards(state.conclusion))
        : stay(state);
    case 'notRecorded':
      // The journal could not take it. Nothing is lost: the terminal still knows, and is asked again.
      return state.stage === 'concluding' ? unknown({ ...state, conclusion: null }) : stay(state);
    default:
      return unreachable(event);
  }
}

const inHand = ({ stage }: AttemptState): boolean =>
  stage === 'prepared' || stage === 'sent' || stage === 'authorised';

const unknown = (state: AttemptState): Step<AttemptState, AttemptEffect> =>
  go({ ...state, stage: 'unknown' }, { kind: 'askAfter', ms: pauseBefore(state.asks) });

function answered(state: AttemptState, answer: PosAnswer): Step<AttemptState, AttemptEffect> {
  switch (answer.kind) {
    case 'confirmed':
      // Another amount than was asked for is nothing we may book: it is found out, or decided by people.
      if (answer.result.amount !== state.amount) return unknown(state);
      return conclude(state, {
        outcome: 'done',
        by: 'terminal',
        reason: null,
        result: answer.result,
        receipts: answer.receipts,
      });
    case 'declined':
      // After our yes a no is no answer: the terminal may have taken the charge back, or not.
      return state.authorised
        ? unknown(state)
        : conclude(state, {
            outcome: 'declined',
            by: 'terminal',
            result: null,
            reason: answer.reason,
            receipts: answer.receipts,
          });
    case 'notSent':
      return state.authorised
        ? unknown(state)
        : conclude(state, {
            outcome: 'notDone',
            by: 'terminal',
            result: null,
            reason: answer.reason,
            receipts: NO_RECEIPTS,
          });
    case 'unknown':
      return unknown(state);
    default:
      return unreachable(answer);
  }
}

function resolved(state: AttemptState, resolution: Resolution): Step<AttemptState, AttemptEffect> {
  const asked = { ...state, asks: state.asks + 1 };
  switch (resolution.kind) {
    case 'charged':
      if (resolution.result.amount !== state.amount) return notKnown(asked);
      return conclude(asked, {
        outcome: 'done',
        by: 'resolve',
        reason: null,
        result: resolution.result,
        receipts: resolution.receipts,
      });
    case 'notCharged':
      return conclude(asked, {
        outcome: 'notDone',
        by: 'resolve',
        result: null,
        reason: resolution.reason,
        receipts: NO_RECEIPTS,
      });
    case 'stillUnknown':
      return notKnown(asked);
    default:
      return unreachable(resolution);
  }
}

/** Asked in vain; but where people have signed for it already, only its last word could not be written before. */
const notKnown = (asked: AttemptState): Step<AttemptState, AttemptEffect> =>
  asked.decision === 'manual' ? conclude(asked, MANUAL) : unknown(asked);

/** A supervisor may decide on what nobody knows; `otherTender` makes sense for a sale alone, and goes on asking. */
function decided(state: AttemptState, decision: 'otherTender' | 'manual'): Step<AttemptState, AttemptEffect> {
  if (state.stage !== 'unknown' || state.decision === 'manual') return stay(state);
  if (decision === 'otherTender') return state.kind === 'sale' ? go({ ...state, decision }) : stay(state);
  return conclude({ ...state, decision }, MANUAL);
}

const MANUAL: Omit<Conclusion, 'records'> = {
  outcome: 'manual',
  by: 'supervisor',
  result: null,
  reason: posReason('answerUnclear'),
  receipts: NO_RECEIPTS,
};

const conclude = (
  state: AttemptState,
  conclusion: Omit<Conclusion, 'records'>,
): Step<AttemptState, AttemptEffect> => {
  // A decision lets the payer pay otherwise; money given back is written down whatever was decided.
  const records = conclusion.outcome === 'done' && (state.decision === null || state.kind !== 'sale');
  const whole: Conclusion = { ...conclusion, records };
  return go({ ...state, stage: 'concluding', conclusion: whole }, { kind: 'append', conclusion: whole });
};

const afterwards = ({ outcome, records }: Conclusion): AttemptEffect[] =>
  outcome === 'done' ? [{ kind: records ? 'record' : 'reverse' }] : [];
