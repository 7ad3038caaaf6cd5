import type { EcrCommand } from '../zvt/message.ts';
import { endWith, failed } from './commit.ts';
import { no, tell, withProcedure, yes } from './dialog.ts';
import { changed, doing, inTurn, notice, opened, remembered, sequence, stay } from './moves.ts';
import { asMessages, dayPaper, papersOf, tillPrints } from './papers.ts';
import { dayStatement, statementOf } from './statements.ts';
import type { Move } from './terminal-state.ts';
import { dayClosed, dayNow, offsetFor } from './transactions.ts';

/** What moves no money: repeating the last receipt, totals, the end of day, diagnosis, the clock. */

export const repeated =
  (command: Extract<EcrCommand, { name: 'repeatReceipt' }>): Move =>
  (state) => {
    const { last } = state.durable.memory;
    const { terms, session } = state;
    const service = command.serviceByte ?? 0;
    const begin = sequence(yes, changed({ procedure: opened(command, {}) }));
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
export const work = (command: EcrCommand, status: number): Move =>
  sequence(
    yes,
    changed({ procedure: opened(command, { phase: 'working' }), notice: 'working' }),
    (state) => doing({ kind: 'timer', timer: 'work', ms: state.terms.times.work })(state),
    (state) =>
      (state.session.config & 0x08) === 0
        ? stay(state)
        : tell({ name: 'intermediateStatus', status }, 'status')(state),
  );

export const workDone = (nowMs: number): Move =>
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

export const clockSet =
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
