import type { PosFinding, PosSettings } from '../../contracts/pos.ts';
import type { MachinePort } from '../../core/ports/machine.ts';
import type { PosEvent, PosPort } from '../../core/ports/pos.ts';

/**
 * What a driver of one protocol gives; `pos.ts` puts settings, the line of operations and the recording around it. A driver
 * may take it that operations come one at a time (`abort` and `health` at any time).
 */
export type PosDriver = Omit<
  PosPort,
  'settings' | 'set' | 'tryOut' | 'search' | 'recording' | 'capabilities'
> & {
  capabilities(): NonNullable<ReturnType<PosPort['capabilities']>>;
};

/** What a driver needs of the machine it runs on: clocks, timers, the log. */
export type DriverMachine = Pick<MachinePort, 'nowMs' | 'monotonicMs' | 'after' | 'log'>;

export type DriverOf<K extends PosSettings['kind']> = (
  settings: Extract<PosSettings, { readonly kind: K }>,
  machine: DriverMachine,
) => PosDriver;

/** Looks at one place and says what is there; never leaves anything open behind. `signal` ends it early. */
export type Probe = (
  settings: Exclude<PosSettings, { readonly kind: 'none' }>,
  machine: DriverMachine,
  signal: AbortSignal,
) => Promise<PosFinding>;

export type PosListener = (event: PosEvent) => void;
