import { existsSync, readFileSync, statSync } from 'node:fs';
import { EPSON_80, interpret, lineText } from '../../native-bridges/printer/testing/esc-pos-interpreter.ts';
import { nameGlyph } from '../../native-bridges/printer/testing/known-glyphs.ts';

/** The roll of the counter's printer (a spool file): what a printer would have put on paper from those bytes. */
export type PaperRoll = {
  readonly path: string;
  /** How long the roll is now. */
  mark(): number;
  /** What came out since a mark: the lines, and what the QR codes and barcodes say. */
  since(mark: number): { readonly text: string; readonly codes: readonly string[] };
};

export const paperRoll = (path: string): PaperRoll => ({
  path,
  mark: () => (existsSync(path) ? statSync(path).size : 0),
  since(mark) {
    const printed = existsSync(path) ? interpret(readFileSync(path).subarray(mark), EPSON_80) : [];
    return {
      text: printed
        .flatMap((one) => (one.kind === 'line' ? [lineText(one, nameGlyph).trimEnd()] : []))
        .join('\n'),
      codes: printed.flatMap((one) =>
        one.kind === 'qr' ? [one.data] : one.kind === 'barcode' ? [one.text] : [],
      ),
    };
  },
});
