/**
 * Loaded before every program that runs under Node 24: when the process that started it is gone without a word (killed
 * hard), the program is asked to stop, so that no centre and no database stay behind.
 */
import { isMainThread } from 'node:worker_threads';

const everySecond = 1000;
const parent = process.ppid;

if (isMainThread && process.platform !== 'win32') {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, everySecond);
  watch.unref();
}
