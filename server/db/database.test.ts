import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';

test('closing ends the pool even where only the pool was used: no process waits for idle connections', async () => {
  // Nothing is connected before the first query, so nobody need listen there.
  const database = openDatabase('postgres://nobody@127.0.0.1:1/none');
  await database.close();
  expect(database.pool.ended).toBe(true);
});
