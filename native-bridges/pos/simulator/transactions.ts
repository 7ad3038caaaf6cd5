import type { Reply } from '../zvt/message.ts';
import { authCodeOf, enter, type BankBook } from './bank.ts';
import { cardOf, maskPan, type CardKey } from './cards.ts';
import type { ClosedDay, Durable, Memory, Terminal, Transaction } from './terminal-state.ts';

/** What the terminal holds and what the bank does about it: numbers, approvals, reversals, the end of day. Pure. */

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** 0001 … 9999, then 0001 again. */
export const nextReceiptNo = (memory: Memory): number => (memory.receiptNo % 9999) + 1;
const nextTrace = (memory: Memory): number => (memory.trace % 999_999) + 1;

/** The terminal's own clock, `YYYYMMDDHHMMSS`. */
export function stampAt(memory: Memory, nowMs: number): string {
  return new Date(nowMs + memory.clockOffsetMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

/** How far the terminal's clock is off when `stamp` (YYMMDDHHMMSS) is what it was set to. */
export function offsetFor(date: string, time: string, nowMs: number): number | null {
  const [yy, mo, dd] = pairs(date);
  const [hh, mi, ss] = pairs(time);
  const iso = `20${yy}-${mo}-${dd}T${hh}:${mi}:${ss}Z`;
  const at = Date.parse(iso);
  return Number.isNaN(at) ? null : at - nowMs;
}

const pairs = (digits: string): readonly string[] => digits.match(/\d\d/g) ?? [];

/** A name no other transaction has: terminal, time and trace. */
const referenceOf = (terminalId: string, stamp: string, trace: string): string =>
  `${terminalId}${stamp}${trace}`;

type Wanted = {
  readonly kind: Transaction['kind'];
  readonly amount: number;
  readonly currency: number;
  readonly card: CardKey;
  readonly contactless: boolean;
  readonly pinUsed: boolean;
  readonly result: number;
  readonly original: Transaction | null;
  readonly why: 'till' | 'keypad';
};

/**
 * The host has answered: a number and a trace are used up and, if it approved, the bank has the entry from here on. Nothing
 * of it is in the batch yet: that takes the till's yes.
 */
export function decided(
  { durable, terms }: Pick<Terminal, 'durable' | 'terms'>,
  wanted: Wanted,
  nowMs: number,
): readonly [Durable, Transaction] {
  const { memory, bank } = durable;
  const receiptNo = padded(nextReceiptNo(memory), 4);
  const trace = padded(nextTrace(memory), 6);
  const stamp = stampAt(memory, nowMs);
  const approved = wanted.result === 0;
  const authCode = authCodeOf(bank.length + 1);
  const entered = approved
    ? enter(bank, {
        kind: wanted.kind === 'sale' ? 'charge' : wanted.kind,
        of: wanted.original?.bankNo ?? null,
        amount: wanted.amount,
        currency: wanted.currency,
        maskedPan: maskPan(cardOf(wanted.card).pan),
        terminalId: terms.terminalId,
        receiptNo,
        trace,
        authCode,
        why: wanted.why,
        atMs: nowMs,
      })
    : null;
  const transaction: Transaction = {
    kind: wanted.kind,
    state: approved ? 'pending' : 'declined',
    receiptNo,
    trace,
    turnoverNo: trace,
    amount: wanted.amount,
    currency: wanted.currency,
    card: wanted.card,
    contactless: wanted.contactless,
    pinUsed: wanted.pinUsed,
    authCode: approved ? authCode : '',
    result: wanted.result,
    originalTrace: wanted.original?.trace ?? null,
    reference: referenceOf(terms.terminalId, stamp, trace),
    stamp,
    bankNo: entered?.[1].no ?? null,
  };
  return [
    {
      ...durable,
      bank: entered?.[0] ?? bank,
      memory: {
        ...memory,
        receiptNo: Number(receiptNo),
        trace: Number(trace),
        pending: approved ? transaction : null,
        last: approved ? memory.last : transaction,
      },
    },
    transaction,
  ];
}

/** The till has said yes to all of it: the transaction is in the batch and can be repeated. */
export function settled({ durable }: Pick<Terminal, 'durable'>): Durable {
  const { memory } = durable;
  if (memory.pending === null) return durable;
  const final: Transaction = { ...memory.pending, state: 'final' };
  const batch = memory.batch.map((held) =>
    final.kind === 'reversal' && held.trace === final.originalTrace
      ? ({ ...held, state: 'reversed' } as const)
      : held,
  );
  return { ...durable, memory: { ...memory, pending: null, last: final, batch: [...batch, final] } };
}

/** The auto-reversal: the bank's entry is taken back, the terminal holds nothing of it in its batch. */
export function takenBack({ durable, terms }: Pick<Terminal, 'durable' | 'terms'>, nowMs: number): Durable {
  const { memory, bank } = durable;
  const { pending } = memory;
  if (pending === null) return durable;
  const failed: Transaction = { ...pending, state: 'takenBack', result: terms.codes.autoReversed };
  return {
    ...durable,
    bank: pending.bankNo === null ? bank : backed(bank, pending.bankNo, nowMs),
    memory: {
      ...memory,
      pending: null,
      last: terms.afterAutoReversal === 'declined' ? failed : memory.last,
    },
  };
}

function backed(bank: BankBook, no: number, nowMs: number): BankBook {
  const entry = bank.find((one) => one.no === no);
  if (entry === undefined) return bank;
  const { no: _no, ...rest } = entry;
  return enter(bank, { ...rest, kind: 'reversal', of: no, why: 'auto', atMs: nowMs })[0];
}

/** The transaction a reversal names, or the error it is refused with (B4 reversed already, B5 impossible, B7 other amount). */
export function reversible(
  { durable, terms }: Pick<Terminal, 'durable' | 'terms'>,
  receiptNo: string,
  amount: number | undefined,
): Transaction | Extract<Reply, { name: 'negative' }> {
  const refused = (error: number) => ({ name: 'negative', error }) as const;
  // Numbers come round again after 9999: the newest that bears it is meant.
  const held = durable.memory.batch.findLast((one) => one.receiptNo === receiptNo);
  if (held === undefined || held.kind !== 'sale') return refused(0xb5);
  if (held.state === 'reversed') return refused(0xb4);
  if (amount !== undefined && amount !== held.amount) return refused(0xb7);
  const newest = durable.memory.batch.at(-1);
  if (terms.reversesOnlyLast && newest?.trace !== held.trace) return refused(0xb5);
  return held;
}

/** Count and sum of what the batch holds. A sale that was reversed counts nothing, its reversal neither; refunds subtract. */
export function totalsOf(batch: readonly Transaction[]): Pick<ClosedDay, 'count' | 'sum' | 'perCard'> {
  const counted = batch.filter(({ kind, state }) => state === 'final' && kind !== 'reversal');
  const signed = ({ kind, amount }: Transaction): number => (kind === 'sale' ? amount : -amount);
  const sumOf = (some: readonly Transaction[]): number => some.reduce((sum, one) => sum + signed(one), 0);
  const labels = [...new Set(counted.map(({ card }) => cardOf(card).label))];
  return {
    count: counted.length,
    sum: sumOf(counted),
    perCard: labels.map((label) => {
      const some = counted.filter(({ card }) => cardOf(card).label === label);
      const [first] = some;
      return {
        label,
        cardType: first === undefined ? 0 : cardOf(first.card).cardType,
        count: some.length,
        sum: sumOf(some),
      };
    }),
  };
}

/** The day as it would be closed now. */
export function dayNow({ memory }: Durable, nowMs: number): ClosedDay {
  return {
    kind: 'endOfDay',
    receiptFrom: memory.batch[0]?.receiptNo ?? '0000',
    receiptTo: memory.batch.at(-1)?.receiptNo ?? '0000',
    ...totalsOf(memory.batch),
    trace: padded(nextTrace(memory), 6),
    receiptNo: padded(memory.receiptNo, 4),
    stamp: stampAt(memory, nowMs),
  };
}

/** End of day: totals, and an empty batch after it. */
export function dayClosed(durable: Durable, nowMs: number): readonly [Durable, ClosedDay] {
  const day = dayNow(durable, nowMs);
  return [{ ...durable, memory: { ...durable.memory, trace: Number(day.trace), last: day, batch: [] } }, day];
}
