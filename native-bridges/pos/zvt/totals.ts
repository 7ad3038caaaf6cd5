import { bcd, bcdNumber, digitsOf, joined } from './bcd.ts';

/**
 * BMP 60 (ZVT PA00P015): first and last receipt number, then for each scheme how many (one byte) and how much (six bytes of
 * digits, minor units), in this order.
 */
export const SCHEMES = ['girocard', 'jcb', 'mastercard', 'amex', 'visa', 'diners', 'other'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** Card types of BMP 8A. */
const SCHEME_OF_TYPE: Readonly<Record<number, Scheme>> = {
  5: 'girocard',
  6: 'mastercard',
  8: 'amex',
  10: 'visa',
  12: 'diners',
  14: 'jcb',
};

export type Sums = { readonly count: number; readonly sum: number };

export type Totals = Sums & {
  readonly receiptFrom: string;
  readonly receiptTo: string;
  readonly perScheme: Readonly<Record<Scheme, Sums>>;
};

const NUMBERS = 4;
const SLOT = 7;
const LENGTH = NUMBERS + SCHEMES.length * SLOT;

/** Null where the bytes are no totals: a wrong length or no digits. Never a part of them. */
export function decodeTotals(bytes: Uint8Array): Totals | null {
  if (bytes.length !== LENGTH) return null;
  const receiptFrom = digitsOf(bytes.subarray(0, 2));
  const receiptTo = digitsOf(bytes.subarray(2, NUMBERS));
  if (receiptFrom === null || receiptTo === null) return null;
  const perScheme = new Map<Scheme, Sums>();
  for (const [place, scheme] of SCHEMES.entries()) {
    const at = NUMBERS + place * SLOT;
    const digits = digitsOf(bytes.subarray(at + 1, at + SLOT));
    if (digits === null) return null;
    perScheme.set(scheme, { count: bytes[at] ?? 0, sum: Number(digits) });
  }
  const of = (scheme: Scheme): Sums => perScheme.get(scheme) ?? { count: 0, sum: 0 };
  const all = [...perScheme.values()];
  return {
    receiptFrom,
    receiptTo,
    count: all.reduce((count, one) => count + one.count, 0),
    sum: all.reduce((sum, one) => sum + one.sum, 0),
    perScheme: {
      girocard: of('girocard'),
      jcb: of('jcb'),
      mastercard: of('mastercard'),
      amex: of('amex'),
      visa: of('visa'),
      diners: of('diners'),
      other: of('other'),
    },
  };
}

/**
 * Empty when the field cannot say it: more than 255 of a scheme, or less than nothing. The till then knows that it does not
 * know.
 */
export function encodeTotals(day: {
  readonly receiptFrom: string;
  readonly receiptTo: string;
  readonly perCard: readonly { readonly cardType: number; readonly count: number; readonly sum: number }[];
}): Uint8Array {
  const slots = SCHEMES.map((scheme) => {
    const cards = day.perCard.filter(({ cardType }) => (SCHEME_OF_TYPE[cardType] ?? 'other') === scheme);
    const count = cards.reduce((all, card) => all + card.count, 0);
    const sum = cards.reduce((all, card) => all + card.sum, 0);
    return { count, sum };
  });
  if (slots.some(({ count, sum }) => count > 0xff || sum < 0 || sum > 999_999_999_999))
    return new Uint8Array();
  return joined([
    bcd(day.receiptFrom, 2),
    bcd(day.receiptTo, 2),
    ...slots.flatMap(({ count, sum }) => [Uint8Array.of(count), bcdNumber(sum, 6)]),
  ]);
}
