import type { CardRow, IpwContract, PosAttemptView, PosTotals } from '../../../contracts/ipw.ts';
import type { archiveContract } from '../../../contracts/ipw-archive.ts';
import { NO_RECEIPTS, type PosCheck, type PosFinding } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { qepik } from '../../../contracts/money.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { HandlerOf } from '../../../contracts/rpc/definition.ts';
import type { FakeState } from './fake-state.ts';
import { PEOPLE, sampleId } from './sample-data.ts';

type TerminalMethods = Exclude<
  Extract<keyof IpwContract, `terminal.${string}`>,
  keyof typeof archiveContract
>;

const FOUND: PosFinding = {
  kind: 'terminal',
  settings: {
    kind: 'zvtSerial',
    path: '/dev/ttyUSB0',
    baudRate: 115_200,
    stopBits: 1,
    modemLines: true,
    password: '000000',
  },
  label: '/dev/ttyUSB0 · KOMIS SIMULATOR 1.0',
  terminalId: null,
  simulator: true,
};
const STRANGERS: readonly PosFinding[] = [
  { kind: 'other', label: '127.0.0.1:20007', reason: posReason('refused') },
  { kind: 'other', label: '/dev/ttyS0', reason: posReason('notThisProtocol', 'SSH-2.0-OpenSSH') },
];
const CHECKS: readonly PosCheck[] = [
  { what: 'connection', state: 'right', reason: null },
  { what: 'password', state: 'right', reason: null },
  { what: 'currency', state: 'right', reason: null },
  { what: 'clock', state: 'wrong', reason: posReason('clockWrong', '17 min') },
  { what: 'endOfDay', state: 'right', reason: null },
  { what: 'recovery', state: 'unsure', reason: posReason('nothingHeld') },
  { what: 'receipts', state: 'unsure', reason: posReason('nothingHeld') },
];
const EMPTY: PosTotals = { count: 0, sum: qepik(0) };

/** The terminal's part of the core host in memory. */
export function terminalHandlers(
  state: FakeState,
  instant: () => string,
): { readonly [K in TerminalMethods]: HandlerOf<IpwContract[K]> } {
  const { terminal, session } = state;
  const { wants } = state.terminalActs;
  const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
  const differs = wants === 'differs';
  const journal: PosTotals = { count: 12, sum: qepik(84_310) };
  let day = { terminal: { count: differs ? 13 : 12, sum: qepik(differs ? 88_150 : 84_310) }, journal };

  const suspect = (): CardRow => {
    const {
      steps: _steps,
      nextAskAt: _next,
      asks: _asks,
      stopAsked: _stop,
      ...view
    } = fakeAttempt(instant());
    return {
      ...view,
      stage: 'concluded',
      outcome: 'manual',
      result: null,
      reason: posReason('answerUnclear'),
      receipts: NO_RECEIPTS,
    };
  };
  const suspects = (): CardRow[] =>
    day.terminal.sum === day.journal.sum ? [] : [suspect(), { ...suspect(), outcome: 'done' }];

  return {
    'terminal.set': async ({ settings }) => {
      terminal.set({ settings, state: settings.kind === 'none' ? 'notSet' : 'ready' });
      return ok({});
    },
    'terminal.try': async ({ settings }) => {
      if (session.current().user?.role !== 'supervisor') return fail('notAllowed');
      if (settings.kind === 'none') return fail('terminalNotSet');
      await later(150);
      const about = { terminalId: null, simulator: true };
      if (wants === 'silent') return ok({ ...about, state: 'away', reason: posReason('silent') });
      const wrong = 'password' in settings && settings.password !== state.terminalActs.password;
      return ok(
        wrong
          ? { ...about, state: 'refused', reason: posReason('passwordWrong') }
          : { ...about, state: 'ready', reason: null },
      );
    },
    'terminal.search': async (_input, progress) => {
      const findings =
        wants === 'nobody' ? [] : wants === 'strangers' ? [...STRANGERS] : [...STRANGERS, FOUND];
      for (const finding of findings) {
        await later(50);
        progress({ finding });
      }
      return ok({ findings });
    },
    'terminal.check': async (_input, progress) => {
      for (const check of CHECKS) progress({ check });
      return ok({ checks: [...CHECKS] });
    },
    'terminal.totals': async () => {
      await later(50);
      if (terminal.current().state !== 'ready') return fail('terminalAway');
      const rows = suspects();
      return ok({ ...day, reason: null, rows, suspects: rows.map(({ attemptId }) => attemptId) });
    },
    'terminal.endOfDay': async ({ closingId }) => {
      await later(50);
      if (terminal.current().state !== 'ready') return fail('terminalAway');
      if (wants === 'open') return fail('terminalDayNotClosed', { reason: 'günü bağlamaq olmur' });
      const rows = suspects();
      const closed = {
        closingId,
        driver: 'zvtTcp',
        terminalId: '52001234',
        businessDate: instant().slice(0, 10),
        by: { userId: PEOPLE[0].userId, name: PEOPLE[0].name },
        ...day,
        suspects: rows.map(({ attemptId }) => attemptId),
        receipts: NO_RECEIPTS,
        reason: null,
      };
      state.closedDays.unshift({ at: instant(), closed, suspects: rows });
      day = { terminal: EMPTY, journal: EMPTY };
      return ok({ closed });
    },
    'terminal.closedDays': async ({ limit }) => ok({ days: state.closedDays.slice(0, limit) }),
  };
}

/** A card at the terminal. */
export const fakeAttempt = (at: string, known: Partial<PosAttemptView> = {}): PosAttemptView => ({
  attemptId: sampleId(),
  kind: 'sale',
  stage: 'sent',
  outcome: null,
  amount: qepik(3840),
  paymentId: sampleId(),
  receiptNo: null,
  payerName: 'Məmmədov Elşən İlqar oğlu',
  teller: 'Aygün Məmmədova',
  since: at,
  cashHeld: qepik(0),
  decided: false,
  stopAsked: false,
  steps: [
    { at, what: 'written', live: null, reason: null },
    { at, what: 'sent', live: null, reason: null },
    { at, what: 'live', live: 'insertCard', reason: null },
  ],
  nextAskAt: null,
  asks: 0,
  ...known,
});
