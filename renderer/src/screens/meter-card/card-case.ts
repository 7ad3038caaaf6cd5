import type { CardInReader, CounterState, LoadAtTill, MeterCardState } from '../../../../contracts/ipw.ts';

/** What the screen has to say about the card in the reader, before any amount. */
export type CardCase =
  | { readonly kind: 'nobody'; readonly why: 'ready' | 'noService' | 'noReader' | 'mute' | 'taken' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed' }
  /** By its own word: the centre does not answer. */
  | { readonly kind: 'here' }
  /** The centre answered, and does not vouch for it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'blocked' }
  /** A load of this card is being settled without anybody having asked. */
  | { readonly kind: 'healing'; readonly load: LoadAtTill }
  /** A paid load that can be finished here. */
  | { readonly kind: 'found'; readonly stornoed: boolean }
  | { readonly kind: 'noLoads' }
  | { readonly kind: 'ready' };

/** Which case it is; the first that holds, what is owed before what is new. */
export function cardCase({ service, readers, card, open }: MeterCardState): CardCase {
  if (!card) return { kind: 'nobody', why: emptyReader(service, readers) };
  if (card.stage === 'reading') return { kind: 'reading' };
  if (card.stage === 'failed') return { kind: 'failed' };
  const healing = open.find((load) => load.cardId === card.identity?.cardId && isMoving(load));
  if (healing) return { kind: 'healing', load: healing };
  if (!card.centre) return { kind: card.refused ? 'refused' : 'here' };
  if (card.centre.card.state === 'blocked') return { kind: 'blocked' };
  if (card.centre.open) return { kind: 'found', stornoed: card.centre.open.stornoed };
  return { kind: card.centre.rules ? 'ready' : 'noLoads' };
}

const isMoving = ({ stage, doing }: LoadAtTill): boolean =>
  stage === 'working' || (stage === 'unknown' && doing !== null);

function emptyReader(
  service: MeterCardState['service'],
  readers: MeterCardState['readers'],
): Extract<CardCase, { kind: 'nobody' }>['why'] {
  if (service !== 'ready') return service;
  return blocking(readers) ?? 'ready';
}

const blocking = (readers: MeterCardState['readers']): 'mute' | 'taken' | undefined =>
  (['mute', 'taken'] as const).find((one) => readers.some(({ state }) => state === one));

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

/** The basket's line for the card in the reader, once its amount has been priced. */
export const lineOfCard = (
  counter: CounterState | null,
  card: CardInReader | null,
): CounterState['lines'][number] | undefined =>
  counter?.stage === 'draft'
    ? counter.lines.find((line) => line.load !== undefined && line.load.cardId === card?.identity?.cardId)
    : undefined;
