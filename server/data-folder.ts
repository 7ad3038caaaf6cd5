import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the centre keeps its files under one data folder (`--data-dir`, default `.data/` of the working directory). */
export type DataFolder = {
  readonly root: string;
  readonly centre: string;
  /** The embedded PostgreSQL cluster. */
  readonly pg: string;
  readonly certs: string;
  /** Who runs the centre now, for the command line and for a second start. */
  readonly runtime: string;
};

/** Resolves the paths and creates the folders, readable by their owner only where they hold secrets. */
export function openDataFolder(root = '.data'): DataFolder {
  const absolute = resolve(root);
  const centre = join(absolute, 'centre');
  const folder = {
    root: absolute,
    centre,
    pg: join(centre, 'pg'),
    certs: join(centre, 'certs'),
    runtime: join(centre, 'runtime.json'),
  };
  mkdirSync(folder.centre, { recursive: true });
  // The database runs as another user when we are root: it must be able to pass through, not to read.
  if (process.getuid?.() === 0) {
    for (const path of [absolute, folder.centre]) chmodSync(path, (statSync(path).mode & 0o777) | 0o011);
  }
  mkdirSync(folder.certs, { recursive: true, mode: 0o700 });
  return folder;
}

/** The running centre (or a command that started the database by itself). */
export type Runtime = {
  readonly pid: number;
  /** HTTPS address; null while only the database runs. */
  readonly url: string | null;
  readonly pgUrl: string;
};

/** What runs on this folder now, if its process is alive. A file left by a killed process counts as nothing. */
export function readRuntime(folder: DataFolder): Runtime | undefined {
  try {
    const read = JSON.parse(readFileSync(folder.runtime, 'utf8')) as Runtime; // our own file, written below
    return isAlive(read.pid) ? read : undefined;
  } catch {
    return undefined; // absent, or cut short by a crash: nothing is known to run
  }
}

/** Replaces the note in one step; only its owner may read it, for it holds the database's password. */
export function writeRuntime(folder: DataFolder, runtime: Runtime): void {
  const draft = `${folder.runtime}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(runtime)}\n`, { mode: 0o600 });
  renameSync(draft, folder.runtime);
}

/** Takes the note away if it is ours. */
export function clearRuntime(folder: DataFolder): void {
  if (readRuntime(folder)?.pid === process.pid) rmSync(folder.runtime, { force: true });
}

/** Whether a process with this id exists (and is not merely waiting to be reaped). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true; // no /proc here: the signal test stands
  }
}
