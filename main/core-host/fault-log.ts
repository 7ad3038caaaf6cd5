import { randomInt } from 'node:crypto';
import type { MachinePort } from '../../core/ports/machine.ts';

/** Without letters and digits that are mixed up when read over the telephone. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const REFERENCE_LENGTH = 8;
const STACK_MAX = 4000;

/** The one place where bugs end up: written to the log with a reference that a person can say over the telephone. */
export type FaultLog = {
  /** Answers the reference. `where` is the method or the place that noticed it. */
  record(where: string, error: unknown): string;
};

export const createFaultLog = (log: MachinePort['log']): FaultLog => ({
  record(where, error) {
    const reference = Array.from({ length: REFERENCE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(
      '',
    );
    log('error', 'fault', { reference, where, ...described(error) });
    return reference;
  },
});

function described(error: unknown): { readonly message: string; readonly stack: string | null } {
  if (!(error instanceof Error)) return { message: String(error).slice(0, STACK_MAX), stack: null };
  return { message: error.message.slice(0, STACK_MAX), stack: error.stack?.slice(0, STACK_MAX) ?? null };
}
