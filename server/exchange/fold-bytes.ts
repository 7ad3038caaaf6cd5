import { foldText } from '../../contracts/rules/fold-text.ts';

/**
 * `foldText` on UTF-8 bytes for the letters that lists are made of (one and two bytes long). The tables are made by
 * `foldText` itself, letter by letter, so there is one rule; what depends on its neighbours or unfolds into several
 * letters is left to it.
 */

const MARK = 0; // vanishes
const BLANK = 0x20;
const OTHER = 1; // not for the tables

const foldOne = (codePoint: number): number => {
  const char = String.fromCodePoint(codePoint);
  // At the start, inside and at the end of a word: a final sigma, for one, differs.
  const folded = [
    foldText(`${char}x`).slice(0, -1),
    foldText(`x${char}x`).slice(1, -1),
    foldText(`x${char}`).slice(1),
  ];
  const inside = folded[1] ?? '';
  if (inside === ' ') return BLANK;
  if (folded.some((one) => one !== inside)) return OTHER;
  if (inside === '') return MARK;
  const code = inside.codePointAt(0) ?? 0;
  return inside.length === 1 && code < 0x800 ? code : OTHER;
};

const TABLE = Uint16Array.from({ length: 0x800 }, (_, codePoint) => foldOne(codePoint));

/** Folded text longer than its source never is: what the tables hold is at most as long as what it stands for. */
for (let codePoint = 0; codePoint < 0x80; codePoint += 1)
  if ((TABLE[codePoint] ?? 0) >= 0x80) TABLE[codePoint] = OTHER;

/**
 * Folds `source[from, to)` (valid UTF-8) into `target` at `at`, preceded by a blank when `at` is beyond `begin` (words
 * before it). Gives the new end, or −1 when `foldText` must do it.
 */
export function foldBytes(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  begin: number,
  at: number,
): number {
  let end = at;
  let blank = end > begin;
  for (let p = from; p < to; p += 1) {
    const byte = source[p] ?? 0;
    let codePoint = byte;
    if (byte >= 0x80) {
      if (byte >= 0xe0) return -1;
      p += 1;
      codePoint = ((byte & 0x1f) << 6) | ((source[p] ?? 0) & 0x3f);
    }
    const folded = TABLE[codePoint] ?? OTHER;
    if (folded > BLANK) {
      if (blank) {
        target[end++] = BLANK;
        blank = false;
      }
      if (folded < 0x80) {
        target[end++] = folded;
      } else {
        target[end++] = 0xc0 | (folded >>> 6);
        target[end++] = 0x80 | (folded & 0x3f);
      }
    } else if (folded === BLANK) {
      blank = end > begin;
    } else if (folded === OTHER) {
      return -1;
    }
  }
  return end;
}
