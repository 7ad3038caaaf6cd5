import {
  METER_AREA_BYTES,
  join,
  readMeterArea,
  readText,
  textBytes,
  u32,
  viewOf,
  type MeterArea,
} from './meter-area.ts';
import { UNITS, unitOf, type CardUnit } from './purse.ts';

/** The image of the reference memory card (docs/protocols/card.md, class B). */

export const IMAGE_BYTES = 256;
export const RECORD_BYTES = 40;
/** A record without its MAC. */
export const RECORD_BODY_BYTES = 32;
export const CHIP_HEADER = Uint8Array.of(0xa2, 0x13, 0x10, 0x91);
export const HEADER_AT = 0x20;
export const METER_AREA_AT = 0x90;
export type Slot = 'a' | 'b';
export const SLOT_AT: Readonly<Record<Slot, number>> = { a: 0x40, b: 0x68 };

const MAGIC = Uint8Array.of(0x4b, 0x4d, 0x42, 0x31);

export type MemoryHeader = {
  readonly cardId: Uint8Array;
  /** Three digits. */
  readonly company: string;
  readonly unit: CardUnit;
  readonly keyRevision: number;
  readonly meter: string;
};

/** The header of an image. Null: not our card, or damaged. */
export function readHeader(image: Uint8Array): MemoryHeader | null {
  if (image.length !== IMAGE_BYTES) return null;
  const header = image.subarray(HEADER_AT, HEADER_AT + 32);
  if (!MAGIC.every((byte, i) => header[i] === byte)) return null;
  if (viewOf(header).getUint32(28) !== crc32(header.subarray(0, 28))) return null;
  const unit = unitOf(header[15] ?? 0);
  const company = readText(header, 12, 3);
  if (unit === null || !/^\d{3}$/.test(company)) return null;
  return {
    cardId: header.slice(4, 12),
    company,
    unit,
    keyRevision: header[16] ?? 0,
    meter: readText(header, 17, 8),
  };
}

export function writeHeader({ cardId, company, unit, keyRevision, meter }: MemoryHeader): Uint8Array {
  const body = join(
    MAGIC,
    cardId,
    textBytes(company, 3),
    UNITS[unit],
    keyRevision,
    textBytes(meter, 8),
    new Uint8Array(3),
  );
  return join(body, u32(crc32(body)));
}

export type MemoryRecord = {
  readonly sequence: number;
  readonly loadId: Uint8Array;
  readonly amount: number;
  /** Σ of all loads up to this one, modulo 2³². */
  readonly credit: number;
};

/** A record's 32 bytes without its MAC. */
export const writeRecordBody = ({ sequence, loadId, amount, credit }: MemoryRecord): Uint8Array =>
  join(u32(sequence), loadId, u32(amount), u32(credit), new Uint8Array(4));

/** What stands in a slot: the record, its 32 bytes and its MAC, which only the centre can check. */
export function readSlot(
  image: Uint8Array,
  slot: Slot,
): { readonly record: MemoryRecord; readonly body: Uint8Array; readonly mac: Uint8Array } {
  const at = SLOT_AT[slot];
  const body = image.slice(at, at + RECORD_BODY_BYTES);
  const view = viewOf(body);
  return {
    record: {
      sequence: view.getUint32(0),
      loadId: body.slice(4, 20),
      amount: view.getUint32(20),
      credit: view.getUint32(24),
    },
    body,
    mac: image.slice(at + RECORD_BODY_BYTES, at + RECORD_BYTES),
  };
}

export const recordMacInput = (cardId: Uint8Array, body: Uint8Array): Uint8Array => join(0x52, cardId, body);

export const readImageMeterArea = (image: Uint8Array): MeterArea =>
  readMeterArea(image.subarray(METER_AREA_AT, METER_AREA_AT + METER_AREA_BYTES), 0);

/** CRC-32 (IEEE 802.3: reflected, polynomial EDB88320, all ones in and out). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
