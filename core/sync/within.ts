import type { ErrorCode } from '../../contracts/errors.ts';
import { fail, type Result } from '../../contracts/result.ts';
import type { MachinePort } from '../ports/machine.ts';

/**
 * An answer that has not come within the time is lost: its outcome is unknown and it is asked for again by id. If it does
 * come later, nobody listens.
 */
export function within<T, C extends ErrorCode>(
  machine: MachinePort,
  ms: number,
  asked: Promise<Result<T, C>>,
): Promise<Result<T, C | 'connectionLost'>> {
  return new Promise((settle, fault) => {
    const callOff = machine.after(ms, () => settle(fail('connectionLost')));
    asked.then(
      (answer) => {
        callOff();
        settle(answer);
      },
      (error: unknown) => {
        callOff();
        fault(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
