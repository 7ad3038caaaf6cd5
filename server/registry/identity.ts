import { createPublicKey, hash, randomBytes, verify, type KeyObject } from 'node:crypto';
import { uuidv7, type Id } from '../../contracts/ids.ts';

/** Mints an id (UUIDv7) for what happens at the centre. */
export const mintId = (): Id => uuidv7(Date.now(), randomBytes(10));

/** SHA-256 of a text, hex. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** A device's public key (32 bytes, base64url) as a key object. `undefined` when it is none, or another spelling of one. */
export function devicePublicKey(publicKey: string): KeyObject | undefined {
  if (Buffer.from(publicKey, 'base64url').toString('base64url') !== publicKey) return undefined;
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  } catch {
    return undefined; // not a key: the caller says so
  }
}

/** Checks an Ed25519 signature (base64url) in the thread pool. */
export function signatureFits(key: KeyObject, message: Uint8Array, signature: string): Promise<boolean> {
  return new Promise((answer, fail) => {
    verify(null, message, key, Buffer.from(signature, 'base64url'), (error, fits) =>
      error ? fail(error) : answer(fits),
    );
  });
}
