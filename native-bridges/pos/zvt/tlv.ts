import { joined } from './bcd.ts';
import type { Tlv } from './message.ts';

/**
 * Tag-length-value objects (ZVT PA00P015, chapter 9), after the basic encoding rules of ASN.1: lengths of more than 7F take
 * 81 xx or 82 xx xx, high byte first, the opposite of an APDU's own.
 */

/** Bit 6 of a tag's first byte: its value is made of objects. */
export const isConstructed = (tag: number): boolean => {
  let first = tag;
  while (first > 0xff) first = Math.floor(first / 0x100);
  return (first & 0x20) !== 0;
};

function tagBytes(tag: number): number[] {
  const bytes: number[] = [];
  for (let rest = tag; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100);
  return bytes.length === 0 ? [0] : bytes;
}

function lengthBytes(length: number): number[] {
  if (length <= 0x7f) return [length];
  if (length <= 0xff) return [0x81, length];
  if (length <= 0xffff) return [0x82, length >> 8, length & 0xff];
  throw new RangeError(`a value of ${String(length)} bytes`);
}

export function encodeTlv(objects: readonly Tlv[]): Uint8Array {
  return joined(
    objects.map(({ tag, value }) =>
      joined([Uint8Array.from([...tagBytes(tag), ...lengthBytes(value.length)]), value]),
    ),
  );
}

/** A length field and what follows it, as it stands in a container. */
export const withLength = (value: Uint8Array): Uint8Array =>
  joined([Uint8Array.from(lengthBytes(value.length)), value]);

/** A length and the place behind it; null where there is none: cut off, 80, or more than two bytes. */
export function readLength(bytes: Uint8Array, at: number): { length: number; next: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first <= 0x7f) return { length: first, next: at + 1 };
  const [high, low] = [bytes[at + 1], bytes[at + 2]];
  if (first === 0x81 && high !== undefined) return { length: high, next: at + 2 };
  if (first === 0x82 && high !== undefined && low !== undefined)
    return { length: high * 0x100 + low, next: at + 3 };
  return null;
}

/** Longer tags are in no specification; they would not fit a number either. */
const LONGEST_TAG = 4;

function readTag(bytes: Uint8Array, at: number): { tag: number; next: number } | null {
  let byte = bytes[at];
  if (byte === undefined) return null;
  let tag = byte;
  let next = at + 1;
  if ((byte & 0x1f) !== 0x1f) return { tag, next };
  do {
    byte = bytes[next];
    if (byte === undefined || next - at === LONGEST_TAG) return null;
    tag = tag * 0x100 + byte;
    next += 1;
  } while ((byte & 0x80) !== 0);
  return { tag, next };
}

/** The objects of some bytes as views of them, in order; `rest` is what could not be read, empty when all is well. */
export function readTlvSpans(bytes: Uint8Array): { spans: Tlv[]; rest: Uint8Array } {
  const spans: Tlv[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = readTag(bytes, at);
    const length = tag === null ? null : readLength(bytes, tag.next);
    if (tag === null || length === null || length.next + length.length > bytes.length) break;
    const end = length.next + length.length;
    spans.push({ tag: tag.tag, value: bytes.subarray(length.next, end) });
    at = end;
  }
  return { spans, rest: bytes.subarray(at) };
}

/** The objects of some bytes, in order; `rest` is what could not be read, empty when all is well. */
export function decodeTlv(bytes: Uint8Array): { objects: Tlv[]; rest: Uint8Array } {
  const { spans, rest } = readTlvSpans(bytes);
  return { objects: spans.map(({ tag, value }) => ({ tag, value: value.slice() })), rest: rest.slice() };
}

/** The first object with the tag, at this level. */
export const findTlv = (objects: readonly Tlv[], tag: number): Tlv | undefined =>
  objects.find((object) => object.tag === tag);
