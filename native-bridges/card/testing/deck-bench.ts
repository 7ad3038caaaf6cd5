import { randomBytes } from 'node:crypto';
import { bytesOf } from '../bytes.ts';
import { readImageMeterArea } from '../../../contracts/rules/meter-card/memory-card.ts';
import { readMeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import type { Connection } from '../drivers/connection.ts';
import type { CardSpec, CardState, Meter } from '../simulator/card-state.ts';
import { createDeck, type Deck } from '../simulator/deck.ts';
import { keysOf } from '../simulator/keys.ts';
import { recordThatCounts } from '../simulator/memory-card.ts';
import { memoryStore } from '../simulator/store.ts';
import { MASTERS } from './centre.ts';
import type { CardBench } from './conformance.ts';
import { connectTo } from './deck-connection.ts';

/** A deck in memory with these cards, out of every reader. */
export const deckOf = (...cards: readonly CardSpec[]): Deck =>
  createDeck({
    store: memoryStore(),
    keys: MASTERS,
    cards,
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    nowMs: () => Date.UTC(2026, 10, 27),
  });

/** What a card holds, with the keys in hand: the counter, and all that was ever loaded onto it. */
export function truthOf(
  card: CardState,
  meter: Meter | undefined,
): { readonly counter: number; readonly credit: number } {
  if (card.kind === 'foreign') throw new Error('a foreign card holds nothing of ours');
  if (card.kind === 'purse') {
    const area = readMeterArea(bytesOf(card.area), 0);
    return { counter: card.counter, credit: card.balance + area.remaining + area.consumption };
  }
  const image = bytesOf(card.image);
  const keys = keysOf(MASTERS, card);
  const state = keys === null ? null : recordThatCounts(image, keys);
  if (meter !== undefined && readImageMeterArea(image).takenThrough > (state?.record.sequence ?? 0))
    throw new Error('the meter took what is not on the card');
  return { counter: state?.record.sequence ?? 0, credit: state?.record.credit ?? 0 };
}

/** One card with nothing in between. */
export function deckBench(spec: Extract<CardSpec, { kind: 'purse' | 'memory' }>): Promise<CardBench> {
  const deck = deckOf(spec);
  let told = 0;
  return Promise.resolve({
    identity: { cardId: spec.cardId, company: spec.company, meter: spec.meter },
    connect() {
      if (deck.inside(0) === null) deck.insert(spec.key, 0);
      return Promise.resolve(counting(connectTo(deck), () => (told += 1)));
    },
    pull: () => Promise.resolve(deck.pull(0)),
    tear: (tear) => Promise.resolve(deck.tear(tear)),
    calm() {
      deck.calm();
      return Promise.resolve();
    },
    useAtMeter: () => Promise.resolve(deck.useAtMeter(spec.key, 0)),
    setWorn: (worn) => Promise.resolve(deck.condition(spec.key, { worn })),
    truth: () => Promise.resolve(truthOf(deck.card(spec.key).state, deck.durable().meters[spec.meter])),
    apdus() {
      const count = told;
      told = 0;
      return Promise.resolve(count);
    },
    end: () => Promise.resolve(),
  });
}

export const counting = (connection: Connection, count: () => void): Connection => ({
  ...connection,
  transmit(apdu, deadline) {
    count();
    return connection.transmit(apdu, deadline);
  },
});
