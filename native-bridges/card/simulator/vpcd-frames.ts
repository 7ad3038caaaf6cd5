/** vpcd's protocol: two bytes of length, then as many bytes. One byte is a word of the reader, more are a command. Pure. */

export type VpcdMessage =
  { readonly kind: 'off' | 'on' | 'reset' | 'atr' } | { readonly kind: 'apdu'; readonly apdu: Uint8Array };

const WORDS = { 0: 'off', 1: 'on', 2: 'reset', 4: 'atr' } as const;
const isWord = (byte: number | undefined): byte is keyof typeof WORDS =>
  byte !== undefined && Object.hasOwn(WORDS, byte);

/** Whole messages out of what came so far, and the rest. An empty message and an unknown word are passed over. */
export function messagesOf(bytes: Uint8Array): {
  readonly messages: readonly VpcdMessage[];
  readonly rest: Uint8Array;
} {
  const messages: VpcdMessage[] = [];
  let at = 0;
  for (;;) {
    const [high, low] = bytes.subarray(at, at + 2);
    if (high === undefined || low === undefined) break;
    const length = (high << 8) | low;
    if (bytes.length < at + 2 + length) break;
    const body = bytes.slice(at + 2, at + 2 + length);
    at += 2 + length;
    if (length > 1) messages.push({ kind: 'apdu', apdu: body });
    else if (isWord(body[0])) messages.push({ kind: WORDS[body[0]] });
  }
  return { messages, rest: bytes.slice(at) };
}

/** An answer as one piece, so that it goes in one packet. */
export const frameOf = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]);
