import { unreachable } from '../../../contracts/assert.ts';
import type { DocumentBlock } from '../../../contracts/receipt.ts';
import {
  baselineOf,
  drawLine,
  drawLines,
  drawRule,
  drawSymbol,
  INK,
  MM,
  widthOf,
  wrapText,
  type Sheet,
  type Type,
} from './sheet.ts';
import { code128Symbol, qrSymbol } from './symbols.ts';

/** Blocks one under another in a column, as on a roll: each block knows its height before anything is drawn. */

export type Placed = { readonly height: number; readonly draw: (x: number, top: number) => void };

const BODY: Type = { face: 'regular', size: 8.6, leading: 11.8, ink: INK.text };
const LABEL: Type = { ...BODY, ink: INK.quiet };
const STRONG: Type = { ...BODY, face: 'strong' };
const HEADING: Type = { ...BODY, face: 'strong', size: 9.4, leading: 12.6 };
const TITLE: Type = { face: 'heavy', size: 13, leading: 17, ink: INK.text };
const TOTAL_LABEL: Type = { face: 'heavy', size: 12, leading: 16, ink: INK.text };
const TOTAL: Type = { face: 'heavy', size: 16, leading: 21, ink: INK.text };
const STAMP: Type = { face: 'heavy', size: 13, leading: 17, ink: INK.paper };
const CAPTION: Type = { face: 'regular', size: 7.4, leading: 9.8, ink: INK.quiet };

const QR_SIDE = 33 * MM;
const BARCODE = { width: 60 * MM, height: 13 * MM };

/** Lays a column of blocks out; `draw` puts it on the page that is then there. */
export function column(sheet: Sheet, blocks: readonly DocumentBlock[], width: number): Placed {
  const parts = blocks.map((block, i) => place(sheet, block, blocks[i - 1], width));
  return {
    height: parts.reduce((height, part) => height + part.height, 0),
    draw(x, top) {
      let y = top;
      for (const part of parts) {
        part.draw(x, y);
        y += part.height;
      }
    },
  };
}

export function place(
  sheet: Sheet,
  block: DocumentBlock,
  before: DocumentBlock | undefined,
  width: number,
): Placed {
  switch (block.kind) {
    case 'title':
      return lines(sheet, TITLE, block.text, width, 'centre', { above: 2, below: 4 });
    case 'text': {
      // A heading opens a group, a paragraph follows a paragraph: both want air above them.
      const opens = block.align === 'left' && (block.strong || before?.kind === 'text');
      const above = !opens || before?.kind === 'rule' ? 0 : block.strong ? 5 : 3;
      return lines(sheet, block.strong ? HEADING : BODY, block.text, width, block.align, { above, below: 0 });
    }
    case 'pair':
      return /^_+$/.test(block.value) ? signature(sheet, block.label, width) : pair(sheet, block, width);
    case 'total':
      return total(sheet, block, width);
    case 'rule':
      return { height: 9, draw: (x, top) => drawRule(sheet, { x, y: top + 5, width }) };
    case 'stamp':
      return stamp(sheet, block.text, width);
    case 'qr':
      return captioned(sheet, block.caption, width, QR_SIDE, (x, top) =>
        drawSymbol(sheet, qrSymbol(block.data), {
          x: x + (width - QR_SIDE) / 2,
          y: top,
          width: QR_SIDE,
          height: QR_SIDE,
        }),
      );
    case 'barcode':
      return captioned(sheet, block.caption, width, BARCODE.height, (x, top) =>
        drawSymbol(sheet, code128Symbol(block.data), {
          x: x + (width - BARCODE.width) / 2,
          y: top,
          ...BARCODE,
        }),
      );
    default:
      return unreachable(block);
  }
}

function lines(
  sheet: Sheet,
  type: Type,
  text: string,
  width: number,
  align: 'left' | 'centre',
  air: { above: number; below: number },
): Placed {
  const wrapped = wrapText(sheet, type, text, width);
  return {
    height: air.above + wrapped.length * type.leading + air.below,
    draw: (x, top) => drawLines(sheet, type, wrapped, { x, top: top + air.above, width }, align),
  };
}

