/** What the meter writes back onto its card (docs/protocols/card.md, "The meter's area"). */

export const METER_AREA_BYTES = 32;
/** Seconds from the Unix epoch to 2000-01-01 UTC, from which meters count. */
const METER_EPOCH_SECONDS = 946_684_800;

export type MeterArea = {
  /** The meter has seen this card before: it will take what is loaded. */
  readonly known: boolean;
  readonly tamper: boolean;
  readonly batteryLow: boolean;
  readonly shutOff: boolean;
  /** The card's counter up to which the meter has taken the loads. */
  readonly takenThrough: number;
  /** In the card's unit, as everything below that is an amount. */
  readonly remaining: number;
  readonly consumption: number;
  readonly lastTaken: number;
  /** By the meter's own clock, Unix milliseconds; null when the meter has never written. */
  readonly writtenAt: number | null;
  readonly meter: string;
};

const FLAG = { known: 1, tamper: 2, batteryLow: 4, shutOff: 8 } as const;

/** Reads the 32 bytes at `offset`; the caller has checked the length. Any 32 bytes are an area. */
export function readMeterArea(bytes: Uint8Array, offset: number): MeterArea {
  const view = viewOf(bytes);
  const flags = view.getUint8(offset);
  const seconds = view.getUint32(offset + 17);
  return {
    known: (flags & FLAG.known) !== 0,
    tamper: (flags & FLAG.tamper) !== 0,
    batteryLow: (flags & FLAG.batteryLow) !== 0,
    shutOff: (flags & FLAG.shutOff) !== 0,
    takenThrough: view.getUint32(offset + 1),
    remaining: view.getUint32(offset + 5),
    consumption: view.getUint32(offset + 9),
    lastTaken: view.getUint32(offset + 13),
    writtenAt: seconds === 0 ? null : (seconds + METER_EPOCH_SECONDS) * 1000,
    meter: readText(bytes, offset + 21, 8),
  };
}

/** The 32 bytes of an area: the meter's side, for virtual cards and tests. */
export function writeMeterArea(area: MeterArea): Uint8Array {
  const bytes = new Uint8Array(METER_AREA_BYTES);
  const view = viewOf(bytes);
  view.setUint8(
    0,
    (area.known ? FLAG.known : 0) |
      (area.tamper ? FLAG.tamper : 0) |
      (area.batteryLow ? FLAG.batteryLow : 0) |
      (area.shutOff ? FLAG.shutOff : 0),
  );
  view.setUint32(1, area.takenThrough);
  view.setUint32(5, area.remaining);
  view.setUint32(9, area.consumption);
  view.setUint32(13, area.lastTaken);
  view.setUint32(17, area.writtenAt === null ? 0 : Math.floor(area.writtenAt / 1000) - METER_EPOCH_SECONDS);
  bytes.set(textBytes(area.meter, 8), 21);
  return bytes;
}

/** A view over exactly these bytes, whatever buffer they lie in. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** ASCII without the padding; what is not printable ASCII becomes `?`, because it goes onto screens. */
export function readText(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (const byte of bytes.subarray(offset, offset + length))
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  return text.trimEnd();
}

/** ASCII padded with spaces to `length`; longer text is cut. */
export function textBytes(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x20);
  for (let i = 0; i < Math.min(text.length, length); i += 1) bytes[i] = text.charCodeAt(i) & 0x7f;
  return bytes;
}

/** Joins pieces of bytes; a number is one byte. */
export function join(...pieces: readonly (Uint8Array | number)[]): Uint8Array {
  const length = pieces.reduce<number>(
    (sum, piece) => sum + (typeof piece === 'number' ? 1 : piece.length),
    0,
  );
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'number') bytes[at] = piece;
    else bytes.set(piece, at);
    at += typeof piece === 'number' ? 1 : piece.length;
  }
  return bytes;
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}
