/** A stand-in for SHA-256 in tests that need a chain but no cryptography: 64 hex digits, the same for the same text. */
export function fakeHash(text: string): string {
  let hex = '';
  for (let lane = 0; lane < 8; lane += 1) {
    let hash = (0x811c9dc5 ^ (lane * 0x01000193)) >>> 0;
    for (let i = 0; i < text.length; i += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    }
    hex += hash.toString(16).padStart(8, '0');
  }
  return hex;
}

/** As long as an Ed25519 signature in base64url. */
export const fakeSignature = (hash: string): string => `${hash}${hash}`.slice(0, 86);
