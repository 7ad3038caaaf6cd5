import { beforeEach, describe } from 'vitest';
import { anyOrder } from './any-order.ts';
import { days } from './days.ts';
import { outcomes } from './outcomes.ts';
import type { Conformance } from './stage.ts';

/**
 * What every driver must do, whatever its protocol: said in terms of the port and of what the bank has. Each driver's folder
 * runs it against its own terminal.
 */
export function conformance(name: string, setup: Conformance): void {
  describe(`${name}: what every driver does`, () => {
    beforeEach((context) => setup.needs?.(context));
    outcomes(setup);
    days(setup);
    anyOrder(setup);
  });
}
