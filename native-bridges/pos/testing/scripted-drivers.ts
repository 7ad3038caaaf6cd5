import type { PosCheck, PosFinding, PosSettings } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosEvent, PosHealth } from '../../../core/ports/pos.ts';
import type { PosDriver, PosListener, Probe } from '../driver.ts';
import type { Drivers, PosPlace } from '../drivers.ts';

/** A driver in memory that does what the test says, for tests of what stands around drivers. */
export type ScriptedDriver = {
  readonly settings: PosSettings;
  /** What was called, in order; `end:` when it has answered. */
  readonly calls: string[];
  health: PosHealth;
  /** What the next operations do; afterwards they answer that nothing was sent. */
  readonly acts: (() => Promise<unknown>)[];
  readonly tell: (event: PosEvent) => void;
  readonly watchers: () => number;
};

export type ScriptedDrivers = Drivers & {
  readonly made: ScriptedDriver[];
  /** Makes the next driver fail to come into being. */
  failNext: Error | null;
  probe: Probe;
  ports: readonly string[] | Error;
  readonly probed: PosPlace[];
};

const READY: PosHealth = { state: 'ready', reason: null, terminalId: '99000001', simulator: false };
const NOT_SENT = { kind: 'notSent', reason: posReason('silent') } as const;

export function scriptedDrivers(): ScriptedDrivers {
  const made: ScriptedDriver[] = [];
  const make = (settings: PosPlace): PosDriver => {
    const { failNext } = drivers;
    drivers.failNext = null;
    if (failNext !== null) throw failNext;
    const listeners = new Set<PosListener>();
    const scripted: ScriptedDriver = {
      settings,
      calls: [],
      health: READY,
      acts: [],
      tell: (event) => {
        for (const heard of listeners) heard(event);
      },
      watchers: () => listeners.size,
    };
    made.push(scripted);
    return driverOf(scripted, listeners);
  };
  const probe: Probe = (place, machine, signal) => {
    drivers.probed.push(place);
    return drivers.probe(place, machine, signal);
  };
  const drivers: ScriptedDrivers = {
    made,
    failNext: null,
    probe: () => Promise.resolve({ kind: 'other', label: 'nothing', reason: posReason('silent') }),
    ports: [],
    probed: [],
    zvtSerial: make,
    zvtTcp: make,
    nexo: make,
    probes: { zvtSerial: probe, zvtTcp: probe, nexo: probe },
    serialPorts: () =>
      drivers.ports instanceof Error ? Promise.reject(drivers.ports) : Promise.resolve(drivers.ports),
  };
  return drivers;
}

function driverOf(scripted: ScriptedDriver, listeners: Set<PosListener>): PosDriver {
  /** The script's answer is whatever the operation's type says; the test writes it. */
  const act = <T>(name: string, otherwise: T): Promise<T> => {
    scripted.calls.push(name);
    const answer = scripted.acts.shift() ?? ((): Promise<unknown> => Promise.resolve(otherwise));
    // Not async: a script may throw before there is any promise.
    const done = answer() as Promise<T>;
    return done.finally(() => scripted.calls.push(`end:${name}`));
  };
  const failed = { kind: 'failed', reason: posReason('silent') } as const;
  return {
    capabilities: () => ({
      queriesLast: true,
      queriesById: false,
      reversesOnlyLast: false,
      refunds: true,
      holdsCommit: true,
      printsItself: false,
      readsTotals: true,
      reprints: true,
      aborts: true,
    }),
    health: () => scripted.health,
    open: () => void scripted.calls.push('open'),
    close: () => act('close', undefined),
    watch(heard) {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },
    snapshot: () => act('snapshot', failed),
    pay: (attempt) => act(`pay ${String(attempt.amount)}`, NOT_SENT),
    reverse: () => act('reverse', NOT_SENT),
    refund: () => act('refund', NOT_SENT),
    abort: () => {
      scripted.calls.push('abort');
      return Promise.resolve('asked');
    },
    resolve: () => act('resolve', { kind: 'stillUnknown', reason: posReason('silent') } as const),
    totals: () => act('totals', failed),
    endOfDay: () => act('endOfDay', failed),
    reprint: () => act('reprint', failed),
    check: (done: (check: PosCheck) => void) => {
      done({ what: 'connection', state: 'right', reason: null });
      return act('check', undefined);
    },
  };
}

export const terminalAt = (settings: PosPlace, label: string): PosFinding => ({
  kind: 'terminal',
  settings,
  label,
  terminalId: null,
  simulator: false,
});
