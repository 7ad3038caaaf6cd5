/** Bytes as they travel, and as the database and people see them. */

export const fromBase64url = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
export const toBase64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
/** Upper-case hex: how a card's id is written. */
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
export const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A UUID's 16 bytes, and its text. */
export const uuidBytes = (id: string): Uint8Array => fromHex(id.replaceAll('-', ''));
export const uuidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The 8 bytes that name a till to a card: the last of its device's UUID. */
export const terminalOf = (deviceId: string): Uint8Array => uuidBytes(deviceId).slice(8);
