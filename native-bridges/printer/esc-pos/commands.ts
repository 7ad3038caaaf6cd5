import { GLYPH_HEIGHT, GLYPH_WIDTH, packGlyph, type OwnGlyph } from './glyphs.ts';

/**
 * ESC/POS commands as bytes, named after what they do; the code in each comment is the command's name in the reference.
 * Numbers are dots unless said otherwise.
 */

const ESC = 0x1b;
const FS = 0x1c;
const GS = 0x1d;
const DLE = 0x10;

/** ESC @: forget everything set before, user-defined glyphs too. */
export const initialise = [ESC, 0x40];
/** FS .: bytes above 0x7F are letters of the code page, not halves of Chinese ones. */
export const singleByteText = [FS, 0x2e];
/** ESC R 0: `#`, `$`, `[`… as in ASCII. */
export const asciiSymbols = [ESC, 0x52, 0];
/** ESC M 0: font A, 12 × 24 dots. */
export const fontA = [ESC, 0x4d, 0];
/** ESC t n. */
export const codePage = (number: number): number[] => [ESC, 0x74, number];
/** ESC &: draws glyphs for consecutive codes. */
export const defineGlyphs = (glyphs: readonly OwnGlyph[]): number[] => [
  ESC,
  0x26,
  GLYPH_HEIGHT / 8,
  glyphs[0]?.code ?? 0,
  glyphs.at(-1)?.code ?? 0,
  ...glyphs.flatMap(({ rows }) => [GLYPH_WIDTH, ...packGlyph(rows)]),
];
/** ESC % n: user-defined glyphs in place of their codes. */
export const ownGlyphs = (on: boolean): number[] => [ESC, 0x25, Number(on)];
/** ESC E n. */
export const bold = (on: boolean): number[] => [ESC, 0x45, Number(on)];
/** GS B n: white on black. */
export const reverse = (on: boolean): number[] => [GS, 0x42, Number(on)];
/** GS ! n: width and height, 1 to 8 times. */
export const size = (width: number, height: number): number[] => [
  GS,
  0x21,
  ((width - 1) << 4) | (height - 1),
];
/** ESC a n. */
export const align = (to: 'left' | 'centre'): number[] => [ESC, 0x61, to === 'centre' ? 1 : 0];
/** ESC J n. */
export const feed = (dots: number): number[] => [ESC, 0x4a, dots];
/** Prints the line. */
export const lineEnd = [0x0a];
/** GS V 66 n: feeds to the knife and cuts, but for one point. */
export const cut = [GS, 0x56, 66, 0];
/** ESC p: opens the drawer on connector pin 2, 100 ms on, 500 ms off. */
export const drawerPulse = [ESC, 0x70, 0, 50, 250];
/** DLE EOT n: asks at once, even in the middle of a print. 1 printer, 2 why it is off line, 4 paper. */
export const statusRequest = (which: 1 | 2 | 4): number[] => [DLE, 0x04, which];

/** GS ( k, functions 165, 167, 169, 180, 181: model 2, level M, `module` dots to a module. */
export function qrCode(data: string, module: number): number[] {
  const bytes = [...new TextEncoder().encode(data)];
  return [
    ...symbol(0x41, [0x32, 0]),
    ...symbol(0x43, [module]),
    ...symbol(0x45, [0x31]),
    ...symbol(0x50, [0x30, ...bytes]),
    ...symbol(0x51, [0x30]),
  ];
}

const symbol = (fn: number, parameters: readonly number[]): number[] => {
  const length = parameters.length + 2;
  return [GS, 0x28, 0x6b, length & 0xff, length >> 8, 0x31, fn, ...parameters];
};

/** GS h, GS w, GS H 0, GS k 73: Code 128 without text of its own. `text` is printable ASCII. */
export function code128(text: string, module: number, height: number): number[] {
  const data = code128Data(text);
  return [GS, 0x68, height, GS, 0x77, module, GS, 0x48, 0, GS, 0x6b, 73, data.length, ...data];
}

/**
 * Code set B, and set C for runs of digits, where two make one symbol: from four digits on at either end, from six inside
 * (ISO/IEC 15417, annex E). `{` announces a set and stands for itself when doubled.
 */
export function code128Data(text: string): number[] {
  const data: number[] = [];
  let set = '';
  const enter = (wanted: string): void => {
    if (set !== wanted) data.push(0x7b, wanted.charCodeAt(0));
    set = wanted;
  };
  for (let at = 0; at < text.length;) {
    const digits = /^\d*/.exec(text.slice(at))?.[0].length ?? 0;
    const atEdge = at === 0 || at + digits === text.length;
    // An odd run leaves its first digit to set B, unless it opens the code, where set C may start at once.
    const odd = digits % 2 === 1 && at > 0 ? 1 : 0;
    const pairs = digits - odd >= (atEdge ? 4 : 6) ? Math.floor((digits - odd) / 2) : 0;
    if (pairs > 0) {
      if (odd) {
        enter('B');
        data.push(text.charCodeAt(at));
      }
      enter('C');
      for (let i = 0; i < pairs; i += 1)
        data.push(Number(text.slice(at + odd + 2 * i, at + odd + 2 * i + 2)));
      at += odd + 2 * pairs;
    } else {
      enter('B');
      const run = Math.max(digits, 1);
      for (const letter of text.slice(at, at + run))
        data.push(...(letter === '{' ? [0x7b, 0x7b] : [letter.charCodeAt(0)]));
      at += run;
    }
  }
  return data;
}

/** Modules a Code 128 symbol is wide: start, symbols, check (11 each) and stop (13); without quiet zones. */
export function code128Modules(text: string): number {
  const data = code128Data(text);
  let symbols = 0;
  for (let i = 0; i < data.length; i += 1) {
    if (data[i] === 0x7b) i += 1;
    symbols += 1;
  }
  return (symbols + 1) * 11 + 13;
}

// ISO/IEC 18004, table 7: bytes that versions 1, 2, … hold at level M.
const QR_BYTES_M = [
  14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779,
  857, 911, 997, 1059,
];

/** Modules a QR of level M is wide, without its quiet zone. `undefined`: more than any receipt should hold. */
export function qrModules(data: string): number | undefined {
  const bytes = new TextEncoder().encode(data).length;
  const version = QR_BYTES_M.findIndex((capacity) => bytes <= capacity) + 1;
  return version === 0 ? undefined : 17 + 4 * version;
}
