import { readHeader, readImageMeterArea } from '../../../contracts/rules/meter-card/memory-card.ts';
import { readMeterArea, type MeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import type { CardUnit } from '../../../contracts/rules/meter-card/purse.ts';
import { bytesOf, hexOf, spaced } from '../bytes.ts';
import { atrOf } from './atrs.ts';
import type { Conditions, Meter, VirtualCard } from './card-state.ts';
import type { Deck } from './deck.ts';
import type { Tear } from './faults.ts';
import { keysOf, type MasterKeys } from './keys.ts';
import { recordThatCounts } from './memory-card.ts';

/** The virtual cards as their page shows them; it knows what only card and meter know. */

export type CardShown = {
  readonly key: string;
  readonly name: string;
  readonly kind: VirtualCard['state']['kind'];
  readonly atr: string;
  readonly conditions: Conditions;
  /** The reader's slot it is in; null: in nobody's. */
  readonly slot: number | null;
  readonly hasKept: boolean;
  /** Null: a foreign card. */
  readonly holds: {
    readonly cardId: string;
    readonly company: string;
    readonly meter: string;
    readonly unit: CardUnit;
    readonly counter: number;
    /** Not yet taken by the meter. Memory cards: what their meter would take now. */
    readonly balance: number;
    readonly last: { readonly loadId: string; readonly amount: number } | null;
    readonly area: MeterArea;
    /** Memory cards: the presentation counter. */
    readonly tries: number | null;
  } | null;
};

export type DeckView = {
  /** Always true, and said on every page. */
  readonly virtual: true;
  readonly cards: readonly CardShown[];
  readonly slots: readonly { readonly card: string | null; readonly state: 'empty' | 'in' | 'waiting' }[];
  readonly meters: Readonly<Record<string, Meter>>;
  readonly tears: readonly Tear[];
};

export function deckView(
  deck: Deck,
  keys: MasterKeys,
  stateOf: (slot: number) => 'empty' | 'in' | 'waiting',
): DeckView {
  const { cards, meters } = deck.durable();
  const slots = Array.from({ length: deck.slots }, (_, slot) => ({
    card: deck.inside(slot),
    state: stateOf(slot),
  }));
  return {
    virtual: true,
    cards: cards.map((card) => {
      const slot = slots.findIndex((one) => one.card === card.key);
      return cardShown(card, slot === -1 ? null : slot, meters, keys);
    }),
    slots,
    meters,
    tears: deck.tears(),
  };
}

function cardShown(
  card: VirtualCard,
  slot: number | null,
  meters: Readonly<Record<string, Meter>>,
  keys: MasterKeys,
): CardShown {
  const { key, name, state, conditions, kept } = card;
  return {
    key,
    name,
    kind: state.kind,
    atr: spaced(atrOf(state)),
    conditions,
    slot,
    hasKept: kept !== null,
    holds: holdsOf(card, meters, keys),
  };
}

function holdsOf(
  { state }: VirtualCard,
  meters: Readonly<Record<string, Meter>>,
  keys: MasterKeys,
): CardShown['holds'] {
  if (state.kind === 'purse') {
    const { cardId, company, meter, unit, counter, balance, last } = state;
    const area = readMeterArea(bytesOf(state.area), 0);
    return {
      cardId,
      company,
      meter,
      unit,
      counter,
      balance,
      last: last === null ? null : { loadId: last.loadId, amount: last.amount },
      area,
      tries: null,
    };
  }
  const own = keysOf(keys, state);
  if (state.kind !== 'memory' || own === null) return null;
  const image = bytesOf(state.image);
  const header = readHeader(image);
  if (header === null) return null;
  const record = recordThatCounts(image, own)?.record;
  const meter = meters[header.meter];
  const isNew = record !== undefined && record.sequence > (meter?.takenThrough ?? 0);
  return {
    ...header,
    cardId: hexOf(header.cardId),
    counter: record?.sequence ?? 0,
    balance: isNew ? (record.credit - (meter?.creditTaken ?? 0)) >>> 0 : 0,
    last: record === undefined ? null : { loadId: hexOf(record.loadId), amount: record.amount },
    area: readImageMeterArea(image),
    tries: state.tries,
  };
}
