/** Bytes compared and written as people write them. */

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** `3B 04 A2 13`. */
export const spaced = (bytes: Uint8Array | readonly number[]): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');

/** `3B04A213`. */
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** From hex digits, in pairs, with or without spaces. Throws on anything else. */
export function bytesOf(text: string): Uint8Array {
  const digits = text.replaceAll(' ', '');
  if (!/^([0-9A-F]{2})*$/i.test(digits)) throw new Error('no hex digits in pairs');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
