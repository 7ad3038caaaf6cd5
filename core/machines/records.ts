import type { z } from 'zod';
import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type {
  CardTender,
  CashTender,
  PaymentAccepted,
  PaymentIntent,
  PaymentStornoed,
  ShiftClosed,
  StornoIntent,
  Tender,
} from '../../contracts/journal.ts';
import type { PosResult } from '../../contracts/pos.ts';
import { add, CURRENCY, MAX_QEPIK, qepik, subtract, sum, ZERO, type Qepik } from '../../contracts/money.ts';
import {
  combine,
  makeChange,
  piecesSchema,
  worth,
  type Pieces,
} from '../../contracts/rules/denominations.ts';
import { receiptNumber } from '../../contracts/rules/receipt-number.ts';
import { nextSerial } from '../fold.ts';
import type { Facts, ShiftFacts } from '../facts.ts';
import type { Basket, DraftLine } from './payment.ts';

/**
 * The records that are written to the journal, made in one place each and checked before they are written: Σ lines =
 * total, Σ tenders = total, received − change = amount, the receipt number the next of its day.
 */

/** Who and where, for an entry of this shift. */
export const shiftContext = (shift: ShiftFacts, workstation: string) => ({
  shiftId: shift.shiftId,
  shiftNo: shift.shiftNo,
  businessDate: shift.businessDate,
  workstation,
  teller: shift.teller,
});

/** Σ amounts and fees, before it is known to be an amount: a basket may be typed up beyond all bounds. */
export const basketTotal = (lines: readonly Pick<DraftLine, 'amount' | 'fee'>[]): number =>
  lines.reduce((total, line) => total + line.amount + line.fee, 0);

export const totalWithinBounds = (lines: readonly Pick<DraftLine, 'amount' | 'fee'>[]): boolean =>
  basketTotal(lines) <= MAX_QEPIK;

const nextReceiptNo = (facts: Facts, shift: Pick<ShiftFacts, 'businessDate'>, workstation: string): string =>
  receiptNumber(workstation, shift.businessDate, nextSerial(facts, shift.businessDate));

export type CashGiven = { readonly received: Qepik; readonly pieces: Pieces | null };

/** Pieces that do not add up to the amount were not counted properly: nothing is known of them. */
export const cashGiven = (received: Qepik, pieces: Pieces | null): CashGiven => ({
  received,
  pieces: pieces !== null && worth(pieces) === received ? pieces : null,
});

/** Change in pieces that the drawer, with what was just given, should hold; null when it cannot make it. */
export function changeFrom(shift: ShiftFacts, cash: CashGiven, total: Qepik): Pieces | null {
  const change = subtract(cash.received, total);
  const drawer = cash.pieces === null ? shift.drawer : combine(shift.drawer, cash.pieces);
  return makeChange(change, drawer) ?? null;
}

/** What stays in the drawer of cash given for `amount`, as a tender. `received` covers it: that was checked. */
function cashTender(shift: ShiftFacts, cash: CashGiven, amount: Qepik, tenderId: Id): CashTender {
  const change = subtract(cash.received, amount);
  assert(change >= 0, 'the cash covers its part');
  return {
    kind: 'cash',
    tenderId,
    amount,
    received: cash.received,
    change,
    receivedPieces: recordable(cash.pieces),
    changePieces: recordable(changeFrom(shift, cash, amount)),
  };
}

export type IntentTerms = {
  /** Cash counted for a part of the total, all of which stays; null: the card pays everything. */
  readonly cash: CashGiven | null;
  readonly online: boolean;
  readonly mintId: () => Id;
};

/** A payment as it is going to be recorded: everything but its number and what the card pays. */
export function paymentIntent(
  shift: ShiftFacts,
  workstation: string,
  basket: Basket,
  { cash, online, mintId }: IntentTerms,
): PaymentIntent {
  const total = sum(basket.lines.flatMap((line) => [line.amount, line.fee]));
  const inCash = cash === null ? ZERO : qepik(Math.min(cash.received, total));
  return {
    ...shiftContext(shift, workstation),
    paymentId: basket.paymentId,
    currency: CURRENCY,
    online,
    language: basket.language,
    subscriberCode: basket.subscriber?.code ?? null,
    payerName: basket.subscriber?.name ?? null,
    lines: basket.lines.map((line) => ({
      lineId: line.lineId,
      billerId: line.billerId,
      billerName: line.billerName,
      account: line.account,
      holder: line.holder,
      period: line.period,
      billNo: line.billNo,
      amount: line.amount,
      fee: line.fee,
      feeRuleId: line.feeRuleId,
      owedShown: line.owed,
      owedAsOf: line.asOf,
      known: line.known,
      ...(line.load ? { load: line.load } : {}),
    })),
    tenders: cash === null ? [] : [cashTender(shift, cash, inCash, mintId())],
    total,
  };
}

/** What of an intent the card pays. */
export const cardShare = (intent: Pick<PaymentIntent, 'total' | 'tenders'>): Qepik =>
  subtract(intent.total, sum(intent.tenders.map((tender) => tender.amount)));

/** The record of an intent: numbered now, with the card's tender where one pays a part. */
export function recordOfIntent(
  facts: Facts,
  intent: PaymentIntent,
  card: CardTender | null,
): PaymentAccepted {
  const receiptNo = nextReceiptNo(facts, intent, intent.workstation);
  const record: PaymentAccepted = {
    ...intent,
    receiptNo,
    tenders: card === null ? intent.tenders : [...intent.tenders, card],
  };
  assertBalanced(record);
  return record;
}

