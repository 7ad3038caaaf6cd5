import { atrOf } from './atrs.ts';
import { POWERED, cardStep, type Volatile } from './card-in-slot.ts';
import {
  NEW_METER,
  newCard,
  type CardSpec,
  type Conditions,
  type Durable,
  type Meter,
  type VirtualCard,
} from './card-state.ts';
import { countDown, nameOf, tearSchema, type Tear } from './faults.ts';
import { keysOf, type MasterKeys } from './keys.ts';
import { meterOf, visit } from './meter.ts';
import type { Store } from './store.ts';
import type { z } from 'zod';

/** All virtual cards, the readers' slots they may be in, and the meters they belong to. What it commits is on the disk. */

/** What comes of a command: an answer, nothing at all, or a card that is out. */
export type Reply =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array; readonly afterMs: number }
  | { readonly kind: 'silence' | 'gone' };

type Slot = { readonly card: string | null; readonly volatile: Volatile };

export type Deck = {
  readonly slots: number;
  /** The key of the card in a slot; null: none. */
  inside(slot: number): string | null;
  atr(slot: number): Uint8Array | null;
  /** Power on, off or a reset: what was in volatile memory is gone. */
  power(slot: number): void;
  transmit(slot: number, apdu: Uint8Array): Reply;

  durable(): Durable;
  card(key: string): VirtualCard;
  tears(): readonly Tear[];
  add(spec: CardSpec): void;
  insert(key: string, slot: number): void;
  pull(slot: number): void;
  /** `used`: consumed since the visit before. */
  useAtMeter(key: string, used: number): void;
  setMeter(number: string, changes: Partial<Meter>): void;
  condition(key: string, changes: Partial<Conditions>): void;
  /** Arms one tear more. */
  tear(tear: z.input<typeof tearSchema>): void;
  calm(): void;
  /** A copy of a card, under a key of its own. */
  clone(key: string, as: string): void;
  /** Keeps what a card holds now, to be put back by `rollBack`. */
  keep(key: string): void;
  rollBack(key: string): void;
  /** Called after every change. Answers how to stop. */
  watch(listener: () => void): () => void;
};

export type DeckOptions = {
  readonly store: Store;
  readonly keys: MasterKeys;
  readonly cards?: readonly CardSpec[];
  readonly slots?: number;
  readonly random: (bytes: number) => Uint8Array;
  readonly nowMs: () => number;
};

/** A command that cannot be carried out: a card that there is not, a slot that is taken. */
export class DeckError extends Error {
  override readonly name = 'DeckError';
}

