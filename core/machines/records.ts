import type { z } from 'zod';
import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted, PaymentStornoed, ShiftClosed, Tender } from '../../contracts/journal.ts';
import { add, CURRENCY, MAX_QEPIK, subtract, sum, type Qepik } from '../../contracts/money.ts';
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

const nextReceiptNo = (facts: Facts, shift: ShiftFacts, workstation: string): string =>
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

/** The record of a basket paid in cash. `received` covers the total: that was checked. */
export function paymentRecord(
  facts: Facts,
  shift: ShiftFacts,
  workstation: string,
  basket: Basket,
  cash: CashGiven,
  given: { readonly tenderId: Id; readonly online: boolean },
): PaymentAccepted {
  const total = sum(basket.lines.flatMap((line) => [line.amount, line.fee]));
  const change = subtract(cash.received, total);
  assert(change >= 0, 'the cash covers the total');
  const tender: Tender = {
    kind: 'cash',
    tenderId: given.tenderId,
    amount: total,
    received: cash.received,
    change,
    receivedPieces: recordable(cash.pieces),
    changePieces: recordable(changeFrom(shift, cash, total)),
  };
  const record: PaymentAccepted = {
    ...shiftContext(shift, workstation),
    paymentId: basket.paymentId,
    receiptNo: nextReceiptNo(facts, shift, workstation),
    currency: CURRENCY,
    online: given.online,
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
    })),
    tenders: [tender],
    total,
  };
  assertBalanced(record);
  return record;
}

export type StornoTerms = Pick<
  PaymentStornoed,
  'stornoId' | 'reason' | 'note' | 'approvedBy' | 'approvedOffline'
> & {
  /** Mints the ids of the reversing lines and the tender. */
  readonly mintId: () => Id;
};

/** The record that cancels a whole payment of this shift: the same lines and money, the other way. */
export function stornoRecord(
  facts: Facts,
  shift: ShiftFacts,
  workstation: string,
  payment: PaymentAccepted,
  terms: StornoTerms,
): PaymentStornoed {
  assert(payment.shiftId === shift.shiftId, 'a storno belongs to the shift of its payment');
  const { mintId, ...given } = terms;
  const record: PaymentStornoed = {
    ...shiftContext(shift, workstation),
    ...given,
    receiptNo: nextReceiptNo(facts, shift, workstation),
    paymentId: payment.paymentId,
    originalReceiptNo: payment.receiptNo,
    currency: CURRENCY,
    language: payment.language,
    lines: payment.lines.map((line) => ({ ...line, lineId: mintId(), reversesLineId: line.lineId })),
    // Back by the way it came; `receivedPieces` are the pieces handed to the payer.
    tenders: payment.tenders.map((tender) => ({
      ...tender,
      tenderId: mintId(),
      received: tender.amount,
      change: subtract(tender.amount, tender.amount),
      receivedPieces: recordable(makeChange(tender.amount, shift.drawer)),
      changePieces: null,
    })),
    total: payment.total,
  };
  assertBalanced(record);
  return record;
}

/** The Z of a shift: expected, counted and difference are kept for ever. */
export function closingRecord(
  facts: Facts,
  shift: ShiftFacts,
  workstation: string,
  counted: Pieces,
  reason: string | null,
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
  };
}

function assertBalanced(record: PaymentAccepted | PaymentStornoed): void {
  assert(
    sum(record.lines.flatMap((line) => [line.amount, line.fee])) === record.total,
    'Σ lines is the total',
  );
  assert(sum(record.tenders.map((tender) => tender.amount)) === record.total, 'Σ tenders is the total');
  for (const tender of record.tenders) {
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
