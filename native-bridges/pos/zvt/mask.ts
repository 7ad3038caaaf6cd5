import { isKnownCode } from './apdu.ts';
import { joined } from './bcd.ts';
import { BITMAPS, CARD_SECRET_TAGS, CARD_SECRETS } from './bitmaps.ts';
import { readBitmaps } from './fields.ts';
import { FrameDecoder } from './frame.ts';
import { decodeText, maskText, SHORTEST_CARD } from './text.ts';
import { isConstructed, readTlvSpans } from './tlv.ts';

/**
 * Messages for the recording: hex that can still be decoded, without card numbers, tracks and passwords. A masked digit is E
 * as terminals themselves write it, in a text it is a star. What is understood is masked by its meaning; in what is not,
 * every row of digits that a card number may be part of.
 */

const DLE = 0x10;
const STX = 0x02;
const SECRET = 0xee;
const STAR = 0x2a;

/** Digits of the longest card number, ISO/IEC 7812. */
const LONGEST = 19;
const HEAD = 6;
const TAIL = 4;

/** Commands of the till that begin with the password. */
const WITH_PASSWORD: ReadonlySet<number> = new Set([
  0x0600, 0x0610, 0x0612, 0x0620, 0x0622, 0x0623, 0x0624, 0x0625, 0x0630, 0x0631, 0x0650, 0x0670, 0x0693,
  0x0501,
]);
const REGISTRATION = 0x0600;
const INTERMEDIATE = 0x04ff;
const ABORTED = 0x061e;
const PRINT_LINE = 0x06d1;

/** Fields that are numbers of another kind, and cannot be a card's. */
const NO_CARD: ReadonlySet<number> = new Set([
  0x01, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x17, 0x19, 0x27, 0x29, 0x37, 0x49, 0x60, 0x87, 0x88,
  0x8a, 0x8c, 0xa0, 0xaa, 0xba,
]);
/** Texts: rows of digits in them are letters. */
const TEXTS: ReadonlySet<number> = new Set([0x2a, 0x3b, 0x3c, 0x8b]);
const TEXT_TAGS: ReadonlySet<number> = new Set([0x07, 0x44, 0x46, 0x47, 0x1f17]);

/** An APDU, or a frame around one, as hex for the recording. Never throws. */
export function maskFrame(bytes: Uint8Array): string {
  const apdu = unframed(bytes);
  // The checksum would give masked digits away.
  return apdu === null ? hexOf(maskedPiece(bytes)) : `1002${hexOf(masked(apdu))}1003`;
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function unframed(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] !== DLE || bytes[1] !== STX) return null;
  const [event, ...others] = new FrameDecoder().push(bytes);
  return event?.kind === 'frame' && others.length === 0 ? event.apdu : null;
}

const codeOf = (apdu: Uint8Array): number => ((apdu[0] ?? 0) << 8) | (apdu[1] ?? 0);

/** Where the data begins and where it is said to end. */
function dataOf(apdu: Uint8Array): { from: number; to: number } {
  if (apdu[2] === 0xff) return { from: 5, to: 5 + ((apdu[3] ?? 0) | ((apdu[4] ?? 0) << 8)) };
  return { from: 3, to: 3 + (apdu[2] ?? 0) };
}

/**
 * What is no whole message may begin anywhere, in the middle of a card number too, and in a broken frame the doubled bytes
 * spoil the check digit: of every row of digits in it the middle is masked, besides what is recognised.
 */
function maskedPiece(bytes: Uint8Array): Uint8Array {
  const isFrame = bytes[0] === DLE && bytes[1] === STX;
  const piece = masked(isFrame ? bytes.subarray(2) : bytes);
  const code = codeOf(bytes);
  const isKnown = isKnownCode(code) || WITH_PASSWORD.has(code);
  const isWhole = isKnown && dataOf(bytes).to === bytes.length;
  if (isFrame || !isWhole) maskUnknown(piece, () => true);
  return isFrame ? joined([bytes.subarray(0, 2), piece]) : piece;
}

function masked(apdu: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(apdu);
  const code = codeOf(bytes);
  const data = bytes.subarray(Math.min(bytes.length, dataOf(bytes).from));
  if (code === PRINT_LINE) maskTextField(data.subarray(1));
  else maskData(data, placeOfBitmaps(code, data));
  return bytes;
}

/** How many bytes stand before the bitmaps; passwords among them are starred out. */
function placeOfBitmaps(code: number, data: Uint8Array): number {
  if (WITH_PASSWORD.has(code)) data.fill(SECRET, 0, 3);
  if (code === REGISTRATION) return Math.min(6, data.length);
  if (WITH_PASSWORD.has(code)) return Math.min(3, data.length);
  if (code === INTERMEDIATE || code === ABORTED) return Math.min(data[1] === 0x06 ? 1 : 2, data.length);
  return 0;
}

