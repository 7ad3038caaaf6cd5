import type { PosResult } from '../../../contracts/pos.ts';
import { NO_RECEIPTS } from '../../../contracts/pos.ts';
import { posReason, type PosReasonCode } from '../../../contracts/pos-reasons.ts';
import type { PosAttempt, Resolution } from '../../../core/ports/pos.ts';
import type { Fields } from './message.ts';
import { hexByte, reasonOfError } from './reasons.ts';
import { AZN, resultOf } from './result.ts';

/**
 * What the terminal's last transaction (06 20) says of an attempt whose answer was lost: evidence only. Pure, so that every
 * combination can be tried. What fits neither "this is it" nor "nothing came after the one before" stays unknown.
 */

/** What 06 20 brought. `nothing`: the terminal says that it holds no transaction. */
export type LastHeld = { readonly kind: 'record'; readonly fields: Fields } | { readonly kind: 'nothing' };

/** What the terminal said of an attempt while it ran: the approval that is stored, and what it stated that was refused. */
export type Heard = { readonly approved: PosResult | null; readonly refused: Fields | null };

/** How a number stands to the one before the attempt; `null` where one of the two is not known. */
type Order = 'same' | 'next' | 'later' | 'earlier' | null;

/** More transactions than anybody makes between an attempt and its question: a number further on is not "later" any more. */
const WINDOW = 50;

/** Numbers count 1..max and begin again at 1. */
function orderOf(now: string | undefined | null, before: string | null, max: number): Order {
  if (now === undefined || now === null || before === null) return null;
  const [a, b] = [Number(now), Number(before)];
  if (!Number.isInteger(a) || !Number.isInteger(b)) return null;
  if (a === b) return 'same';
  const ahead = (a - b + max) % max;
  if (ahead === 1) return 'next';
  return ahead > 1 && ahead <= WINDOW ? 'later' : 'earlier';
}

const unclear = (code: PosReasonCode, detail = ''): Resolution => ({
  kind: 'stillUnknown',
  reason: posReason(code, detail),
});
const notCharged = (code: PosReasonCode, detail = ''): Resolution => ({
  kind: 'notCharged',
  reason: posReason(code, detail),
});

const sameNumber = (a: string | undefined | null, b: string | null): boolean =>
  a !== undefined &&
  a !== null &&
  b !== null &&
  /^\d+$/.test(a) &&
  /^\d+$/.test(b) &&
  Number(a) === Number(b);

/** Totals or neither number: an end of day or a slip of the administration. */
const isTransaction = (fields: Fields): boolean =>
  fields.totals === undefined && (fields.receiptNo !== undefined || fields.trace !== undefined);

const nameOf = (fields: Fields): string => `${fields.receiptNo ?? '-'}/${fields.trace ?? '-'}`;

/**
 * @param terminalId of the terminal that is connected now, as it registered
 * @param heard what the terminal stated for this very attempt before its answer was lost, where this process heard it
 */
export function judge(
  attempt: PosAttempt,
  last: LastHeld,
  terminalId: string | null,
  heard: Heard,
  year: number,
): Resolution {
  const before = attempt.snapshot;
  const expected = attempt.original?.terminalId ?? before.terminalId;
  const actual = (last.kind === 'record' ? last.fields.terminalId : undefined) ?? terminalId;
  if (expected !== null && actual !== null && !sameTerminal(expected, actual))
    return unclear('otherTerminal', actual);
  if (last.kind === 'nothing') return unclear('nothingHeld');
  const { fields } = last;
  // An end of day is nobody's payment; the same one as before the attempt says that nothing came after it.
  if (!isTransaction(fields))
    return freshness(attempt, fields) === 'before'
      ? notCharged('nothingHeld', nameOf(fields))
      : unclear('answerUnclear', 'end of day');
  if (attempt.kind === 'reversal') return judgeReversal(attempt, fields, year);
  return judgeSale(attempt, fields, heard, year);
}

const sameTerminal = (a: string, b: string): boolean => a === b || sameNumber(a, b);

type Freshness = 'before' | 'new' | 'unclear';

/** Whether the terminal's last transaction is the one of the snapshot or came after it. */
function freshness(attempt: PosAttempt, fields: Fields): Freshness {
  const before = attempt.snapshot;
  const byReference =
    before.reference === null || fields.reference === undefined
      ? null
      : before.reference === fields.reference;
  const receipt = orderOf(fields.receiptNo, before.receiptNo, 9999);
  const trace = orderOf(fields.trace, before.trace, 999_999);
  const orders = [receipt, trace].filter((order) => order !== null);
  if (byReference === true) return orders.every((order) => order === 'same') ? 'before' : 'unclear';
  // It held nothing at all before: whatever it holds now is new.
  if (orders.length === 0)
    return before.receiptNo === null && before.trace === null && before.reference === null
      ? 'new'
      : 'unclear';
  if (orders.every((order) => order === 'same')) return byReference === false ? 'unclear' : 'before';
  return orders.every((order) => order === 'next' || order === 'later') ? 'new' : 'unclear';
}

