import type { ReplicaAccount, ReplicaCredit, ReplicaList } from '../../contracts/centre.ts';
import type { AccountView, Biller, CounterPolicy, Subscriber } from '../../contracts/domain.ts';
import {
  GENESIS_HASH,
  hashInput,
  parseEntryBody,
  type EntryOutcome,
  type SignedEntry,
} from '../../contracts/journal.ts';
import { negate, type Qepik } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { owedOn } from '../../contracts/rules/owed.ts';
import { accountKey } from '../facts.ts';
import type { CentrePort } from '../ports/centre.ts';
import type { MachinePort } from '../ports/machine.ts';
import { fakeHash } from './fake-hash.ts';
import {
  ACCOUNTS,
  BILLERS,
  PASSWORD,
  POLICY,
  SUBSCRIBER,
  USERS,
  VERIFY_URL,
  WORKSTATION,
  type SampleUser,
} from './samples.ts';

type Receipt = { seq: number; outcome: EntryOutcome; postedAt: string | null; note: string | null };
type Change =
  | { kind: 'account'; row: ReplicaAccount }
  | { kind: 'credit'; row: ReplicaCredit }
  | { kind: 'subscriber'; row: Subscriber };

/** What a centre knows. Tests look at it, and change it as lists and people would. */
export type CentreState = {
  deviceId: string | null;
  quarantined: boolean;
  /** Its clock, against the test machine's. */
  clockOffsetMs: number;
  readonly entries: SignedEntry[];
  readonly receipts: Receipt[];
  /** How often each payment or storno was posted: never more than once. */
  readonly posted: Map<string, number>;
  readonly accounts: Map<string, ReplicaAccount>;
  readonly credits: ReplicaCredit[];
  readonly subscribers: Map<string, Subscriber>;
  readonly lists: ReplicaList[];
  readonly users: Map<string, SampleUser & { password: string; blocked: boolean }>;
  readonly leases: Map<string, { leaseId: string; firstSerial: number; lastSerial: number }>;
  readonly changes: Change[];
  billers: readonly Biller[];
  policy: CounterPolicy;
  /** Every method asked, in order. */
  readonly asked: string[];
  change(change: Change): void;
};

const ENROLMENT_CODE = 'KOMIS-0001';
const BLOCK_SIZE = 20;

export function centreState(): CentreState {
  const state: CentreState = {
    deviceId: null,
    quarantined: false,
    clockOffsetMs: 0,
    entries: [],
    receipts: [],
    posted: new Map(),
    accounts: new Map(),
    credits: [],
    subscribers: new Map(),
    lists: [],
    users: new Map(USERS.map((user) => [user.username, { ...user, password: PASSWORD, blocked: false }])),
    leases: new Map(),
    changes: [],
    billers: BILLERS,
    policy: POLICY,
    asked: [],
    change(change) {
      if (change.kind === 'account')
        state.accounts.set(accountKey(change.row.billerId, change.row.account), change.row);
      if (change.kind === 'credit') state.credits.push(change.row);
      if (change.kind === 'subscriber') state.subscribers.set(change.row.code, change.row);
      state.changes.push(change);
    },
  };
  for (const row of ACCOUNTS) state.change({ kind: 'account', row });
  state.change({ kind: 'subscriber', row: SUBSCRIBER });
  return state;
}

