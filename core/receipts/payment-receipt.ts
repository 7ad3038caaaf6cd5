import { unreachable } from '../../contracts/assert.ts';
import type { Language, Workstation } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted, PaymentLine, Tender } from '../../contracts/journal.ts';
import { formatMoney } from '../../contracts/money.ts';
import type { DocumentBlock, ReceiptDocument } from '../../contracts/receipt.ts';
import { formatRegistrationCode } from '../../contracts/rules/damm.ts';
import { formatUnits } from '../../contracts/rules/meter-card/units.ts';
import type { Instant } from '../../contracts/time.ts';
import type { LoadFacts } from '../fold-load.ts';
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
  /** What became of the loads the payment bought, by their ids; absent ones are owed. */
  readonly loads?: ReadonlyMap<Id, LoadFacts['stage']>;
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
      ...payment.lines.flatMap((line) => loaded(texts, language, line, input.loads)),
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

/** Whether what was bought is on the card. What is not yet is said large: the paper is the holder's proof of it. */
function loaded(
  texts: ReceiptTexts,
  language: Language,
  { load }: PaymentLine,
  stages: PaymentReceiptInput['loads'],
): DocumentBlock[] {
  if (!load) return [];
  const units = formatUnits(load.units, load.unit, language);
  const stage = stages?.get(load.loadId) ?? 'owed';
  if (stage === 'written' || stage === 'confirmed') return [pair(texts.loadWritten, units, true)];
  if (stage === 'cancelled') return [pair(texts.loadCancelled, units, true)];
  return [stamp(texts.loadOwed), pair(texts.loadOwedUnits, units, true), left(texts.loadOwedNext)];
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
