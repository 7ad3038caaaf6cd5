/** Letters as the terminal writes them, and receipts without card numbers. */

/** Negotiated by tag 14 in 27 at registration; CP437 where nothing is. */
export type Charset = 'cp437' | 'utf8' | 'ascii' | 'latin1' | 'latin5';

const CP437_UPPER =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Where ISO 8859-9 differs from 8859-1. */
const LATIN5: Readonly<Record<number, string>> = {
  0xd0: 'Ğ',
  0xdd: 'İ',
  0xde: 'Ş',
  0xf0: 'ğ',
  0xfd: 'ı',
  0xfe: 'ş',
};

type OneByte = Exclude<Charset, 'utf8'>;

function letterOf(byte: number, charset: OneByte): string {
  if (byte < 0x80) return String.fromCharCode(byte);
  if (charset === 'latin1') return String.fromCharCode(byte);
  if (charset === 'latin5') return LATIN5[byte] ?? String.fromCharCode(byte);
  // A terminal that was told ASCII and still sends more sends what is its own default.
  return CP437_UPPER.charAt(byte - 0x80);
}

const bytesByLetter = (charset: OneByte): ReadonlyMap<string, number> =>
  new Map(
    Array.from(
      { length: charset === 'ascii' ? 0x80 : 0x100 },
      (_, byte) => [letterOf(byte, charset), byte] as const,
    ),
  );

const LETTERS: Readonly<Record<OneByte, ReadonlyMap<string, number>>> = {
  cp437: bytesByLetter('cp437'),
  ascii: bytesByLetter('ascii'),
  latin1: bytesByLetter('latin1'),
  latin5: bytesByLetter('latin5'),
};

const CYRILLIC = 'абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәғҹҝөүһ';
/** Letter for letter; `-` stands for none. */
const CYRILLIC_AS = (
  'a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya ' + 'i yi ye g w e g j g o u h'
)
  .split(' ')
  .map((latin) => (latin === '-' ? '' : latin));
const SMALL: readonly (readonly [string, string])[] = [
  ['ə', 'e'],
  ['ı', 'i'],
  ['ğ', 'g'],
  ['ş', 's'],
  ...[...CYRILLIC].map((letter, at) => [letter, CYRILLIC_AS[at] ?? ''] as const),
];

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const LATIN_FOR: ReadonlyMap<string, string> = new Map([
  ...SMALL.flatMap(([letter, latin]) => [
    [letter.toUpperCase(), capital(latin)] as const,
    [letter, latin] as const,
  ]),
  ['I', 'I'],
  ['İ', 'I'],
  ['₼', 'AZN'],
  ['€', 'EUR'],
  ['№', 'No'],
  ['–', '-'],
  ['—', '-'],
  ['‘', "'"],
  ['’', "'"],
  ['“', '"'],
  ['”', '"'],
  ['„', '"'],
  ['…', '...'],
  ['\u00a0', ' '],
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['Æ', 'AE'],
  ['ø', 'o'],
  ['Ø', 'O'],
]);

const UNKNOWN = 0x3f;

function bytesOfLetter(letter: string, letters: ReadonlyMap<string, number>): readonly number[] {
  const own = letters.get(letter);
  if (own !== undefined) return [own];
  const latin = LATIN_FOR.get(letter) ?? letter.normalize('NFD').replace(/\p{M}/gu, '');
  return Array.from(latin, (plain) => letters.get(plain) ?? UNKNOWN);
}

/** A text as bytes. What the charset lacks is written with what it has (ə as e, ₼ as AZN, ж as zh), else as `?`. */
export function encodeText(text: string, charset: Charset): Uint8Array {
  if (charset === 'utf8') return new TextEncoder().encode(text);
  const letters = LETTERS[charset];
  return Uint8Array.from(
    Array.from(text.normalize('NFC')).flatMap((letter) => bytesOfLetter(letter, letters)),
  );
}

/** Bytes as a text. Whatever is no UTF-8 in a text that should be is read as CP437, byte by byte: nothing is lost. */
export function decodeText(bytes: Uint8Array, charset: Charset): string {
  if (charset !== 'utf8') return Array.from(bytes, (byte) => letterOf(byte, charset)).join('');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0
        ? letterOf(bytes[at] ?? 0, 'cp437')
        : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes of well-formed UTF-8 (RFC 3629) stand for the letter here; 0 when these are none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  for (let place = 1; place < length; place += 1) if (((bytes[at + place] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  const isTooShort = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isOutside = (first === 0xed && second > 0x9f) || (first === 0xf4 && second > 0x8f);
  return isTooShort || isOutside ? 0 : length;
}

const DIGIT_RUN = /\d(?:[ -]?\d){11,}/g;
/** Groups as they stand on a card (4-4-4-4, 4-6-5), with wide gaps that are all alike: dates and columns have other ones. */
const CARD_GROUPS =
  /(?<!\d)\d{4}([ .\u00a0-]{1,3})(?:\d{4}\1\d{4}(?:\1\d{4})*(?:\1\d{1,3})?|\d{6}\1\d{4,5})(?!\d)/g;

/** Fewer digits are no card number (ISO/IEC 7812). */
export const SHORTEST_CARD = 12;

/**
 * A line without card numbers, as long as before: of twelve digits or more in a row, single spaces and dashes between them
 * or in a card's groups, six in front and four behind stay. Zeros in front do not count; no card number begins with one, but
 * EMV application ids do.
 */
export const maskText = (line: string): string =>
  line.replace(DIGIT_RUN, maskRun).replace(CARD_GROUPS, maskRun);

function maskRun(run: string): string {
  const letters = [...run];
  const places = letters.flatMap((letter, at) => (/\d/.test(letter) ? [at] : []));
  const start = places.findIndex((at) => letters[at] !== '0');
  const card = start < 0 ? [] : places.slice(start);
  if (card.length < SHORTEST_CARD) return run;
  for (const at of card.slice(6, -4)) letters[at] = '*';
  return letters.join('');
}
