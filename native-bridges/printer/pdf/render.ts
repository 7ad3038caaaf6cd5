import type { ReceiptDocument } from '../../../contracts/receipt.ts';
import { drawCard } from './card-page.ts';
import { column } from './receipt-page.ts';
import { closeSheet, MM, openSheet } from './sheet.ts';

const ROLL = { width: 80 * MM, side: 6 * MM, top: 7 * MM, foot: 8 * MM };

/** A document as PDF: a receipt as one page of 80 mm, as long as it is; a subscriber's card on A6. Fonts are embedded. */
export function renderPdf(document: ReceiptDocument): Promise<Uint8Array> {
  const sheet = openSheet({ title: document.receiptNo, language: document.language });
  if (document.paper === 'card') drawCard(sheet, document.blocks);
  else {
    const roll = column(sheet, document.blocks, ROLL.width - 2 * ROLL.side);
    sheet.addPage({ size: [ROLL.width, ROLL.top + roll.height + ROLL.foot], margin: 0 });
    roll.draw(ROLL.side, ROLL.top);
  }
  return closeSheet(sheet);
}
