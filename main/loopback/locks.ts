import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Who may talk to the loopback shell. The threat is any web page open in the teller's browser: it can send requests to
 * 127.0.0.1, under a name of its own that it makes resolve here (DNS rebinding), but it can neither choose the Host or
 * Origin header nor read our cookie.
 */

/** The names under which a browser of this machine reaches us. Anything else in `Host` is a rebound name. */
export const hostAllowed = (host: string | undefined, port: number): boolean =>
  host !== undefined && [`127.0.0.1:${port}`, `localhost:${port}`].includes(host.toLowerCase());

/** A WebSocket is opened only by our own page: its origin is exactly the host it was loaded from. */
export const originAllowed = (origin: string | undefined, host: string | undefined, port: number): boolean =>
  hostAllowed(host, port) && origin !== undefined && origin === `http://${host?.toLowerCase()}`;

/** 256 random bits for an address line or a cookie. */
export const mintSecret = (): string => randomBytes(32).toString('base64url');

/** Compares in a time that does not depend on where they differ. */
export const sameSecret = (given: string | undefined, wanted: string): boolean =>
  given !== undefined && timingSafeEqual(digest(given), digest(wanted));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Cookies know no ports: the name carries it, so that two workstations on one machine do not overwrite each other's. */
export const cookieName = (port: number): string => `ipw-${port}`;

/** The cookie for those who came with the printed address: unreadable for scripts, never sent from other sites. */
export const cookieHeader = (port: number, secret: string): string =>
  `${cookieName(port)}=${secret}; HttpOnly; SameSite=Strict; Path=/`;

/** The value of our cookie in a `Cookie` header. */
export function cookieValue(header: string | undefined, port: number): string | undefined {
  const prefix = `${cookieName(port)}=`;
  return header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length);
}
