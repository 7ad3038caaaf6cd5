import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosFinding } from '../../../contracts/pos.ts';
import type { DriverMachine, Probe } from '../driver.ts';
import type { NexoSettings } from './line.ts';
import { nexoSession } from './session.ts';
import { NEXO_TIMINGS } from './timings.ts';

/** One try, no second: a probe goes over many addresses. */
const PROBE_TIMINGS = { ...NEXO_TIMINGS, connectMs: 1_500, loginMs: 3_000, pausesMs: [86_400_000] };

/** Logs in at the address of the settings and out again; answers what is there. Leaves nothing open. */
export const probeNexo: Probe = async (settings, machine, signal) => {
  const label = settings.kind === 'zvtSerial' ? settings.path : `${settings.host}:${settings.port}`;
  if (settings.kind !== 'nexo') return { kind: 'other', label, reason: posReason('notThisProtocol') };
  return look(settings, label, machine, signal);
};

async function look(
  settings: NexoSettings,
  label: string,
  machine: DriverMachine,
  signal: AbortSignal,
): Promise<PosFinding> {
  let decided = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    decided = resolve;
  });
  const session = nexoSession(settings, machine, PROBE_TIMINGS, {
    health: () => {
      if (session.health().state !== 'connecting') decided();
    },
    live: () => undefined,
    rejected: () => undefined,
    frame: () => undefined,
  });
  signal.addEventListener('abort', decided);
  if (signal.aborted) decided();
  else session.open();
  await end;
  signal.removeEventListener('abort', decided);
  const identity = session.identity();
  const { reason } = session.health();
  await session.close();
  return identity === null
    ? { kind: 'other', label, reason: reason ?? posReason('silent') }
    : {
        kind: 'terminal',
        settings,
        label: `${identity.label} (${label})`.slice(0, 200),
        terminalId: identity.terminalId,
        simulator: identity.simulator,
      };
}
