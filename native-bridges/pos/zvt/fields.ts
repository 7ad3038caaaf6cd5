import { bcd, bcdNumber, digitsOf, joined } from './bcd.ts';
import { BITMAPS, CARD_SECRET_TAGS, digitsLength, readDigitsLength } from './bitmaps.ts';
import type { Fields, Tlv } from './message.ts';
import { decodeText, encodeText, type Charset } from './text.ts';
import { decodeTlv, encodeTlv, findTlv, isConstructed, readLength, withLength } from './tlv.ts';

/** Bitmaps of a message as fields by their meaning, and back (ZVT PA00P015, chapter 4). */

type Bitmap = { readonly id: number; readonly at: number; readonly value: Uint8Array };
type Read = {
  readonly bitmaps: readonly Bitmap[];
  readonly stopped: { readonly at: number; readonly why: string } | null;
};

export type FieldsRead = { readonly fields: Fields; readonly doubts: readonly string[] };

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

function spanOf(bytes: Uint8Array, at: number): { from: number; to: number } | 'unknown' | 'cutOff' {
  const length = BITMAPS.get(bytes[at] ?? -1);
  if (length === undefined) return 'unknown';
  if (typeof length === 'number') return within(bytes, at + 1, length);
  const field = length === 'tlv' ? readLength(bytes, at + 1) : readDigitsLength(bytes, at + 1, length.length);
  return field === null ? 'cutOff' : within(bytes, field.next, field.length);
}

const within = (bytes: Uint8Array, from: number, length: number): { from: number; to: number } | 'cutOff' =>
  from + length > bytes.length ? 'cutOff' : { from, to: from + length };

/** Where each bitmap's value stands, until one that cannot be read. */
export function readBitmaps(bytes: Uint8Array, from = 0): Read {
  const bitmaps: Bitmap[] = [];
  let at = from;
  while (at < bytes.length) {
    const span = spanOf(bytes, at);
    if (span === 'unknown' || span === 'cutOff') return { bitmaps, stopped: { at, why: span } };
    bitmaps.push({ id: bytes[at] ?? 0, at, value: bytes.subarray(span.from, span.to) });
    at = span.to;
  }
  return { bitmaps, stopped: null };
}

/** Longer rests are not searched: no status information is so long, and noise must not cost time. */
const SEARCHED = 512;

/**
 * What can be read behind an unknown bitmap, whose length nobody knows. Only what stands in a row of known bitmaps that
 * ends exactly with the message, repeats nothing and is well-formed throughout; and in it only what `isSure`. Of two rows
 * that differ in a value neither is believed.
 */
function behind(bytes: Uint8Array, at: number, before: readonly Bitmap[]): readonly Bitmap[] {
  if (bytes.length - at > SEARCHED) return [];
  const seen = new Set(before.map(({ id }) => id));
  const found = new Map<number, Bitmap | null>();
  for (let from = at + 1; from < bytes.length; from += 1) {
    const { bitmaps, stopped } = readBitmaps(bytes, from);
    const ids = bitmaps.map(({ id }) => id);
    const isWhole = stopped === null && new Set(ids).size === ids.length && !ids.some((id) => seen.has(id));
    if (!isWhole || !bitmaps.every(isWellFormed)) continue;
    for (const bitmap of bitmaps.filter(isSure)) {
      const other = found.get(bitmap.id);
      found.set(bitmap.id, other === undefined || other?.at === bitmap.at ? bitmap : null);
    }
  }
  return [...found.values()].filter((bitmap) => bitmap !== null);
}

/** Digits that must stand before a field of the row: what the unknown one ends with may look like a field or two. */
const SURE_DIGITS = 10;

/** The first of a row may be the tail of the unknown one. An amount of fewer than a million is recognised by its zeros. */
function isSure({ id, value }: Bitmap, place: number, row: readonly Bitmap[]): boolean {
  const digits = row
    .slice(0, place)
    .filter((one) => DIGITS_ONLY.has(one.id))
    .reduce((sum, one) => sum + one.value.length * 2, 0);
  return digits >= SURE_DIGITS || (id === 0x04 && place > 0 && value[0] === 0 && value[1] === 0);
}

