/** An ATR as a card type's list gives it: bytes, and which of their bits count. */
export type AtrMask = { readonly bytes: Uint8Array; readonly mask: Uint8Array };

/** From text: `3B 04 A2 13 10 91`, with `..` for a byte that may be any. Throws on other text. */
export function atrMask(text: string): AtrMask {
  const parts = text.split(' ');
  if (!parts.every((part) => /^([0-9A-F]{2}|\.\.)$/.test(part))) throw new Error(`no ATR mask: ${text}`);
  return {
    bytes: Uint8Array.from(parts, (part) => (part === '..' ? 0 : Number.parseInt(part, 16))),
    mask: Uint8Array.from(parts, (part) => (part === '..' ? 0 : 0xff)),
  };
}

export const fits = ({ bytes, mask }: AtrMask, atr: Uint8Array): boolean =>
  atr.length === bytes.length &&
  atr.every((byte, i) => (byte & (mask[i] ?? 0xff)) === ((bytes[i] ?? 0) & (mask[i] ?? 0xff)));
