import type { MeterCardState } from '../../../contracts/ipw.ts';

/** The reader on the strip: one state for all that are connected, the most telling first. */
export type ReaderState =
  'noService' | 'noReader' | 'reading' | 'company' | 'card' | 'failed' | 'mute' | 'taken' | 'empty';

export function readerState({ service, readers, card }: MeterCardState): ReaderState {
  if (service !== 'ready') return service;
  if (card) {
    if (card.stage === 'reading') return 'reading';
    if (card.stage === 'failed') return 'failed';
    return card.identity ? 'company' : 'card';
  }
  return blocking(readers) ?? (readers.some(({ state }) => state === 'card') ? 'card' : 'empty');
}

/** A virtual reader is told as one: the card's own, or any while none is in. */
export const isVirtual = ({ card, readers }: Pick<MeterCardState, 'card' | 'readers'>): boolean =>
  card ? card.virtual : readers.some(({ virtual }) => virtual);

/** What keeps the readers from a card that is in one of them; undefined where nothing does. */
export const blocking = (readers: MeterCardState['readers']): 'mute' | 'taken' | undefined =>
  (['mute', 'taken'] as const).find((one) => readers.some(({ state }) => state === one));