/** Throws on a state file of something else, and where a card's master key was not given. */
export function createDeck({ store, keys, cards = [], slots: count = 2, random, nowMs }: DeckOptions): Deck {
  let durable = store.load();
  const slots = Array.from({ length: count }, (): Slot => ({ card: null, volatile: POWERED }));
  let tears: readonly Tear[] = [];
  const listeners = new Set<() => void>();

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  function commit(next: Durable): void {
    store.save(next);
    durable = next;
  }
  const find = (key: string): VirtualCard => {
    const card = durable.cards.find((one) => one.key === key);
    if (card === undefined) throw new DeckError(`there is no card ${key}`);
    return card;
  };
  const replace = (key: string, changes: Partial<VirtualCard>): void =>
    commit({
      ...durable,
      cards: durable.cards.map((one) => (one.key === key ? { ...one, ...changes } : one)),
    });
  const slotAt = (slot: number): Slot => {
    const found = slots[slot];
    if (found === undefined) throw new DeckError(`there is no slot ${String(slot)}`);
    return found;
  };
  const isOut = (key: string): void => {
    if (slots.some(({ card }) => card === key)) throw new DeckError(`the card ${key} is in a reader`);
  };
  const put = (card: VirtualCard): void => {
    if (durable.cards.some(({ key }) => key === card.key)) throw new DeckError(`there is a card ${card.key}`);
    keysOf(keys, card.state);
    commit({ ...durable, cards: [...durable.cards, card] });
  };

  for (const { state } of durable.cards) keysOf(keys, state);
  for (const spec of cards) if (!durable.cards.some(({ key }) => key === spec.key)) put(newCard(spec));

  function transmit(slot: number, apdu: Uint8Array): Reply {
    const { card: key, volatile } = slotAt(slot);
    if (key === null) return { kind: 'gone' };
    const card = find(key);
    const counted = countDown(tears, nameOf(apdu));
    tears = counted.tears;
    if (counted.strikes?.moment === 'before') return torn(slot);
    if (card.conditions.mute) return { kind: 'silence' };
    const step = cardStep(card.state, volatile, apdu, {
      keys: keysOf(keys, card.state),
      conditions: card.conditions,
      random,
    });
    if (counted.strikes?.moment === 'during') {
      if (step.torn !== null) replace(key, { state: step.torn(counted.strikes.bytes) });
      return torn(slot);
    }
    if (step.next !== null) replace(key, { state: step.next });
    if (counted.strikes?.moment === 'after') return torn(slot);
    slots[slot] = { card: key, volatile: step.volatile };
    if (step.next !== null) changed();
    return { kind: 'answer', bytes: step.answer, afterMs: card.conditions.slowMs };
  }

  function torn(slot: number): Reply {
    slots[slot] = { card: null, volatile: POWERED };
    changed();
    return { kind: 'gone' };
  }

  return {
    slots: count,
    inside: (slot) => slotAt(slot).card,
    atr(slot) {
      const { card } = slotAt(slot);
      return card === null ? null : atrOf(find(card).state);
    },
    power(slot) {
      slots[slot] = { ...slotAt(slot), volatile: POWERED };
    },
    transmit,
    durable: () => durable,
    card: find,
    tears: () => tears,
    add(spec) {
      put(newCard(spec));
      changed();
    },
    insert(key, slot) {
      find(key);
      isOut(key);
      if (slotAt(slot).card !== null) throw new DeckError(`slot ${String(slot)} is taken`);
      slots[slot] = { card: key, volatile: POWERED };
      changed();
    },
    pull(slot) {
      slotAt(slot);
      torn(slot);
    },
    useAtMeter(key, used) {
      isOut(key);
      const { state } = find(key);
      const number = meterOf(state);
      const own = keysOf(keys, state);
      if (state.kind === 'foreign' || own === null || number === null)
        throw new DeckError(`the card ${key} has no meter`);
      const visited = visit(state, durable.meters[number] ?? NEW_METER, { keys: own, used, nowMs: nowMs() });
      commit({
        ...durable,
        cards: durable.cards.map((one) => (one.key === key ? { ...one, state: visited.card } : one)),
        meters: { ...durable.meters, [number]: visited.meter },
      });
      changed();
    },
    setMeter(number, changes) {
      if (!durable.cards.some(({ state }) => meterOf(state) === number))
        throw new DeckError(`there is no meter ${number}`);
      const meter = { ...NEW_METER, ...durable.meters[number], ...changes };
      commit({ ...durable, meters: { ...durable.meters, [number]: meter } });
      changed();
    },
    condition(key, changes) {
      replace(key, { conditions: { ...find(key).conditions, ...changes } });
      changed();
    },
    tear(tear) {
      tears = [...tears, tearSchema.parse(tear)];
      changed();
    },
    calm() {
      tears = [];
      commit({
        ...durable,
        cards: durable.cards.map((one) => ({
          ...one,
          conditions: { mute: false, worn: false, slowMs: 0 },
        })),
      });
      changed();
    },
    clone(key, as) {
      put({ ...find(key), key: as, kept: null });
      changed();
    },
    keep(key) {
      replace(key, { kept: find(key).state });
      changed();
    },
    rollBack(key) {
      isOut(key);
      const { kept } = find(key);
      if (kept === null) throw new DeckError(`nothing was kept of the card ${key}`);
      replace(key, { state: kept });
      changed();
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
