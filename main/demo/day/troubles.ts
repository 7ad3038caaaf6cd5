import type { CustomerWish } from '../../../native-bridges/pos/simulator/customer.ts';
import type { Workstation } from '../workstation.ts';
import { OFF_MS, type Trouble } from './card-customers.ts';
import { fault, type DayTerminal } from './day-terminal.ts';
import type { Power } from './power.ts';

/** Brings trouble to the next operation at the terminal. */
export type Troubles = {
  /** What kills after an append must be in the environment of the process, which begins anew for it. */
  powerFor(trouble: Trouble | null): Promise<void>;
  /** This person stands at the terminal; whatever strikes at a moment waits for it from here on. */
  meet(person: CustomerWish, trouble: Trouble | null): void;
};

export function troublesOf(
  station: Workstation,
  terminal: DayTerminal,
  power: Pick<Power, 'cutAfterAppends'>,
): Troubles {
  return {
    async powerFor(trouble) {
      if (trouble?.kind === 'killedAfter') await power.cutAfterAppends(trouble.appends);
    },
    meet(person, trouble) {
      terminal.customer(person);
      switch (trouble?.kind) {
        case 'fault':
          return terminal.when(trouble.at, fault(trouble.fault));
        case 'terminalOff':
          return terminal.when(trouble.at, (simulator) => void simulator.powerCycle(OFF_MS));
        case 'killedAt':
          return terminal.when(trouble.at, () => void process.kill(station.running().pid, 'SIGKILL'));
        case 'killedAfter':
        case undefined:
          return;
      }
    },
  };
}
