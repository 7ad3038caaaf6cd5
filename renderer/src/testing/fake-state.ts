import type {
  CardRow,
  CounterState,
  JournalRow,
  MeterCardState,
  PaymentRow,
  PosAttemptView,
  SessionState,
  StatusState,
  TerminalState,
} from '../../../contracts/ipw.ts';
import type { AccountView, Subscriber } from '../../../contracts/domain.ts';
import type { PaymentAccepted, PaymentStornoed } from '../../../contracts/journal.ts';
import type { ClosedDay } from '../../../contracts/ipw-card.ts';
import type { TopicSource } from '../../../contracts/rpc/definition.ts';
import { qepik } from '../../../contracts/money.ts';
import { piecesSchema } from '../../../contracts/rules/denominations.ts';
import { fakeMeterCard } from './fake-meter-cards.ts';
import { CAPABILITIES, SAMPLE_CARDS, twoOpen } from './sample-cards.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { fakeAttempt } from './fake-terminal.ts';
import { ACCOUNTS, PEOPLE, sampleId, SUBSCRIBER, WORKSTATION } from './sample-data.ts';

/** A piece of state that is watched. */
export type Cell<S> = TopicSource<S> & { set(change: Partial<S>): void };

/** Makes one. */
export function cell<S extends object>(first: S): Cell<S> {
  let state = first;
  const watchers = new Set<(state: S) => void>();
  return {
    current: () => state,
    subscribe: (changed) => {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    set: (change) => {
      state = { ...state, ...change };
      for (const changed of watchers) changed(state);
    },
  };
}

export type FakePayment = {
  readonly row: PaymentRow;
  readonly payment: PaymentAccepted;
  storno: PaymentStornoed | null;
};

export type FakeState = {
  readonly session: Cell<SessionState>;
  readonly status: Cell<StatusState>;
  readonly counter: Cell<CounterState>;
  readonly terminal: Cell<TerminalState>;
  readonly meterCard: Cell<MeterCardState>;
  /** What the next writing onto a meter card does. */
  write: 'well' | 'tear' | 'away';
  /** Grows with each card put in. */
  insertion: number;
  /** What the next card does. */
  card: 'approve' | 'decline' | 'lose' | 'wait';
  /** What the archive holds. */
  readonly cards: readonly CardRow[];
  /** What the terminal does beside cards: `?wants=…`, and the password it takes. */
  readonly terminalActs: {
    readonly wants: 'nothing' | 'nobody' | 'strangers' | 'silent' | 'differs' | 'open';
    readonly password: string;
  };
  /** The terminal's closed days, the latest first. */
  readonly closedDays: ClosedDay[];
  readonly payments: FakePayment[];
  readonly journal: JournalRow[];
  readonly subscribers: Map<string, Subscriber>;
  readonly accounts: AccountView[];
  shiftNo: number;
  serial: number;
  zNo: number;
  closeTries: number;
};

/** The next customer. */
export const emptyCounter = (): CounterState => ({
  paymentId: sampleId(),
  revision: 1,
  stage: 'draft',
  subscriber: null,
  offered: [],
  language: 'az',
  lines: [],
  fees: qepik(0),
  total: qepik(0),
  accepted: null,
  cardRefused: null,
});

/** What the page's address asks for: `?at=login`, `?offline`, `?journal=unwritable`, `?lang=ru`, `?empty-drawer`. */
export function fakeState(wanted: URLSearchParams, now: () => number): FakeState {
  const at = wanted.get('at') ?? 'counter';
  const since = new Date(now() - 6 * 60_000).toISOString();
  const offline = wanted.has('offline');
  const opened = new Date(now() - 5 * 3_600_000).toISOString();
  const language = wanted.get('lang');
  return {
    session: cell<SessionState>({
      enrolled: at !== 'setup',
      workstation: at === 'setup' ? null : WORKSTATION,
      user:
        at === 'setup' || at === 'login'
          ? null
          : { ...(wanted.get('user') === 'rauf' ? PEOPLE[1] : PEOPLE[0]), offline: false },
      shift:
        at === 'counter'
          ? {
              shiftId: sampleId(),
              shiftNo: 214,
              businessDate: opened.slice(0, 10),
              openedAt: opened,
              state: 'open',
              floatTotal: qepik(15_000),
              paymentCount: 127,
              paymentTotal: qepik(948_135),
              stornoCount: 1,
              drawer: piecesSchema.parse(
                wanted.has('empty-drawer')
                  ? [{ denomination: 20_000, count: 3 }]
                  : [2000, 1000, 500, 100, 50, 20, 10, 5, 3, 1].map((denomination) => ({
                      denomination,
                      count: 20,
                    })),
              ),
            }
          : null,
      language: language === 'en' || language === 'ru' ? language : 'az',
      demo: true,
    }),
    status: cell<StatusState>({
      centre: {
        link: at === 'setup' ? 'notEnrolled' : offline ? 'offline' : 'online',
        since,
        waiting: offline ? 14 : 0,
        oldestWaiting: offline ? since : null,
        clockSkewMs: 400,
      },
      replica: {
        state: at === 'setup' ? 'empty' : 'ready',
        accounts: 16_204,
        trueAt: at === 'setup' ? null : since,
      },
      printer: wanted.has('no-printer')
        ? { kind: 'tcp', state: 'away', reason: 'kağız qurtarıb' }
        : { kind: 'file', state: 'ready', reason: null },
      journal:
        wanted.get('journal') === 'unwritable'
          ? { state: 'unwritable', reason: 'diskdə yer qalmayıb', entries: 1204 }
          : { state: 'ready', reason: null, entries: 1204 },
      freeCodes: 48,
    }),
    meterCard: cell<MeterCardState>(fakeMeterCard(wanted)),
    write: writeAct(wanted.get('write')),
    insertion: 1,
    terminal: cell(fakeTerminal(wanted, since)),
    card: cardAct(wanted.get('card')),
    cards: wanted.has('cards') ? SAMPLE_CARDS : [],
    terminalActs: {
      wants: wantOf(wanted.get('wants')),
      password: wanted.get('terminal-password') ?? '000000',
    },
    closedDays: [],
    counter: cell<CounterState>({
      ...emptyCounter(),
      ...(wanted.has('stopping') ? { stage: 'charging', total: qepik(3840) } : {}),
    }),
    payments: [],
    journal: [],
    subscribers: new Map([[SUBSCRIBER.code, SUBSCRIBER]]),
    accounts: [...ACCOUNTS],
    shiftNo: 214,
    serial: 127,
    zNo: 870,
    closeTries: 0,
  };
}

const writeAct = (wanted: string | null): FakeState['write'] =>
  wanted === 'tear' || wanted === 'away' ? wanted : 'well';

const cardAct = (wanted: string | null): FakeState['card'] =>
  wanted === 'decline' || wanted === 'lose' || wanted === 'wait' ? wanted : 'approve';

const wantOf = (wanted: string | null): FakeState['terminalActs']['wants'] =>
  WANTS.find((one) => one === wanted) ?? 'nothing';
const WANTS = ['nobody', 'strangers', 'silent', 'differs', 'open'] as const;

/**
 * A terminal in memory: `?terminal` sets one (`=away`: it is silent, `=nexo`), `?card=decline|lose|wait` says what the next card does,
 * `?stopping` has one at the terminal that was asked to stop, `?unknown` one that nobody knows of, `?ended` four that ended, `?two-open` leaves two
 * cards without an outcome.
 */
export const fakeTerminal = (wanted: URLSearchParams, since: string): TerminalState => ({
  settings: !wanted.has('terminal')
    ? { kind: 'none' }
    : wanted.get('terminal') === 'nexo'
      ? { kind: 'nexo', over: 'ws', host: '127.0.0.1', port: 9000, poiId: 'POI-1', saleId: 'KASSA-7' }
      : { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '000000' },
  simulator: true,
  state: !wanted.has('terminal') ? 'notSet' : wanted.get('terminal') === 'away' ? 'away' : 'ready',
  reason: wanted.get('terminal') === 'away' ? posReason('silent') : null,
  since,
  terminalId: '52001234',
  capabilities: wanted.has('terminal') ? CAPABILITIES : null,
  live: wanted.has('stopping') ? { code: 'waitingForHost', text: null, at: since } : null,
  attempt: wanted.has('stopping') ? fakeAttempt(since, { stopAsked: true }) : null,
  open: wanted.has('two-open') ? twoOpen(since) : wanted.has('unknown') ? [unknownAttempt(since)] : [],
  ended: wanted.has('ended') ? endedAttempts(since) : [],
});

const unknownAttempt = (since: string): PosAttemptView =>
  fakeAttempt(since, {
    stage: 'unknown',
    cashHeld: qepik(1000),
    asks: 7,
    nextAskAt: new Date(Date.parse(since) + 3_600_000).toISOString(),
    steps: [
      ...fakeAttempt(since).steps,
      { at: since, what: 'live', live: 'enterPin', reason: null },
      { at: since, what: 'live', live: 'waitingForHost', reason: null },
      { at: since, what: 'stored', live: null, reason: null },
      { at: since, what: 'lost', live: null, reason: posReason('lineLost') },
      { at: since, what: 'asked', live: null, reason: null },
      { at: since, what: 'stillUnknown', live: null, reason: posReason('silent') },
    ],
  });

const endedAttempts = (since: string): PosAttemptView[] => [
  fakeAttempt(since, { stage: 'concluded', outcome: 'done', receiptNo: 'WS07-20261123-0126' }),
  fakeAttempt(since, { stage: 'concluded', outcome: 'notDone', cashHeld: qepik(1000) }),
  fakeAttempt(since, { stage: 'concluded', outcome: 'done', decided: true }),
  fakeAttempt(since, { stage: 'concluded', kind: 'reversal', outcome: 'declined' }),
];
