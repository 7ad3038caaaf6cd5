import type { PosSettings } from '../../contracts/pos.ts';
import type { DriverOf, Probe } from './driver.ts';
import { createNexoDriver } from './nexo/driver.ts';
import { probeNexo } from './nexo/probe.ts';
import { serialPorts } from './serial-ports.ts';
import { createZvtDriver } from './zvt/driver.ts';
import { probeZvt } from './zvt/probe.ts';

export type PosPlace = Exclude<PosSettings, { readonly kind: 'none' }>;

/** A driver and a probe for every kind of settings, and the serial ports of this machine. */
export type Drivers = { readonly [K in PosPlace['kind']]: DriverOf<K> } & {
  readonly probes: Readonly<Record<PosPlace['kind'], Probe>>;
  readonly serialPorts: () => Promise<readonly string[]>;
};

export const allDrivers = (): Drivers => ({
  zvtSerial: createZvtDriver,
  zvtTcp: createZvtDriver,
  nexo: createNexoDriver,
  probes: { zvtSerial: probeZvt, zvtTcp: probeZvt, nexo: probeNexo },
  serialPorts: () => serialPorts(),
});
