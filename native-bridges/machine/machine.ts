import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { assert } from '../../contracts/assert.ts';
import { uuidv7 } from '../../contracts/ids.ts';
import type { MachinePort } from '../../core/ports/machine.ts';
import { boundedLog, standardError } from './bounded-log.ts';

export type MachineOptions = {
  /** Where the log goes; absent: standard error. When it is full it is put aside as `NAME.1`. */
  readonly logFile?: string;
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
  /** The most the log file may hold; with the one put aside twice as much lies on the disk. Default 16 MiB. */
  readonly logMaxBytes?: number;
  /** The wall clock, epoch milliseconds; fault tests set it wrong. Default: the computer's. */
  readonly wallClock?: () => number;
};

/** A counter that runs for years must not fill its disk with words. */
const LOG_MAX_BYTES = 16 * 2 ** 20;
/** Beyond this Node's timers fire at once. */
const DELAY_MAX_MS = 2 ** 31 - 1;
/** Fields are named by those who log; a name that sounds like a secret is blanked whatever it holds. */
const SECRETS = ['password', 'token', 'key', 'signature', 'nonce', 'pin', 'pan', 'authorization'];

/** Clock, randomness, timers and log of this computer, under Node. */
export function createMachine(options: MachineOptions = {}): MachinePort {
  const { logFile, level = 'info', logMaxBytes = LOG_MAX_BYTES, wallClock = () => Date.now() } = options;
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: '…' },
    },
    logFile === undefined ? standardError : boundedLog(logFile, logMaxBytes),
  );
  return {
    nowMs: wallClock,
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    mintId: () => uuidv7(wallClock(), randomBytes(10)),
    after(delayMs, run) {
      assert(delayMs >= 0 && delayMs <= DELAY_MAX_MS, 'a delay is between 0 and 24 days');
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    log: (at, event, fields = {}) => logger[at](fields, event),
  };
}
