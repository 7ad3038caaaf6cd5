import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../data-folder.ts';
import { openDatabase, withDatabaseName, type Database } from './database.ts';

/**
 * A database for one test file, migrated, empty, on a real PostgreSQL that all files of the test run share:
 *
 *     const test = await withTestDatabase();
 *     afterAll(test.close);
 *
 * The first file to ask starts the server (test-server.ts), which stops by itself, and takes its folder away, when the
 * test run that began it has ended. Two runs at once have a server each.
 */
export async function withTestDatabase(): Promise<Database> {
  const server = await sharedServer();
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await admin(server.url, `create database ${name} template ${server.template}`);
  const database = openDatabase(withDatabaseName(server.url, name));
  return {
    ...database,
    async close() {
      await database.close();
      await admin(server.url, `drop database if exists ${name} with (force)`);
    },
  };
}

/** The test server's address, for tests that make databases of their own (dropped by them). */
export const testServerUrl = async (): Promise<string> => (await sharedServer()).url;

type TestServer = { readonly url: string; readonly template: string };

const PREFIX = 'komis-test-pg-';
const START_LIMIT_MS = 90_000;
const STEP_MS = 25;

async function sharedServer(): Promise<TestServer> {
  // vitest runs each file in a process of its own; what they have in common is the process that started them.
  const owner = process.env['VITEST'] === undefined ? process.pid : process.ppid;
  const folder = join(tmpdir(), `${PREFIX}${owner}`);
  const note = join(folder, 'ready.json');
  if (claim(folder)) {
    sweep(owner);
    spawn(process.execPath, [join(import.meta.dirname, 'test-server.ts'), folder, String(owner)], {
      detached: true,
      stdio: 'ignore',
    }).unref();
  }
  for (const end = performance.now() + START_LIMIT_MS; performance.now() < end; await sleep(STEP_MS)) {
    if (existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as TestServer; // written by test-server.ts, renamed into place
    if (existsSync(join(folder, 'failed.txt'))) break;
  }
  const failure = join(folder, 'failed.txt');
  throw new Error(
    `no test database: ${existsSync(failure) ? readFileSync(failure, 'utf8') : 'it took too long'}`,
  );
}

/** True for the one that may start the server. */
function claim(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o711 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes away what runs before us left when the machine or their server was killed. */
function sweep(owner: number): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length));
    if (pid === owner || isAlive(pid)) continue;
    const server = join(tmpdir(), name, 'server.pid');
    const holder = existsSync(server) ? Number(readFileSync(server, 'utf8')) : undefined;
    if (holder === undefined || !isAlive(holder))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function admin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
