import type { Writable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { qualifiedStage, STAGE_COLUMNS } from './stage-sql.ts';

/** The unlogged table one list is copied into, in the importing transaction: gone when that ends, however it ends. */
export type ListStage = {
  readonly name: string;
  /** Sends COPY text; resolves when the database has room for more. */
  write(rows: Uint8Array): Promise<void>;
  /** All rows are in. */
  finish(): Promise<void>;
  /** Breaks the COPY off, so that the transaction can be rolled back. */
  abandon(): Promise<void>;
};

/** Creates the stage and begins to copy into it. */
export async function openStage(client: pg.PoolClient, listId: string): Promise<ListStage> {
  const name = qualifiedStage(listId);
  await client.query(`create unlogged table ${name} (${STAGE_COLUMNS})`);
  const copy: Writable = client.query(copyFrom(`copy ${name} from stdin with (freeze)`));
  let failure: Error | undefined;
  const closed = new Promise<void>((done) => copy.once('close', done));
  copy.on('error', (error: Error) => (failure ??= error));

  const settle = (run: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure) reject(failure);
      else run((error) => (error ? reject(error) : resolve()));
    });
  return {
    name,
    write: (rows) => (rows.length === 0 ? Promise.resolve() : settle((done) => copy.write(rows, done))),
    finish: () => settle((done) => copy.end(done)),
    async abandon() {
      copy.destroy();
      await closed;
    },
  };
}
