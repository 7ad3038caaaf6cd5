import type { PosReason, PosResult, PosSettings, PosTotals } from '../../contracts/pos.ts';
import { NO_RECEIPTS } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import { qepik, ZERO } from '../../contracts/money.ts';
import type { MachinePort } from '../ports/machine.ts';
import type { HoldApproval, PosAnswer, PosAttempt, PosEvent, PosHealth, PosPort } from '../ports/pos.ts';

/**
 * How the terminal and its line behave in one operation. `lost…`: the answer never comes. `reversed`: the yes was given and
 * did not arrive, so the terminal took the charge back by itself.
 */
export type PosAct =
  | 'approve'
  | 'decline'
  | 'notSent'
  | 'lostBefore'
  | 'lostCharged'
  | 'lostReversed'
  | 'otherAmount'
  | 'throws';

export type MemoryPos = PosPort & {
  /** What the bank holds, in the order it was made: the truth. */
  readonly bank: { readonly attemptId: string; readonly kind: PosAttempt['kind']; readonly amount: number }[];
  /** How often each attempt was sent. */
  readonly sent: Map<string, number>;
  /** The next operations' behaviour; afterwards it approves. */
  acts: PosAct[];
  /** How long an operation takes. */
  takesMs: number;
  /** What it wants to be registered with. */
  password: string;
  /** How many times it does not know when asked. */
  unknowing: number;
  health: PosPort['health'];
  setHealth(health: Partial<PosHealth>): void;
  /** Stops an operation in hand as a customer's cancel key does. */
  cancelled: boolean;
  tellLive(code: Extract<PosEvent, { kind: 'live' }>['code']): void;
};

const SETTINGS: PosSettings = { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '000000' };

