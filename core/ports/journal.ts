import type {
  EntryBody,
  EntryOutcome,
  EntryPayload,
  EntryType,
  SignedEntry,
} from '../../contracts/journal.ts';
import type { Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';

/** How far an entry has come on its way to the centre. */
export type SyncState = 'recorded' | 'sent' | 'acknowledged';

export type StoredEntry<T extends EntryType = EntryType> = {
  readonly seq: number;
  readonly body: EntryBody<T>;
  readonly sync: SyncState;
  readonly outcome: EntryOutcome | null;
  /** When the centre posted it, by the centre's clock. */
  readonly postedAt: Instant | null;
  readonly note: string | null;
};

export type EntryReceipt = {
  readonly seq: number;
  readonly outcome: EntryOutcome;
  readonly postedAt: Instant | null;
  readonly note: string | null;
};

/** The offline journal: the truth about what happened at this counter until the centre has it (DESIGN §7). */
export type JournalPort = {
  /**
   * Chains, signs and appends one entry; durable (fsynced) when it returns. Failure means that nothing was written:
   * the caller must not take money. `entryId` is minted by the caller before the act.
   */
  append<T extends EntryType>(
    entryId: string,
    type: T,
    payload: EntryPayload<T>,
  ): Result<StoredEntry<T>, 'journalUnwritable' | 'journalDamaged'>;
  /** Entries from `fromSeq` upwards, oldest first. */
  read(fromSeq: number): Iterable<StoredEntry>;
  /** Entries below `beforeSeq` (null: from the newest), newest first. */
  readBack(beforeSeq: number | null, limit: number, waitingOnly: boolean): readonly StoredEntry[];
  /** Sequence of the last entry; 0 when empty. */
  headSeq(): number;
  /** The next entries that the centre has not acknowledged, as stored. */
  waiting(limit: number): readonly SignedEntry[];
  waitingCount(): { readonly count: number; readonly oldest: Instant | null };
  markSent(throughSeq: number): void;
  acknowledge(receipts: readonly EntryReceipt[]): void;
  /** The centre knows more (or less) than we noted, e.g. after a lost answer or a restored copy: entries above wait again. */
  resumeAfter(acknowledgedThrough: number): void;
  /** Proves that an append would succeed now (space, lock, chain), without appending. Asked before money is taken. */
  probe(): Result<null, 'journalUnwritable' | 'journalDamaged'>;
};
