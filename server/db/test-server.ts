/**
 * node test-server.ts FOLDER OWNER: holds the PostgreSQL of one test run, with a migrated template database, until the
 * process OWNER has ended. Started by testing.ts.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../data-folder.ts';
import { withDatabaseName } from './database.ts';
import { startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';

const [folder, ownerText] = process.argv.slice(2);
if (folder === undefined || ownerText === undefined) throw new Error('usage: test-server.ts FOLDER OWNER');
const owner = Number(ownerText);
const template = 'komis_template';
const LOOK_EVERY_MS = 200;

writeFileSync(join(folder, 'server.pid'), String(process.pid));
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => (stopping = true));

try {
  const server = await startEmbedded({ dir: join(folder, 'pg'), durable: false, maxConnections: 200 });
  try {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`create database ${template}`);
    await client.end();
    await migrate(withDatabaseName(server.url, template));
    const draft = join(folder, 'ready.draft');
    writeFileSync(draft, JSON.stringify({ url: server.url, template }));
    renameSync(draft, join(folder, 'ready.json'));
    while (!stopping && isAlive(owner)) await sleep(LOOK_EVERY_MS);
  } finally {
    await server.stop();
  }
} catch (error) {
  writeFileSync(
    join(folder, 'failed.txt'),
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
  while (!stopping && isAlive(owner)) await sleep(LOOK_EVERY_MS);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
