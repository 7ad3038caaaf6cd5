import { timingSafeEqual } from 'node:crypto';
import { cmac } from '@noble/ciphers/aes.js';
import { MAC_BYTES } from '../../../contracts/rules/meter-card/purse.ts';

/** AES-CMAC (NIST SP 800-38B), its first 8 bytes (docs/protocols/card.md, "Keys"). */
export const macOf = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  cmac(message, key).slice(0, MAC_BYTES);

/** Whether a MAC is the right one; takes as long for a wrong one. */
export const isMac = (key: Uint8Array, message: Uint8Array, mac: Uint8Array): boolean =>
  mac.length === MAC_BYTES && timingSafeEqual(macOf(key, message), mac);
