import type { Database } from 'better-sqlite3';
import { assert } from '../../contracts/assert.ts';
import type { EntryOutcome } from '../../contracts/journal.ts';
import type { EntryReceipt } from '../../core/ports/journal.ts';
import { codeOf, faultOf } from './faults.ts';

/** What became of an entry, as noted beside it. */
export type Noted = Pick<EntryReceipt, 'outcome' | 'postedAt' | 'note'>;

export type SyncNotes = {
  acknowledgedThrough(): number;
  sentThrough(): number;
  /** What the centre said it has of this device, when that is more than is here; else what we noted. */
  centreThrough(): number;
  /** Outcomes that are known but could not be written yet; they win over what the table says. */
  unwritten(seq: number): Noted | undefined;
  markSent(throughSeq: number): void;
  acknowledge(receipts: readonly EntryReceipt[]): void;
  resumeAfter(acknowledgedThrough: number, headSeq: number): void;
  /** Tries again what could not be written. */
  flush(): void;
};

type State = { sent: number; acknowledged: number; centre: number };

/**
 * How far the entries have come on their way to the centre. It can be asked of the centre again at any time, so a disk
 * that refuses it stops nothing: what is known stays in memory, is written with the next change, and after a crash the
 * centre is simply sent what it has already.
 */
export function openSyncNotes(database: Database, refused: (code: string) => void): SyncNotes {
  const state = load(database, refused) ?? { sent: 0, acknowledged: 0, centre: 0 };
  const outcomes = new Map<number, Noted>();
  let dirty = false;

  const writeState = database.prepare<State>(
    'UPDATE sync_state SET sent_through = @sent, acknowledged_through = @acknowledged, centre_through = @centre',
  );
  const writeOutcome = database.prepare<[number, EntryOutcome, string | null, string | null]>(
    `INSERT INTO entry_outcome (seq, outcome, posted_at, note) VALUES (?, ?, ?, ?)
     ON CONFLICT (seq) DO UPDATE SET outcome = excluded.outcome, posted_at = excluded.posted_at, note = excluded.note`,
  );
  const dropOutcomes = database.prepare<[number]>('DELETE FROM entry_outcome WHERE seq > ?');
  const write = database.transaction(() => {
    writeState.run(state);
    dropOutcomes.run(state.acknowledged);
    for (const [seq, { outcome, postedAt, note }] of outcomes) writeOutcome.run(seq, outcome, postedAt, note);
  });

  function flush(): void {
    if (!dirty) return;
    try {
      write.immediate();
    } catch (error) {
      if (faultOf(error) === undefined) throw error;
      refused(codeOf(error));
      return;
    }
    outcomes.clear();
    dirty = false;
  }

  function set(next: State): void {
    if (next.sent === state.sent && next.acknowledged === state.acknowledged && next.centre === state.centre)
      return;
    Object.assign(state, next);
    dirty = true;
  }

  return {
    acknowledgedThrough: () => state.acknowledged,
    sentThrough: () => state.sent,
    centreThrough: () => state.centre,
    unwritten: (seq) => outcomes.get(seq),
    flush,
    markSent(throughSeq) {
      set({ ...state, sent: Math.max(state.sent, throughSeq) });
      flush();
    },
    acknowledge(receipts) {
      let acknowledged = state.acknowledged;
      for (const { seq, outcome, postedAt, note } of [...receipts].sort((a, b) => a.seq - b.seq)) {
        assert(seq <= acknowledged + 1, 'the centre acknowledges entries in order, without gaps');
        acknowledged = Math.max(acknowledged, seq);
        outcomes.set(seq, { outcome, postedAt, note });
        dirty = true;
      }
      set({
        sent: Math.max(state.sent, acknowledged),
        acknowledged,
        centre: Math.max(state.centre, acknowledged),
      });
      flush();
    },
    resumeAfter(acknowledgedThrough, headSeq) {
      const acknowledged = Math.min(acknowledgedThrough, headSeq);
      for (const seq of [...outcomes.keys()].filter((known) => known > acknowledged)) outcomes.delete(seq);
      set({ sent: acknowledged, acknowledged, centre: acknowledgedThrough });
      flush();
    },
  };
}

function load(database: Database, refused: (code: string) => void): State | undefined {
  try {
    return database
      .prepare<[], State>(
        'SELECT sent_through AS sent, acknowledged_through AS acknowledged, centre_through AS centre FROM sync_state',
      )
      .get();
  } catch (error) {
    if (faultOf(error)?.kind !== 'damaged') throw error;
    refused(codeOf(error));
    return undefined;
  }
}