/** A terminal in memory that outlives the processes of its workstation, as a real one does. */
export function memoryPos(machine: MachinePort): MemoryPos {
  let settings: PosSettings = SETTINGS;
  let health: PosHealth = { state: 'ready', reason: null, terminalId: '52001234', simulator: true };
  let sinceClose = 0;
  let lastClosed: PosTotals | null = null;
  let receipt = 0;
  const heard = new Set<(event: PosEvent) => void>();
  const results = new Map<string, PosResult>();

  const tell = (event: PosEvent): void => {
    for (const listener of heard) listener(event);
  };
  const resultOf = (attempt: PosAttempt, amount: number): PosResult => ({
    amount: qepik(amount),
    currency: 'AZN',
    terminalId: health.terminalId,
    receiptNo: String((receipt += 1)).padStart(4, '0'),
    trace: String(receipt).padStart(6, '0'),
    reference: attempt.attemptId,
    authCode: '123456',
    cardName: 'Visa',
    maskedPan: '416973******1234',
    terminalTime: null,
  });
  const wait = (): Promise<void> => new Promise((done) => void machine.after(pos.takesMs, done));
  const enter = (attempt: PosAttempt, result: PosResult): void => {
    pos.bank.push({ attemptId: attempt.attemptId, kind: attempt.kind, amount: attempt.amount });
    results.set(attempt.attemptId, result);
  };
  const lost = (): PosAnswer => ({ kind: 'unknown', reason: posReason('lineLost') });

  async function operate(attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer> {
    const act = pos.acts.shift() ?? 'approve';
    if (act === 'notSent' || health.state !== 'ready')
      return { kind: 'notSent', reason: posReason('silent') };
    pos.sent.set(attempt.attemptId, (pos.sent.get(attempt.attemptId) ?? 0) + 1);
    await wait();
    if (act === 'throws') throw new Error('the driver has a fault');
    if (act === 'lostBefore') return lost();
    if (act === 'decline' || pos.cancelled) {
      pos.cancelled = false;
      return { kind: 'declined', reason: posReason('insufficientFunds'), receipts: NO_RECEIPTS };
    }
    const result = resultOf(attempt, act === 'otherAmount' ? attempt.amount + 1 : attempt.amount);
    const receipts = {
      customer: ['MÜŞTƏRİ NÜSXƏSİ', `VISA ${result.maskedPan}`],
      merchant: ['TƏŞKİLAT NÜSXƏSİ'],
    };
    if (!(await hold(result, receipts)))
      return { kind: 'declined', reason: posReason('notStored'), receipts: NO_RECEIPTS };
    if (act === 'lostReversed') return lost();
    enter(attempt, result);
    if (act === 'lostCharged') return lost();
    return { kind: 'confirmed', result, receipts };
  }

  const totals = (): PosTotals => {
    const held = pos.bank.slice(sinceClose);
    return {
      count: held.reduce((count, one) => count + (one.kind === 'reversal' ? -1 : 1), 0),
      sum: qepik(held.reduce((sum, one) => sum + (one.kind === 'sale' ? one.amount : -one.amount), 0)),
    };
  };
  const failed = (reason: PosReason) => ({ kind: 'failed' as const, reason });

  const pos: MemoryPos = {
    bank: [],
    sent: new Map(),
    acts: [],
    takesMs: 0,
    password: '000000',
    unknowing: 0,
    cancelled: false,
    setHealth(change) {
      health = { ...health, ...change };
      tell({ kind: 'health', health });
    },
    tellLive: (code) => tell({ kind: 'live', attemptId: null, code, text: null }),
    settings: () => settings,
    async set(next) {
      settings = next;
    },
    capabilities: () =>
      settings.kind === 'none'
        ? null
        : {
            queriesLast: true,
            queriesById: true,
            reversesOnlyLast: false,
            refunds: true,
            holdsCommit: true,
            printsItself: false,
            readsTotals: true,
            reprints: true,
            aborts: true,
          },
    health: () => health,
    open: () => undefined,
    close: async () => undefined,
    watch(listener) {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    async snapshot() {
      if (health.state !== 'ready') return failed(posReason('silent'));
      const receiptNo = receipt === 0 ? null : String(receipt).padStart(4, '0');
      return {
        kind: 'snapshot',
        snapshot: { terminalId: health.terminalId, receiptNo, trace: null, reference: null },
      };
    },
    pay: operate,
    reverse: operate,
    refund: operate,
    async abort() {
      pos.cancelled = true;
      return 'asked';
    },
    async resolve(attempt) {
      await wait();
      if (health.state !== 'ready') return { kind: 'stillUnknown', reason: posReason('silent') };
      if (pos.unknowing > 0) {
        pos.unknowing -= 1;
        return { kind: 'stillUnknown', reason: posReason('answerUnclear') };
      }
      const result = results.get(attempt.attemptId);
      return result
        ? { kind: 'charged', result, receipts: NO_RECEIPTS }
        : { kind: 'notCharged', reason: posReason('nothingHeld') };
    },
    async totals() {
      const counted = { kind: 'totals', totals: totals(), receipts: NO_RECEIPTS } as const;
      if (lastClosed === null || sinceClose !== pos.bank.length) return counted;
      return { ...counted, closedBefore: lastClosed };
    },
    async endOfDay() {
      const act = pos.acts.shift() ?? 'approve';
      if (act === 'decline') return failed(posReason('endOfDayImpossible'));
      const closed = totals();
      if (act !== 'lostBefore') [sinceClose, lastClosed] = [pos.bank.length, closed];
      if (act === 'lostBefore' || act === 'lostCharged')
        return { kind: 'unknown', reason: posReason('lineLost') };
      return { kind: 'totals', totals: closed, receipts: NO_RECEIPTS };
    },
    reprint: async () => ({ kind: 'receipts', receipts: NO_RECEIPTS }),
    async tryOut({ kind, ...terms }) {
      const wrong = 'password' in terms && terms.password !== pos.password;
      if (wrong) return { ...health, state: 'refused', reason: posReason('passwordWrong', kind) };
      return health;
    },
    async search(found) {
      found({ kind: 'terminal', settings: SETTINGS, label: 'TCP', terminalId: '52001234', simulator: true });
    },
    async check(done) {
      done({ what: 'connection', state: 'right', reason: null });
    },
    recording: () => [],
  };
  return pos;
}

/** Σ charges less Σ given back, as the bank has them. */
export const bankNet = (pos: MemoryPos): number =>
  pos.bank.reduce((sum, one) => sum + (one.kind === 'sale' ? one.amount : -one.amount), Number(ZERO));