const GAP = 8;

/** Like the thermal form: a short value keeps its place at the right end, whatever is long is wrapped on its own side. */
function pair(sheet: Sheet, block: { label: string; value: string; strong: boolean }, width: number): Placed {
  const label = block.strong ? { ...LABEL, ink: INK.text } : LABEL;
  const value = block.strong ? STRONG : BODY;
  const labelWidth = widthOf(sheet, label, block.label);
  const valueWidth = widthOf(sheet, value, block.value);
  const together = labelWidth + GAP + valueWidth <= width;
  const shortValue = together || valueWidth <= width / 2;
  const beside = width - labelWidth - GAP;
  const longestWord = Math.max(...block.value.split(' ').map((word) => widthOf(sheet, value, word)));
  const shortLabel = labelWidth <= width / 2 && longestWord <= beside;
  const labels = together
    ? [block.label]
    : wrapText(sheet, label, block.label, shortValue ? width - valueWidth - GAP : width);
  const values = shortValue
    ? [block.value]
    : wrapText(sheet, value, block.value, shortLabel ? beside : width);
  // Amounts stand on the last line of a long label, long values begin beside a short one or below a long one.
  const valueRow = shortValue ? labels.length - 1 : shortLabel ? 0 : labels.length;
  return {
    height: Math.max(labels.length, valueRow + values.length) * BODY.leading,
    draw(x, top) {
      drawLines(sheet, label, labels, { x, top, width });
      drawLines(sheet, value, values, { x, top: top + valueRow * BODY.leading, width }, 'right');
    },
  };
}

function total(sheet: Sheet, block: { label: string; value: string }, width: number): Placed {
  const together =
    widthOf(sheet, TOTAL_LABEL, block.label) + GAP + widthOf(sheet, TOTAL, block.value) <= width;
  return {
    height: (together ? 0 : TOTAL_LABEL.leading) + TOTAL.leading + 7,
    draw(x, top) {
      // On one line both stand on the baseline of the larger.
      const below = together ? baselineOf(TOTAL) - baselineOf(TOTAL_LABEL) : 0;
      drawLine(sheet, TOTAL_LABEL, block.label, { x, top: top + 3 + below, width });
      drawLine(
        sheet,
        TOTAL,
        block.value,
        { x, top: top + 3 + (together ? 0 : TOTAL_LABEL.leading), width },
        'right',
      );
    },
  };
}

function stamp(sheet: Sheet, text: string, width: number): Placed {
  const wrapped = wrapText(sheet, STAMP, text, width - 20);
  const height = wrapped.length * STAMP.leading + 6;
  return {
    height: height + 9,
    draw(x, top) {
      sheet.roundedRect(x, top + 3, width, height, 3).fill(INK.text);
      drawLines(sheet, STAMP, wrapped, { x, top: top + 5, width }, 'centre');
    },
  };
}

function signature(sheet: Sheet, label: string, width: number): Placed {
  const room = 24;
  const beside = widthOf(sheet, LABEL, label) + GAP <= width * 0.7;
  const start = beside ? widthOf(sheet, LABEL, label) + GAP : 0;
  return {
    height: room + (beside ? 0 : LABEL.leading),
    draw(x, top) {
      const y = top + room - 3;
      drawLine(sheet, LABEL, label, { x, top: beside ? y - LABEL.leading + 2 : y + 1, width });
      drawRule(sheet, { x: x + start, y, width: width - start }, INK.text, 0.5);
    },
  };
}

function captioned(
  sheet: Sheet,
  caption: string,
  width: number,
  height: number,
  draw: (x: number, top: number) => void,
): Placed {
  const wrapped = caption === '' ? [] : wrapText(sheet, CAPTION, caption, width);
  const above = 7;
  return {
    height: above + height + 4 + wrapped.length * CAPTION.leading + 4,
    draw(x, top) {
      draw(x, top + above);
      drawLines(sheet, CAPTION, wrapped, { x, top: top + above + height + 4, width }, 'centre');
    },
  };
}
