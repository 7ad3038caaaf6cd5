import type { EcrCommand, Reply } from '../zvt/message.ts';
import { fallSilent, no, pump, put, tell, withProcedure, yes } from './dialog.ts';
import { asMessages, dayPaper, papersOf, tillPrints } from './papers.ts';
import {
  abandoned,
  abortAsked,
  approvalAnswered,
  askForCard,
  askHostToReverse,
  closed,
  endWith,
  failed,
  heard,
  holdOver,
  hostAnswered,
  notice,
  opened,
  paperAnswered,
  removalOver,
  reversalMade,
  sayAgain,
  takeBack,
} from './payment.ts';
import { sessionOf } from './session.ts';
import { dayStatement, hindrance, needsOf, statementOf, statusCodeOf } from './statements.ts';
import {
  changed,
  doing,
  inTurn,
  NO_SESSION,
  remembered,
  stay,
  type Move,
  type Step,
  type Terminal,
  type TerminalEvent,
  type TimerName,
} from './terminal-state.ts';
import { dayClosed, dayNow, decided, offsetFor, reversible, settled } from './transactions.ts';

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
      return chain(changed({ session: NO_SESSION }), yes);
    case 'authorisation':
    case 'refund':
    case 'reversal':
      return moneyMoved(command);
    case 'repeatReceipt':
      return repeated(command);
    case 'endOfDay':
      if (state.durable.memory.pending !== null) return chain(no(terms.codes.busy), reverseLeftover);
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
      return chain(
        yes,
        changed({ procedure: opened(command, { phase: 'ending' }) }),
        put({ message: statusCompletion(command, state), role: 'end' }),
      );
  }
}

const chain =
  (...moves: readonly Move[]): Move =>
  (state) =>
    inTurn(state, ...moves);

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

const repeated =
  (command: Extract<EcrCommand, { name: 'repeatReceipt' }>): Move =>
  (state) => {
    const { last } = state.durable.memory;
    const { terms, session } = state;
    const service = command.serviceByte ?? 0;
    const begin = chain(yes, changed({ procedure: opened(command, {}) }));
    if (last === null) return inTurn(state, begin, failed(terms.codes.nothingStored, 'idle'));
    const says = (service & 0x01) !== 0;
    const prints = (service & 0x02) === 0;
    const statement =
      last.kind === 'endOfDay'
        ? dayStatement(state, last)
        : statementOf(state, last, session.currency !== null);
    const papers =
      last.kind === 'endOfDay'
        ? [dayPaper(last, terms, session, 'GÜN SONU')]
        : papersOf(last, terms, session);
    const printed =
      prints && tillPrints(session, last.kind === 'endOfDay' ? 'admin' : 'payment') ? papers : [];
    return inTurn(
      state,
      begin,
      says ? tell(statement, 'outcome') : stay,
      ...printed.flatMap((paper) => asMessages(paper, session)).map((message) => tell(message, 'paper')),
      endWith({ name: 'completion' }),
    );
  };

/** What takes a while and moves no card: totals, end of day, diagnosis, initialisation. */
const work = (command: EcrCommand, status: number): Move =>
  chain(
    yes,
    changed({ procedure: opened(command, { phase: 'working' }), notice: 'working' }),
    (state) => doing({ kind: 'timer', timer: 'work', ms: state.terms.times.work })(state),
    (state) =>
      (state.session.config & 0x08) === 0
        ? stay(state)
        : tell({ name: 'intermediateStatus', status }, 'status')(state),
  );

const workDone = (nowMs: number): Move =>
  withProcedure(({ command }) => (state) => {
    switch (command?.name) {
      case 'endOfDay': {
        if (state.conditions.hostAway) return failed(0xa3, 'declined')(state);
        const [durable, day] = dayClosed(state.durable, nowMs);
        const open = { ...state.conditions, endOfDayOpen: false };
        return inTurn(state, changed({ durable, conditions: open }), sayDay(day, 'GÜN SONU'));
      }
      case 'turnoverTotals':
        return sayDay(dayNow(state.durable, nowMs), 'ARALIQ HESABAT')(state);
      case 'diagnosis':
        if (state.conditions.hostAway) return failed(0xa3, 'declined')(state);
        return inTurn(
          state,
          changed({ conditions: { ...state.conditions, diagnosisNeeded: false, clockWrong: false } }),
          remembered({ clockOffsetMs: 0 }),
          notice('idle'),
          endWith({ name: 'completion' }),
        );
      case 'initialisation':
        return inTurn(
          state,
          changed({ conditions: { ...state.conditions, initialisationNeeded: false } }),
          notice('idle'),
          endWith({ name: 'completion' }),
        );
      default:
        return stay(state);
    }
  });

const sayDay =
  (day: ReturnType<typeof dayNow>, title: string): Move =>
  (state) => {
    const printed = tillPrints(state.session, 'admin')
      ? asMessages(dayPaper(day, state.terms, state.session, title), state.session)
      : [];
    return inTurn(
      state,
      notice('idle'),
      tell(dayStatement(state, day), 'outcome'),
      ...printed.map((message) => tell(message, 'paper')),
      endWith({ name: 'completion' }),
    );
  };

const clockSet =
  ({ date, time }: Extract<EcrCommand, { name: 'setClock' }>, nowMs: number): Move =>
  (state) => {
    const clockOffsetMs = offsetFor(date, time, nowMs);
    if (clockOffsetMs === null) return no(0x9a)(state);
    return inTurn(
      state,
      remembered({ clockOffsetMs }),
      changed({ conditions: { ...state.conditions, clockWrong: false } }),
      yes,
    );
  };

function statusCompletion(
  { serviceByte = 0 }: Extract<EcrCommand, { name: 'statusEnquiry' }>,
  state: Terminal,
): Parameters<typeof tell>[0] {
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
          return chain(closed, pump);
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
    busyStatus && !terms.hangsUp ? chain(changed({ awaiting: null }), pump) : abandoned(terms.hangsUp),
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
