import { unreachable } from '../../contracts/assert.ts';
import type { LoadReason } from '../../contracts/load-reasons.ts';
import { go, stay, type Step } from './step.ts';

/**
 * One load of a meter card at this till (DESIGN §6, docs/protocols/card.md): owed → asking → intending → writing →
 * written → confirmed, or unknown in between. It is paid already: until it is written or cancelled somebody is owed a load.
 * An order is written to a card once; what is done again begins with reading the card.
 */
export type LoadState = {
  readonly stage:
    | 'owed'
    | 'asking'
    | 'intending'
    | 'writing'
    | 'unknown'
    | 'concluding'
    | 'written'
    | 'confirmed'
    | 'cancelled';
  /** The card's counter in the last authorisation. */
  readonly counter: number | null;
  /** Why the last try did not write. */
  readonly reason: LoadReason | null;
  /** The last word that is being recorded. */
  readonly conclusion: LoadConclusion | null;
  /** Where the load goes back to when the last word could not be recorded. */
  readonly before: 'owed' | 'unknown';
};

/** `notWritten` is the end of a try and not of the load: it stays owed. */
export type LoadConclusion = {
  readonly outcome: 'written' | 'notWritten' | 'cancelled';
  /** Who said so: the card's answer, its status read again, the centre (another till wrote it), a supervisor. */
  readonly by: 'answer' | 'status' | 'centre' | 'supervisor';
  readonly reason: LoadReason | null;
  /** The proof the centre checks, base64url; null where it made the statement itself. */
  readonly evidence: LoadEvidence | null;
};

export type LoadEvidence =
  | { readonly kind: 's3'; readonly answer: string; readonly s3: string }
  | { readonly kind: 'status'; readonly nonce: string; readonly bytes: string }
  /** Of a memory card, as it was read back behind the write. */
  | { readonly kind: 'image'; readonly bytes: string };

export type LoadEvent =
  /** The card is in the reader and somebody wants it loaded. */
  | { readonly kind: 'begun' }
  /** It did not come to writing: nothing was ordered of the card. */
  | { readonly kind: 'refused'; readonly reason: LoadReason }
  | { readonly kind: 'authorised'; readonly counter: number }
  /** The intent is in the journal, or could not be put there. */
  | { readonly kind: 'intended' }
  | { readonly kind: 'notIntended' }
  /** What the card answered to the order. */
  | { readonly kind: 'answered'; readonly answer: LoadAnswer }
  /** A process took it up from the journal, its intent being the last thing there. */
  | { readonly kind: 'resumed' }
  /** The centre has read the card's own evidence. */
  | {
      readonly kind: 'found';
      readonly found: 'applied' | 'notApplied';
      readonly evidence: LoadEvidence | null;
    }
  | { readonly kind: 'cancelled'; readonly evidence: LoadEvidence | null }
  /** The centre has ended it without the card, which is blocked: whether it was written nobody will know. */
  | { readonly kind: 'writtenOff' }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'notRecorded' }
  /** The centre has taken the proof. */
  | { readonly kind: 'confirmed' };

export type LoadAnswer =
  | { readonly kind: 'written'; readonly evidence: LoadEvidence }
  /** The card itself said no: its state is known, and it is not loaded. */
  | { readonly kind: 'refused'; readonly reason: LoadReason }
  | { readonly kind: 'unknown'; readonly reason: LoadReason };

export type LoadEffect =
  /** Ask card and centre for an authorisation. */
  | { readonly kind: 'authorise' }
  | { readonly kind: 'appendIntent' }
  /** Give the card the order: only after the intent is in the journal. */
  | { readonly kind: 'write' }
  /** Reset the card and read it. */
  | { readonly kind: 'read' }
  | { readonly kind: 'append'; readonly conclusion: LoadConclusion }
  | { readonly kind: 'confirm' };

export const owedLoad: LoadState = {
  stage: 'owed',
  counter: null,
  reason: null,
  conclusion: null,
  before: 'owed',
};

