import type { PaymentAccepted, PaymentStornoed } from '../../../contracts/journal.ts';
import { formatAmount, formatMoney } from '../../../contracts/money.ts';
import type { DocumentBlock, ReceiptDocument } from '../../../contracts/receipt.ts';
import { WORKSTATION } from './sample-data.ts';

/** A receipt document as the core host makes them, good enough to look at. */
export function fakeDocument(payment: PaymentAccepted | PaymentStornoed, copy: number): ReceiptDocument {
  const storno = 'stornoId' in payment;
  const blocks: DocumentBlock[] = [
    { kind: 'title', text: WORKSTATION.participantName },
    { kind: 'text', text: WORKSTATION.branchName, align: 'centre', strong: false },
    { kind: 'text', text: WORKSTATION.branchAddress, align: 'centre', strong: false },
    { kind: 'rule' },
    { kind: 'pair', label: 'Qəbz №', value: payment.receiptNo, strong: true },
    { kind: 'pair', label: 'Tarix', value: '23.11.2026 14:32', strong: false },
    { kind: 'pair', label: 'Operator', value: payment.teller.name, strong: false },
    { kind: 'rule' },
    ...payment.lines.flatMap((line): DocumentBlock[] => [
      { kind: 'text', text: line.billerName, align: 'left', strong: true },
      { kind: 'pair', label: `Abunəçi ${line.account}`, value: formatAmount(line.amount), strong: false },
      { kind: 'text', text: line.holder, align: 'left', strong: false },
    ]),
    { kind: 'rule' },
    { kind: 'total', label: 'CƏMİ', value: formatMoney(payment.total) },
    ...payment.tenders.flatMap((tender): DocumentBlock[] =>
      tender.kind === 'card'
        ? [{ kind: 'pair', label: 'Kartla ödənildi', value: formatMoney(tender.amount), strong: false }]
        : [
            { kind: 'pair', label: 'Nağd alındı', value: formatMoney(tender.received), strong: false },
            { kind: 'pair', label: 'Qaytarıldı', value: formatMoney(tender.change), strong: false },
          ],
    ),
    {
      kind: 'qr',
      data: 'https://localhost/q/eyJyIjoiV1MwNyJ9.c2lnbmF0dXJlLXNhbXBsZS1sb25nLWVub3VnaC10by1sb29rLXJlYWw',
      caption: 'Qəbzi mərkəzdə yoxlayın',
    },
    { kind: 'text', text: 'Təşəkkür edirik!', align: 'centre', strong: false },
  ];
  if (storno) blocks.unshift({ kind: 'stamp', text: 'STORNO' });
  if (copy > 0) blocks.unshift({ kind: 'stamp', text: `SURƏT № ${copy}` });
  return { receiptNo: payment.receiptNo, language: 'az', copy, blocks };
}

/** The card of a subscriber. */
export const fakeCard = (code: string, name: string): ReceiptDocument => ({
  receiptNo: code,
  language: 'az',
  copy: 0,
  blocks: [
    { kind: 'title', text: 'KÖMİS · abunəçi kartı' },
    { kind: 'text', text: name, align: 'centre', strong: true },
    { kind: 'total', label: 'Kod', value: code.replace(/^(\d{4})(\d{4})(\d{2})$/, '$1 $2 $3') },
    { kind: 'barcode', data: `KR1${code}`, caption: `KR1${code}` },
  ],
});
