import type {
  PosReason,
  PosResult,
  PosSnapshot,
  PosTotals,
  TerminalReceipts,
} from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosAnswer, PosAttempt, PosTotalsAnswer } from '../../../core/ports/pos.ts';
import type { Qepik } from '../../../contracts/money.ts';
import type { DriverMachine } from '../driver.ts';
import type { Money } from './conversation.ts';
import type { DialogueEnd } from './dialogue.ts';
import type { EcrCommand, Fields } from './message.ts';
import { answerOfMoney, isAlreadyReversed, resultOfOriginal } from './outcome.ts';
import { receiptsOf } from './papers.ts';
import { passesByItself, reasonOfError, reasonOfStatus } from './reasons.ts';
import type { LastHeld } from './recovery.ts';
import { enquire } from './registration.ts';
import { AZN, snapshotOf } from './result.ts';
import type { Session } from './session.ts';
import { maskText } from './text.ts';
import { decodeTotals } from './totals.ts';

/** What the driver asks of a registered terminal, one function each. None of them repeats anything. */

type Runs = Pick<Session, 'run'>;

/** 19: the terminal decides how the card is paid with. */
const ANY_PAYMENT = 0x40;
/** 01 and 02: for how long, and how often, an approval may be stated while it is being stored (84 9C). */
const HOLD_SECONDS = 60;
const HOLD_ASKS = 60;
/** 03 of 06 20: the status information again (01), nothing printed (02). */
const STATUS_ONLY = 0x03;
const NOTHING_STORED = 0x83;

export const receiptsIn = (end: DialogueEnd): TerminalReceipts => receiptsOf(end.papers, maskText);

/** 6B: the terminal was started anew behind a line that stood, and does not know us any more. */
const NOT_REGISTERED = 0x6b;

/** The line, or the registration that it carried: either way it must be opened anew. */
export const isLineGone = (end: DialogueEnd): boolean =>
  end.how === 'lost' || end.how === 'notSent' || end.error === NOT_REGISTERED;

export const reasonOfEnd = (end: DialogueEnd): PosReason => end.reason ?? reasonOfError(end.error);

/** The command for an attempt; null where the terminal cannot be told what to take back. */
export function commandOf(attempt: PosAttempt, password: string): EcrCommand | null {
  const { amount } = attempt;
  switch (attempt.kind) {
    case 'sale':
      return {
        name: 'authorisation',
        amount,
        currency: AZN,
        statusByte: ANY_PAYMENT,
        timeout: HOLD_SECONDS,
        maxStatusInfos: HOLD_ASKS,
      };
    case 'refund':
      return { name: 'refund', password, amount, currency: AZN };
    case 'reversal': {
      const receiptNo = attempt.original?.receiptNo ?? '';
      // A number of another protocol's, from before the terminal was exchanged, is none here.
      return !/^\d{4}$/.test(receiptNo)
        ? null
        : { name: 'reversal', password, receiptNo, amount, currency: AZN };
    }
  }
}

/** Moves money once. `gone`: the line cannot be used any more. `refused`: the statement that we said no to. */
export async function moveMoney(
  session: Runs,
  attempt: PosAttempt,
  command: EcrCommand,
  hold: Money['hold'],
): Promise<{
  readonly answer: PosAnswer;
  readonly gone: PosReason | null;
  readonly refused: Fields | null;
}> {
  const end = await session.run(command, { asked: attempt.amount, hold });
  const receipts = receiptsIn(end);
  const gone = isLineGone(end) ? reasonOfEnd(end) : null;
  const refused = end.approval === 'refused' ? end.status : null;
  if (attempt.kind === 'reversal' && attempt.original !== null && isAlreadyReversed(end)) {
    const result: PosResult = resultOfOriginal(attempt.original, attempt.amount);
    return { answer: { kind: 'confirmed', result, receipts }, gone, refused };
  }
  return { answer: answerOfMoney(end, receipts), gone, refused };
}

export type LastHeldAnswer =
  | LastHeld
  /** The terminal answered, but neither with a transaction nor with "there is none". */
  | { readonly kind: 'failed'; readonly reason: PosReason }
  | { readonly kind: 'gone'; readonly reason: PosReason };

/** 06 20: the last transaction that the terminal holds, without paper. */
export async function lastHeld(session: Runs, password: string): Promise<LastHeldAnswer> {
  const end = await session.run({ name: 'repeatReceipt', password, serviceByte: STATUS_ONLY });
  if (isLineGone(end)) return { kind: 'gone', reason: reasonOfEnd(end) };
  if (end.how === 'completed') {
    return end.status === null
      ? { kind: 'failed', reason: posReason('answerUnclear', 'ZVT 06 20') }
      : { kind: 'record', fields: end.status };
  }
  if (end.error === NOTHING_STORED && end.status === null) return { kind: 'nothing' };
  return { kind: 'failed', reason: reasonOfError(end.error) };
}

