import type { FaultLog } from './fault-log.ts';

const FAULT_EXIT_CODE = 70;

/**
 * What nobody caught is written down, and the process ends rather than go on in doubt: the journal holds all that counts,
 * and whoever started the process starts it again.
 */
export function watchFaults(faults: FaultLog): void {
  const giveUp =
    (where: string) =>
    (error: unknown): void => {
      faults.record(where, error);
      process.exit(FAULT_EXIT_CODE);
    };
  process.on('uncaughtException', giveUp('uncaughtException'));
  process.on('unhandledRejection', giveUp('unhandledRejection'));
}
