import type { EcrCommand, PtMessage, Reply } from '../zvt/message.ts';
import {
  abandoned,
  approvalAnswered,
  closed,
  failed,
  holdOver,
  paperAnswered,
  removalOver,
  reversalMade,
  sayAgain,
  takeBack,
} from './commit.ts';
import { fallSilent, no, pump, put, yes } from './dialog.ts';
import { changed, doing, inTurn, notice, opened, sequence, stay } from './moves.ts';
import { abortAsked, askForCard, askHostToReverse, heard, hostAnswered } from './payment.ts';
import { clockSet, repeated, work, workDone } from './service.ts';
import { sessionOf } from './session.ts';
import { hindrance, needsOf, statusCodeOf } from './statements.ts';
import {
  type Move,
  NO_SESSION,
  type Step,
  type Terminal,
  type TerminalEvent,
  type TimerName,
} from './terminal-state.ts';
import { decided, reversible, settled } from './transactions.ts';

/**
 * The terminal. One event in, the next state and what is to be done out; the durable part must be on disk before any of it is
 * done. No clock, no line, no file.
 */
export function step(state: Terminal, event: TerminalEvent, nowMs: number): Step {
  switch (event.kind) {
    case 'start':
      return started(state);
    case 'command':
      return state.procedure === null
        ? accepted(event.command, nowMs)(state)
        : whileOpen(event.command)(state);
    // Where an answer is owed, rubbish is none; the till has T3 to give a better one.
    case 'unknownCommand':
      return state.awaiting === null ? no(0x83)(state) : stay(state);
    case 'malformed':
      return state.awaiting === null ? no(0x9a)(state) : stay(state);
    case 'reply':
      return replied(event.reply)(state);
    case 'lineLost':
      return inTurn(state, fallSilent, abandoned(true));
    case 'timer':
      return elapsed(event.timer, nowMs)(state);
    case 'customer':
      return heard(event.act)(state);
    case 'conditions':
      return changed({ conditions: { ...state.conditions, ...event.conditions } })(state);
    case 'keypadSale':
      return keypadSale(event, nowMs)(state);
  }
}

/** Power on: what the till had not said yes to when the power went is taken back. */
const started: Move = (state) =>
  inTurn(state, notice('idle'), state.terms.afterPowerCut === 'reverseAtStart' ? reverseLeftover : stay);

const reverseLeftover: Move = (state) => {
  const { pending } = state.durable.memory;
  if (pending === null) return stay(state);
  return inTurn(
    state,
    changed({ procedure: opened(null, { transaction: pending, detached: true, card: pending.card }) }),
    takeBack(null),
    // A reversal that stands for itself was settled instead.
    (now) => (now.procedure?.phase === 'reversing' ? stay(now) : closed(now)),
  );
};

/** A command while another is open: the terminal is master, only stopping and asking how it is are answered. */
const whileOpen = (command: EcrCommand): Move => {
  if (command.name === 'abort') return abortAsked;
  if (command.name !== 'statusEnquiry') return (state) => no(state.terms.codes.busy)(state);
  return (state) =>
    state.awaiting !== null || state.outbox.length > 0
      ? no(state.terms.codes.busy)(state)
      : inTurn(state, yes, put({ message: statusCompletion(command, state), role: 'busyStatus' }));
};

const FREE_OF_REGISTRATION: readonly EcrCommand['name'][] = [
  'registration',
  'logOff',
  'statusEnquiry',
  'abort',
];

const accepted =
  (command: EcrCommand, nowMs: number): Move =>
  (state) => {
    // An answer that is still owed belongs to what was before this command.
    const fresh = fallSilent(state);
    const next = verdictOn(command, nowMs, fresh.state)(fresh.state);
    return { state: next.state, effects: [...fresh.effects, ...next.effects] };
  };

function verdictOn(command: EcrCommand, nowMs: number, state: Terminal): Move {
  const { terms, session } = state;
  if (terms.mustRegister && !session.registered && !FREE_OF_REGISTRATION.includes(command.name)) {
    return no(0x6b);
  }
  if ('password' in command && command.password !== undefined && command.password !== terms.password) {
    return no(terms.codes.passwordWrong);
  }
  switch (command.name) {
    case 'registration':
      return registered(command);
    case 'logOff':
      return sequence(changed({ session: NO_SESSION }), yes);
    case 'authorisation':
    case 'refund':
    case 'reversal':
      return moneyMoved(command);
    case 'repeatReceipt':
      return repeated(command);
    case 'endOfDay':
      if (state.durable.memory.pending !== null) return sequence(no(terms.codes.busy), reverseLeftover);
      return state.conditions.endOfDayImpossible ? no(0x77) : work(command, 0x17);
    case 'turnoverTotals':
    case 'diagnosis':
    case 'initialisation':
      return work(command, 0x17);
    case 'setClock':
      return clockSet(command, nowMs);
    case 'abort':
      return no(terms.codes.nothingToAbort);
    case 'statusEnquiry':
      return sequence(
        yes,
        changed({ procedure: opened(command, { phase: 'ending' }) }),
        put({ message: statusCompletion(command, state), role: 'end' }),
      );
  }
}

