import type { CardInReader, CounterState, LoadAtTill, MeterCardState } from '../../../../contracts/ipw.ts';
import type { Qepik } from '../../../../contracts/money.ts';
import { blocking } from '../../components/reader-state.ts';

/** A paid load that is not on the card in the reader, of this till or of another. */
export type FoundHere = {
  readonly loadId: string;
  readonly units: number;
  readonly unit: LoadAtTill['unit'];
  readonly amount: Qepik | null;
  /** Where and when it was paid, by the centre; null while its payment has not reached the centre. */
  readonly paid: { readonly workstation: string; readonly date: string } | null;
  /** Nobody knows yet whether the card has it. */
  readonly unsure: boolean;
  /** Its payment was taken back: it must not be written. */
  readonly stornoed: boolean;
  readonly waiting: number;
};

/** What the screen has to say about the card in the reader, before any amount. */
export type CardCase =
  | { readonly kind: 'nobody'; readonly why: 'putIn' | 'noService' | 'noReader' | 'mute' | 'taken' }
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
  | { readonly kind: 'found'; readonly found: FoundHere }
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
  const found = foundHere(card, open);
  if (found) return { kind: 'found', found };
  return { kind: card.centre.rules ? 'ready' : 'noLoads' };
}

/** The centre's word first: it knows every till's. What only this till knows has not reached the centre. */
function foundHere(card: CardInReader, open: readonly LoadAtTill[]): FoundHere | null {
  const own = open.find((load) => load.cardId === card.identity?.cardId && isOwed(load));
  const there = card.centre?.open ?? null;
  if (there && card.centre) {
    const { loadId, units, amount, stornoed, sayable } = there;
    return {
      loadId,
      units,
      unit: card.centre.card.unit,
      amount,
      paid: { workstation: there.atWorkstation, date: there.businessDate },
      unsure: sayable === 'unknown',
      stornoed,
      waiting: card.centre.waiting,
    };
  }
  if (!own) return null;
  const { loadId, units, unit, amount, stage } = own;
  return {
    loadId,
    units,
    unit,
    amount,
    paid: null,
    unsure: stage === 'unknown',
    stornoed: false,
    waiting: 0,
  };
}

const isOwed = ({ stage }: LoadAtTill): boolean => stage === 'owed' || stage === 'unknown';

const isMoving = ({ stage, doing }: LoadAtTill): boolean =>
  stage === 'working' || (stage === 'unknown' && doing !== null);

function emptyReader(
  service: MeterCardState['service'],
  readers: MeterCardState['readers'],
): Extract<CardCase, { kind: 'nobody' }>['why'] {
  if (service !== 'ready') return service;
  return blocking(readers) ?? 'putIn';
}

/** Whether what is known of the card was read before the load in front was written onto it: it is not true any more. */
export const isBefore = (card: CardInReader, load: LoadAtTill | null): boolean =>
  load !== null &&
  load.cardId === card.identity?.cardId &&
  (load.stage === 'written' || load.stage === 'confirmed') &&
  card.centre?.card.last?.loadId !== load.loadId;

/** The basket's line for the card in the reader, once its amount has been priced. */
export const lineOfCard = (
  counter: CounterState | null,
  card: CardInReader | null,
): CounterState['lines'][number] | undefined =>
  counter?.stage === 'draft'
    ? counter.lines.find((line) => line.load !== undefined && line.load.cardId === card?.identity?.cardId)
    : undefined;
