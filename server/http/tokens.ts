import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Id } from '../../contracts/ids.ts';

/** How long a workstation's token is good. */
export const TOKEN_SECONDS = 15 * 60;
const NONCE_MS = 60_000;
const CACHE_MAX = 10_000;

export type Tokens = {
  /** A nonce for this device, good for a minute. */
  challenge(deviceId: Id): string;
  /** True once for a nonce of ours that is still good. */
  redeem(deviceId: Id, nonce: string): boolean;
  issue(deviceId: Id): Promise<string>;
  /** The device a token was issued to, or `undefined` when it is not good (any more). */
  deviceOf(token: string): Promise<Id | undefined>;
};

/** Bearer tokens (JWT, HS256) and the nonces they are traded for. Nonces carry their own proof: any process can check one. */
export function tokens(secret: Uint8Array, now: () => number = Date.now): Tokens {
  const spent = new Map<string, number>();
  const known = new Map<string, { readonly deviceId: Id; readonly endsAt: number }>();
  const proof = (deviceId: Id, head: string): string =>
    createHmac('sha256', secret).update(`nonce\n${deviceId}\n${head}`).digest('base64url');

  return {
    challenge(deviceId) {
      const head = `${randomBytes(16).toString('base64url')}_${(now() + NONCE_MS).toString(36)}_`;
      return head + proof(deviceId, head);
    },
    redeem(deviceId, nonce) {
      const match = /^([\w-]{22}_([0-9a-z]{8,10})_)([\w-]{43})$/.exec(nonce);
      if (!match) return false;
      const [, head = '', endsAt = '', given = ''] = match;
      if (!timingSafeEqual(Buffer.from(proof(deviceId, head)), Buffer.from(given))) return false;
      const end = parseInt(endsAt, 36);
      for (const [old, oldEnd] of spent) if (oldEnd < now()) spent.delete(old);
      if (end < now() || spent.has(nonce)) return false;
      spent.set(nonce, end);
      return true;
    },
    issue: (deviceId) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer('komis')
        .setAudience('device')
        .setSubject(deviceId)
        .setIssuedAt(Math.floor(now() / 1000))
        .setExpirationTime(Math.floor(now() / 1000) + TOKEN_SECONDS)
        .sign(secret),
    async deviceOf(token) {
      const cached = known.get(token);
      if (cached) return cached.endsAt > now() ? cached.deviceId : undefined;
      try {
        const { payload } = await jwtVerify(token, secret, {
          issuer: 'komis',
          audience: 'device',
          algorithms: ['HS256'],
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(now()),
        });
        if (payload.sub === undefined || payload.exp === undefined) return undefined;
        if (known.size >= CACHE_MAX) known.clear();
        known.set(token, { deviceId: payload.sub, endsAt: payload.exp * 1000 });
        return payload.sub;
      } catch {
        return undefined; // expired, altered, of another centre: all the same to the caller
      }
    },
  };
}