/** One step of a load. */
export function loadStep(state: LoadState, event: LoadEvent): Step<LoadState, LoadEffect> {
  switch (event.kind) {
    case 'begun':
      return state.stage === 'owed'
        ? go({ ...state, stage: 'asking', reason: null }, { kind: 'authorise' })
        : stay(state);
    case 'refused':
      return state.stage === 'asking' ? go({ ...state, stage: 'owed', reason: event.reason }) : stay(state);
    case 'authorised':
      return state.stage === 'asking'
        ? go({ ...state, stage: 'intending', counter: event.counter }, { kind: 'appendIntent' })
        : stay(state);
    case 'intended':
      return state.stage === 'intending'
        ? go({ ...state, stage: 'writing' }, { kind: 'write' })
        : stay(state);
    case 'notIntended':
      // Nothing was ordered of the card; the authorisation dies with the next command.
      return state.stage === 'intending'
        ? go({ ...state, stage: 'owed', reason: 'journalUnwritable' })
        : stay(state);
    case 'answered':
      return state.stage === 'writing' ? answered(state, event.answer) : stay(state);
    case 'resumed':
      return state.stage === 'writing' || state.stage === 'intending'
        ? go({ ...state, stage: 'unknown', reason: 'stopped' }, { kind: 'read' })
        : stay(state);
    case 'found':
      return found(state, event.found, event.evidence);
    case 'cancelled':
      return state.stage === 'owed'
        ? conclude(state, { outcome: 'cancelled', by: 'supervisor', reason: null, evidence: event.evidence })
        : stay(state);
    case 'writtenOff':
      return state.stage === 'owed' || state.stage === 'unknown'
        ? conclude(state, { outcome: 'cancelled', by: 'supervisor', reason: state.reason, evidence: null })
        : stay(state);
    case 'recorded':
      return state.stage === 'concluding' ? recorded(state) : stay(state);
    case 'notRecorded':
      // The card still knows: it is read again.
      return state.stage === 'concluding'
        ? go({ ...state, stage: state.before, conclusion: null })
        : stay(state);
    case 'confirmed':
      return state.stage === 'written' ? go({ ...state, stage: 'confirmed' }) : stay(state);
    default:
      return unreachable(event);
  }
}

function answered(state: LoadState, answer: LoadAnswer): Step<LoadState, LoadEffect> {
  switch (answer.kind) {
    case 'written':
      return conclude(state, { outcome: 'written', by: 'answer', reason: null, evidence: answer.evidence });
    case 'refused':
      return conclude(state, { outcome: 'notWritten', by: 'answer', reason: answer.reason, evidence: null });
    case 'unknown':
      return go({ ...state, stage: 'unknown', reason: answer.reason }, { kind: 'read' });
    default:
      return unreachable(answer);
  }
}

/** The card was read, here or at another till. While an order is at the card its own answer counts, and nothing else. */
function found(
  state: LoadState,
  what: 'applied' | 'notApplied',
  evidence: LoadEvidence | null,
): Step<LoadState, LoadEffect> {
  const by = evidence === null ? 'centre' : 'status';
  if (what === 'applied')
    return state.stage === 'unknown' || state.stage === 'owed'
      ? conclude(state, { outcome: 'written', by, reason: null, evidence })
      : stay(state);
  return state.stage === 'unknown'
    ? conclude(state, { outcome: 'notWritten', by, reason: state.reason, evidence })
    : stay(state);
}

const conclude = (state: LoadState, conclusion: LoadConclusion): Step<LoadState, LoadEffect> =>
  go(
    { ...state, stage: 'concluding', conclusion, before: state.stage === 'owed' ? 'owed' : 'unknown' },
    { kind: 'append', conclusion },
  );

function recorded(state: LoadState): Step<LoadState, LoadEffect> {
  switch (state.conclusion?.outcome) {
    case 'written':
      return go({ ...state, stage: 'written', reason: null }, { kind: 'confirm' });
    case 'notWritten':
      return go({ ...state, stage: 'owed', reason: state.conclusion.reason, conclusion: null });
    default:
      return go({ ...state, stage: 'cancelled' });
  }
}
