import type { Database } from 'better-sqlite3';
import type { EntryOutcome } from '../../contracts/journal.ts';
import { faultOf } from './faults.ts';

/** An entry with what is noted beside it. */
export type EntryRow = {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
  readonly seal: string;
  readonly signature: string | null;
  readonly body: string;
  readonly outcome: EntryOutcome | null;
  readonly postedAt: string | null;
  readonly note: string | null;
};

export type Rows = {
  /** False when SQLite finds the file's own structure damaged: rows are then fetched one by one, those that can be. */
  readonly sound: boolean;
  /** Every row in order, as far as they can be reached. */
  all(): Iterable<EntryRow>;
  /** Rows `from` to `through`, in order. */
  between(from: number, through: number): readonly EntryRow[];
  /** At most `limit` rows below `before` and above `above`, newest first. */
  back(before: number, above: number, limit: number): readonly EntryRow[];
};

const SELECT = `SELECT e.seq, e.prev_hash AS prevHash, e.hash, e.seal, s.signature, e.body, o.outcome, o.posted_at AS postedAt, o.note
  FROM entry e LEFT JOIN entry_signature s ON s.seq = e.seq LEFT JOIN entry_outcome o ON o.seq = e.seq`;

/** How the entries of a journal are read, whole or damaged. */
export function openRows(database: Database): Rows {
  const sound = isSound(database);
  const one = database.prepare<[number], EntryRow>(`${SELECT} WHERE e.seq = ?`);
  return sound ? soundRows(database) : { sound, ...rowsOneByOne((seq) => one.get(seq)) };
}

function soundRows(database: Database): Rows {
  const all = database.prepare<[], EntryRow>(`${SELECT} ORDER BY e.seq`);
  const between = database.prepare<[number, number], EntryRow>(
    `${SELECT} WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`,
  );
  const back = database.prepare<[number, number, number], EntryRow>(
    `${SELECT} WHERE e.seq < ? AND e.seq > ? ORDER BY e.seq DESC LIMIT ?`,
  );
  return {
    sound: true,
    all: () => all.iterate(),
    between: (from, through) => between.all(from, through),
    back: (before, above, limit) => back.all(before, above, limit),
  };
}

/** In a damaged file a walk over many rows may stumble over a page that none of them needs. */
function rowsOneByOne(get: (seq: number) => EntryRow | undefined): Omit<Rows, 'sound'> {
  function* walk(from: number, through: number, step: 1 | -1): Iterable<EntryRow> {
    for (let seq = from; step === 1 ? seq <= through : seq >= through; seq += step) {
      const row = get(seq);
      if (row === undefined) return;
      yield row;
    }
  }
  return {
    all: () => walk(1, Number.MAX_SAFE_INTEGER, 1),
    between: (from, through) => [...walk(from, through, 1)],
    back: (before, above, limit) => [...walk(before - 1, Math.max(above + 1, before - limit), -1)],
  };
}

/** SQLite's own look at the file: pages, order of keys, types. Seconds for a million entries. */
function isSound(database: Database): boolean {
  try {
    return database.pragma('quick_check(1)', { simple: true }) === 'ok';
  } catch (error) {
    if (faultOf(error)?.kind === 'damaged') return false;
    throw error;
  }
}
