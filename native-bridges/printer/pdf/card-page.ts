import type { DocumentBlock } from '../../../contracts/receipt.ts';
import { place } from './receipt-page.ts';
import { drawLine, drawLines, drawSymbol, INK, MM, wrapText, type Sheet, type Type } from './sheet.ts';
import { code128Symbol } from './symbols.ts';

/** A card of the ID-1 size to be cut out of an A6 sheet; what comes after its first rule is the leaflet below and behind. */

const PAGE = { width: 105 * MM, height: 148 * MM };
const MARGIN = 9.7 * MM;
const CARD = { x: MARGIN, y: 9 * MM, width: 85.6 * MM, height: 53.98 * MM, radius: 3.18 * MM, band: 11 * MM };
const PADDING = 6 * MM;

const BAND: Type = { face: 'heavy', size: 12, leading: 15, ink: INK.paper };
const BAND_QUIET: Type = { face: 'regular', size: 9, leading: 14.4, ink: INK.paper };
const NAME: Type = { face: 'strong', size: 10.5, leading: 13.5, ink: INK.text };
const LABEL: Type = { face: 'regular', size: 7, leading: 9, ink: INK.quiet };
const CODE: Type = { face: 'heavy', size: 19, leading: 24, ink: INK.brand };

export function drawCard(sheet: Sheet, blocks: readonly DocumentBlock[]): void {
  const fold = blocks.findIndex((block) => block.kind === 'rule');
  const face = fold === -1 ? blocks : blocks.slice(0, fold);
  sheet.addPage({ size: [PAGE.width, PAGE.height], margin: 0 });
  drawFace(sheet, face);
  drawLeaflet(sheet, fold === -1 ? [] : blocks.slice(fold + 1), CARD.y + CARD.height + 8 * MM);
}

function drawFace(sheet: Sheet, blocks: readonly DocumentBlock[]): void {
  const { x, y, width, height, radius, band } = CARD;
  const inner = { x: x + PADDING, width: width - 2 * PADDING };
  sheet.save().roundedRect(x, y, width, height, radius).clip();
  sheet.rect(x, y, width, band).fill(INK.brand);
  sheet.restore();
  sheet
    .roundedRect(x, y, width, height, radius)
    .lineWidth(0.5)
    .dash(3, { space: 2 })
    .strokeColor(INK.rule)
    .stroke()
    .undash();

  let top = y + band + 7;
  for (const block of blocks) {
    if (block.kind === 'title')
      drawLine(sheet, BAND, block.text, { ...inner, top: y + (band - BAND.leading) / 2 });
    else if (block.kind === 'text' && !block.strong)
      drawLine(sheet, BAND_QUIET, block.text, { ...inner, top: y + (band - BAND.leading) / 2 }, 'right');
    else if (block.kind === 'total') {
      drawLine(sheet, LABEL, block.label, { ...inner, top });
      drawLine(sheet, CODE, block.value, { ...inner, top: top + LABEL.leading - 2 });
      top += LABEL.leading + CODE.leading;
    } else if (block.kind === 'barcode') {
      // Anchored to the foot, where a hand scanner is held.
      const box = { x: inner.x, y: y + height - 15.5 * MM, width: 62 * MM, height: 9.5 * MM };
      drawSymbol(sheet, code128Symbol(block.data), box);
      drawLine(sheet, LABEL, block.caption, { ...inner, top: box.y + box.height + 2 });
    } else if (block.kind === 'text') {
      const lines = wrapText(sheet, NAME, block.text, inner.width).slice(0, 2);
      drawLines(sheet, NAME, lines, { ...inner, top });
      top += lines.length * NAME.leading + 2;
    }
  }
}

/** As many pages as it takes; a block is never cut in two. */
function drawLeaflet(sheet: Sheet, blocks: readonly DocumentBlock[], start: number): void {
  const width = PAGE.width - 2 * MARGIN;
  let top = start;
  blocks.forEach((block, i) => {
    const placed = place(sheet, block, blocks[i - 1], width);
    if (top + placed.height > PAGE.height - MARGIN) {
      sheet.addPage({ size: [PAGE.width, PAGE.height], margin: 0 });
      top = MARGIN;
    }
    placed.draw(MARGIN, top);
    top += placed.height;
  });
}
