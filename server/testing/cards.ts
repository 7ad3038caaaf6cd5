import type { EntryPayload, PaymentAccepted } from '../../contracts/journal.ts';
import type { PosResult } from '../../contracts/pos.ts';
import { NO_RECEIPTS } from '../../contracts/pos.ts';
import { qepik } from '../../contracts/money.ts';
import { mintId } from '../registry/identity.ts';
import { testPayment, type TestJournal, type TestLine, type TestShift } from './device.ts';

/** Card operations as a counter records them, entry by entry. */

export const TERMINAL = '52001234';

export const testResult = (amount: number, terminalId: string | null = TERMINAL): PosResult => ({
  amount: qepik(amount),
  currency: 'AZN',
  terminalId,
  receiptNo: '0042',
  trace: '000042',
  reference: null,
  authCode: '123456',
  cardName: 'Visa',
  maskedPan: '416973******1234',
  terminalTime: null,
});

export type CardSale = {
  readonly attemptId: string;
  readonly payment: PaymentAccepted;
  readonly prepared: EntryPayload<'pos.prepared'>;
  readonly authorised: EntryPayload<'pos.authorised'>;
  readonly concluded: EntryPayload<'pos.concluded'>;
};

/** A sale by card, `cash` of it in cash: the entries in the order a counter writes them. */
export function testCardSale(shift: TestShift, lines: readonly TestLine[], cash = 0): CardSale {
  const attemptId = mintId();
  const paid = testPayment(shift, lines);
  const share = qepik(paid.total - cash);
  const result = testResult(share);
  const [first] = paid.tenders;
  if (first?.kind !== 'cash') throw new Error('a test payment is in cash');
  const inCash = cash === 0 ? [] : [{ ...first, amount: qepik(cash), received: qepik(cash) }];
  const { receiptNo: _number, tenders: _tenders, ...rest } = paid;
  const payment: PaymentAccepted = {
    ...paid,
    tenders: [
      ...inCash,
      {
        kind: 'card',
        tenderId: mintId(),
        attemptId,
        amount: share,
        terminalId: result.terminalId,
        receiptNo: result.receiptNo,
        trace: result.trace,
        authCode: result.authCode,
        cardName: result.cardName,
        maskedPan: result.maskedPan,
        terminalText: [],
      },
    ],
  };
  return {
    attemptId,
    payment,
    prepared: {
      ...shift.context,
      attemptId,
      kind: 'sale',
      driver: 'zvtTcp',
      amount: share,
      currency: 'AZN',
      snapshot: { terminalId: TERMINAL, receiptNo: '0041', trace: '000041', reference: null },
      payment: { ...rest, tenders: inCash },
      original: null,
      storno: null,
    },
    authorised: { attemptId, result, receipts: NO_RECEIPTS },
    concluded: {
      attemptId,
      kind: 'sale',
      outcome: 'done',
      by: 'terminal',
      amount: share,
      currency: 'AZN',
      businessDate: shift.context.businessDate,
      result,
      reason: null,
      receipts: NO_RECEIPTS,
      recordedAs: paid.paymentId,
    },
  };
}

/** Entries of cards as another terminal would have made them. */
export function onTerminal<T>(entries: T, terminalId: string): T {
  return JSON.parse(
    JSON.stringify(entries).replaceAll(JSON.stringify(TERMINAL), JSON.stringify(terminalId)),
  ) as T; // the same shape
}

export function appendSale(journal: TestJournal, sale: CardSale): void {
  journal.append('pos.prepared', sale.prepared);
  journal.append('pos.authorised', sale.authorised);
  journal.append('pos.concluded', sale.concluded);
  journal.append('payment.accepted', sale.payment);
}

/** The reversal of a sale: for a storno, which is recorded then, or of a charge that no payment takes. */
export function testReversal(
  shift: TestShift,
  sale: CardSale,
  storno: EntryPayload<'payment.stornoed'> | null,
  outcome: EntryPayload<'pos.concluded'>['outcome'] = 'done',
) {
  const attemptId = mintId();
  const { amount } = sale.prepared;
  const { receiptNo, trace, reference, terminalId } = testResult(amount);
  let intent: EntryPayload<'pos.prepared'>['storno'] = null;
  if (storno) {
    const { receiptNo: _number, tenders, ...rest } = storno;
    intent = { ...rest, tenders: tenders.filter((tender) => tender.kind === 'cash') };
  }
  const prepared: EntryPayload<'pos.prepared'> = {
    ...shift.context,
    attemptId,
    kind: 'reversal',
    driver: 'zvtTcp',
    amount,
    currency: 'AZN',
    snapshot: { terminalId, receiptNo, trace, reference },
    payment: null,
    original: { attemptId: sale.attemptId, receiptNo, trace, reference, terminalId },
    storno: intent,
  };
  const concluded: EntryPayload<'pos.concluded'> = {
    ...sale.concluded,
    attemptId,
    kind: 'reversal',
    outcome,
    result: outcome === 'done' ? testResult(amount) : null,
    reason: outcome === 'done' ? null : { code: 'reversalImpossible', detail: 'B5' },
    recordedAs: outcome === 'done' && storno ? storno.stornoId : null,
  };
  const stornoed = storno && {
    ...storno,
    tenders: storno.tenders.map((tender) => (tender.kind === 'card' ? { ...tender, attemptId } : tender)),
  };
  return { attemptId, prepared, concluded, stornoed };
}

/** A terminal's end of day that agrees with the journal unless told otherwise. */
export const testDay = (
  shift: TestShift,
  sums: { readonly journal?: number; readonly terminal?: number | null } = {},
): EntryPayload<'pos.dayClosed'> => {
  const { journal = 4500, terminal = journal } = sums;
  return {
    closingId: mintId(),
    driver: 'zvtTcp',
    terminalId: TERMINAL,
    businessDate: shift.context.businessDate,
    by: shift.context.teller,
    terminal: terminal === null ? null : { count: 1, sum: qepik(terminal) },
    journal: { count: 1, sum: qepik(journal) },
    suspects: [],
    receipts: NO_RECEIPTS,
    reason: null,
  };
};
