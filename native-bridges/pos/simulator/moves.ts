import type { EcrCommand } from '../zvt/message.ts';
import type {
  Effect,
  Memory,
  Move,
  Notice,
  Phase,
  Procedure,
  Step,
  Terminal,
  TimerName,
} from './terminal-state.ts';

/** What the machine's rules are made of: small moves from one state to the next. */

/** The moves one after the other, each on what the one before left. */
export function inTurn(state: Terminal, ...moves: readonly Move[]): Step {
  let now: Step = { state, effects: [] };
  for (const move of moves) {
    const next = move(now.state);
    now = { state: next.state, effects: [...now.effects, ...next.effects] };
  }
  return now;
}

export const stay: Move = (state) => ({ state, effects: [] });
export const doing =
  (...effects: readonly Effect[]): Move =>
  (state) => ({ state, effects });
export const changed =
  (change: Partial<Terminal>): Move =>
  (state) => ({ state: { ...state, ...change }, effects: [] });
export const onProcedure =
  (change: Partial<Procedure>): Move =>
  (state) => ({
    state: state.procedure === null ? state : { ...state, procedure: { ...state.procedure, ...change } },
    effects: [],
  });
export const remembered =
  (change: Partial<Memory>): Move =>
  (state) => ({
    state: {
      ...state,
      durable: { ...state.durable, memory: { ...state.durable.memory, ...change } },
    },
    effects: [],
  });

/** The moves one after the other, as one. */
export const sequence =
  (...moves: readonly Move[]): Move =>
  (state) =>
    inTurn(state, ...moves);
export const timer = (name: TimerName, ms: number): Move => doing({ kind: 'timer', timer: name, ms });
export const stop = (...names: readonly TimerName[]): Move =>
  doing(...names.map((name) => ({ kind: 'stop', timer: name }) as const));
export const notice = (text: Notice): Move => changed({ notice: text });
export const phase = (name: Phase): Move => onProcedure({ phase: name });
/** A command is open: the terminal is master. */
export const opened = (command: EcrCommand | null, change: Partial<Procedure>): Procedure => ({
  command,
  phase: 'working',
  amount: 0,
  currency: 944,
  currencyAsked: false,
  card: null,
  contactless: false,
  pinUsed: false,
  wrongPins: 0,
  hostCode: null,
  hostMs: null,
  transaction: null,
  statusInfos: 0,
  detached: false,
  doomed: null,
  last: null,
  ...change,
});