function judgeSale(
  attempt: PosAttempt,
  fields: Fields,
  { approved, refused }: Heard,
  year: number,
): Resolution {
  const fresh = freshness(attempt, fields);
  if (fresh === 'before') return notCharged('nothingHeld', nameOf(fields));
  if (fresh === 'unclear') return unclear('answerUnclear', nameOf(fields));
  if (fields.originalTrace !== undefined && Number(fields.originalTrace) !== 0)
    return judgeTakenBack(attempt, fields, approved);
  // It was this attempt's though it says another amount or currency: we said no to it, and it failed.
  if (fields.result !== undefined && fields.result !== 0 && refused !== null && isSame(fields, refused))
    return notCharged('autoReversed', nameOf(fields));
  if (fields.currency !== undefined && fields.currency !== AZN)
    return unclear('currencyWrong', String(fields.currency));
  if (fields.result === undefined) return unclear('answerUnclear', nameOf(fields));
  if (fields.result !== 0) {
    if (fields.amount !== undefined && fields.amount !== attempt.amount && fields.amount !== 0)
      return unclear('amountDiffers', nameOf(fields));
    return { kind: 'notCharged', reason: reasonOfError(fields.result) };
  }
  if (fields.amount !== attempt.amount) return unclear('amountDiffers', nameOf(fields));
  if (approved !== null && !sameTransaction(fields, approved))
    return unclear('answerUnclear', nameOf(fields));
  return { kind: 'charged', result: resultOf(fields, attempt.amount, year), receipts: NO_RECEIPTS };
}

const isSame = (fields: Fields, refused: Fields): boolean =>
  sameNumber(fields.receiptNo, refused.receiptNo ?? null) &&
  sameNumber(fields.trace, refused.trace ?? null) &&
  fields.amount === refused.amount;

const sameTransaction = (fields: Fields, approved: PosResult): boolean =>
  approved.receiptNo === null || fields.receiptNo === undefined
    ? sameNumber(fields.trace, approved.trace)
    : sameNumber(fields.receiptNo, approved.receiptNo);

/** The last thing is a reversal: of our sale, when what it reverses came after the snapshot. */
function judgeTakenBack(attempt: PosAttempt, fields: Fields, approved: PosResult | null): Resolution {
  const isOurs =
    approved?.trace === undefined || approved.trace === null
      ? ['next', 'later'].includes(orderOf(fields.originalTrace, attempt.snapshot.trace, 999_999) ?? '') ||
        attempt.snapshot.trace === null
      : sameNumber(fields.originalTrace, approved.trace);
  if (!isOurs || fields.amount !== attempt.amount || fields.result !== 0)
    return unclear('answerUnclear', nameOf(fields));
  return notCharged('autoReversed', nameOf(fields));
}

function judgeReversal(attempt: PosAttempt, fields: Fields, year: number): Resolution {
  const { original } = attempt;
  if (original === null) return unclear('answerUnclear', 'no original');
  const isReversal = fields.originalTrace !== undefined && Number(fields.originalTrace) !== 0;
  if (isReversal && sameNumber(fields.originalTrace, original.trace)) {
    if (fields.result === 0 && (fields.amount === undefined || fields.amount === attempt.amount))
      return { kind: 'charged', result: resultOf(fields, attempt.amount, year), receipts: NO_RECEIPTS };
    if (fields.result !== undefined && fields.result !== 0)
      return { kind: 'notCharged', reason: reasonOfError(fields.result) };
    return unclear('answerUnclear', nameOf(fields));
  }
  const fresh = freshness(attempt, fields);
  if (fresh === 'before') return notCharged('nothingHeld', nameOf(fields));
  if (fresh === 'new' && fields.result !== undefined && fields.result !== 0 && isSameAmount(attempt, fields))
    return { kind: 'notCharged', reason: reasonOfError(fields.result) };
  const detail = fields.result === undefined ? nameOf(fields) : `${nameOf(fields)} ${hexByte(fields.result)}`;
  return unclear('answerUnclear', detail);
}

const isSameAmount = (attempt: PosAttempt, fields: Fields): boolean =>
  fields.amount === undefined || fields.amount === attempt.amount;

/**
 * The terminal held nothing before the attempt and holds nothing after it. That alone might be a terminal that does not keep
 * its last transaction; totals of nothing since its last end of day say that no charge was made.
 */
export function judgeEmpty(
  attempt: PosAttempt,
  totals: { readonly count: number; readonly sum: number } | null,
): Resolution {
  const { receiptNo, trace, reference } = attempt.snapshot;
  const heldNothing = receiptNo === null && trace === null && reference === null;
  const countedNothing = totals !== null && totals.count === 0 && totals.sum === 0;
  if (attempt.kind !== 'reversal' && heldNothing && countedNothing) return notCharged('nothingHeld');
  return unclear('answerUnclear', 'nothing held');
}
