import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the centre keeps its files under one data folder (`--data-dir`, default `.data/` of the working directory). */
export type DataFolder = {
  readonly root: string;
  readonly centre: string;
  /** The embedded PostgreSQL cluster. */
  readonly pg: string;
  readonly certs: string;
  /** The sealed master keys of meter cards, where the embedded key store is used. */
  readonly keys: string;
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
    keys: join(centre, 'keys'),
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
  /** Tells the process apart from a later one with the same number. */
  readonly mark: string;
  /** HTTPS address; null while only the database runs. */
  readonly url: string | null;
  readonly pgUrl: string | null;
};

/** What runs on this folder now, if its process is alive. A file left by a killed process counts as nothing. */
export function readRuntime(folder: DataFolder): Runtime | undefined {
  try {
    const read = JSON.parse(readFileSync(folder.runtime, 'utf8')) as Runtime; // our own file, written below
    return isAlive(read.pid) && read.mark === processMark(read.pid) ? read : undefined;
  } catch {
    return undefined; // absent, or cut short by a crash: nothing is known to run
  }
}

/**
 * Takes the folder for this process: true for one starter only, however many try. A note whose process is gone is put
 * aside first; what was put aside is looked at again, in case somebody else was quicker and it is theirs.
 */
export function claimFolder(folder: DataFolder): boolean {
  const draft = `${folder.runtime}.${process.pid}`;
  writeFileSync(draft, note({ url: null, pgUrl: null }), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (linked(draft, folder.runtime)) return true;
      if (readRuntime(folder)) return false;
      const aside = `${draft}.aside`;
      renameIfThere(folder.runtime, aside);
      const moved = readRuntime({ ...folder, runtime: aside });
      if (moved) linked(aside, folder.runtime);
      rmSync(aside, { force: true });
    }
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Says more about the process that holds the folder. Only its owner may read it: it holds the database's password. */
export function writeRuntime(folder: DataFolder, runtime: Pick<Runtime, 'url' | 'pgUrl'>): void {
  const draft = `${folder.runtime}.${process.pid}`;
  writeFileSync(draft, note(runtime), { mode: 0o600 });
  renameSync(draft, folder.runtime);
}

/** Gives the folder back if it is ours. */
export function releaseFolder(folder: DataFolder): void {
  if (readRuntime(folder)?.pid === process.pid) rmSync(folder.runtime, { force: true });
}

const note = (runtime: Pick<Runtime, 'url' | 'pgUrl'>): string =>
  `${JSON.stringify({ pid: process.pid, mark: processMark(process.pid), ...runtime })}\n`;

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Whether a process with this id exists (and is not merely waiting to be reaped). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statOf(pid)?.state !== 'Z';
}

/** When a process began, as Linux counts it, with the machine's boot; empty where there is no /proc. */
function processMark(pid: number): string {
  const started = statOf(pid)?.started;
  if (started === undefined) return '';
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${started}`;
}

function statOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    // "pid (name) state …": the name may hold anything, so counting begins after its last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return undefined; // no /proc here, or the process has just ended
  }
}
