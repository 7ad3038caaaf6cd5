import type { LiveCode, PosReason, PosResult } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { Qepik } from '../../../contracts/money.ts';
import { isAutoReversal, liveCodeOf } from './live.ts';
import type { SendOutcome } from './link.ts';
import type { Decoded, Fields, PtMessage, Reply } from './message.ts';
import { withPrinted, type Papers } from './papers.ts';
import { AZN, resultOf } from './result.ts';

/**
 * One command and everything the terminal does because of it (PA00P015, master and slave), as a pure machine: what happens
 * goes in, what is to be done comes out. The charge becomes final by our yes to 04 0F, so nothing here says yes to an
 * approval before it is stored.
 */

/** From a command to its 80 00 or 84 xx (PA00P016, T3). */
export const T3_MS = 5000;
/** From 80 00 to 06 0F or 06 1E (T4); the terminal starts it again with everything it says, and may set it. */
export const T4_MS = 180_000;
/** How long an approval may take to be stored before the terminal is told to ask again (84 9C); well within T3. */
export const HOLD_MS = 1500;

const REFUSE = 0x66;
const ASK_AGAIN = 0x9c;
const AMOUNT_WRONG = 0xb7;
const CURRENCY_WRONG = 0x6f;
const PROTOCOL_ERROR = 0x9a;
const NOT_POSSIBLE = 0x83;
const ABORTED = 0x1e;

/** How far the terminal's approval is: stored by us, and told that it is. */
export type Approval = 'none' | 'holding' | 'stored' | 'told' | 'refused';

export type DialogueEnd = {
  readonly how: 'completed' | 'aborted' | 'refused' | 'lost' | 'notSent';
  /** Why it is lost or was not sent. */
  readonly reason: PosReason | null;
  /** The terminal's error id where it refused or aborted; null where it gave none. */
  readonly error: number | null;
  /** Of the completion, the abort or the refusal. */
  readonly fields: Fields & { readonly softwareVersion?: string; readonly terminalStatus?: number };
  /** The last status information. */
  readonly status: Fields | null;
  readonly approval: Approval;
  readonly result: PosResult | null;
  /** Why we refused an approval. */
  readonly refusal: PosReason | null;
  /** The terminal said that it takes the charge back, or stated something else after its approval. */
  readonly takenBack: boolean;
  readonly papers: Papers;
  readonly doubts: readonly string[];
};

export type DialogueState = {
  readonly phase: 'sending' | 'replying' | 'led' | 'over';
  /** What is asked for; null for commands that move no money. */
  readonly asked: Qepik | null;
  readonly year: number;
  /** The approval that was stored in an earlier dialogue whose terminal still waits for a yes; by `approvalKey`. */
  readonly storedBefore: string | null;
  /** False for a command that ends with its answer (06 B0, 06 02). */
  readonly completes: boolean;
  readonly t4Ms: number;
  readonly status: Fields | null;
  readonly approval: Approval;
  readonly result: PosResult | null;
  readonly refusal: PosReason | null;
  /** The terminal waits for our answer to 04 0F. */
  readonly answerDue: boolean;
  readonly takenBack: boolean;
  readonly papers: Papers;
  readonly doubts: readonly string[];
  readonly abort: 'none' | 'wanted' | 'sent';
};

export type DialogueInput =
  /** What became of the command. */
  | { readonly kind: 'sent'; readonly outcome: SendOutcome }
  /** What became of an answer of ours. */
  | { readonly kind: 'answered'; readonly outcome: SendOutcome }
  /** `code`: the first two bytes, 0x040f and the like; all that is known of what cannot be read. */
  | { readonly kind: 'heard'; readonly decoded: Decoded; readonly code: number }
  | { readonly kind: 'elapsed'; readonly timer: DialogueTimer }
  | { readonly kind: 'held'; readonly key: string; readonly stored: boolean }
  | { readonly kind: 'abortWanted' }
  | { readonly kind: 'down'; readonly reason: PosReason };

export type DialogueTimer = 't3' | 't4' | 'hold' | 'abort';

