import type { Database } from 'better-sqlite3';

/**
 * The journal's tables, one step per version. Additive only: a step that was released is never changed, and no step
 * drops or rewrites what an earlier one made. `PRAGMA user_version` counts the steps taken.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Whose journal this is; written with the first entry.
  CREATE TABLE owner (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device_id TEXT NOT NULL
  ) STRICT;

  -- What happened, as hashed and signed. body is the exact text that was hashed; seal: signatures.ts.
  CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    seal TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE entry_signature (
    seq INTEGER PRIMARY KEY REFERENCES entry (seq),
    signature TEXT NOT NULL
  ) STRICT;

  CREATE TRIGGER entry_continues BEFORE INSERT ON entry
  WHEN NEW.seq <> coalesce((SELECT max(seq) FROM entry), 0) + 1
    OR NEW.prev_hash <> coalesce((SELECT hash FROM entry WHERE seq = NEW.seq - 1), printf('%064d', 0))
  BEGIN SELECT raise(ABORT, 'journal: the entry does not continue the chain'); END;
  CREATE TRIGGER entry_stands BEFORE UPDATE ON entry
  BEGIN SELECT raise(ABORT, 'journal: entries are never changed'); END;
  CREATE TRIGGER entry_stays BEFORE DELETE ON entry
  BEGIN SELECT raise(ABORT, 'journal: entries are never deleted'); END;
  CREATE TRIGGER signature_stands BEFORE UPDATE ON entry_signature
  BEGIN SELECT raise(ABORT, 'journal: signatures are never changed'); END;
  CREATE TRIGGER signature_stays BEFORE DELETE ON entry_signature
  BEGIN SELECT raise(ABORT, 'journal: signatures are never deleted'); END;
  CREATE TRIGGER owner_stands BEFORE UPDATE ON owner
  BEGIN SELECT raise(ABORT, 'journal: its device is never changed'); END;
  CREATE TRIGGER owner_stays BEFORE DELETE ON owner
  BEGIN SELECT raise(ABORT, 'journal: its device is never changed'); END;

  -- How far the entries have come on their way to the centre; not part of what was signed.
  CREATE TABLE sync_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sent_through INTEGER NOT NULL,
    acknowledged_through INTEGER NOT NULL,
    -- What the centre says it has of this device; above our head it means that entries are missing here.
    centre_through INTEGER NOT NULL
  ) STRICT;
  INSERT INTO sync_state VALUES (1, 0, 0, 0);

  CREATE TABLE entry_outcome (
    seq INTEGER PRIMARY KEY,
    outcome TEXT NOT NULL,
    posted_at TEXT,
    note TEXT
  ) STRICT;

  -- What probe() writes to, to prove that a write reaches the disk.
  CREATE TABLE scratch (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    writes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO scratch VALUES (1, 0);
  `,
];

/** Takes the steps that are missing. False when a newer program has taken steps that this one does not know. */
export function migrate(database: Database): boolean {
  const version = database.pragma('user_version', { simple: true });
  if (typeof version !== 'number' || version > MIGRATIONS.length) return false;
  MIGRATIONS.slice(version).forEach((step, index) => {
    database.transaction(() => {
      database.exec(step);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  });
  return true;
}
