import { unreachable } from '../../contracts/assert.ts';
import type { Language, Workstation } from '../../contracts/domain.ts';
import type { PaymentStornoed, Tender } from '../../contracts/journal.ts';
import { formatMoney } from '../../contracts/money.ts';
import type { DocumentBlock, ReceiptDocument } from '../../contracts/receipt.ts';
import type { Instant } from '../../contracts/time.ts';
import {
  cardSlip,
  centred,
  circumstances,
  copyMark,
  issuer,
  paidLines,
  pair,
  RULE,
  signature,
  stamp,
  totals,
  type Reprint,
} from './blocks.ts';
import { RECEIPT_TEXTS, type ReceiptTexts } from './receipt-texts.ts';

export type StornoReceiptInput = {
  readonly storno: PaymentStornoed;
  /** The wall time of the journal entry. */
  readonly takenAt: Instant;
  readonly workstation: Workstation;
  /** Of the storno's own receipt code: `paymentId` is the storno's id, the total is negative. */
  readonly verifyAddress: string;
  readonly copy: number;
  readonly reprint?: Reprint;
  /** The storno's own language when absent. */
  readonly language?: Language;
};

/** The slip of a storno: what was cancelled, why, by whom and approved by whom; the payer signs for the money. */
export function stornoReceipt(input: StornoReceiptInput): ReceiptDocument {
  const { storno, takenAt, workstation, copy } = input;
  const language = input.language ?? storno.language;
  const texts = RECEIPT_TEXTS[language];
  return {
    receiptNo: storno.receiptNo,
    language,
    copy,
    blocks: [
      ...issuer(workstation),
      RULE,
      { kind: 'title', text: texts.stornoTitle },
      stamp(texts.stornoStamp),
      ...copyMark(texts, copy, input.reprint),
      pair(texts.originalReceipt, storno.originalReceiptNo, true),
      pair(texts.reason, texts.reasons[storno.reason]),
      ...(storno.note === '' ? [] : [pair(texts.note, storno.note)]),
      RULE,
      ...circumstances(texts, storno, takenAt),
      pair(texts.supervisor, storno.approvedBy.name),
      RULE,
      ...paidLines(texts, storno.lines, -1),
      RULE,
      ...totals(texts, storno.lines, -1),
      ...storno.tenders.flatMap((tender) => returned(texts, tender)),
      RULE,
      signature(texts.payerSignature),
      signature(texts.tellerSignature),
      signature(texts.supervisorSignature),
      RULE,
      { kind: 'qr', data: input.verifyAddress, caption: texts.verify },
      centred(texts.keep),
    ],
  };
}

function returned(texts: ReceiptTexts, tender: Tender): DocumentBlock[] {
  switch (tender.kind) {
    case 'cash':
      return [pair(texts.cashReturned, formatMoney(tender.amount))];
    case 'card':
      return cardSlip(texts, texts.cardReturned, tender);
    default:
      return unreachable(tender);
  }
}
