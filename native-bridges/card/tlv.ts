/** BER-TLV data objects (ISO/IEC 7816-4 §5.2.2), within bounds. Pure. */

export type DataObject = {
  readonly tag: number;
  readonly value: Uint8Array;
  /** What is in a constructed object; empty for a primitive one. */
  readonly children: readonly DataObject[];
};

const MOST_DEPTH = 8;
const MOST_OBJECTS = 256;
const MOST_TAG_BYTES = 3;
const MOST_LENGTH_BYTES = 3;

/**
 * Reads a row of data objects. 00 and FF between them are padding. Null: a tag of more than three bytes, a length that is
 * indefinite or passes the end, deeper than 8 or more than 256 objects.
 */
export function parseTlv(bytes: Uint8Array): readonly DataObject[] | null {
  let left = MOST_OBJECTS;

  function row(part: Uint8Array, depth: number): DataObject[] | null {
    const objects: DataObject[] = [];
    let at = 0;
    while (at < part.length) {
      if (part[at] === 0x00 || part[at] === 0xff) {
        at += 1;
        continue;
      }
      left -= 1;
      if (left < 0) return null;
      const tag = tagAt(part, at);
      const length = tag === null ? null : lengthAt(part, at + tag.size);
      if (tag === null || length === null) return null;
      const from = at + tag.size + length.size;
      if (from + length.value > part.length) return null;
      const value = part.slice(from, from + length.value);
      const children = isConstructed(part[at] ?? 0) ? nested(value, depth) : [];
      if (children === null) return null;
      objects.push({ tag: tag.value, value, children });
      at = from + length.value;
    }
    return objects;
  }

  const nested = (value: Uint8Array, depth: number): DataObject[] | null =>
    depth === MOST_DEPTH ? null : row(value, depth + 1);

  return row(bytes, 1);
}

const isConstructed = (first: number): boolean => (first & 0x20) !== 0;

type Sized = { readonly value: number; readonly size: number };

function tagAt(bytes: Uint8Array, at: number): Sized | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if ((first & 0x1f) !== 0x1f) return { value: first, size: 1 };
  let value = first;
  for (let size = 2; size <= MOST_TAG_BYTES; size += 1) {
    const next = bytes[at + size - 1];
    if (next === undefined) return null;
    value = value * 256 + next;
    if ((next & 0x80) === 0) return { value, size };
  }
  return null;
}

function lengthAt(bytes: Uint8Array, at: number): Sized | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 0x80) return { value: first, size: 1 };
  const more = first & 0x7f;
  if (more === 0 || more > MOST_LENGTH_BYTES || at + more >= bytes.length) return null;
  let value = 0;
  for (let i = 1; i <= more; i += 1) value = value * 256 + (bytes[at + i] ?? 0);
  return { value, size: 1 + more };
}

/** The value of the one object with this tag; null where there is none or more than one. */
export function valueOf(objects: readonly DataObject[], tag: number): Uint8Array | null {
  const [found, another] = objects.filter((object) => object.tag === tag);
  return found === undefined || another !== undefined ? null : found.value;
}

/** The bytes of a primitive or constructed object: the card's side. Values up to 65 535 bytes. */
export function writeTlv(tag: number, ...values: readonly Uint8Array[]): Uint8Array {
  const length = values.reduce((sum, value) => sum + value.length, 0);
  const tagBytes = tag > 0xffff ? [tag >> 16, tag >> 8, tag] : tag > 0xff ? [tag >> 8, tag] : [tag];
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([
    ...tagBytes.map((byte) => byte & 0xff),
    ...lengthBytes,
    ...values.flatMap((value) => [...value]),
  ]);
}