/** The centre's methods over its state, without any wire in between. */
export function centreMethods(
  state: CentreState,
  machine: MachinePort,
): Omit<CentrePort, 'configured' | 'configure'> {
  const now = (): string => new Date(machine.nowMs() + state.clockOffsetMs).toISOString();
  const held = (): number => state.entries.length;
  const asked = <T>(method: string, answer: () => T): Promise<T> => {
    state.asked.push(method);
    return Promise.resolve().then(answer);
  };
  const unlessQuarantined = <T>(answer: () => T): T | ReturnType<typeof fail<'deviceQuarantined'>> =>
    state.quarantined ? fail('deviceQuarantined') : answer();

  const judge = (
    entries: readonly SignedEntry[],
  ): Result<null, 'journalGap' | 'journalFork' | 'journalForged'> => {
    let last = { seq: 0, hash: GENESIS_HASH };
    for (const entry of entries) {
      const known = state.entries[entry.seq - 1];
      if (known) {
        if (known.hash !== entry.hash) return fail('journalFork', { seq: entry.seq });
      } else {
        const before =
          last.seq === entry.seq - 1
            ? last
            : { seq: held(), hash: state.entries.at(-1)?.hash ?? GENESIS_HASH };
        if (entry.seq !== before.seq + 1) return fail('journalGap', { expectedSeq: held() + 1 });
        const hash = fakeHash(hashInput(state.deviceId ?? '', entry.seq, entry.prevHash, entry.body));
        if (entry.prevHash !== before.hash || entry.hash !== hash)
          return fail('journalForged', { seq: entry.seq });
      }
      last = entry;
    }
    return ok(null);
  };

  const view = (billerId: string, account: string): AccountView | undefined => {
    const row = state.accounts.get(accountKey(billerId, account));
    if (!row?.active) return undefined;
    const list = state.lists.findLast((one) => one.billerId === billerId);
    const through =
      list && list.paymentsThrough > row.paymentsThrough ? list.paymentsThrough : row.paymentsThrough;
    const credits = state.credits.filter((c) => c.billerId === billerId && c.account === account);
    const { owed, paidSince, bills } = owedOn(row.bills, credits, through);
    const { holder, address, phone, asOf } = row;
    return {
      billerId,
      account,
      holder,
      address,
      phone,
      known: true,
      owed,
      paidSince,
      bills: [...bills],
      asOf,
      source: 'centre',
    };
  };

  const post = (entry: SignedEntry): Receipt => {
    const { type, payload } = parseEntryBody(entry.body);
    const receipt: Receipt = { seq: entry.seq, outcome: 'recorded', postedAt: null, note: null };
    if (type === 'payment.accepted' || type === 'payment.stornoed') {
      const id = type === 'payment.accepted' ? payload.paymentId : payload.stornoId;
      state.posted.set(id, (state.posted.get(id) ?? 0) + 1);
      receipt.postedAt = now();
      receipt.outcome = 'posted';
      for (const line of payload.lines) {
        if (!state.accounts.has(accountKey(line.billerId, line.account))) {
          receipt.outcome = 'unallocated';
          continue;
        }
        const amount: Qepik = type === 'payment.accepted' ? line.amount : negate(line.amount);
        const { lineId, billerId, account } = line;
        state.change({
          kind: 'credit',
          row: { lineId, billerId, account, amount, postedAt: receipt.postedAt },
        });
      }
    } else if (type === 'subscriber.registered') {
      const { by: _by, workstation: _workstation, ...row } = payload;
      state.change({ kind: 'subscriber', row });
    } else if (type === 'subscriber.accountBound' || type === 'subscriber.accountUnbound') {
      const subscriber = state.subscribers.get(payload.code);
      if (subscriber) {
        const { billerId, account, label } = payload;
        const others = subscriber.accounts.filter((b) => b.billerId !== billerId || b.account !== account);
        const accounts =
          type === 'subscriber.accountBound' ? [...others, { billerId, account, label }] : others;
        state.change({ kind: 'subscriber', row: { ...subscriber, accounts } });
      }
    }
    return receipt;
  };

  return {
    'device.enrol': ({ code, deviceId }) =>
      asked('device.enrol', () => {
        if (code !== ENROLMENT_CODE) return fail('enrolmentCodeWrong');
        if (state.deviceId !== null && state.deviceId !== deviceId) return fail('enrolmentCodeWrong');
        state.deviceId = deviceId;
        return ok({ workstation: WORKSTATION, centreName: 'KÖMİS' });
      }),
    'device.challenge': () => asked('device.challenge', () => ok({ nonce: 'nonce' })),
    'device.session': () =>
      asked('device.session', () => ok({ token: 't', validForSeconds: 900, centreTime: now() })),
    'device.state': () =>
      asked('device.state', () =>
        unlessQuarantined(() =>
          ok({
            workstation: WORKSTATION,
            policy: state.policy,
            acknowledgedThrough: held(),
            headHash: state.entries.at(-1)?.hash ?? GENESIS_HASH,
            receiptVerifyUrl: VERIFY_URL,
            centreTime: now(),
          }),
        ),
      ),
    'auth.login': ({ username, password, purpose }) =>
      asked('auth.login', () => {
        const user = state.users.get(username);
        if (!user || user.password !== password) return fail('loginWrong');
        if (user.blocked) return fail('userBlocked');
        if (purpose === 'approval' && user.role !== 'supervisor') return fail('notAllowed');
        return ok({ userId: user.userId, username, name: user.name, role: user.role });
      }),
    'journal.push': ({ entries }) =>
      asked('journal.push', () =>
        unlessQuarantined(() => {
          const judged = judge(entries);
          if (!judged.ok) return judged;
          for (const entry of entries.slice(Math.max(0, held() + 1 - (entries[0]?.seq ?? 1)))) {
            state.entries.push(entry);
            state.receipts.push(post(entry));
          }
          const outcomes = entries.flatMap(({ seq }) => state.receipts[seq - 1] ?? []);
          return ok({ acknowledgedThrough: held(), outcomes, centreTime: now() });
        }),
      ),
    'replica.changes': ({ cursor, limit }) =>
      asked('replica.changes', () =>
        unlessQuarantined(() => {
          const from = cursor === null ? 0 : Number(cursor);
          const page = state.changes.slice(from, from + limit);
          const next = from + page.length;
          return ok({
            restart: cursor === null,
            accounts: page.flatMap((one) => (one.kind === 'account' ? [one.row] : [])),
            credits: page.flatMap((one) => (one.kind === 'credit' ? [one.row] : [])),
            subscribers: page.flatMap((one) => (one.kind === 'subscriber' ? [one.row] : [])),
            lists: next < state.changes.length ? [] : state.lists,
            cursor: String(next),
            more: next < state.changes.length,
            trueAt: now(),
          });
        }),
      ),
    'replica.billers': () => asked('replica.billers', () => ok({ billers: [...state.billers] })),
    'account.fetch': ({ billerId, account }) =>
      asked('account.fetch', () => {
        const found = view(billerId, account);
        return found ? ok(found) : fail('accountUnknown');
      }),
    'subscriber.fetch': ({ code }) =>
      asked('subscriber.fetch', () => {
        const subscriber = state.subscribers.get(code);
        if (!subscriber) return fail('subscriberUnknown');
        return ok({
          subscriber,
          accounts: subscriber.accounts.flatMap((b) => view(b.billerId, b.account) ?? []),
        });
      }),
    'codes.lease': ({ leaseId }) =>
      asked('codes.lease', () => {
        const firstSerial = 1000 + state.leases.size * BLOCK_SIZE;
        const block = state.leases.get(leaseId) ?? {
          leaseId,
          firstSerial,
          lastSerial: firstSerial + BLOCK_SIZE - 1,
        };
        state.leases.set(leaseId, block);
        return ok(block);
      }),
    'payments.accept': () => asked('payments.accept', () => fail('notAllowed')),
    'receipts.verify': () =>
      asked('receipts.verify', () =>
        ok({
          genuine: false,
          receiptNo: null,
          total: null,
          takenAt: null,
          branchName: null,
          state: 'unknown' as const,
        }),
      ),
    ...NO_CARDS,
  };
}

/** A centre without meter cards. */
const noCards = () => Promise.resolve(fail('methodUnknown'));
const NO_CARDS = {
  'meterCard.nonce': noCards,
  'meterCard.read': noCards,
  'load.quote': noCards,
  'load.authorise': noCards,
  'load.confirm': noCards,
  'load.cancel': noCards,
  'load.writeOff': noCards,
  'load.list': noCards,
  'health.board': noCards,
};
