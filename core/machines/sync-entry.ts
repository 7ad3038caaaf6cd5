import type { EntryOutcome } from '../../contracts/journal.ts';
import type { Instant } from '../../contracts/time.ts';
import { go, stay, type Step } from './step.ts';

/**
 * An entry on its way to the centre: recorded → sent → acknowledged (DESIGN §6). It is a fact from the start; the centre
 * may place it or put it before people, but not refuse it. A lost answer changes nothing: it stays sent and is sent again.
 */
export type SyncEntry =
  | { readonly stage: 'recorded' | 'sent' }
  | {
      readonly stage: 'acknowledged';
      /** Null where the centre has the entry but what became of it was not heard. */
      readonly outcome: EntryOutcome | null;
      readonly postedAt: Instant | null;
    };

export type SyncEntryEvent =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'acknowledged';
      readonly outcome: EntryOutcome | null;
      readonly postedAt: Instant | null;
    }
  /** The centre says how far it has the journal: less than we noted (restored), or more (lost answers). */
  | { readonly kind: 'resumed'; readonly held: boolean };

/** One step of the sync machine; it has no effects of its own. */
export function syncEntryStep(state: SyncEntry, event: SyncEntryEvent): Step<SyncEntry, never> {
  switch (event.kind) {
    case 'sent':
      return state.stage === 'recorded' ? go({ stage: 'sent' }) : stay(state);
    case 'acknowledged':
      // Whatever is heard first stays, unless nothing was heard yet: the first answer is the answer.
      return state.stage === 'acknowledged' && state.outcome !== null
        ? stay(state)
        : go({ stage: 'acknowledged', outcome: event.outcome, postedAt: event.postedAt });
    case 'resumed':
      if (!event.held) return go({ stage: 'recorded' });
      return state.stage === 'acknowledged'
        ? stay(state)
        : go({ stage: 'acknowledged', outcome: null, postedAt: null });
  }
}
