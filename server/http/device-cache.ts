import type { Id } from '../../contracts/ids.ts';
import type { Device } from '../registry/workstations.ts';

/** How long a look at a device holds: a quarantine reaches requests within this time. Pushes look for themselves. */
const GOOD_FOR_MS = 1000;
const MAX = 10_000;

/** Remembers who a device is for a moment, so that busy ones do not cost a query per request. */
export function deviceCache(
  find: (deviceId: Id) => Promise<Device | undefined>,
): (deviceId: Id) => Promise<Device | undefined> {
  const looks = new Map<Id, { readonly until: number; readonly device: Promise<Device | undefined> }>();
  return (deviceId) => {
    const now = performance.now();
    const look = looks.get(deviceId);
    if (look && look.until > now) return look.device;
    if (looks.size >= MAX) looks.clear();
    const device = find(deviceId);
    looks.set(deviceId, { until: now + GOOD_FOR_MS, device });
    device.catch(() => looks.delete(deviceId));
    return device;
  };
}