const DIGITS_ONLY: ReadonlySet<number> = new Set([
  0x04, 0x0b, 0x0c, 0x0d, 0x29, 0x37, 0x49, 0x87, 0x88, 0xaa,
]);

const isWellFormed = ({ id, value }: Bitmap): boolean =>
  (!DIGITS_ONLY.has(id) || digitsOf(value) !== null) && (id !== 0x06 || decodeTlv(value).rest.length === 0);

/** Bitmaps that must not say two things. */
const SAYS_ONE_THING: ReadonlySet<number> = new Set([0x04, 0x27, 0x49, 0x87]);

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Reads the bitmaps from `from` to the end. What cannot be read is named in `doubts`; a doubtful number is left out. */
export function decodeFields(bytes: Uint8Array, from: number, charset: Charset): FieldsRead {
  const { bitmaps, stopped } = readBitmaps(bytes, from);
  const doubts: string[] = [];
  let all = bitmaps;
  if (stopped !== null) {
    const recovered = stopped.why === 'unknown' ? behind(bytes, stopped.at, bitmaps) : [];
    all = [...bitmaps, ...recovered];
    const ids = recovered.map(({ id }) => hex(id)).join(' ');
    const name = `bitmap ${hex(bytes[stopped.at] ?? 0)} at ${String(stopped.at)}`;
    doubts.push(
      stopped.why === 'cutOff'
        ? `${name} is cut off`
        : `${name} is unknown${ids === '' ? '' : `; read behind it: ${ids}`}`,
    );
  }
  const contradicted = new Set(
    all
      .filter(({ id, value }) => all.some((other) => other.id === id && !sameBytes(other.value, value)))
      .map(({ id }) => id)
      .filter((id) => SAYS_ONE_THING.has(id)),
  );
  for (const id of contradicted) doubts.push(`bitmap ${hex(id)} says two things`);
  let fields: Fields = {};
  for (const bitmap of all) {
    if (contradicted.has(bitmap.id)) continue;
    const field = fieldOf(bitmap, charset);
    if (typeof field === 'string') doubts.push(field);
    else fields = { ...fields, ...field };
  }
  const named = withNames(fields);
  doubts.push(...doubtsOfTlv(all));
  return { fields: named, doubts };
}

const doubtsOfTlv = (bitmaps: readonly Bitmap[]): readonly string[] =>
  bitmaps
    .filter(({ id, value }) => id === 0x06 && decodeTlv(value).rest.length > 0)
    .map(() => 'the TLV container is not read to its end');

type DigitsField =
  'terminalId' | 'trace' | 'originalTrace' | 'receiptNo' | 'turnoverNo' | 'time' | 'date' | 'longDate';
type ByteField =
  'timeout' | 'maxStatusInfos' | 'serviceByte' | 'statusByte' | 'result' | 'cardType' | 'hostResult';

const DIGITS: ReadonlyMap<number, readonly [DigitsField, number]> = new Map([
  [0xaa, ['longDate', 3]],
  [0x29, ['terminalId', 4]],
  [0x0b, ['trace', 3]],
  [0x37, ['originalTrace', 3]],
  [0x87, ['receiptNo', 2]],
  [0x88, ['turnoverNo', 3]],
  [0x0c, ['time', 3]],
  [0x0d, ['date', 2]],
]);

const BYTES: ReadonlyMap<number, ByteField> = new Map([
  [0x01, 'timeout'],
  [0x02, 'maxStatusInfos'],
  [0x03, 'serviceByte'],
  [0x19, 'statusByte'],
  [0x27, 'result'],
  [0x8a, 'cardType'],
  [0xa0, 'hostResult'],
]);

