import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { billerSchema, counterPolicySchema, workstationSchema } from '../../contracts/domain.ts';
import { isDamage, wordsOf } from './damage.ts';

const generationsSchema = z.object({ current: z.string().nullable(), building: z.string().nullable() });
export type Generations = z.infer<typeof generationsSchema>;

const counterSchema = z.object({
  workstation: workstationSchema,
  policy: counterPolicySchema,
  receiptVerifyUrl: z.string(),
});
const leaseSchema = z.object({ leaseId: z.string() });
const blockSchema = z.object({ leaseId: z.string(), firstSerial: z.int(), lastSerial: z.int() });

/** What may be kept under which name. */
const KEPT = {
  generations: generationsSchema,
  billers: z.array(billerSchema),
  counter: counterSchema,
  lease: leaseSchema,
  blocks: z.array(blockSchema),
} as const;
type Name = keyof typeof KEPT;
type Value<N extends Name> = z.infer<(typeof KEPT)[N]>;

/**
 * A few named values in a durable file of their own: what must outlive the cache. A file that is damaged is set aside
 * (`.damaged`) and begun anew, so that the counter can work: all of it can be had from the centre again, a block of codes
 * being leased anew. Throws when the file cannot be opened for another reason.
 */
export function openKept(path: string, onUnreadable: (reason: string) => void) {
  const db = openOrBeginAnew(path, onUnreadable);
  const select = db.prepare<[string], { value: string }>('select value from kept where name = ?');
  const upsert = db.prepare(
    'insert into kept (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
  );
  const remove = db.prepare('delete from kept where name = ?');
  return {
    get<N extends Name>(name: N): Value<N> | null {
      const row = select.get(name);
      if (row === undefined) return null;
      try {
        return KEPT[name].parse(JSON.parse(row.value)) as Value<N>; // by the name's own schema
      } catch (error) {
        if (!isDamage(error)) throw error;
        onUnreadable(`${path}, ${name}: ${wordsOf(error)}`);
        return null;
      }
    },
    set<N extends Name>(name: N, value: Value<N>): void {
      upsert.run(name, JSON.stringify(value));
    },
    drop(name: Name): void {
      remove.run(name);
    },
    /** Runs several changes as one. */
    together: (change: () => void): void => db.transaction(change).immediate(),
    close: (): void => void db.close(),
  };
}
export type Kept = ReturnType<typeof openKept>;

function openOrBeginAnew(path: string, onUnreadable: (reason: string) => void): Database.Database {
  try {
    return open(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    onUnreadable(`${path}: ${wordsOf(error)}`);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    renameSync(path, `${path}.damaged`);
    return open(path);
  }
}

function open(path: string): Database.Database {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec('create table if not exists kept (name text primary key, value text not null) strict');
    db.prepare('select name, value from kept').all();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
