import { idSchema, type Id } from '../ids.ts';
import { qepikSchema, type Qepik } from '../money.ts';
import type { Instant } from '../time.ts';
import { parseReceiptNumber } from './receipt-number.ts';

/**
 * The receipt code: what the QR on a receipt says, signed by the device that issued it, so that anyone can have it
 * verified at the centre, though it was printed while the centre was away (docs/formats/receipt.md).
 */

/** What a receipt code vouches for. */
export type ReceiptFacts = {
  readonly deviceId: Id;
  /** The payment, or the storno when the receipt is one. */
  readonly paymentId: Id;
  readonly receiptNo: string;
  /** Positive: money taken. Negative: money given back (storno). */
  readonly total: Qepik;
  /** The workstation's time, to the millisecond. */
  readonly takenAt: Instant;
};

export type ReceiptCode = {
  readonly facts: ReceiptFacts;
  /** The text the device signed: `verify(signature, utf8(payload), devicePublicKey)`, Ed25519. */
  readonly payload: string;
  /** base64url, 86 characters. */
  readonly signature: string;
};

const VERSION = 1;
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;

/**
 * The text to be signed: base64url of the JSON array `[1, device, payment, receiptNo, total, takenAtMs]`, both ids as
 * their 16 bytes in base64url. Kept short: every character makes the QR larger.
 */
export function receiptCodePayload(facts: ReceiptFacts): string {
  const takenAtMs = Date.parse(facts.takenAt);
  const fields = [
    VERSION,
    packId(facts.deviceId),
    packId(facts.paymentId),
    facts.receiptNo,
    facts.total,
    takenAtMs,
  ];
  return toBase64url(Array.from(JSON.stringify(fields), (letter) => letter.charCodeAt(0)));
}

/** The whole receipt code; `signText` is the device key's. */
export function receiptCode(facts: ReceiptFacts, signText: (text: string) => string): string {
  const payload = receiptCodePayload(facts);
  return `${payload}.${signText(payload)}`;
}

/** The address in the QR: the centre's verify address (with or without a slash at its end) and the code. */
export const receiptAddress = (verifyUrl: string, code: string): string =>
  `${verifyUrl.replace(/\/+$/, '')}/${code}`;

/**
 * Reads a receipt code, or the address that ends in one. `undefined`: not a receipt code. It is well-formed and written
 * the only way there is, but not yet genuine: whoever knows the device's public key checks `signature` over `payload`.
 */
export function parseReceiptCode(text: string): ReceiptCode | undefined {
  const [payload = '', signature = '', ...rest] = text.trim().replace(/^.*\//, '').split('.');
  if (rest.length > 0 || !SIGNATURE.test(signature)) return undefined;
  const facts = parseFacts(payload);
  // One text per fact: a second spelling of the same receipt would escape comparisons by text.
  if (!facts || receiptCodePayload(facts) !== payload) return undefined;
  return { facts, payload, signature };
}

function parseFacts(payload: string): ReceiptFacts | undefined {
  const bytes = fromBase64url(payload);
  if (!bytes) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(String.fromCharCode(...bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!Array.isArray(fields) || fields.length !== 6 || fields[0] !== VERSION) return undefined;
  const [, device, payment, receiptNo, total, takenAtMs]: unknown[] = fields;
  const deviceId = unpackId(device);
  const paymentId = unpackId(payment);
  const amount = qepikSchema.safeParse(total);
  if (!deviceId || !paymentId || !amount.success) return undefined;
  if (typeof receiptNo !== 'string' || !parseReceiptNumber(receiptNo)) return undefined;
  if (typeof takenAtMs !== 'number' || !Number.isSafeInteger(takenAtMs) || Math.abs(takenAtMs) > 8.64e15)
    return undefined;
  return { deviceId, paymentId, receiptNo, total: amount.data, takenAt: new Date(takenAtMs).toISOString() };
}

/** A UUID's 16 bytes in base64url: 22 characters for 36. */
function packId(id: Id): string {
  const hex = id.replaceAll('-', '');
  return toBase64url(Array.from({ length: 16 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16)));
}

function unpackId(packed: unknown): Id | undefined {
  const bytes = typeof packed === 'string' ? fromBase64url(packed) : undefined;
  if (bytes?.length !== 16) return undefined;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const id = idSchema.safeParse(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  return id.success ? id.data : undefined;
}

// RFC 4648 §5 without padding. Written out: this folder runs where neither Node nor a browser is.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function toBase64url(bytes: readonly number[]): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const chunk = bytes.slice(i, i + 3);
    const bits = ((chunk[0] ?? 0) << 16) | ((chunk[1] ?? 0) << 8) | (chunk[2] ?? 0);
    for (let k = 0; k <= chunk.length; k += 1) text += ALPHABET.charAt((bits >> (18 - 6 * k)) & 63);
  }
  return text;
}

function fromBase64url(text: string): number[] | undefined {
  if (!/^[A-Za-z0-9_-]{1,1000}$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(letter)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push((bits >> held) & 255);
  }
  return bytes;
}