/** What one bitmap says; a text: why it says nothing. */
function fieldOf({ id, value }: Bitmap, charset: Charset): Fields | string {
  const byte = BYTES.get(id);
  if (byte !== undefined) return { [byte]: value[0] ?? 0 };
  const digits = digitsOf(value);
  const named = DIGITS.get(id);
  if (named !== undefined) return digits === null ? notDigits(id) : { [named[0]]: digits };
  switch (id) {
    case 0x04:
      return digits === null ? notDigits(id) : { amount: Number(digits) };
    case 0x49:
      return digits === null ? notDigits(id) : { currency: Number(digits) };
    case 0x22: {
      const maskedPan = maskedPanOf(value);
      return maskedPan === null ? 'bitmap 22 is no card number' : { maskedPan };
    }
    case 0x2a:
      return { merchantId: trimmed(decodeText(value, 'cp437')) };
    case 0x3b:
      return { authCode: trimmed(decodeText(value, 'cp437')) };
    case 0x8b:
      return { cardName: trimmed(decodeText(value, charset)) };
    case 0x3c:
      return { text: decodeText(value, charset) };
    case 0x60:
      return { totals: Uint8Array.from(value) };
    case 0x06:
      return { tlv: withoutCardSecrets(decodeTlv(value).objects) };
    default:
      return {};
  }
}

const notDigits = (id: number): string => `bitmap ${hex(id)} is not made of digits`;

/** Without the zeros and spaces a fixed field is filled up with. */
const trimmed = (text: string): string => text.replace(/[\0 ]+$/, '');

/**
 * BMP 22: six digits in front and four behind at the most, whatever the terminal sends. E is a digit it masked itself, F
 * fills up. Null when there are other half bytes.
 */
function maskedPanOf(value: Uint8Array): string | null {
  const nibbles = Array.from(value, hex).join('').replace(/F$/, '');
  if (!/^[0-9E]+$/.test(nibbles)) return null;
  return maskedPan(nibbles.replaceAll('E', '*'));
}

/** A card number as the contract has it, `416973******1234`. */
export function maskedPan(number: string): string {
  // Of a short number less is shown: a head and a tail that overlap would be the whole of it.
  const head = /^\d{0,6}/.exec(number.slice(0, Math.max(0, number.length - 6)))?.[0] ?? '';
  const tail = /\d{0,4}$/.exec(number.slice(head.length + 1))?.[0] ?? '';
  return head + '*'.repeat(Math.max(1, number.length - head.length - tail.length)) + tail;
}

/** Objects in objects in objects: no terminal goes deeper than three, and noise must not go on without end. */
const DEEPEST = 8;

/** Tracks and card numbers out of EMV do not leave the decoder either. */
function withoutCardSecrets(objects: readonly Tlv[], depth = 0): readonly Tlv[] {
  return objects
    .filter(({ tag }) => !CARD_SECRET_TAGS.has(tag) && !(isConstructed(tag) && depth === DEEPEST))
    .map((object) => {
      if (!isConstructed(object.tag)) return object;
      const { objects: inner, rest } = decodeTlv(object.value);
      const clean = withoutCardSecrets(inner, depth + 1);
      const isSame = clean.length === inner.length && clean.every((one, at) => one === inner[at]);
      return isSame ? object : { tag: object.tag, value: joined([encodeTlv(clean), rest]) };
    });
}

const REFERENCE = 0x1f1f;
const LONG_TRACE = 0x1f2b;

/** What stands in the container and has a name of its own. */
function withNames(fields: Fields): Fields {
  if (fields.tlv === undefined) return fields;
  const reference = findTlv(fields.tlv, REFERENCE)?.value;
  const longTrace = findTlv(fields.tlv, LONG_TRACE)?.value;
  const trace = longTrace === undefined || longTrace.length === 0 ? null : digitsOf(longTrace);
  const isReplaced = trace !== null && (fields.trace === undefined || Number(fields.trace) === 0);
  return {
    ...fields,
    ...(isReplaced ? { trace } : {}),
    ...(reference === undefined || reference.length === 0
      ? {}
      : { reference: Array.from(reference, hex).join('').toLowerCase() }),
  };
}

