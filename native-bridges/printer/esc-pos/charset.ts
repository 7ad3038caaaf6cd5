import { OWN_GLYPHS } from './glyphs.ts';

/**
 * Which bytes print which letter. Azerbaijani and English live in PC857 (Turkish), Russian in PC866; what neither has is
 * drawn by us (glyphs.ts) and stands in the place of an ASCII letter that receipts hardly ever need.
 */

/** Bytes 0x80–0xFF of each page; U+FFFD where the page has none. */
const UPPER_HALVES = {
  pc857:
    'ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\ufffdÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\ufffd×ÚÛÙìÿ¯´\ufffd±\ufffd¾¶§÷¸°¨·¹³²■\ufffd',
  pc866:
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■\ufffd',
} as const;

export type CodePage = keyof typeof UPPER_HALVES;

const byteTable = (upperHalf: string): ReadonlyMap<string, number> =>
  new Map(
    Array.from(upperHalf, (letter, i): [string, number] => [letter, 0x80 + i]).filter(
      ([letter]) => letter !== '\ufffd',
    ),
  );

const BYTES: Readonly<Record<CodePage, ReadonlyMap<string, number>>> = {
  pc857: byteTable(UPPER_HALVES.pc857),
  pc866: byteTable(UPPER_HALVES.pc866),
};

/** How one letter is printed: on any page, on one of some pages, or as a glyph of our own under an ASCII code. */
export type Printed =
  | { readonly kind: 'ascii'; readonly code: number }
  | { readonly kind: 'page'; readonly codes: ReadonlyMap<CodePage, number> }
  | { readonly kind: 'own'; readonly code: number };

const OWN_CODES: ReadonlyMap<string, number> = new Map(OWN_GLYPHS.map(({ letter, code }) => [letter, code]));

/** `undefined` when the printer cannot print the letter. */
export function printed(letter: string): Printed | undefined {
  const own = OWN_CODES.get(letter);
  if (own !== undefined) return { kind: 'own', code: own };
  if (letter === NO_BREAK_SPACE) return { kind: 'ascii', code: 0x20 };
  const code = letter.codePointAt(0) ?? 0;
  if (code >= 0x20 && code <= 0x7e) return { kind: 'ascii', code };
  const codes = new Map<CodePage, number>();
  for (const page of CODE_PAGES) {
    const byte = BYTES[page].get(letter);
    if (byte !== undefined) codes.set(page, byte);
  }
  return codes.size === 0 ? undefined : { kind: 'page', codes };
}

export const CODE_PAGES: readonly CodePage[] = ['pc857', 'pc866'];
const NO_BREAK_SPACE = '\u00a0';

/** Letters that look or read the same; the rest of what cannot be printed loses its marks or becomes `?`. */
const STAND_INS: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '‑': '-',
  '‒': '-',
  '‘': "'",
  '’': "'",
  ʼ: "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '…': '...',
  '•': '·',
  '€': 'EUR',
  '₽': 'RUB',
  '\u2009': NO_BREAK_SPACE,
  '\u202f': NO_BREAK_SPACE,
  '\u2007': NO_BREAK_SPACE,
  ә: 'ə',
  Ә: 'Ə',
  ǝ: 'ə',
  Ǝ: 'Ə',
  І: 'I',
  і: 'i',
  Ґ: 'Г',
  ґ: 'г',
};

/**
 * The text in letters this printer has, one column each: composed (NFC), typographic signs levelled, control characters and
 * loose marks dropped, everything else `?`. A line on paper is never wider than this text is long.
 */
export function printable(text: string): string {
  let out = '';
  for (const letter of text.normalize('NFC').replace(/[\r\n\t]+/g, ' ')) {
    if (/[\p{C}\p{M}]/u.test(letter)) continue;
    out += printed(letter) ? letter : (STAND_INS[letter] ?? plain(letter));
  }
  return out;
}

function plain(letter: string): string {
  const bare = letter.normalize('NFKD').replace(/\p{M}/gu, '');
  return bare !== '' && Array.from(bare).every((part) => printed(part)) ? bare : '?';
}
