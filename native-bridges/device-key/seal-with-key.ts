import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { assert } from '../../contracts/assert.ts';
import type { KeySeal } from './device-key.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A seal made of a 32-byte key (AES-256-GCM; nonce, ciphertext, tag). A process that cannot ask the operating system's
 * key store itself is handed the key by one that can: Electron's key store answers in the main process only, while the
 * device key lives in the core host.
 */
export function sealWithKey(key: Uint8Array): KeySeal {
  assert(key.length === 32, 'the sealing key has 32 bytes');
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    unseal(sealed) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('too short to be sealed');
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}