/** The objects of the container, with those that have a name of their own added where they are missing. */
function containerOf({ tlv, reference, trace }: Fields): readonly Tlv[] | undefined {
  const objects = [...(tlv ?? [])];
  if (trace !== undefined && trace.length > 6 && findTlv(objects, LONG_TRACE) === undefined)
    objects.push({ tag: LONG_TRACE, value: bcd(trace, Math.ceil(trace.length / 2)) });
  if (reference !== undefined && findTlv(objects, REFERENCE) === undefined)
    objects.push({ tag: REFERENCE, value: hexBytes(reference) });
  return objects.length === 0 && tlv === undefined ? undefined : objects;
}

function hexBytes(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) throw new RangeError(`not hex: ${text}`);
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * The fields as bitmaps.
 *
 * @throws RangeError when a value does not fit its field: a wrong number is never sent
 */
export function encodeFields(fields: Fields & { readonly name?: string }, charset: Charset): Uint8Array {
  const parts: Uint8Array[] = [];
  const put = (id: number, value: Uint8Array): void => void parts.push(Uint8Array.of(id), value);
  const ll = (id: number, value: Uint8Array): void => put(id, joined([digitsLength(value.length, 2), value]));
  const lll = (id: number, value: Uint8Array): void =>
    put(id, joined([digitsLength(value.length, 3), value]));

  putBytes(fields, [0x27], put);
  if (fields.amount !== undefined) put(0x04, bcdNumber(fields.amount, 6));
  if (fields.currency !== undefined) put(0x49, bcdNumber(fields.currency, 2));
  putBytes(fields, [0x19, 0x01, 0x02, 0x03, 0x8a, 0xa0], put);
  for (const [id, [name, length]] of DIGITS) {
    const digits = fields[name];
    if (digits === undefined) continue;
    put(id, name === 'trace' && digits.length > length * 2 ? bcd('', length) : bcd(digits, length));
  }
  if (fields.merchantId !== undefined) put(0x2a, filled(fields.merchantId, 15, 0x20));
  if (fields.maskedPan !== undefined) ll(0x22, panBytes(fields.maskedPan));
  if (fields.cardName !== undefined)
    ll(0x8b, joined([encodeText(fields.cardName, charset), Uint8Array.of(0)]));
  if (fields.authCode !== undefined) put(0x3b, filled(fields.authCode, 8, 0));
  if (fields.text !== undefined) lll(0x3c, encodeText(fields.text, charset));
  if (fields.totals !== undefined) lll(0x60, fields.totals);
  const container = containerOf(fields);
  if (container !== undefined) put(0x06, withLength(encodeTlv(container)));
  return joined(parts);
}

function putBytes(
  fields: Fields,
  ids: readonly number[],
  put: (id: number, value: Uint8Array) => void,
): void {
  for (const id of ids) {
    const name = BYTES.get(id);
    const value = name === undefined ? undefined : fields[name];
    if (value === undefined) continue;
    put(id, byteOf(value));
  }
}

export function byteOf(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xff)
    throw new RangeError(`no byte: ${String(value)}`);
  return Uint8Array.of(value);
}

function filled(text: string, length: number, by: number): Uint8Array {
  const bytes = encodeText(text, 'ascii');
  if (bytes.length > length)
    throw new RangeError(`${String(bytes.length)} letters in a field of ${String(length)}`);
  return Uint8Array.from({ length }, (_, at) => bytes[at] ?? by);
}

function panBytes(masked: string): Uint8Array {
  if (!/^[\d*]+$/.test(masked)) throw new RangeError('no masked card number');
  const nibbles = masked.replaceAll('*', 'e') + (masked.length % 2 === 0 ? '' : 'f');
  return hexBytes(nibbles);
}
