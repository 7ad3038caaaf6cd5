import { expect, test } from 'vitest';
import { sql } from 'kysely';
import { inTransaction, openDatabase } from './database.ts';
import { withTestDatabase } from './testing.ts';

test('closing ends the pool even where only the pool was used: no process waits for idle connections', async () => {
  // Nothing is connected before the first query, so nobody need listen there.
  const database = openDatabase('postgres://nobody@127.0.0.1:1/none');
  await database.close();
  expect(database.pool.ended).toBe(true);
});

test('a connection that the server ends, idle, waiting or in the middle of a transaction, is an error of whoever uses it', async () => {
  const database = await withTestDatabase();
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => void unheard.push(error);
  process.on('uncaughtException', hear);
  try {
    const endOthers = (): Promise<unknown> =>
      database.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
    const idle = inTransaction(database, async ({ client }) => {
      await endOthers();
      await new Promise((soon) => setTimeout(soon, 100));
      await client.query('select 1');
    });
    await expect(idle).rejects.toThrow();
    const kysely = database.db.transaction().execute(async (transaction) => {
      const sleeping = sql`select pg_sleep(30)`.execute(transaction);
      await Promise.all([sleeping, endOthers()]);
    });
    await expect(kysely).rejects.toThrow();
    await new Promise((soon) => setTimeout(soon, 100));
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(unheard).toEqual([]);
  } finally {
    process.off('uncaughtException', hear);
    await database.close();
  }
});
