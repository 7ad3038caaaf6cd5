import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Lets one process at a time do a piece of work; others wait for it. The lock is a file that names its holder, so that
 * one left behind by a process that died is recognised and taken over.
 * @template T
 * @param {string} path the lock file
 * @param {string} doing what is done under the lock, for the one line a waiter prints to stderr
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function singleFlight(path, doing, work) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid), host: hostname() });
  for (let said = false; !tryCreate(path, mine);) {
    const holder = read(path);
    if (holder === undefined) continue;
    if (isDead(holder)) {
      takeAway(path, holder);
      continue;
    }
    if (!said)
      process.stderr.write(`komis: waiting for another process, which is ${doing} (${describe(holder)})\n`);
    said = true;
    await wait(250);
  }
  try {
    return await work();
  } finally {
    if (read(path) === mine) unlinkSync(path);
  }
}

/** @param {string} path @param {string} content */
function tryCreate(path, content) {
  // Written aside and linked into place, so that nobody ever reads a lock without its holder.
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, content);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} path @returns {string | undefined} */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moves a dead holder's lock away; if another process was quicker and the lock is a living one, it is put back. */
/** @param {string} path @param {string} dead */
function takeAway(path, dead) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== dead) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}

/** @param {string} text @returns {{ pid: number, started: string, host: string } | undefined} */
function parse(text) {
  try {
    const { pid, started, host } = JSON.parse(text);
    return { pid: Number(pid), started: String(started), host: String(host) };
  } catch {
    return undefined; // Not a lock of ours: nobody can be holding it.
  }
}

/** @param {string} text */
function isDead(text) {
  const holder = parse(text);
  if (holder === undefined) return true;
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
  return startOf(holder.pid) !== holder.started;
}

/** @param {string} text */
function describe(text) {
  const holder = parse(text);
  return holder === undefined ? 'unknown' : `process ${holder.pid} on ${holder.host}`;
}

/** When a process started, so that a number given out again is not taken for the old holder. Linux only, else ''. */
/** @param {number} pid */
function startOf(pid) {
  if (process.platform !== 'linux') return '';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return 'gone';
    throw error;
  }
}

/** @param {unknown} error @returns {unknown} */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
