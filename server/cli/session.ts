import { userInfo } from 'node:os';
import { claimFolder, openDataFolder, readRuntime, releaseFolder, writeRuntime } from '../data-folder.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { migrate } from '../db/migrate.ts';

/** What a command works with. */
export type Session = {
  readonly database: Database;
  readonly dataDir: string;
  /** Who is written into the audit log. */
  readonly actor: string;
};

/**
 * A command cannot be carried out, for a reason the person can do something about. Told in one line; exit code 1. An
 * empty message: the command has said it already.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * Runs a command on the centre's database: `DATABASE_URL`, else that of the centre that runs on the data folder, else one
 * started for the call and stopped after it.
 */
export async function withSession<T>(dataDir: string, run: (session: Session) => Promise<T>): Promise<T> {
  const folder = openDataFolder(dataDir);
  const actor = `cli:${userInfo().username}`;
  const url = process.env['DATABASE_URL'] ?? readRuntime(folder)?.pgUrl;
  if (url !== undefined && url !== null)
    return withDatabase(url, (database) => run({ database, dataDir, actor }));
  if (!claimFolder(folder))
    throw new CommandError(`The centre on ${folder.root} is starting or stopping. Try again in a moment.`);
  try {
    const server = await startEmbedded({ dir: folder.pg, durable: true });
    try {
      writeRuntime(folder, { url: null, pgUrl: server.url });
      return await withDatabase(server.url, (database) => run({ database, dataDir, actor }));
    } finally {
      await server.stop();
    }
  } finally {
    releaseFolder(folder);
  }
}

async function withDatabase<T>(url: string, run: (database: Database) => Promise<T>): Promise<T> {
  await migrate(url);
  const database = openDatabase(url, 4);
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}
