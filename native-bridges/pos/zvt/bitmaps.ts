/**
 * How long each bitmap is (ZVT PA00P015, chapter 4): so many bytes, `ll` and `lll` two or three length digits in front,
 * `tlv` a length after BER. An unknown bitmap cannot be skipped.
 */
export type BitmapLength = number | 'll' | 'lll' | 'tlv';

const FIXED: readonly (readonly [length: number, bitmaps: readonly number[]])[] = [
  [1, [0x01, 0x02, 0x03, 0x05, 0x19, 0x27, 0x72, 0x73, 0x74, 0x75, 0x8a, 0x8c, 0xa0]],
  [1, [0xd0, 0xd2, 0xd3, 0xe0, 0xe9, 0xea, 0xf0, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd]],
  [2, [0x0d, 0x0e, 0x17, 0x3a, 0x49, 0x87]],
  [3, [0x0b, 0x0c, 0x37, 0x3d, 0x88, 0xaa]],
  [4, [0x29, 0x70, 0x71]],
  [5, [0xba]],
  [6, [0x04]],
  [8, [0x3b, 0xeb]],
  [15, [0x2a]],
];

const LL = [0x22, 0x23, 0x2d, 0x4c, 0x8b, 0xa7, 0xd1];
const LL_FROM_TO = [
  [0xe1, 0xe8],
  [0xf1, 0xf8],
] as const;
const LLL = [0x24, 0x2e, 0x3c, 0x60, 0x92, 0x9a, 0xaf];

export const BITMAPS: ReadonlyMap<number, BitmapLength> = new Map<number, BitmapLength>([
  ...FIXED.flatMap(([length, bitmaps]) => bitmaps.map((bitmap) => [bitmap, length] as const)),
  ...LL.map((bitmap) => [bitmap, 'll'] as const),
  ...LL_FROM_TO.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, at) => [from + at, 'll'] as const),
  ),
  ...LLL.map((bitmap) => [bitmap, 'lll'] as const),
  [0x06, 'tlv'],
]);

/** Tracks, chip data and the code on the back of the card: they are read over and never handed on. */
export const CARD_SECRETS: ReadonlySet<number> = new Set([0x23, 0x24, 0x2d, 0x2e, 0x3a]);

/** The same out of EMV, as objects in a container: tracks (56, 57, 9F6B, 9F1F, 9F20) and the card number (5A). */
export const CARD_SECRET_TAGS: ReadonlySet<number> = new Set([0x56, 0x57, 0x5a, 0x9f1f, 0x9f20, 0x9f6b]);

/** `F1 F2` is 12: a digit in the low half of every byte, F in the high one. */
export function readDigitsLength(
  bytes: Uint8Array,
  at: number,
  digits: number,
): { length: number; next: number } | null {
  let length = 0;
  for (let place = 0; place < digits; place += 1) {
    const byte = bytes[at + place];
    if (byte === undefined || byte >> 4 !== 0xf || (byte & 0x0f) > 9) return null;
    length = length * 10 + (byte & 0x0f);
  }
  return { length, next: at + digits };
}

/** @throws RangeError when the length does not fit the digits */
export function digitsLength(length: number, digits: number): Uint8Array {
  const text = String(length).padStart(digits, '0');
  if (text.length > digits)
    throw new RangeError(`${String(length)} bytes in a field of ${String(digits)} length digits`);
  return Uint8Array.from(text, (digit) => 0xf0 | Number(digit));
}
