import PDFDocument from 'pdfkit';
import { FONT_FILES, type Face } from './fonts.ts';
import type { Symbol2d } from './symbols.ts';

/** Drawing on a PDF page in points, text by its baseline. Nothing here knows what a receipt is. */

export const MM = 72 / 25.4;

/** Inks of paper: the screen's own, so that a receipt is recognised (AA on white). */
export const INK = {
  text: '#14212b',
  quiet: '#51626f',
  rule: '#9aa7b0',
  brand: '#0b5c6b',
  paper: '#ffffff',
} as const;

/** A face at a size in points, with room between baselines. */
export type Type = {
  readonly face: Face;
  readonly size: number;
  readonly leading: number;
  readonly ink: string;
};

export type Sheet = PDFKit.PDFDocument;

/** An empty document with our faces; pages are added when their height is known. */
export function openSheet(facts: { title: string; language: string }): Sheet {
  const sheet = new PDFDocument({
    autoFirstPage: false,
    compress: true,
    lang: facts.language,
    displayTitle: true,
    info: { Title: facts.title, Author: 'KÖMİS', Creator: 'KÖMİS IPW' },
  });
  for (const [face, file] of Object.entries(FONT_FILES)) sheet.registerFont(face, file);
  return sheet;
}

/** Ends the document and hands over its bytes. */
export function closeSheet(sheet: Sheet): Promise<Uint8Array> {
  return new Promise((settle, reject) => {
    const parts: Buffer[] = [];
    sheet.on('data', (part: Buffer) => parts.push(part));
    sheet.on('end', () => settle(new Uint8Array(Buffer.concat(parts))));
    sheet.on('error', reject);
    sheet.end();
  });
}

export const widthOf = (sheet: Sheet, type: Type, text: string): number =>
  sheet.font(type.face).fontSize(type.size).widthOfString(text);

/** Breaks at spaces (not at no-break spaces); a word wider than the line is broken between letters. */
export function wrapText(sheet: Sheet, type: Type, text: string, width: number): string[] {
  const fits = (candidate: string): boolean => widthOf(sheet, type, candidate) <= width;
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .normalize('NFC')
    .split(/[ \t\r\n]+/)
    .filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const letter of word) {
      if (line !== '' && !fits(line + letter)) {
        lines.push(line);
        line = '';
      }
      line += letter;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

export type Align = 'left' | 'centre' | 'right';

/** How far below the top of its line a text stands. 0.28 of the size below it clears ş, ç, ğ and щ. */
export const baselineOf = (type: Type): number => type.leading - 0.28 * type.size;

/** One line within `width`. */
export function drawLine(
  sheet: Sheet,
  type: Type,
  text: string,
  at: { x: number; top: number; width: number },
  align: Align = 'left',
): void {
  const slack = at.width - widthOf(sheet, type, text);
  const x = at.x + (align === 'left' ? 0 : align === 'right' ? slack : slack / 2);
  sheet.font(type.face).fontSize(type.size).fillColor(type.ink);
  sheet.text(text, x, at.top + baselineOf(type), { lineBreak: false, baseline: 'alphabetic' });
}

export function drawLines(
  sheet: Sheet,
  type: Type,
  lines: readonly string[],
  at: { x: number; top: number; width: number },
  align: Align = 'left',
): void {
  lines.forEach((line, i) => drawLine(sheet, type, line, { ...at, top: at.top + i * type.leading }, align));
}

/** A thin line across. */
export function drawRule(
  sheet: Sheet,
  at: { x: number; y: number; width: number },
  ink: string = INK.rule,
  weight = 0.6,
): void {
  sheet
    .moveTo(at.x, at.y)
    .lineTo(at.x + at.width, at.y)
    .lineWidth(weight)
    .strokeColor(ink)
    .stroke();
}

/** A symbol as filled rectangles, scaled to a box: vector, sharp at any resolution. */
export function drawSymbol(
  sheet: Sheet,
  symbol: Symbol2d,
  box: { x: number; y: number; width: number; height: number },
): void {
  const unit = box.width / symbol.modules;
  const rows = Math.max(...symbol.bars.map((bar) => bar.y + bar.height));
  for (const bar of symbol.bars)
    sheet.rect(
      box.x + bar.x * unit,
      box.y + (bar.y * box.height) / rows,
      bar.width * unit,
      (bar.height * box.height) / rows,
    );
  // Black itself, not ink: scanners like contrast. One path, so that no hairline shows between the rectangles.
  sheet.fill('#000000');
}
