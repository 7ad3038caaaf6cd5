import type { Id } from '../../contracts/ids.ts';
import { toBase64 } from './base64.ts';

/** Bytes as they travel to the centre, and ids as cards hold them. Here because `std` code has no Buffer. */

/** base64url without padding (RFC 4648 §5). */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The bytes of base64url text. Throws on a letter that is none: the contract has checked it. */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) throw new TypeError('not base64url');
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return bytes;
}

/** The 16 bytes of a UUID. */
export function idBytes(id: Id): Uint8Array {
  const hex = id.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) => parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

/** The till as cards name it: the last 8 bytes of its device's id (docs/protocols/card.md, Words). */
export const terminalBytes = (deviceId: Id): Uint8Array => idBytes(deviceId).slice(8);
