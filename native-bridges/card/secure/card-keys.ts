import { createCipheriv } from 'node:crypto';

/**
 * A card's own keys (docs/protocols/card.md, "Keys"). The till holds none: these are for virtual cards, which must hold theirs,
 * and for the centre's part in tests.
 */
export type CardKeys = {
  readonly k1: Uint8Array;
  readonly k2: Uint8Array;
  readonly k3: Uint8Array;
  readonly k4: Uint8Array;
  readonly k5: Uint8Array;
  /** Three bytes. */
  readonly psc: Uint8Array;
};

export const MASTER_KEY_BYTES = 16;
export const CARD_ID_BYTES = 8;

/** Throws on a master key that is not 16 bytes or a card id that is not 8. */
export function cardKeys(master: Uint8Array, keyRevision: number, cardId: Uint8Array): CardKeys {
  if (cardId.length !== CARD_ID_BYTES) throw new Error('a card id has 8 bytes');
  const key = (purpose: number): Uint8Array =>
    oneBlock(master, Uint8Array.from([purpose, keyRevision, ...cardId, 0, 0, 0, 0, 0, 0]));
  return { k1: key(1), k2: key(2), k3: key(3), k4: key(4), k5: key(5), psc: key(6).slice(0, 3) };
}

function oneBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
}
