import { CURRENCY } from '../../../contracts/money.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import {
  NO_RECEIPTS,
  posResultSchema,
  type PosReason,
  type PosResult,
  type TerminalReceipts,
} from '../../../contracts/pos.ts';
import type { PosAttempt } from '../../../core/ports/pos.ts';
import { qepikOf } from './amount.ts';
import { maskedPanOf, maskText } from './mask.ts';
import {
  paymentResponseSchema,
  reversalResponseSchema,
  type Parts,
  type PaymentResponse,
  type ReceiptPart,
  type ReversalResponse,
} from './messages.ts';
import { reasonOf } from './reasons.ts';

/** What the answer to a financial request says. `unclear`: it proves neither that money moved nor that it did not. */
export type Outcome =
  | { readonly kind: 'made'; readonly result: PosResult; readonly receipts: TerminalReceipts }
  | { readonly kind: 'refused'; readonly reason: PosReason; readonly receipts: TerminalReceipts }
  | { readonly kind: 'unclear'; readonly reason: PosReason };

const unclear = (reason: PosReason): Outcome => ({ kind: 'unclear', reason });

/** Adyen's terminals write a line as `name=…&value=…`. */
function lineOf(text: string): string {
  if (!/(?:^|&)(?:name|key)=/.test(text)) return text;
  const fields = new URLSearchParams(text);
  return [fields.get('name'), fields.get('value')].filter((part) => part !== null).join(' ');
}

/** Both papers of an answer, masked. */
export function receiptsOf(parts: readonly ReceiptPart[] | null | undefined): TerminalReceipts {
  const linesOf = (qualifier: string): string[] =>
    (parts ?? [])
      .filter(({ DocumentQualifier }) => DocumentQualifier === qualifier)
      .flatMap(({ OutputContent }) => OutputContent?.OutputText ?? [])
      .map(({ Text }) => maskText(lineOf(Text ?? '')).slice(0, 120))
      .slice(0, 250);
  const receipts = { customer: linesOf('CustomerReceipt'), merchant: linesOf('CashierReceipt') };
  return receipts.customer.length + receipts.merchant.length === 0 ? NO_RECEIPTS : receipts;
}

/** `2026-11-23T14:35:21.000+04:00` → `20261123T143521`; null when it is no time stamp. */
function terminalTimeOf(stamp: string | null | undefined): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})/.exec(stamp ?? '');
  return match === null ? null : `${match.slice(1, 4).join('')}T${match.slice(4).join('')}`;
}

/**
 * The outcome in the parts of an answer, checked against what was asked: name of the sale, amount and currency must be
 * ours. A charge over another amount is no outcome a program may decide on.
 */
export function readOutcome(attempt: PosAttempt, terminalId: string | null, parts: Parts): Outcome {
  return attempt.kind === 'reversal'
    ? readReversal(attempt, terminalId, parts)
    : readPayment(attempt, terminalId, parts);
}

function readPayment(attempt: PosAttempt, terminalId: string | null, parts: Parts): Outcome {
  const read = paymentResponseSchema.safeParse(parts.PaymentResponse);
  if (!read.success) return unclear(posReason('answerUnclear', 'PaymentResponse'));
  const payment = read.data;
  const amounts = payment.PaymentResult?.AmountsResp;
  return judged(attempt, payment, () => {
    const amount = qepikOf(amounts?.AuthorizedAmount ?? '');
    if (amount !== attempt.amount || (amounts?.Currency ?? CURRENCY) !== CURRENCY) {
      return unclear(posReason('amountDiffers', `${amounts?.AuthorizedAmount} ${amounts?.Currency}`));
    }
    const card = payment.PaymentResult?.PaymentInstrumentData?.CardData;
    return made(attempt, terminalId, payment, {
      authCode: payment.PaymentResult?.PaymentAcquirerData?.ApprovalCode?.slice(0, 20) ?? null,
      cardName: card?.PaymentBrand?.slice(0, 60) ?? null,
      maskedPan: maskedPanOf(card?.MaskedPan ?? card?.MaskedPAN ?? ''),
    });
  });
}

function readReversal(attempt: PosAttempt, terminalId: string | null, parts: Parts): Outcome {
  const read = reversalResponseSchema.safeParse(parts.ReversalResponse);
  if (!read.success) return unclear(posReason('answerUnclear', 'ReversalResponse'));
  const reversal = read.data;
  const card = { authCode: null, cardName: null, maskedPan: null };
  const outcome = judged(attempt, reversal, () => {
    const { ReversedAmount: stated } = reversal;
    if (typeof stated === 'string' && qepikOf(stated) !== attempt.amount) {
      return unclear(posReason('amountDiffers', stated));
    }
    return made(attempt, terminalId, reversal, card);
  });
  // The original is taken back already, by whoever: what this attempt was to bring about is so.
  return outcome.kind === 'refused' && outcome.reason.code === 'alreadyReversed'
    ? made(attempt, terminalId, reversal, card)
    : outcome;
}

function judged(
  attempt: PosAttempt,
  { Response: response, SaleData, PaymentReceipt }: PaymentResponse | ReversalResponse,
  approved: () => Outcome,
): Outcome {
  const reference = SaleData?.SaleTransactionID?.TransactionID;
  if (typeof reference === 'string' && reference !== attempt.attemptId) {
    return unclear(posReason('answerUnclear', 'SaleTransactionID'));
  }
  if (response.Result === 'Success') return approved();
  if (response.Result === 'Partial') return unclear(posReason('amountDiffers', 'Partial'));
  if (response.Result !== 'Failure') return unclear(posReason('answerUnclear', `Result ${response.Result}`));
  if (response.ErrorCondition === 'InProgress') return unclear(reasonOf(response));
  return { kind: 'refused', reason: reasonOf(response), receipts: receiptsOf(PaymentReceipt) };
}

function made(
  attempt: PosAttempt,
  terminalId: string | null,
  answer: PaymentResponse | ReversalResponse,
  card: Pick<PosResult, 'authCode' | 'cardName' | 'maskedPan'>,
): Outcome {
  const poi = answer.POIData?.POITransactionID;
  const result = posResultSchema.safeParse({
    amount: attempt.amount,
    currency: CURRENCY,
    terminalId,
    receiptNo: poi?.TransactionID ?? null,
    trace: poi?.TimeStamp ?? null,
    reference: attempt.attemptId,
    ...card,
    terminalTime: terminalTimeOf(poi?.TimeStamp),
  });
  return result.success
    ? { kind: 'made', result: result.data, receipts: receiptsOf(answer.PaymentReceipt) }
    : unclear(posReason('answerUnclear', result.error.issues[0]?.path.join('.') ?? ''));
}
