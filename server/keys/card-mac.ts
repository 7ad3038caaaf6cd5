import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { cmac } from '@noble/ciphers/aes.js';
import { MAC_LENGTH, PSC_LENGTH, derivationBlock, type CardKeys, type MacPurpose } from './key-store.ts';

/** The keys and MACs of one card from its company's master, for whoever holds one: the software store. */

/** AES-ECB of the derivation block (docs/protocols/card.md, "Keys"). */
export function cardKey(master: Uint8Array, purpose: MacPurpose | 'psc', card: CardKeys): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', master, null);
  cipher.setAutoPadding(false);
  return new Uint8Array(cipher.update(derivationBlock(purpose, card)));
}

/** AES-CMAC (NIST SP 800-38B, RFC 4493), all 16 bytes. */
export const aesCmac = (key: Uint8Array, input: Uint8Array): Uint8Array => cmac(input, key);

export function cardMac(
  master: Uint8Array,
  purpose: MacPurpose,
  card: CardKeys,
  input: Uint8Array,
): Uint8Array {
  const key = cardKey(master, purpose, card);
  const mac = aesCmac(key, input).slice(0, MAC_LENGTH);
  key.fill(0);
  return mac;
}

export function cardPsc(master: Uint8Array, card: CardKeys): Uint8Array {
  const key = cardKey(master, 'psc', card);
  const psc = key.slice(0, PSC_LENGTH);
  key.fill(0);
  return psc;
}

/** Whether two MACs are the same, in a time that does not tell where they differ. */
export const sameMac = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
