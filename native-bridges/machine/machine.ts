import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, statSync } from 'node:fs';
import pino from 'pino';
import { uuidv7 } from '../../contracts/ids.ts';
import type { MachinePort } from '../../core/ports/machine.ts';

export type MachineOptions = {
  /** Where the log goes; absent: standard error. The file before the last start or overflow is kept as `NAME.1`. */
  readonly logFile?: string;
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
};

/** A log that grew beyond this is put aside: a counter that runs for years must not fill its disk with words. */
const LOG_MAX_BYTES = 16 * 2 ** 20;
/** How many lines go by between two looks at the log's size. */
const LINES_BETWEEN_LOOKS = 2_000;

/** Clock, randomness, timers and log of this computer, under Node. Field names that sound like secrets are blanked. */
export function createMachine(options: MachineOptions = {}): MachinePort {
  const log = openLog(options);
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    mintId: () => uuidv7(Date.now(), randomBytes(10)),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    log: (level, event, fields = {}) => log(level, event, fields),
  };
}

function openLog({ logFile, level = 'info' }: MachineOptions): MachinePort['log'] {
  // Synchronous: a line written before a crash is in the file.
  const destination = pino.destination({
    ...(logFile === undefined ? { fd: 2 } : { dest: logFile, mkdir: true }),
    sync: true,
  });
  // A full disk must not take the counter's process down with an unhandled error: it says so by the journal.
  destination.on('error', () => undefined);
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: '…' },
    },
    destination,
  );
  let lines = LINES_BETWEEN_LOOKS;
  const rotate = (file: string): void => {
    lines = 0;
    if (!existsSync(file) || statSync(file).size < LOG_MAX_BYTES) return;
    renameSync(file, `${file}.1`);
    destination.reopen();
  };
  return (at, event, fields = {}) => {
    if (logFile !== undefined && ++lines > LINES_BETWEEN_LOOKS) rotate(logFile);
    logger[at](fields, event);
  };
}

const SECRETS = ['password', 'token', 'key', 'signature', 'nonce', 'pin', 'pan'];
