import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.ts';

/** The centre's database: typed queries over a pool of connections, and the pool itself for the hot statements. */
export type Database = {
  readonly db: Kysely<Tables>;
  readonly pool: pg.Pool;
  readonly url: string;
  close(): Promise<void>;
};

const OID = { int8: 20, date: 1082, timestamptz: 1184, xid8: 5069, int8Array: 1016 } as const;

/** A BIGINT of ours always fits a safe integer (contracts/money.ts); one that does not is a bug, not a rounding. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`an integer of the database is too large: ${text}`);
  return value;
}

/** How values leave the database: amounts as safe integers, instants as ISO strings with milliseconds, dates as text. */
const parsers = new Map<number, (text: string) => unknown>([
  [OID.int8, safeInteger],
  [OID.date, (text) => text],
  [OID.xid8, (text) => text],
  [OID.timestamptz, (text) => new Date(text).toISOString()],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) ||
    pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'], // overloads
};

/** Opens a pool on a database. Nothing is connected before the first query. */
export function openDatabase(url: string, size = 10): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    types,
    application_name: 'komis-centre',
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks is replaced by the pool; whoever uses it gets the error with the next query. Unheard, the
  // event of one that is in use would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    pool,
    url,
    async close() {
      await db.destroy();
      // Kysely ends the pool only if it has used it; a pool left open keeps the process for its idle time.
      if (!pool.ending) await pool.end();
    },
  };
}

/** The same server, another database. */
export function withDatabaseName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** One connection inside a transaction: for hot statements directly, for everything else typed. */
export type Transaction = { readonly client: pg.PoolClient; readonly db: Kysely<Tables> };

/** Deadlock and serialisation failure: nothing happened, and the same again will do. */
const TRY_AGAIN: readonly string[] = ['40P01', '40001'];
const TRIES = 5;

/** Runs in one transaction: committed when `run` returns, rolled back when it throws. Tried again after a deadlock. */
export async function inTransaction<T>(
  database: Database,
  run: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await database.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      try {
        const value = await run({ client, db: onConnection(client) });
        await client.query('commit');
        return value;
      } catch (error) {
        await client.query('rollback').catch((failure: Error) => (broken = failure));
        throw error;
      }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!TRY_AGAIN.includes(code) || attempt === TRIES) throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Typed queries on one connection that somebody else opened and will give back. */
function onConnection(client: pg.PoolClient): Kysely<Tables> {
  const borrowed = { query: client.query.bind(client), release: () => undefined };
  return new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => borrowed as unknown as pg.PoolClient,
        end: async () => undefined,
      } as unknown as pg.Pool,
    }), // the two members Kysely uses
  });
}
