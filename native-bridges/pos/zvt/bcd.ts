/** Packed decimal digits (ZVT PA00P015, chapter 4): two a byte, the high half first. */

const digit = (nibble: number): string => (nibble < 10 ? String(nibble) : '');

/** The digits of some bytes; null where a half byte is none. */
export function digitsOf(bytes: Uint8Array): string | null {
  let digits = '';
  for (const byte of bytes) {
    const [high, low] = [digit(byte >> 4), digit(byte & 0x0f)];
    if (high === '' || low === '') return null;
    digits += high + low;
  }
  return digits;
}

/**
 * Digits as bytes, filled up with zeros at the front.
 *
 * @throws RangeError when they do not fit, or are none: a wrong number is never sent
 */
export function bcd(digits: string, bytes: number): Uint8Array {
  if (!/^\d*$/.test(digits) || digits.length > bytes * 2)
    throw new RangeError(`not ${String(bytes * 2)} digits: ${String(digits.length)} letters`);
  const padded = digits.padStart(bytes * 2, '0');
  return Uint8Array.from({ length: bytes }, (_, at) => Number.parseInt(padded.slice(at * 2, at * 2 + 2), 16));
}

/** A number of minor units, or a code, as bytes. */
export function bcdNumber(value: number, bytes: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no amount: ${String(value)}`);
  return bcd(String(value), bytes);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
