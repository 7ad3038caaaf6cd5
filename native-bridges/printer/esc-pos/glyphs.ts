/**
 * Letters that no code page of the printer has, drawn for font A (12 × 24 dots): capitals stand on rows 3–19, small letters
 * on rows 8–19, strokes are two dots wide like those of the printer's own font. Each takes the place of an ASCII code while
 * the user-defined set is on (ESC %); `code`s follow one another, so that one ESC & defines them all.
 */
export type OwnGlyph = { readonly letter: string; readonly code: number; readonly rows: readonly string[] };

export const GLYPH_WIDTH = 12;
export const GLYPH_HEIGHT = 24;

export const OWN_GLYPHS: readonly OwnGlyph[] = [
  {
    letter: 'ə',
    code: 0x7b,
    rows: [
      '            ',
      '            ',
      '            ',
      '            ',
      '            ',
      '            ',
      '            ',
      '            ',
      '   ######   ',
      '  ########  ',
      ' ##      ## ',
      '         ## ',
      '         ## ',
      ' ########## ',
      ' ########## ',
      ' ##      ## ',
      ' ##      ## ',
      ' ###    ### ',
      '  ########  ',
      '    ####    ',
      '            ',
      '            ',
      '            ',
      '            ',
    ],
  },
  {
    letter: 'Ə',
    code: 0x7c,
    rows: [
      '            ',
      '            ',
      '            ',
      '   ######   ',
      '  ########  ',
      ' ###    ### ',
      ' ##      ## ',
      '         ## ',
      '         ## ',
      '         ## ',
      ' ########## ',
      ' ########## ',
      ' ##      ## ',
      ' ##      ## ',
      ' ##      ## ',
      ' ##      ## ',
      ' ##      ## ',
      ' ###    ### ',
      '  ########  ',
      '    ####    ',
      '            ',
      '            ',
      '            ',
      '            ',
    ],
  },
  {
    letter: '₼',
    code: 0x7d,
    rows: [
      '            ',
      '            ',
      '            ',
      '     ##     ',
      '     ##     ',
      '     ##     ',
      '   ######   ',
      '  ########  ',
      ' ### ## ### ',
      ' ##  ##  ## ',
      '##   ##   ##',
      '##   ##   ##',
      '##   ##   ##',
      '##   ##   ##',
      '##   ##   ##',
      '##   ##   ##',
      '##   ##   ##',
      '##   ##   ##',
      '##        ##',
      '##        ##',
      '            ',
      '            ',
      '            ',
      '            ',
    ],
  },
];

/** A drawing as ESC & wants it: column by column, three bytes each, the top dot in the highest bit. */
export function packGlyph(rows: readonly string[]): number[] {
  const bytes: number[] = [];
  for (let column = 0; column < GLYPH_WIDTH; column += 1) {
    for (let top = 0; top < GLYPH_HEIGHT; top += 8) {
      let byte = 0;
      for (let bit = 0; bit < 8; bit += 1)
        byte = (byte << 1) | (rows[top + bit]?.charAt(column) === '#' ? 1 : 0);
      bytes.push(byte);
    }
  }
  return bytes;
}