/** The record of a basket paid in cash. `received` covers the total: that was checked. */
export function paymentRecord(
  facts: Facts,
  shift: ShiftFacts,
  workstation: string,
  basket: Basket,
  cash: CashGiven,
  given: { readonly tenderId: Id; readonly online: boolean },
): PaymentAccepted {
  const { tenderId, online } = given;
  const intent = paymentIntent(shift, workstation, basket, { cash, online, mintId: () => tenderId });
  return recordOfIntent(facts, intent, null);
}

/** The tender of a card as the terminal made it, for an attempt of `amount`. */
export function cardTender(
  attempt: { readonly attemptId: Id; readonly amount: Qepik },
  result: PosResult,
  terminalText: readonly string[],
  tenderId: Id,
): CardTender {
  assert(result.amount === attempt.amount, 'the terminal charged what it was asked to');
  const { amount, terminalId, receiptNo, trace, authCode, cardName, maskedPan } = result;
  return {
    kind: 'card',
    tenderId,
    attemptId: attempt.attemptId,
    amount,
    terminalId,
    receiptNo,
    trace,
    authCode,
    cardName,
    maskedPan,
    terminalText: [...terminalText],
  };
}

export type StornoTerms = Pick<
  PaymentStornoed,
  'stornoId' | 'reason' | 'note' | 'approvedBy' | 'approvedOffline'
> & {
  /** Mints the ids of the reversing lines and the tender. */
  readonly mintId: () => Id;
};

/** A storno as it is going to be recorded: the same lines and cash the other way; what the card gets back is to come. */
export function stornoIntent(
  shift: ShiftFacts,
  workstation: string,
  payment: PaymentAccepted,
  terms: StornoTerms,
): StornoIntent {
  assert(payment.shiftId === shift.shiftId, 'a storno belongs to the shift of its payment');
  const { mintId, ...given } = terms;
  return {
    ...shiftContext(shift, workstation),
    ...given,
    paymentId: payment.paymentId,
    originalReceiptNo: payment.receiptNo,
    currency: CURRENCY,
    language: payment.language,
    lines: payment.lines.map((line) => ({ ...line, lineId: mintId(), reversesLineId: line.lineId })),
    // Back by the way it came; `receivedPieces` are the pieces handed to the payer.
    tenders: cashOf(payment).map((tender) => ({
      ...tender,
      tenderId: mintId(),
      received: tender.amount,
      change: ZERO,
      receivedPieces: recordable(makeChange(tender.amount, shift.drawer)),
      changePieces: null,
    })),
    total: payment.total,
  };
}

/** The record that cancels a whole payment of this shift, numbered now. */
export function stornoOfIntent(facts: Facts, intent: StornoIntent, card: CardTender | null): PaymentStornoed {
  const record: PaymentStornoed = {
    ...intent,
    receiptNo: nextReceiptNo(facts, intent, intent.workstation),
    tenders: card === null ? intent.tenders : [...intent.tenders, card],
  };
  assertBalanced(record);
  return record;
}

/** The record that cancels a payment in cash. */
export const stornoRecord = (
  facts: Facts,
  shift: ShiftFacts,
  workstation: string,
  payment: PaymentAccepted,
  terms: StornoTerms,
): PaymentStornoed => stornoOfIntent(facts, stornoIntent(shift, workstation, payment, terms), null);

/** The part of a payment that lies in the drawer. */
export const cashOf = ({ tenders }: { readonly tenders: readonly Tender[] }): CashTender[] =>
  tenders.filter((tender) => tender.kind === 'cash');

export const cardOf = ({ tenders }: { readonly tenders: readonly Tender[] }): CardTender | undefined =>
  tenders.find((tender) => tender.kind === 'card');

/** The Z of a shift: expected, counted and difference are kept for ever. */
export function closingRecord(
  facts: Facts,
  shift: ShiftFacts,
  workstation: string,
  counted: Pieces,
  reason: string | null,
  /** Card attempts that a supervisor signed for and whose outcome is not known yet. */
  openAttempts: readonly Id[] = [],
): ShiftClosed {
  const countedTotal = worth(counted);
  return {
    ...shiftContext(shift, workstation),
    zNo: facts.lastZNo + 1,
    counted: piecesSchema.parse(counted),
    countedTotal,
    expectedTotal: shift.cash,
    difference: subtract(countedTotal, shift.cash),
    reason,
    payments: { count: shift.paymentCount, total: shift.paymentTotal, fees: shift.fees },
    stornos: { count: shift.stornoCount, total: shift.stornoTotal },
    ...(shift.cards.count === 0 ? {} : { cards: { ...shift.cards } }),
    ...(openAttempts.length === 0 ? {} : { openAttempts: [...openAttempts] }),
  };
}

function assertBalanced(record: PaymentAccepted | PaymentStornoed): void {
  assert(
    sum(record.lines.flatMap((line) => [line.amount, line.fee])) === record.total,
    'Σ lines is the total',
  );
  assert(sum(record.tenders.map((tender) => tender.amount)) === record.total, 'Σ tenders is the total');
  for (const tender of cashOf(record)) {
    assert(add(tender.amount, tender.change) === tender.received, 'received − change is what stays');
    assert(
      tender.changePieces === null || worth(tender.changePieces) === tender.change,
      'the pieces make the change',
    );
  }
}

/** Pieces as a record may hold them; null when nobody knows them, or nobody can have counted so many. */
function recordable(pieces: Pieces | null | undefined): z.infer<typeof piecesSchema> | null {
  const parsed = piecesSchema.safeParse(pieces);
  return parsed.success ? parsed.data : null;
}