export const snapshotFrom = (last: LastHeld, terminalId: string | null): PosSnapshot =>
  last.kind === 'record'
    ? snapshotOf(last.fields, terminalId)
    : { terminalId, receiptNo: null, trace: null, reference: null };

export type Readiness =
  { readonly kind: 'ready' } | { readonly kind: 'busy' | 'gone'; readonly reason: PosReason };

const ASK_EVERY_MS = 1000;

/** Waits until the terminal has finished what it was at (05 01), `withinMs` at the most. */
export async function untilReady(
  session: Runs,
  password: string,
  withinMs: number,
  machine: Pick<DriverMachine, 'monotonicMs' | 'after'>,
): Promise<Readiness> {
  const end = machine.monotonicMs() + withinMs;
  for (let asks = 1; ; asks += 1) {
    const state = await enquire(session, password);
    if (state.kind === 'lost') return { kind: 'gone', reason: state.reason };
    if (state.status === null || !passesByItself(state.status)) return { kind: 'ready' };
    if (machine.monotonicMs() >= end)
      return { kind: 'busy', reason: reasonOfStatus(state.status) ?? posReason('busy') };
    // What we have lost sight of shall not go on waiting for a card. What became of it is asked all the same.
    if (asks === 1) await session.run({ name: 'abort' });
    await new Promise<void>((done) => {
      machine.after(ASK_EVERY_MS, done);
    });
  }
}

/** BMP 60 as a count and a sum; null where it cannot be read. */
function totalsOf(bytes: Uint8Array | undefined): PosTotals | null {
  if (bytes === undefined) return null;
  const read = decodeTotals(bytes);
  return read === null ? null : { count: read.count, sum: read.sum as Qepik };
}

/** 06 10: what the terminal has counted since its last end of day. */
export async function readTotals(
  session: Runs,
  password: string,
): Promise<PosTotalsAnswer | { readonly kind: 'gone'; readonly reason: PosReason }> {
  const end = await session.run({ name: 'turnoverTotals', password });
  if (isLineGone(end)) return { kind: 'gone', reason: reasonOfEnd(end) };
  const totals = totalsOf(end.status?.totals);
  if (end.how === 'completed' && totals !== null)
    return { kind: 'totals', totals, receipts: receiptsIn(end) };
  const reason = end.how === 'completed' ? posReason('answerUnclear', 'ZVT 06 10') : reasonOfError(end.error);
  return { kind: 'failed', reason };
}

/** The same; a terminal that counts nothing is asked (06 20) whether the last thing it did was to close a day. */
export async function readDay(session: Runs, password: string): ReturnType<typeof readTotals> {
  const now = await readTotals(session, password);
  if (now.kind !== 'totals' || now.totals.count !== 0 || now.totals.sum !== 0) return now;
  const last = await lastHeld(session, password);
  if (last.kind === 'gone') return last;
  const closed = last.kind === 'record' ? totalsOf(last.fields.totals) : null;
  return closed === null ? now : { ...now, closedBefore: closed };
}

/** 06 50: closes the day. Sent once; whatever does not say for sure whether it is closed is `unknown`. */
export async function closeDay(session: Runs, password: string): Promise<PosTotalsAnswer> {
  const end = await session.run({ name: 'endOfDay', password });
  const totals = totalsOf(end.status?.totals);
  switch (end.how) {
    case 'notSent':
    case 'refused':
      return { kind: 'failed', reason: reasonOfEnd(end) };
    case 'lost':
      return { kind: 'unknown', reason: reasonOfEnd(end) };
    case 'completed':
      return totals === null
        ? { kind: 'unknown', reason: posReason('answerUnclear', 'ZVT 06 50') }
        : { kind: 'totals', totals, receipts: receiptsIn(end) };
    case 'aborted':
      // Stated and then broken off: closed or not, only its totals tell.
      return {
        kind: totals === null && end.error !== null ? 'failed' : 'unknown',
        reason: reasonOfError(end.error),
      };
  }
}

/** 06 20 without a service byte: the papers of the last transaction again. */
export async function printAgain(
  session: Runs,
  password: string,
): Promise<
  | { readonly kind: 'receipts'; readonly receipts: TerminalReceipts }
  | { readonly kind: 'failed'; readonly reason: PosReason }
  | { readonly kind: 'gone'; readonly reason: PosReason }
> {
  const end = await session.run({ name: 'repeatReceipt', password });
  if (isLineGone(end)) return { kind: 'gone', reason: reasonOfEnd(end) };
  const receipts = receiptsIn(end);
  if (receipts.customer.length + receipts.merchant.length > 0) return { kind: 'receipts', receipts };
  if (end.how === 'completed') return { kind: 'failed', reason: posReason('nothingHeld') };
  return {
    kind: 'failed',
    reason: end.error === NOTHING_STORED ? posReason('nothingHeld') : reasonOfError(end.error),
  };
}
