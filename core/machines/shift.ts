import type { ShiftClosed } from '../../contracts/journal.ts';
import { qepik, subtract, type Qepik } from '../../contracts/money.ts';
import { combine, type Pieces } from '../../contracts/rules/denominations.ts';
import { go, stay, type Step } from './step.ts';

/**
 * Counting a drawer: open → counting (blind) → closing → closed (DESIGN §6). Nobody is told what the drawer should hold
 * before the shift is closed. Beyond the tolerance the first count is only remembered; the same count again, with a
 * reason, closes. The count itself is no journal entry: a process that dies in it leaves the shift open.
 */
export type CountState =
  | { readonly stage: 'open' }
  | { readonly stage: 'counting'; readonly firstCount: Pieces | null }
  | { readonly stage: 'closing'; readonly firstCount: Pieces | null; readonly record: ShiftClosed }
  | { readonly stage: 'closed' };

export type CountEvent =
  | { readonly kind: 'countBegun' }
  | { readonly kind: 'countCancelled' }
  | { readonly kind: 'counted'; readonly record: ShiftClosed; readonly tolerance: Qepik }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'notRecorded' };

export type CountEffect =
  { readonly kind: 'append'; readonly record: ShiftClosed } | { readonly kind: 'countAgain' };

export const shiftOpen: CountState = { stage: 'open' };

/** One step of the counting machine. `record` says what would be written if this count closed the shift. */
export function countStep(state: CountState, event: CountEvent): Step<CountState, CountEffect> {
  switch (event.kind) {
    case 'countBegun':
      return state.stage === 'open' ? go({ stage: 'counting', firstCount: null }) : stay(state);
    case 'countCancelled':
      return state.stage === 'counting' ? go(shiftOpen) : stay(state);
    case 'counted': {
      if (state.stage !== 'counting') return stay(state);
      const { record, tolerance } = event;
      const closes =
        Math.abs(record.difference) <= tolerance ||
        (state.firstCount !== null && samePieces(state.firstCount, record.counted) && hasReason(record));
      return closes
        ? go({ stage: 'closing', firstCount: state.firstCount, record }, { kind: 'append', record })
        : go({ stage: 'counting', firstCount: record.counted }, { kind: 'countAgain' });
    }
    case 'recorded':
      return state.stage === 'closing' ? go({ stage: 'closed' }) : stay(state);
    case 'notRecorded':
      return state.stage === 'closing'
        ? go({ stage: 'counting', firstCount: state.firstCount })
        : stay(state);
  }
}

/** Equal counts are equal piece by piece: two ways to the same sum are two different mistakes. */
const samePieces = (a: Pieces, b: Pieces): boolean => combine(a, b, -1).length === 0;

const hasReason = (record: ShiftClosed): boolean => record.reason !== null && record.reason.trim() !== '';

/** What is missing in a drawer for money to be given back; zero when there is enough. */
export const missingFor = (cash: Qepik, amount: Qepik): Qepik =>
  cash >= amount ? qepik(0) : subtract(amount, cash);
