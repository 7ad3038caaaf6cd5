import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const here = import.meta.dirname;

export type Applied = { readonly migrations: readonly string[]; readonly functions: readonly string[] };

/**
 * Brings a database up to date: the folders of migrations/ in order, each once and in a transaction of its own, then
 * every file of functions/ whose text has changed. Two starters at once are safe: the row that says "done" is inserted
 * first in the same transaction, so the second waits for the first and then finds it there.
 */
export async function migrate(url: string, folder = here): Promise<Applied> {
  const client = new pg.Client({ connectionString: url, application_name: 'komis-migrate' });
  await client.connect();
  try {
    await checkVersion(client);
    await ensureBookkeeping(client);
    const migrations = [];
    for (const name of migrationNames(folder)) {
      if (
        await applyMigration(client, name, readFileSync(join(folder, 'migrations', name, 'up.sql'), 'utf8'))
      )
        migrations.push(name);
    }
    const functions = [];
    for (const name of sqlFiles(join(folder, 'functions'))) {
      const sql = readFileSync(join(folder, 'functions', name), 'utf8');
      // New tables may give a function more to do: after a migration all are applied again.
      if (await applyFunctions(client, name, sql, migrations.length > 0)) functions.push(name);
    }
    return { migrations, functions };
  } finally {
    await client.end();
  }
}

const migrationNames = (folder: string): string[] =>
  readdirSync(join(folder, 'migrations'))
    .filter((name) => /^\d{4}-/.test(name) && existsSync(join(folder, 'migrations', name, 'up.sql')))
    .sort();

const sqlFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();

/** Lists are merged with MERGE … RETURNING, which is new in 17. */
const LEAST_VERSION = 170_000;

async function checkVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  );
  const version = Number(rows[0]?.version);
  if (version < LEAST_VERSION) {
    throw new Error(
      `PostgreSQL ${LEAST_VERSION / 10_000} or later is needed; this is ${Math.floor(version / 10_000)}`,
    );
  }
}

/** A fixed key of ours for the only step that the bookkeeping itself cannot guard. */
const BOOKKEEPING_LOCK = 7_130_001;

async function ensureBookkeeping(client: pg.Client): Promise<void> {
  await inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock($1)', [BOOKKEEPING_LOCK]);
    await client.query(`
      create table if not exists schema_migration (
        name text primary key, hash text not null, applied_at timestamptz not null default now());
      create table if not exists schema_function (
        name text primary key, hash text not null, applied_at timestamptz not null default now())`);
  });
}

async function applyMigration(client: pg.Client, name: string, sql: string): Promise<boolean> {
  const hash = sha256(sql);
  return inTransaction(client, async () => {
    const inserted = await client.query(
      'insert into schema_migration (name, hash) values ($1, $2) on conflict do nothing returning name',
      [name, hash],
    );
    if (inserted.rowCount === 0) {
      const known = await client.query<{ hash: string }>(
        'select hash from schema_migration where name = $1',
        [name],
      );
      if (known.rows[0]?.hash !== hash) {
        throw new Error(
          `migration ${name} differs from what this database was made with: migrations are only added`,
        );
      }
      return false;
    }
    await client.query(sql);
    return true;
  });
}

async function applyFunctions(
  client: pg.Client,
  name: string,
  sql: string,
  always: boolean,
): Promise<boolean> {
  const hash = sha256(sql);
  return inTransaction(client, async () => {
    const changed = await client.query(
      `insert into schema_function (name, hash) values ($1, $2)
       on conflict (name) do update set hash = excluded.hash, applied_at = now() where $3 or schema_function.hash <> excluded.hash
       returning name`,
      [name, hash, always],
    );
    if (changed.rowCount === 0) return false;
    await client.query(sql);
    return true;
  });
}

async function inTransaction<T>(client: pg.Client, run: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const value = await run();
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
