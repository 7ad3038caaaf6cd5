import { readHeader } from '../../../contracts/rules/meter-card/memory-card.ts';
import { writeMeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import { bytesOf, hexOf } from '../bytes.ts';
import type { CardKeys } from '../secure/card-keys.ts';
import { recordThatCounts, withArea } from './memory-card.ts';
import type { CardState, MemoryState, Meter, PurseState } from './card-state.ts';

/** A virtual meter: takes what its card brings, and writes back what it knows. Pure. */

export type Visit<S> = { readonly card: S; readonly meter: Meter };

/**
 * The card is held at its meter. A counter that the meter has seen brings nothing: a card that was copied or put back is not
 * taken twice.
 * @param used what was consumed since the visit before, in the card's unit; no more than there was
 */
export function visit(
  card: PurseState | MemoryState,
  before: Meter,
  { keys, used, nowMs }: { readonly keys: CardKeys; readonly used: number; readonly nowMs: number },
): Visit<PurseState | MemoryState> {
  const consumed = Math.min(used, before.remaining);
  const brought = card.kind === 'purse' ? fromPurse(card, before) : fromMemory(card, before, keys);
  const meter: Meter = {
    ...before,
    ...brought.took,
    remaining: capped(before.remaining - consumed + brought.amount),
    consumption: capped(before.consumption + consumed),
  };
  const area = writeMeterArea({ ...meter, known: true, writtenAt: nowMs, meter: meterOf(card) ?? '' });
  if (brought.card.kind === 'purse') return { card: { ...brought.card, area: hexOf(area) }, meter };
  return { card: { ...brought.card, image: hexOf(withArea(bytesOf(brought.card.image), area)) }, meter };
}

type Brought<S> = { readonly card: S; readonly amount: number; readonly took: Partial<Meter> };

function fromPurse(card: PurseState, { takenThrough }: Meter): Brought<PurseState> {
  if (card.counter <= takenThrough) return { card, amount: 0, took: {} };
  return {
    card: { ...card, balance: 0 },
    amount: card.balance,
    took: { takenThrough: card.counter, lastTaken: card.balance },
  };
}

function fromMemory(
  card: MemoryState,
  { takenThrough, creditTaken }: Meter,
  keys: CardKeys,
): Brought<MemoryState> {
  const state = recordThatCounts(bytesOf(card.image), keys)?.record;
  if (state === undefined || state.sequence <= takenThrough) return { card, amount: 0, took: {} };
  const amount = (state.credit - creditTaken) >>> 0;
  return {
    card,
    amount,
    took: { takenThrough: state.sequence, creditTaken: state.credit, lastTaken: amount },
  };
}

const capped = (value: number): number => Math.min(value, 0xffffffff);

/** Whose meter a card is for; null: a card of somebody else. */
export const meterOf = (card: CardState): string | null => {
  if (card.kind === 'purse') return card.meter;
  return card.kind === 'memory' ? (readHeader(bytesOf(card.image))?.meter ?? null) : null;
};