function maskData(data: Uint8Array, from: number): void {
  const { bitmaps, stopped } = readBitmaps(data, from);
  for (const { id, value } of bitmaps) maskBitmap(id, value);
  // Where no field is understood, what stands before them is no status or result either.
  if (stopped !== null) maskUnknown(data.subarray(bitmaps.length === 0 ? 0 : stopped.at));
}

function maskBitmap(id: number, value: Uint8Array): void {
  if (CARD_SECRETS.has(id)) value.fill(SECRET);
  else if (id === 0x22) maskHalves(value, 0, value.length * 2);
  else if (id === 0x06) maskContainer(value);
  else if (TEXTS.has(id)) maskTextField(value);
  else if (!NO_CARD.has(id) && BITMAPS.has(id)) maskUnknown(value);
}

/** Objects in objects: noise must not go on without end. */
const DEEPEST = 8;

function maskContainer(bytes: Uint8Array, depth = 0): void {
  const { spans, rest } = readTlvSpans(bytes);
  for (const { tag, value } of spans) {
    if (CARD_SECRET_TAGS.has(tag)) value.fill(SECRET);
    else if (isConstructed(tag) && depth < DEEPEST) maskContainer(value, depth + 1);
    else if (TEXT_TAGS.has(tag)) maskTextField(value);
    else maskUnknown(value);
  }
  maskUnknown(rest);
}

/** A field for text, unless there is something else in it. Fixed ones are filled up with 00. */
function maskTextField(bytes: Uint8Array): void {
  if (bytes.every((byte) => byte >= 0x20 || byte === 0)) maskLetters(bytes);
  else maskUnknown(bytes);
}

function maskUnknown(bytes: Uint8Array, isCard = hasCardNumber): void {
  maskLetters(bytes);
  maskPacked(bytes, isCard);
}

/** One letter a byte: the stars stand where the digits stood. */
function maskLetters(bytes: Uint8Array): void {
  const line = decodeText(bytes, 'cp437');
  const shown = maskText(line);
  if (shown === line) return;
  for (let at = 0; at < bytes.length; at += 1) if (shown[at] !== line[at]) bytes[at] = STAR;
}

const half = (bytes: Uint8Array, at: number): number => {
  const byte = bytes[at >> 1] ?? 0;
  return at % 2 === 0 ? byte >> 4 : byte & 0x0f;
};

function maskHalf(bytes: Uint8Array, at: number): void {
  const byte = bytes[at >> 1] ?? 0;
  bytes[at >> 1] = at % 2 === 0 ? 0xe0 | (byte & 0x0f) : (byte & 0xf0) | 0x0e;
}

/** Six in front and four behind stay, fewer of a short number. */
function maskHalves(bytes: Uint8Array, from: number, to: number): void {
  const last = to > from && half(bytes, to - 1) === 0x0f ? to - 1 : to;
  const tail = Math.min(TAIL, Math.max(0, last - from - 1));
  const head = Math.min(HEAD, Math.max(0, last - from - HEAD));
  for (let at = from + head; at < last - tail; at += 1) maskHalf(bytes, at);
}

/** Rows of packed digits, beginning at either half of a byte, that have a card number in them. */
function maskPacked(bytes: Uint8Array, isCard: typeof hasCardNumber): void {
  const end = bytes.length * 2;
  let start = 0;
  for (let at = 0; at <= end; at += 1) {
    if (at < end && half(bytes, at) <= 9) continue;
    while (start < at && half(bytes, start) === 0) start += 1;
    if (at - start >= SHORTEST_CARD && isCard(bytes, start, at)) maskHalves(bytes, start, at);
    start = at + 1;
  }
}

/** Whether any twelve to nineteen digits of a row pass the check of card numbers and begin with another digit than 0. */
function hasCardNumber(bytes: Uint8Array, from: number, to: number): boolean {
  // The check digit is found from behind, so every end of a number is tried and the sum grows to the front.
  for (let last = to; last >= from + SHORTEST_CARD; last -= 1) {
    let sum = 0;
    for (let length = 1; length <= Math.min(LONGEST, last - from); length += 1) {
      const digit = half(bytes, last - length);
      const doubled = digit * (length % 2 === 1 ? 1 : 2);
      sum += doubled > 9 ? doubled - 9 : doubled;
      if (length >= SHORTEST_CARD && digit !== 0 && sum % 10 === 0) return true;
    }
  }
  return false;
}
