/** Frames of the serial line (ZVT PA00P016, chapter 3): `10 02`, the APDU with every 10 doubled, `10 03`, checksum. */

const DLE = 0x10;
const STX = 0x02;
const ETX = 0x03;
const ACK = 0x06;
const NAK = 0x15;

/** Class, instruction, FF, two length bytes, and as much data as they can say. */
export const MAX_APDU = 5 + 0xffff;

/**
 * CRC-16/KERMIT (reflected, polynomial 8408, begins with 0, nothing added at the end). The specification calls it after
 * XMODEM, which is another one.
 */
export function crc16(bytes: Iterable<number>): number {
  let crc = 0;
  for (const byte of bytes) crc = crcWith(crc, byte);
  return crc;
}

function crcWith(before: number, byte: number): number {
  let crc = before ^ byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0x8408;
  return crc;
}

/** An APDU as it goes onto the serial line. The checksum covers the undoubled APDU and ETX, low byte first, never doubled. */
export function encodeFrame(apdu: Uint8Array): Uint8Array {
  const frame = [DLE, STX];
  for (const byte of apdu) {
    if (byte === DLE) frame.push(DLE);
    frame.push(byte);
  }
  const crc = crcWith(crc16(apdu), ETX);
  frame.push(DLE, ETX, crc & 0xff, crc >> 8);
  return Uint8Array.from(frame);
}

export type FrameEvent =
  | { readonly kind: 'frame'; readonly apdu: Uint8Array }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nak' }
  | { readonly kind: 'error'; readonly why: 'crc' | 'framing' | 'tooLong' };

type Place = 'outside' | 'outsideDle' | 'inside' | 'insideDle' | 'crcLow' | 'crcHigh';

/**
 * Finds frames and link answers in what comes from the line, in pieces of any size. Outside a frame everything but 06, 15
 * and 10 02 is noise; 10 02 inside a frame begins a new one. Holds `MAX_APDU` bytes at the most.
 */
export class FrameDecoder {
  #place: Place = 'outside';
  #held: number[] = [];
  #crcLow = 0;

  /** Whether a frame has begun and not ended: T1 runs. */
  get pending(): boolean {
    return this.#place !== 'outside' && this.#place !== 'outsideDle';
  }

  /** Bytes held of the frame that has begun. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Forgets the frame that has begun. */
  reset(): void {
    this.#place = 'outside';
    this.#held = [];
  }

  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    for (const byte of chunk) {
      const event = this.#take(byte);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #take(byte: number): FrameEvent | null {
    switch (this.#place) {
      case 'outside':
        return this.#outside(byte);
      case 'outsideDle':
        if (byte === STX) return this.#begin();
        return this.#outside(byte);
      case 'inside':
        if (byte !== DLE) return this.#hold(byte);
        this.#place = 'insideDle';
        return null;
      case 'insideDle':
        return this.#afterDle(byte);
      case 'crcLow':
        this.#crcLow = byte;
        this.#place = 'crcHigh';
        return null;
      case 'crcHigh':
        return this.#end(byte);
    }
  }

  #outside(byte: number): FrameEvent | null {
    this.#place = byte === DLE ? 'outsideDle' : 'outside';
    if (byte === ACK) return { kind: 'ack' };
    return byte === NAK ? { kind: 'nak' } : null;
  }

  #begin(): null {
    this.#place = 'inside';
    this.#held = [];
    return null;
  }

  #hold(byte: number): FrameEvent | null {
    this.#place = 'inside';
    if (this.#held.length === MAX_APDU) return this.#fail('tooLong');
    this.#held.push(byte);
    return null;
  }

  #afterDle(byte: number): FrameEvent | null {
    if (byte === DLE) return this.#hold(DLE);
    if (byte === STX) return this.#begin();
    if (byte !== ETX) return this.#fail('framing');
    this.#place = 'crcLow';
    return null;
  }

  #end(crcHigh: number): FrameEvent {
    const apdu = Uint8Array.from(this.#held);
    if (crcWith(crc16(apdu), ETX) === (this.#crcLow | (crcHigh << 8))) {
      this.reset();
      return { kind: 'frame', apdu };
    }
    const error = this.#fail('crc');
    // Where the checksum got lost, what was taken for it is the beginning of the next frame.
    if (this.#crcLow === DLE && crcHigh === STX) this.#begin();
    else if (crcHigh === DLE) this.#place = 'outsideDle';
    return error;
  }

  #fail(why: 'crc' | 'framing' | 'tooLong'): FrameEvent {
    this.reset();
    return { kind: 'error', why };
  }
}
