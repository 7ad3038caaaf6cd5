import type {
  CardRow,
  CounterState,
  JournalRow,
  MeterCardState,
  PaymentRow,
  SessionState,
  StatusState,
  TerminalState,
} from '../../../contracts/ipw.ts';
import type { AccountView, Subscriber } from '../../../contracts/domain.ts';
import type { PaymentAccepted, PaymentStornoed } from '../../../contracts/journal.ts';
import type { TopicSource } from '../../../contracts/rpc/definition.ts';
import { qepik } from '../../../contracts/money.ts';
import { piecesSchema } from '../../../contracts/rules/denominations.ts';
import { CAPABILITIES, SAMPLE_CARDS, twoOpen } from './sample-cards.ts';
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
  /** What the next card does. */
  card: 'approve' | 'decline' | 'lose' | 'wait';
  /** What the archive holds. */
  readonly cards: readonly CardRow[];
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
      user: at === 'setup' || at === 'login' ? null : { ...PEOPLE[0], offline: false },
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
    meterCard: cell<MeterCardState>({
      service: 'ready',
      since: '2026-11-27T06:00:00.000Z',
      readers: [{ name: 'Virtual PCD 00 00', state: 'empty', virtual: true }],
      card: null,
      load: null,
      open: [],
    }),
    terminal: cell(fakeTerminal(wanted, since)),
    card: cardAct(wanted.get('card')),
    counter: cell<CounterState>(emptyCounter()),
    cards: wanted.has('cards') ? SAMPLE_CARDS : [],
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

const cardAct = (wanted: string | null): FakeState['card'] =>
  wanted === 'decline' || wanted === 'lose' || wanted === 'wait' ? wanted : 'approve';

/**
 * A terminal in memory: `?terminal` sets one, `?card=decline|lose|wait` says what the next card does, `?two-open` leaves two
 * cards without an outcome.
 */
export const fakeTerminal = (wanted: URLSearchParams, since: string): TerminalState => ({
  settings: wanted.has('terminal')
    ? { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '000000' }
    : { kind: 'none' },
  simulator: true,
  state: wanted.has('terminal') ? 'ready' : 'notSet',
  reason: null,
  since,
  terminalId: '52001234',
  capabilities: wanted.has('terminal') ? CAPABILITIES : null,
  live: null,
  attempt: null,
  open: wanted.has('two-open') ? twoOpen(since) : [],
  ended: [],
});
