import {
  readImageMeterArea,
  readSlot,
  type MemoryRecord,
  type Slot,
} from '../../../../contracts/rules/meter-card/memory-card.ts';
import type { CardView } from '../driver.ts';

/** What a till can say of a memory card's image. MACs are the centre's to check: a record here is what a slot claims. */

export const SLOTS: readonly Slot[] = ['a', 'b'];
export const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

/** What a slot claims; null: it was never written. */
export function claimOf(image: Uint8Array, slot: Slot): MemoryRecord | null {
  const { record, body } = readSlot(image, slot);
  return body.every((byte) => byte === body[0]) && (body[0] === 0 || body[0] === 0xff) ? null : record;
}

/** The record with the highest sequence, and the other one where it is the one before. */
export function viewOf(image: Uint8Array): CardView {
  const claims = SLOTS.flatMap((slot) => claimOf(image, slot) ?? []).sort((a, b) => b.sequence - a.sequence);
  const [state, before] = claims;
  const meter = readImageMeterArea(image);
  return {
    counter: state?.sequence ?? 0,
    balance: state === undefined ? 0 : balanceOf(state, before, meter.takenThrough),
    maximum: null,
    last: state === undefined ? null : { loadId: state.loadId, amount: state.amount },
    meter,
  };
}

/** Credits are sums of all loads: what the meter has not taken is the difference to the record it took, if that is there. */
function balanceOf(
  state: MemoryRecord,
  before: MemoryRecord | undefined,
  takenThrough: number,
): number | null {
  if (takenThrough === 0) return state.credit;
  if (takenThrough === state.sequence) return 0;
  if (takenThrough === state.sequence - 1) return state.amount;
  return before?.sequence === takenThrough ? (state.credit - before.credit) >>> 0 : null;
}