const registered =
  (command: Extract<EcrCommand, { name: 'registration' }>): Move =>
  (state) => {
    if (command.currency !== undefined && !state.terms.currencies.includes(command.currency)) {
      return no(0x6f)(state);
    }
    const session = sessionOf(command);
    const { terms } = state;
    return inTurn(
      state,
      yes,
      changed({ session, procedure: opened(command, { phase: 'ending' }) }),
      put({
        message: {
          name: 'completion',
          statusByte: needsOf(state.conditions),
          terminalId: terms.terminalId,
          ...(session.currency === null ? {} : { currency: session.currency }),
        },
        role: 'end',
      }),
    );
  };

type MoneyCommand = Extract<EcrCommand, { name: 'authorisation' | 'refund' | 'reversal' }>;

const moneyMoved =
  (command: MoneyCommand): Move =>
  (state) => {
    const hindered = hindrance(state);
    if (hindered !== null) return no(hindered)(state);
    if (state.durable.memory.pending !== null) {
      // Left by a power cut and due before the next transaction: this command waits until it is done.
      return inTurn(state, no(state.terms.codes.busy), reverseLeftover);
    }
    const currency = command.currency ?? state.session.currency ?? 978;
    if (!state.terms.currencies.includes(currency)) return no(0x6f)(state);
    if (command.name === 'reversal') return reversalAsked(command)(state);
    if (command.amount < state.terms.minAmount) return no(0xc8)(state);
    if (command.amount > state.terms.maxAmount) return no(0xc3)(state);
    return askForCard(command, currency)(state);
  };

const reversalAsked =
  (command: Extract<EcrCommand, { name: 'reversal' }>): Move =>
  (state) => {
    const found = reversible(state, command.receiptNo, command.amount);
    if ('state' in found) return askHostToReverse(command, found)(state);
    // The terminal looks in its journal after it has taken the command: 80 00 first, then the refusal.
    return inTurn(state, yes, changed({ procedure: opened(command, {}) }), failed(found.error, 'declined'));
  };

function statusCompletion(
  { serviceByte = 0 }: Extract<EcrCommand, { name: 'statusEnquiry' }>,
  state: Terminal,
): PtMessage {
  return {
    name: 'completion',
    ...((serviceByte & 0x02) === 0 ? { softwareVersion: state.terms.softwareVersion } : {}),
    terminalStatus: statusCodeOf(state),
  };
}

const replied =
  (reply: Reply): Move =>
  (state) => {
    const { awaiting } = state;
    if (awaiting === null) return stay(state);
    const heardIt = inTurn(state, doing({ kind: 'stop', timer: 'reply' }), changed({ awaiting: null }));
    const next = ((): Move => {
      switch (awaiting.role) {
        case 'status':
        case 'outcome':
        case 'busyStatus':
          return pump;
        case 'approval':
          return approvalAnswered(reply);
        case 'paper':
        case 'lastPaper':
          return paperAnswered(reply, awaiting.role === 'lastPaper');
        case 'end':
          return sequence(closed, pump);
      }
    })();
    const after = next(heardIt.state);
    return { state: after.state, effects: [...heardIt.effects, ...after.effects] };
  };

/** T3: the till did not answer what it was told. */
const silence: Move = (state) => {
  const { awaiting, terms } = state;
  if (awaiting === null) return stay(state);
  const busyStatus = awaiting.role === 'busyStatus';
  return inTurn(
    state,
    terms.hangsUp ? doing({ kind: 'hangUp' }) : stay,
    busyStatus && !terms.hangsUp ? sequence(changed({ awaiting: null }), pump) : abandoned(terms.hangsUp),
    // Nothing of it is owed any more, whatever was open.
    (now) => (now.awaiting === awaiting ? fallSilent(now) : stay(now)),
  );
};

const elapsed =
  (timer: TimerName, nowMs: number): Move =>
  (state) => {
    switch (timer) {
      case 'reply':
        return silence(state);
      case 'card':
        return state.procedure?.phase === 'card' ? failed(0x6c, 'cancelled')(state) : stay(state);
      case 'pin':
        return state.procedure?.phase === 'pin' ? failed(0x6c, 'cancelled')(state) : stay(state);
      case 'host':
        return state.procedure?.phase === 'host' ? hostAnswered(nowMs)(state) : stay(state);
      case 'again':
        return sayAgain(state);
      case 'hold':
        return holdOver(state);
      case 'removal':
        return removalOver(state);
      case 'reversal':
        return reversalMade(nowMs)(state);
      case 'work':
        return state.procedure?.phase === 'working' ? workDone(nowMs)(state) : stay(state);
    }
  };

/** A sale that was started on the keypad, without the till; config 10 forbids it. */
const keypadSale =
  ({ amount, card }: Extract<TerminalEvent, { kind: 'keypadSale' }>, nowMs: number): Move =>
  (state) => {
    const forbidden = state.session.registered && (state.session.config & 0x10) !== 0;
    if (forbidden || state.procedure !== null || hindrance(state) !== null) return stay(state);
    const wanted = {
      kind: 'sale',
      amount,
      currency: state.terms.currencies[0] ?? 944,
      card,
      contactless: true,
      pinUsed: false,
      result: 0,
      original: null,
      why: 'keypad',
    } as const;
    const [durable] = decided(state, wanted, nowMs);
    return inTurn(state, changed({ durable: settled({ durable }), notice: 'approved' }));
  };
