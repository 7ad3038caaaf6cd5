import Database from 'better-sqlite3';
import { z } from 'zod';
import { billerSchema, counterPolicySchema, workstationSchema } from '../../contracts/domain.ts';

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
 * A few named values in a durable file of their own: what must outlive the cache. Throws when the file cannot be opened
 * or a value in it is not what it should be.
 */
export function openKept(path: string) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('create table if not exists kept (name text primary key, value text not null) strict');
  const select = db.prepare<[string], { value: string }>('select value from kept where name = ?');
  const upsert = db.prepare(
    'insert into kept (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
  );
  const remove = db.prepare('delete from kept where name = ?');
  return {
    get<N extends Name>(name: N): Value<N> | null {
      const row = select.get(name);
      return row === undefined ? null : (KEPT[name].parse(JSON.parse(row.value)) as Value<N>); // by the name's own schema
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
