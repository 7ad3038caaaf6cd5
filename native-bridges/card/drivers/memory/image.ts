import {
  readImageMeterArea,
  readSlot,
  type MemoryRecord,
  type Slot,
} from '../../../../contracts/rules/meter-card/memory-card.ts';
import type { CardView } from '../driver.ts';

/** What a till can say of a memory card's image. MACs are the centre's to check: a record here is what a slot claims. */

export const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

/** What a slot claims; null: it was never written. */
export function claimOf(image: Uint8Array, slot: Slot): MemoryRecord | null {
  const { record, body } = readSlot(image, slot);
  return body.every((byte) => byte === body[0]) && (body[0] === 0 || body[0] === 0xff) ? null : record;
}

/** What the card says, past a record that was torn while it was written where that can be seen without keys. */
export function viewOf(image: Uint8Array): CardView {
  const state = stateOf(claimOf(image, 'a'), claimOf(image, 'b'));
  const meter = readImageMeterArea(image);
  return {
    counter: state?.sequence ?? 0,
    balance: state === null ? 0 : balanceOf(state, meter.takenThrough),
    maximum: null,
    last: state === null ? null : { loadId: state.loadId, amount: state.amount },
    meter,
  };
}

/**
 * Record n + 1 is written over n − 1 while n stands beside it: of two claims the higher one is the state if it follows the lower
 * one and adds up; else it is torn, and the lower one is. Big-endian bytes of a sequence torn between n − 1 and n + 1 are never
 * below n but as n − 1 itself.
 */
function stateOf(a: MemoryRecord | null, b: MemoryRecord | null): MemoryRecord | null {
  const claims = [a, b].filter((claim) => claim !== null);
  const [high = null, low = null] = claims.sort((one, other) => other.sequence - one.sequence);
  return high === null || follows(high, low) ? high : low;
}

const follows = (record: MemoryRecord, before: MemoryRecord | null): boolean =>
  record.sequence === (before?.sequence ?? 0) + 1 &&
  record.credit === ((before?.credit ?? 0) + record.amount) >>> 0;

/** Credits are sums of all loads. Null: the meter took up to a record that is no longer there. */
function balanceOf(state: MemoryRecord, takenThrough: number): number | null {
  if (takenThrough === 0) return state.credit;
  if (takenThrough === state.sequence) return 0;
  return takenThrough === state.sequence - 1 ? state.amount : null;
}
