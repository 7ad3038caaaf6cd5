import { z } from 'zod';
import { readHeader } from '../../../contracts/rules/meter-card/memory-card.ts';
import { bytesOf } from '../bytes.ts';
import { cardKeys, type CardKeys } from '../secure/card-keys.ts';
import type { CardState } from './card-state.ts';

/**
 * Master keys of the virtual cards, from `company:revision` to 32 hex digits. For demonstration only: real master keys never
 * leave the centre's key store, and real cards are given their own keys by whoever makes them.
 */
export const masterKeysSchema = z.record(
  z.string().regex(/^\d{3}:\d{1,3}$/),
  z.string().regex(/^[0-9A-Fa-f]{32}$/),
);
export type MasterKeys = z.infer<typeof masterKeysSchema>;

/** A card's own keys; null: a foreign card has none of ours. Throws where its company's master key was not given. */
export function keysOf(masters: MasterKeys, card: CardState): CardKeys | null {
  const owner = ownerOf(card);
  if (owner === null) return null;
  const name = `${owner.company}:${String(owner.keyRevision)}`;
  const master = masters[name];
  if (master === undefined) throw new Error(`no master key was given for ${name}`);
  return cardKeys(bytesOf(master), owner.keyRevision, owner.cardId);
}

type Owner = { readonly company: string; readonly keyRevision: number; readonly cardId: Uint8Array };

function ownerOf(card: CardState): Owner | null {
  switch (card.kind) {
    case 'purse':
      return { ...card, cardId: bytesOf(card.cardId) };
    case 'memory':
      return readHeader(bytesOf(card.image));
    case 'foreign':
      return null;
  }
}
