import { execFile as execFileCallback, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from '../data-folder.ts';
import { clusterFolder, giveTo, postgresHome, postgresUser, type PostgresUser } from './postgres-files.ts';

const execFile = promisify(execFileCallback);

/** A PostgreSQL server of our own on a free loopback port. */
export type EmbeddedServer = {
  /** `postgres://…@127.0.0.1:port/postgres`, with its password. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when it ends without having been asked to. */
  readonly died: Promise<Error>;
  /** Asks it to stop (open transactions roll back) and waits until it has. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Folder of the cluster; created when it is missing. */
  readonly dir: string;
  /** False only for tests: their databases need not survive a power cut. */
  readonly durable: boolean;
  readonly maxConnections?: number;
};

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 60_000;
/** A server asked to stop while it recovers from a crash may wait for itself for minutes (seen with 18.4). */
const LEFT_OVER_GRACE_MS = 15_000;
const STEP_MS = 20;

/**
 * Starts the server of a cluster, creating the cluster first where there is none. A server that a killed process left
 * behind is stopped cleanly first. While we live it lives; if we are killed, a watcher asks it to stop.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const user = postgresUser();
  const home = postgresHome(user);
  const cluster = clusterFolder(user, options.dir);
  const passwordFile = join(dirname(options.dir), 'pg-password');
  await stopLeftOver(cluster);
  const password = await initialise(home, cluster, user, passwordFile);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = run(home, cluster, user, port, options);
    if (await ready(child, cluster)) return running(child, port, password, options);
    // Somebody may have taken the port in between; anything else is in the log.
    if (attempt === 3) throw new Error(`PostgreSQL did not start; its log is ${logFile(options)}`);
  }
}

const logFile = (options: EmbeddedOptions): string => join(dirname(options.dir), 'postgres.log');

function run(
  home: string,
  cluster: string,
  user: PostgresUser,
  port: number,
  options: EmbeddedOptions,
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(options.maxConnections ?? 60),
    shared_buffers: options.durable ? '256MB' : '64MB',
    max_wal_size: '2GB',
    checkpoint_completion_target: '0.9',
    // Our statements are short and many; compiling them costs more than it gives.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile(options), 'a', 0o640);
  const child = spawn(join(home, 'bin', 'postgres'), ['-D', cluster, '-p', String(port), ...args], {
    ...user,
    cwd: '/',
    // A terminal's Ctrl-C goes to its whole process group; this server stops when we say so.
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
  });
  closeSync(log);
  return child;
}

/** Waits until the server takes connections. False when it gave up. */
async function ready(child: ChildProcess, cluster: string): Promise<boolean> {
  let gone = false;
  child.once('error', () => (gone = true));
  child.once('exit', () => (gone = true));
  for (const end = performance.now() + START_LIMIT_MS; performance.now() < end; await sleep(STEP_MS)) {
    if (gone) return false;
    const note = readPostmaster(cluster);
    if (note?.pid === child.pid && note?.ready) return true;
  }
  child.kill('SIGKILL');
  return false;
}

function running(
  child: ChildProcess,
  port: number,
  password: string,
  options: EmbeddedOptions,
): EmbeddedServer {
  const pid = child.pid;
  if (pid === undefined) throw new Error('PostgreSQL has no process id');
  let wanted = false;
  const exited = new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    child.once('exit', () => done());
  });
  const watcher = watch(pid);
  child.unref();
  return {
    died: new Promise((told) => {
      void exited.then(() => {
        if (!wanted) told(new Error(`PostgreSQL has ended by itself; its log is ${logFile(options)}`));
      });
    }),
    url: `postgres://komis:${password}@127.0.0.1:${port}/postgres`,
    pid,
    async stop() {
      wanted = true;
      watcher.kill('SIGKILL');
      watcher.stdin?.destroy();
      child.ref();
      // Tests throw their cluster away; there is nothing to write down.
      child.kill(options.durable ? 'SIGINT' : 'SIGQUIT');
      const late = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
      await exited;
      clearTimeout(late);
    },
  };
}

/** A shell that sleeps on a pipe from us. When we die without a word, the pipe closes and the server is asked to stop. */
function watch(pid: number): ChildProcess {
  const script = 'cat >/dev/null; kill -INT "$1"';
  const watcher = spawn('/bin/sh', ['-c', script, 'watch-postgres', String(pid)], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined); // no shell here (Windows): the next start stops what was left
  watcher.unref();
  // The pipe must not keep our event loop alive.
  (watcher.stdin as { unref?: () => void } | null)?.unref?.();
  return watcher;
}

/** Creates the cluster unless there is one, and gives its password. A half-made cluster never takes the final name. */
async function initialise(
  home: string,
  cluster: string,
  user: PostgresUser,
  passwordFile: string,
): Promise<string> {
  if (existsSync(join(cluster, 'PG_VERSION'))) return readFileSync(passwordFile, 'utf8').trim();
  const password = randomBytes(24).toString('hex');
  const draft = `${cluster}.new`;
  const handed = `${cluster}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(handed, `${password}\n`, { mode: 0o600 });
  giveTo(user, draft);
  giveTo(user, handed);
  try {
    await execFile(
      join(home, 'bin', 'initdb'),
      [
        `--pgdata=${draft}`,
        '--username=komis',
        '--auth=scram-sha-256',
        `--pwfile=${handed}`,
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--locale=C.UTF-8',
        '--no-instructions',
      ],
      { ...user, cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
    );
  } finally {
    rmSync(handed, { force: true });
  }
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  rmSync(cluster, { recursive: true, force: true });
  renameSync(draft, cluster);
  return password;
}

/** What PostgreSQL notes about itself in postmaster.pid: its process in line 1, its state in line 8. */
function readPostmaster(cluster: string): { pid: number; ready: boolean } | undefined {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Stops the server that a killed centre left behind; one that does not go is told to drop everything, which costs a
 * recovery and no data. A note whose process is gone, or belongs to another program by
 * now, is stale: PostgreSQL sees that itself, except when the number was given to another process of the same user.
 */
async function stopLeftOver(cluster: string): Promise<void> {
  const note = readPostmaster(cluster);
  if (note === undefined) return;
  if (!isAlive(note.pid) || !servesCluster(note.pid, cluster)) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  process.kill(note.pid, 'SIGINT');
  if (await gone(note.pid, LEFT_OVER_GRACE_MS)) return;
  process.kill(note.pid, 'SIGQUIT');
  if (await gone(note.pid, STOP_LIMIT_MS)) return;
  throw new Error(`a PostgreSQL left behind (process ${note.pid}) does not stop`);
}

/** Waits for a process to end. False when it has not in time. */
async function gone(pid: number, limitMs: number): Promise<boolean> {
  for (const end = performance.now() + limitMs; isAlive(pid); await sleep(STEP_MS))
    if (performance.now() > end) return false;
  return true;
}

function servesCluster(pid: number, cluster: string): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  if (!existsSync(commandLine)) return true; // no /proc: believe the note
  return readFileSync(commandLine, 'utf8').split('\0').includes(cluster);
}

/** A port of the loopback that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? found(address.port) : failed(new Error('no port')),
      );
    });
  });
}
