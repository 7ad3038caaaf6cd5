import type { PaymentStornoed } from '../../contracts/journal.ts';
import { go, stay, type Step } from './step.ts';

/** A storno: asked → recording → recorded → receipted; refused or not written down, it did not happen. */
export type StornoState =
  | { readonly stage: 'asked' }
  | { readonly stage: 'recording' | 'recorded' | 'receipted'; readonly record: PaymentStornoed };

export type StornoEvent =
  | { readonly kind: 'approved'; readonly record: PaymentStornoed }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'notRecorded' }
  | { readonly kind: 'printed' };

export type StornoEffect =
  | { readonly kind: 'append'; readonly record: PaymentStornoed }
  | { readonly kind: 'print'; readonly stornoId: string };

/** One step of the storno machine. */
export function stornoStep(state: StornoState, event: StornoEvent): Step<StornoState, StornoEffect> {
  switch (event.kind) {
    case 'approved':
      return state.stage === 'asked'
        ? go({ stage: 'recording', record: event.record }, { kind: 'append', record: event.record })
        : stay(state);
    case 'recorded':
      return state.stage === 'recording'
        ? go({ ...state, stage: 'recorded' }, { kind: 'print', stornoId: state.record.stornoId })
        : stay(state);
    case 'notRecorded':
      return state.stage === 'recording' ? go({ stage: 'asked' }) : stay(state);
    case 'printed':
      return state.stage === 'recorded' ? go({ ...state, stage: 'receipted' }) : stay(state);
  }
}
