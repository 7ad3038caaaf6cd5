import type { Database } from 'better-sqlite3';
import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import { codeOf, faultOf } from './faults.ts';

/** What the journal needs of the device key. */
export type Signer = {
  readonly signHash: (hashHex: string) => string;
  readonly signText: (text: string) => string;
};

export type Signatures = {
  /** What an entry carries from the moment it is durable: only the holder of the device key can make it. */
  seal(hashHex: string): string;
  /** Whether an entry was written with this device's key: by its signature, or by its seal while it has none yet. */
  genuine(entry: { hash: string; seal: string; signature: string | null }): boolean;
  /** The signature of an entry, made now when it has none yet. */
  signatureOf(seq: number, hashHex: string, stored: string | null): string;
  /** Signs what has no signature yet, up to an entry that is known to be ours, and keeps it. */
  flush(throughSeq: number): void;
};

/**
 * Signatures are made after the append is answered: a signature takes a third of the time of a flush to a fast disk,
 * and nobody needs it before the entry is sent. Until then a seal stands in for it, a digest of the entry's hash under a
 * secret that only the device key can make; without it, an entry that someone put into the file while the program was
 * down would be signed at the next start.
 */
export function openSignatures(
  database: Database,
  device: { readonly deviceId: string; readonly publicKey: string },
  signer: Signer,
  refused: (code: string) => void,
): Signatures {
  // Blanks: a challenge of the centre, the only other text signed on request, cannot have them.
  const secret = hash('sha256', signer.signText(`seal of the journal of ${device.deviceId}`), 'hex');
  const key: KeyObject = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: device.publicKey },
    format: 'jwk',
  });
  const made = new Map<number, string>();

  const selectUnsigned = database.prepare<[number], { seq: number; hash: string }>(
    `SELECT seq, hash FROM entry
     WHERE seq > coalesce((SELECT max(seq) FROM entry_signature), 0) AND seq <= ? ORDER BY seq`,
  );
  const insert = database.prepare<[number, string]>(
    'INSERT INTO entry_signature (seq, signature) VALUES (?, ?)',
  );
  const write = database.transaction((throughSeq: number) => {
    for (const { seq, hash: hashHex } of selectUnsigned.all(throughSeq))
      insert.run(seq, signatureOf(seq, hashHex, null));
  });

  // Both parts have a fixed length, so that nothing can be appended to a known digest.
  const seal = (hashHex: string): string => hash('sha256', secret + hashHex, 'hex');

  function signatureOf(seq: number, hashHex: string, stored: string | null): string {
    const signature = stored ?? made.get(seq) ?? signer.signHash(hashHex);
    if (stored === null) made.set(seq, signature);
    return signature;
  }

  function flush(throughSeq: number): void {
    try {
      write.immediate(throughSeq);
    } catch (error) {
      // They can be made again at any time; what is sent meanwhile is signed from memory.
      if (faultOf(error) === undefined) throw error;
      refused(codeOf(error));
      return;
    }
    made.clear();
  }

  return {
    seal,
    genuine: (entry) =>
      entry.signature === null
        ? entry.seal === seal(entry.hash)
        : verify(null, Buffer.from(entry.hash, 'hex'), key, Buffer.from(entry.signature, 'base64url')),
    signatureOf,
    flush,
  };
}