export type DialogueEffect =
  | { readonly kind: 'answer'; readonly reply: Reply }
  | { readonly kind: 'sendAbort' }
  | { readonly kind: 'arm'; readonly timer: DialogueTimer; readonly ms: number }
  | { readonly kind: 'disarm'; readonly timer: DialogueTimer }
  | { readonly kind: 'hold'; readonly key: string; readonly result: PosResult; readonly papers: Papers }
  | { readonly kind: 'live'; readonly code: LiveCode; readonly text: string | null }
  | { readonly kind: 'abortAnswered'; readonly answer: 'asked' | 'tooLate' }
  | { readonly kind: 'over'; readonly end: DialogueEnd };

type Step = { readonly state: DialogueState; readonly effects: readonly DialogueEffect[] };

/** Two statements of one approval are the same when all they say of the transaction is. */
export const approvalKey = (result: PosResult): string =>
  JSON.stringify(Object.entries(result).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * @param asked the amount of a command that moves money; null for others
 * @param storedBefore an approval stored earlier that the terminal may still wait to hear a yes for
 */
export const beginDialogue = (
  asked: Qepik | null,
  year: number,
  storedBefore: string | null = null,
  completes = true,
): DialogueState => ({
  phase: 'sending',
  asked,
  year,
  storedBefore,
  completes,
  t4Ms: T4_MS,
  status: null,
  approval: 'none',
  result: null,
  refusal: null,
  answerDue: false,
  takenBack: false,
  papers: [],
  doubts: [],
  abort: 'none',
});

const stay = (state: DialogueState, ...effects: DialogueEffect[]): Step => ({ state, effects });
const answer = (reply: Reply): DialogueEffect => ({ kind: 'answer', reply });
const YES = answer({ name: 'positive' });
const no = (error: number): DialogueEffect => answer({ name: 'negative', error });
const live = (code: LiveCode, text: string | null = null): DialogueEffect => ({ kind: 'live', code, text });

function over(
  state: DialogueState,
  end: Pick<DialogueEnd, 'how'> & Partial<DialogueEnd>,
  ...before: DialogueEffect[]
): Step {
  const abort: DialogueEffect[] =
    state.abort === 'none'
      ? []
      : [{ kind: 'abortAnswered', answer: state.abort === 'sent' ? 'asked' : 'tooLate' }];
  const { status, approval, result, refusal, takenBack, papers, doubts } = state;
  const whole: DialogueEnd = {
    reason: null,
    error: null,
    fields: {},
    status,
    approval,
    result,
    refusal,
    takenBack,
    papers,
    doubts,
    ...end,
  };
  const disarm = (['t3', 't4', 'hold', 'abort'] as const).map(
    (timer) => ({ kind: 'disarm', timer }) as const,
  );
  return {
    state: { ...state, phase: 'over', answerDue: false },
    effects: [...before, ...disarm, ...abort, { kind: 'over', end: whole }],
  };
}

const lost = (state: DialogueState, reason: PosReason): Step => over(state, { how: 'lost', reason });

/** The one place that decides what happens next. */
export function dialogueStep(state: DialogueState, input: DialogueInput): Step {
  if (state.phase === 'over') return stay(state);
  switch (input.kind) {
    case 'sent':
      return sent(state, input.outcome);
    case 'answered':
      return input.outcome.kind === 'sent' ? stay(state) : lost(state, input.outcome.reason);
    case 'heard':
      return heard(state, input.decoded, input.code);
    case 'elapsed':
      return elapsed(state, input.timer);
    case 'held':
      return held(state, input.key, input.stored);
    case 'abortWanted':
      return abortWanted(state);
    case 'down':
      // While the command is on its way the link itself says whether a byte of it has left.
      return state.phase === 'sending' ? stay(state) : lost(state, input.reason);
  }
}

function sent(state: DialogueState, outcome: SendOutcome): Step {
  if (state.phase !== 'sending') return stay(state);
  if (outcome.kind === 'notSent') return over(state, { how: 'notSent', reason: outcome.reason });
  if (outcome.kind === 'lost') return lost(state, outcome.reason);
  return stay({ ...state, phase: 'replying' }, { kind: 'arm', timer: 't3', ms: T3_MS });
}

function elapsed(state: DialogueState, timer: DialogueTimer): Step {
  if (timer === 't3') return lost(state, posReason('silent', 'T3'));
  if (timer === 't4') return lost(state, posReason('timedOut', 'T4'));
  if (timer === 'abort') return stay({ ...state, abort: 'none' }, { kind: 'abortAnswered', answer: 'asked' });
  if (!state.answerDue) return stay(state);
  return stay({ ...state, answerDue: false }, no(ASK_AGAIN));
}

function abortWanted(state: DialogueState): Step {
  if (state.abort !== 'none') return stay(state);
  if (state.approval !== 'none') return stay(state, { kind: 'abortAnswered', answer: 'tooLate' });
  if (state.phase !== 'led') return stay({ ...state, abort: 'wanted' });
  return sendAbort(state);
}

const sendAbort = (state: DialogueState): Step =>
  stay(
    { ...state, abort: 'sent' },
    { kind: 'sendAbort' },
    { kind: 'arm', timer: 'abort', ms: T3_MS },
    live('aborting'),
  );

function held(state: DialogueState, key: string, stored: boolean): Step {
  if (state.approval !== 'holding' || state.result === null || approvalKey(state.result) !== key)
    return stay(state);
  const next: DialogueState = stored
    ? { ...state, approval: 'stored' }
    : { ...state, approval: 'refused', refusal: posReason('notStored') };
  return next.answerDue ? answerApproval(next) : stay(next);
}

/** The terminal waits, and it is known what to say. */
function answerApproval(state: DialogueState): Step {
  const done = { ...state, answerDue: false };
  const disarm: DialogueEffect = { kind: 'disarm', timer: 'hold' };
  if (state.approval === 'refused') return stay(done, disarm, no(REFUSE));
  return stay({ ...done, approval: 'told' }, disarm, YES);
}

/** A message whose inside cannot be read. Its kind is known, and only a status information decides over money. */
function unreadable(state: DialogueState, code: number): Step {
  const isLed = state.phase === 'led';
  switch (code) {
    case 0x040f:
      return state.asked === null
        ? stay(state, no(PROTOCOL_ERROR))
        : refuse(state, PROTOCOL_ERROR, posReason('answerUnclear', 'ZVT 04 0F'));
    case 0x060f:
      return isLed ? over(state, { how: 'completed' }, YES) : stay(state, YES);
    case 0x061e:
      return isLed ? over(state, { how: 'aborted' }, YES) : stay(state, YES);
    case 0x04ff:
    case 0x06d1:
    case 0x06d3:
      return stay(state, YES);
    default:
      return stay(state, no(PROTOCOL_ERROR));
  }
}

function heard(state: DialogueState, decoded: Decoded, code: number): Step {
  if (decoded.kind === 'unknown') return stay(state, no(NOT_POSSIBLE));
  if (decoded.kind === 'malformed')
    return unreadable({ ...state, doubts: [...state.doubts, decoded.why] }, code);
  const { message } = decoded;
  const noted =
    decoded.doubts.length === 0 ? state : { ...state, doubts: [...state.doubts, ...decoded.doubts] };
  if (message.name === 'positive' || message.name === 'negative') return replied(noted, message);
  if (!isOfTerminal(message)) return stay(noted, no(NOT_POSSIBLE));
  if (state.phase !== 'led') return leftOver(noted, message);
  const step = led(noted, message, decoded.doubts.length > 0);
  if (step.state.phase === 'over') return step;
  return { ...step, effects: [{ kind: 'arm', timer: 't4', ms: step.state.t4Ms }, ...step.effects] };
}

const OF_TERMINAL: ReadonlySet<string> = new Set<PtMessage['name']>([
  'intermediateStatus',
  'statusInformation',
  'completion',
  'aborted',
  'printLine',
  'printBlock',
  'setClockOfEcr',
]);
const isOfTerminal = (message: { readonly name: string }): message is PtMessage =>
  OF_TERMINAL.has(message.name);

/** 84 1E is the terminal's 06 1E as an answer: the reason is in its data. */
const errorOf = ({ error, result }: Extract<Reply, { name: 'negative' }>): number =>
  error === ABORTED && result !== undefined ? result : error;

function replied(state: DialogueState, reply: Reply): Step {
  if (state.phase === 'led') {
    if (state.abort !== 'sent') return stay(state);
    const answered = reply.name === 'positive' ? 'asked' : 'tooLate';
    return stay(
      { ...state, abort: 'none' },
      { kind: 'disarm', timer: 'abort' },
      { kind: 'abortAnswered', answer: answered },
    );
  }
  if (reply.name === 'negative') return over(state, { how: 'refused', error: errorOf(reply), fields: reply });
  if (!state.completes) return over(state, { how: 'completed', fields: reply });
  const next: DialogueState = { ...state, phase: 'led' };
  const effects: DialogueEffect[] = [
    { kind: 'disarm', timer: 't3' },
    { kind: 'arm', timer: 't4', ms: state.t4Ms },
  ];
  if (state.abort !== 'wanted') return stay(next, ...effects);
  const abort = sendAbort(next);
  return { state: abort.state, effects: [...effects, ...abort.effects] };
}

/** What a terminal says before it has taken the command is of an earlier dialogue: it still waits for our answer. */
function leftOver(state: DialogueState, message: PtMessage): Step {
  if (message.name !== 'statusInformation' || message.result !== 0) return stay(state, YES);
  return stay(state, isOfStored(message, state.storedBefore, state.year) ? YES : no(REFUSE));
}

const isOfStored = (fields: Fields, stored: string | null, year: number): boolean =>
  stored !== null && approvalKey(resultOf(fields, (fields.amount ?? 0) as Qepik, year)) === stored;

/** Whether this is the approval that was stored already, said again. */
export const isStoredBefore = (decoded: Decoded, stored: string | null, year: number): boolean =>
  decoded.kind === 'message' &&
  decoded.message.name === 'statusInformation' &&
  decoded.message.result === 0 &&
  isOfStored(decoded.message, stored, year);

function led(state: DialogueState, message: PtMessage, doubtful: boolean): Step {
  switch (message.name) {
    case 'intermediateStatus': {
      const t4Ms = message.timeoutMinutes === undefined ? state.t4Ms : message.timeoutMinutes * 60_000;
      const takenBack = state.takenBack || isAutoReversal(message.status);
      const code = liveCodeOf(message.status);
      return stay({ ...state, t4Ms, takenBack }, YES, live(code, message.text ?? null));
    }
    case 'printLine':
    case 'printBlock':
      return stay({ ...state, papers: withPrinted(state.papers, message) }, YES, live('printing'));
    case 'setClockOfEcr':
      // A workstation's clock is not the terminal's to set.
      return stay(state, YES);
    case 'statusInformation':
      return state.asked === null
        ? stay({ ...state, status: message }, YES)
        : statusOfMoney(state, message, state.asked, doubtful);
    case 'completion':
      return over(state, { how: 'completed', fields: message }, YES);
    case 'aborted':
      return over(state, { how: 'aborted', error: message.result ?? null, fields: message }, YES);
  }
}

function statusOfMoney(state: DialogueState, fields: Fields, asked: Qepik, doubtful: boolean): Step {
  const noted = { ...state, status: fields };
  if (fields.result !== undefined && fields.result !== 0) {
    // Said after an approval it contradicts it: the terminal must be asked.
    return stay({ ...noted, takenBack: state.takenBack || state.approval !== 'none' }, YES);
  }
  if (fields.result === undefined || (doubtful && fields.amount === undefined))
    return refuse(noted, REFUSE, posReason('answerUnclear', 'ZVT 04 0F'));
  if (fields.amount !== undefined && fields.amount !== asked)
    return refuse(noted, AMOUNT_WRONG, posReason('amountDiffers', `${String(fields.amount)} qəpik`));
  if (fields.currency !== undefined && fields.currency !== AZN)
    return refuse(noted, CURRENCY_WRONG, posReason('currencyWrong', String(fields.currency)));

  const result = resultOf(fields, asked, state.year);
  const key = approvalKey(result);
  const due: DialogueState = { ...noted, answerDue: true };
  const isRepeated = state.result !== null && approvalKey(state.result) === key;
  if (state.approval === 'refused' || (isRepeated && state.approval !== 'holding'))
    return answerApproval(due);
  const wait: DialogueEffect = { kind: 'arm', timer: 'hold', ms: HOLD_MS };
  if (isRepeated) return stay(due, wait);
  return stay({ ...due, approval: 'holding', result }, wait, live('approved'), {
    kind: 'hold',
    key,
    result,
    papers: state.papers,
  });
}

const refuse = (state: DialogueState, error: number, refusal: PosReason): Step =>
  stay(
    { ...state, approval: 'refused', refusal: state.refusal ?? refusal, answerDue: false },
    { kind: 'disarm', timer: 'hold' },
    no(error),
  );
