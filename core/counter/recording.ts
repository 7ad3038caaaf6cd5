import { assert } from '../../contracts/assert.ts';
import type { EntryBody, EntryPayload, EntryType } from '../../contracts/journal.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Result } from '../../contracts/result.ts';
import type { Facts } from '../facts.ts';
import { applyEntry, applyReceipts, foldJournal } from '../fold.ts';
import type { EntryReceipt, JournalPort, StoredEntry } from '../ports/journal.ts';

type JournalCode = 'journalUnwritable' | 'journalDamaged';

export type JournalHealth = {
  readonly state: 'ready' | 'unwritable' | 'damaged';
  readonly reason: string | null;
};

/** The journal and the facts folded from it, kept in step: what is in one is in the other. */
export type Ledger = {
  facts(): Readonly<Facts>;
  /** Appends one entry and folds it. On failure nothing happened. */
  record<T extends EntryType>(
    entryId: Id,
    type: T,
    payload: EntryPayload<T>,
  ): Result<StoredEntry<T>, JournalCode>;
  /** The whole record behind a fact. */
  read<T extends EntryType>(seq: number, type: T): StoredEntry<T>;
  acknowledged(receipts: readonly EntryReceipt[]): void;
  /** Folds the journal from the start: after acknowledgements were taken back, and on start. */
  refold(): void;
  /** Proves that an append would succeed now, and notes the answer. */
  probe(): Result<null, JournalCode>;
  health(): JournalHealth;
};

export function createLedger(journal: JournalPort, appended: () => void): Ledger {
  let facts = foldJournal([]);
  let health: JournalHealth = { state: 'ready', reason: null };

  const note = <T>(result: Result<T, JournalCode>): Result<T, JournalCode> => {
    if (result.ok) {
      // A damaged journal does not heal by itself; a full disk does.
      if (health.state === 'unwritable') health = { state: 'ready', reason: null };
    } else {
      const state = result.error.code === 'journalDamaged' ? 'damaged' : 'unwritable';
      const reason = result.error.detail?.['reason'] ?? result.error.detail?.['seq'] ?? null;
      health = { state, reason: reason === null ? null : String(reason) };
    }
    return result;
  };

  /** Folds what the journal has and the facts do not: one entry as a rule, more after a fault in between. */
  const catchUp = (): void => {
    for (const entry of journal.read(facts.headSeq + 1)) applyEntry(facts, entry);
  };

  return {
    facts: () => facts,
    record(entryId, type, payload) {
      try {
        const result = journal.append(entryId, type, payload);
        note(result);
        if (result.ok && result.value.seq === facts.headSeq + 1) applyEntry(facts, result.value);
        return result;
      } finally {
        // Also when append threw: then nobody knows whether it wrote, but the journal does.
        catchUp();
        appended();
      }
    },
    read(seq, type) {
      // Backwards: read() fetches a page of entries from there on, and a screen asks for single ones at every change.
      const [entry] = journal.readBack(seq + 1, 1, false);
      assert(entry?.seq === seq, `the journal has an entry ${seq}`);
      assert(isOf(entry, type), `entry ${seq} is a ${type}`);
      return entry;
    },
    acknowledged: (receipts) => applyReceipts(facts, receipts),
    refold() {
      facts = foldJournal(journal.read(1));
    },
    probe: () => note(journal.probe()),
    health: () => health,
  };
}

/** Narrows by the type that the body itself states. */
const isOf = <T extends EntryType>(entry: StoredEntry, type: T): entry is StoredEntry & StoredEntry<T> =>
  entry.body.type === (type satisfies EntryType as EntryBody['type']);
