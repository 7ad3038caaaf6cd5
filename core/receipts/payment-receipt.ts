import { unreachable } from '../../contracts/assert.ts';
import type { Language, Workstation } from '../../contracts/domain.ts';
import type { PaymentAccepted, Tender } from '../../contracts/journal.ts';
import { formatMoney } from '../../contracts/money.ts';
import type { DocumentBlock, ReceiptDocument } from '../../contracts/receipt.ts';
import { formatRegistrationCode } from '../../contracts/rules/damm.ts';
import type { Instant } from '../../contracts/time.ts';
import {
  cardSlip,
  centred,
  circumstances,
  copyMark,
  issuer,
  left,
  paidLines,
  pair,
  RULE,
  stamp,
  totals,
  type Reprint,
} from './blocks.ts';
import { RECEIPT_TEXTS, type ReceiptTexts } from './receipt-texts.ts';

export type PaymentReceiptInput = {
  readonly payment: PaymentAccepted;
  /** The wall time of the journal entry. */
  readonly takenAt: Instant;
  readonly workstation: Workstation;
  /** `receiptAddress(verifyUrl, code)` of contracts/rules/receipt-code.ts. */
  readonly verifyAddress: string;
  /** 0 is the original, 1… are copies. */
  readonly copy: number;
  readonly reprint?: Reprint;
  /** Set when the payment has been cancelled since: a copy must not pass for a valid receipt. */
  readonly stornoReceiptNo?: string;
  /** The payment's own language when absent. */
  readonly language?: Language;
};

/** The receipt of a payment. Two calls with the same input give the same document. */
export function paymentReceipt(input: PaymentReceiptInput): ReceiptDocument {
  const { payment, takenAt, workstation, copy } = input;
  const language = input.language ?? payment.language;
  const texts = RECEIPT_TEXTS[language];
  const code = payment.subscriberCode;
  return {
    receiptNo: payment.receiptNo,
    language,
    copy,
    blocks: [
      ...issuer(workstation),
      RULE,
      { kind: 'title', text: texts.paymentTitle },
      ...copyMark(texts, copy, input.reprint),
      ...(input.stornoReceiptNo === undefined
        ? []
        : [stamp(texts.stornoedStamp), pair(texts.stornoReceipt, input.stornoReceiptNo, true)]),
      ...circumstances(texts, payment, takenAt),
      ...(code === null ? [] : [pair(texts.registrationCode, formatRegistrationCode(code))]),
      ...(payment.payerName === null ? [] : [pair(texts.payer, payment.payerName)]),
      RULE,
      ...paidLines(texts, payment.lines, 1),
      RULE,
      ...totals(texts, payment.lines, 1),
      ...payment.tenders.flatMap((tender) => tendered(texts, tender)),
      RULE,
      ...(payment.online ? [] : [left(texts.offline)]),
      { kind: 'qr', data: input.verifyAddress, caption: texts.verify },
      centred(texts.keep),
    ],
  };
}

function tendered(texts: ReceiptTexts, tender: Tender): DocumentBlock[] {
  switch (tender.kind) {
    case 'cash':
      return [
        pair(texts.cashReceived, formatMoney(tender.received)),
        pair(texts.change, formatMoney(tender.change)),
      ];
    case 'card':
      return cardSlip(texts, texts.byCard, tender);
    default:
      return unreachable(tender);
  }
}
