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
  // An idle connection that breaks is replaced by the pool; whoever uses one gets the error with the query.
  pool.on('error', () => undefined);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, url, close: () => db.destroy() };
}

/** The same server, another database. */
export function withDatabaseName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
