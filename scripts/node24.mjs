import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { node24 } from './set-up.mjs';

const oneSecond = 1000;
const guard = new URL('./orphan-guard.mjs', import.meta.url).href;

/**
 * Runs Node 24 on a file, with our own standard streams, and waits for its end.
 *
 * A request to stop reaches the child exactly once, however it came: the child gets a process group of its own, so the
 * terminal's Ctrl-C (which goes to every process of the foreground, and which npm sends on as well) does not reach it
 * directly, and it alone decides in which order it stops what it started. The third Ctrl-C kills it.
 * @param {readonly string[]} args
 * @param {Record<string, string>} [environment] added to our own
 * @returns {Promise<number>} the exit code; 128 + n after signal n
 */
export function runNode24(args, environment = {}) {
  return new Promise((done, fail) => {
    const child = spawn(node24, ['--import', guard, ...args], {
      stdio: 'inherit',
      detached: process.platform !== 'win32',
      env: { ...process.env, ...environment },
    });
    const stop = stopper(child);
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, stop);
    const watch = watchNpm(() => stop('SIGTERM'));
    child.on('error', (error) =>
      fail(new Error(`Node 24 could not be started (${node24}): ${error.message}`)),
    );
    child.on('close', (code, signal) => {
      for (const one of signals) process.off(one, stop);
      clearInterval(watch);
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** @param {import('node:child_process').ChildProcess} child @returns {(signal: NodeJS.Signals) => void} */
function stopper(child) {
  let presses = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (signal) => {
    const now = performance.now();
    const again = now - last < oneSecond;
    last = now;
    if (again) return;
    presses += 1;
    if (presses === 1) {
      // A closed terminal is a request to stop like any other. On Windows the console has told the child already.
      if (process.platform !== 'win32') child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    } else if (presses === 2) {
      process.stderr.write('komis: still stopping; once more to kill it\n');
    } else if (child.pid !== undefined) {
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    }
  };
}

/**
 * npm starts a shell which starts us. Told to end, npm ends the shell and itself and leaves us running: that our parent
 * is gone is all we ever hear of it.
 * @param {() => void} onGone
 */
function watchNpm(onGone) {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return undefined;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, oneSecond / 4);
  return watch;
}
