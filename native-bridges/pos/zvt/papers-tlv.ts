import type { PtMessage, Tlv } from './message.ts';
import { decodeText, encodeText, type Charset } from './text.ts';
import { decodeTlv, encodeTlv, findTlv } from './tlv.ts';

/** Texts inside TLV containers (ZVT PA00P015): a status's own words, and whole receipts (06 D3). */

const STATUS_TEXT = 0x24;
const BLOCK = 0x25;
const LINE = 0x07;
const ATTRIBUTE = 0x09;
const RECEIPT_TYPE = 0x1f07;
const CHARSET = 0x14;

type Block = Pick<Extract<PtMessage, { name: 'printBlock' }>, 'receiptType' | 'lines'>;

/** Tag 14: ISO 8859-1 and -9 of the sixteen, UTF-8, CP437. Others are read as the charset that was negotiated. */
const CHARSETS: ReadonlyMap<number, Charset> = new Map([
  [0x00, 'ascii'],
  [0x01, 'latin1'],
  [0x09, 'latin5'],
  [0xfe, 'utf8'],
  [0xff, 'cp437'],
]);

const charsetOf = (objects: readonly Tlv[], negotiated: Charset): Charset =>
  CHARSETS.get(findTlv(objects, CHARSET)?.value[0] ?? -1) ?? negotiated;

/** The words of an intermediate status, its lines one under the other; undefined where it has none. */
export function decodeStatusText(tlv: readonly Tlv[], negotiated: Charset): string | undefined {
  const texts = findTlv(tlv, STATUS_TEXT);
  if (texts === undefined) return undefined;
  const { objects } = decodeTlv(texts.value);
  const charset = charsetOf(objects, charsetOf(tlv, negotiated));
  const lines = objects.filter(({ tag }) => tag === LINE).map(({ value }) => decodeText(value, charset));
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** The container of an intermediate status with its words, where it has not got them already. */
export function withStatusText(
  tlv: readonly Tlv[] | undefined,
  text: string | undefined,
  charset: Charset,
): readonly Tlv[] | undefined {
  if (text === undefined || findTlv(tlv ?? [], STATUS_TEXT) !== undefined) return tlv;
  const lines = text.split('\n').map((line) => ({ tag: LINE, value: encodeText(line, charset) }));
  return [...(tlv ?? []), { tag: STATUS_TEXT, value: encodeTlv(lines) }];
}

const TYPES = ['unknown', 'merchant', 'customer', 'admin'] as const;

/** A receipt's type and lines. An attribute is that of the lines behind it, until the next. */
export function decodeBlock(tlv: readonly Tlv[], negotiated: Charset): Block {
  const outer = charsetOf(tlv, negotiated);
  const lines: { attribute: number; text: string }[] = [];
  for (const block of tlv.filter(({ tag }) => tag === BLOCK)) {
    const { objects } = decodeTlv(block.value);
    const charset = charsetOf(objects, outer);
    let attribute = 0;
    for (const { tag, value } of objects) {
      if (tag === ATTRIBUTE) attribute = value[0] ?? 0;
      if (tag === LINE) lines.push({ attribute, text: decodeText(value, charset) });
    }
  }
  return { receiptType: TYPES[findTlv(tlv, RECEIPT_TYPE)?.value[0] ?? 0] ?? 'unknown', lines };
}

export function encodeBlock({ receiptType, lines }: Block, charset: Charset): readonly Tlv[] {
  const type = TYPES.indexOf(receiptType);
  const objects = lines.flatMap(({ attribute, text }) => [
    { tag: ATTRIBUTE, value: Uint8Array.of(attribute) },
    { tag: LINE, value: encodeText(text, charset) },
  ]);
  return [
    ...(type === 0 ? [] : [{ tag: RECEIPT_TYPE, value: Uint8Array.of(type) }]),
    { tag: BLOCK, value: encodeTlv(objects) },
  ];
}
