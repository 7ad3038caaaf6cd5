import type { BenchCustomer, Bench, BenchMachine } from '../../testing/bench.ts';
import type { Customer } from '../../nexo-simulator/customer.ts';
import type { Fault } from '../../nexo-simulator/faults.ts';
import { startNexoSimulator, type NexoSimulator } from '../../nexo-simulator/simulator.ts';
import { nexoDriver } from '../driver.ts';
import type { NexoSettings } from '../line.ts';
import { NEXO_TIMINGS, type NexoTimings } from '../timings.ts';

/** Short waits, so that a lost answer does not cost minutes. */
export const BENCH_TIMINGS: NexoTimings = {
  ...NEXO_TIMINGS,
  answerMs: 2_000,
  longestMs: 20_000,
  shortMs: 2_000,
  resolveMs: 3_000,
  askPauseMs: 15,
  settleMs: 60,
  abortMs: 300,
  logoutMs: 300,
  pausesMs: [15, 30, 60],
};

export const settingsFor = (simulator: NexoSimulator, over: 'tcp' | 'ws'): NexoSettings => ({
  kind: 'nexo',
  over,
  host: '127.0.0.1',
  port: simulator.port,
  poiId: simulator.poiId,
  saleId: 'WS07',
});

export const NEXO_FAULTS: Readonly<Record<string, Fault>> = {
  'the request is lost': { at: 'request', does: 'drop' },
  'the line is cut as the request arrives': { at: 'request', does: 'cut' },
  'the request arrives twice': { at: 'request', does: 'duplicate' },
  'the request is late': { at: 'request', does: 'delay', delayMs: 100 },
  'the line is cut while the customer is asked': { at: 'display', does: 'cut' },
  'noise while the customer is asked': { at: 'display', does: 'garbage' },
  'the line is cut before the charge': { at: 'beforeCharge', does: 'cut' },
  'the line is cut after the charge': { at: 'afterCharge', does: 'cut' },
  'the line is cut at the answer': { at: 'response', does: 'cut' },
  'the line is cut halfway through the answer': { at: 'response', does: 'cutHalfway' },
  'the power goes as the request arrives': { at: 'request', does: 'powerOff' },
  'the power goes before the charge': { at: 'beforeCharge', does: 'powerOff' },
  'the power goes after the charge': { at: 'afterCharge', does: 'powerOff' },
  'the power goes at the answer': { at: 'response', does: 'powerOff' },
  'the answer is lost': { at: 'response', does: 'drop' },
  'the answer is noise': { at: 'response', does: 'garbage' },
  'the answer comes twice': { at: 'response', does: 'duplicate' },
  'the answer is late': { at: 'response', does: 'delay', delayMs: 100 },
};
const SLOW = ['the request is lost', 'the answer is lost'];
export const QUICK_NEXO_FAULTS = Object.keys(NEXO_FAULTS).filter((name) => !SLOW.includes(name));

const CUSTOMERS: Readonly<Record<BenchCustomer, Customer>> = {
  approves: 'approve',
  isDeclined: 'decline',
  cancels: 'cancel',
  neverComes: 'timeOut',
  waits: 'wait',
};

/** The nexo driver before its simulator. */
export async function nexoBench(over: 'tcp' | 'ws', machine: BenchMachine): Promise<Bench> {
  const simulator = await startNexoSimulator({ port: 0, over, paceMs: 4 });
  return {
    connect: () => nexoDriver(settingsFor(simulator, over), machine, BENCH_TIMINGS),
    truth: () => simulator.charges().map(({ kind, amount, reversed }) => ({ kind, amount, reversed })),
    customer: (does) => simulator.customer(CUSTOMERS[does]),
    fault(name) {
      const fault = NEXO_FAULTS[name];
      if (fault === undefined) throw new Error(`no such fault: ${name}`);
      simulator.fault(fault);
    },
    clearFaults: simulator.clearFaults,
    slowBank: () => simulator.fault({ at: 'beforeCharge', does: 'delay', delayMs: 400 }),
    restartTerminal: simulator.restart,
    power: simulator.power,
    cutLine: simulator.cutLine,
    lines: simulator.lines,
    pan: '4169730000001236',
    stop: simulator.stop,
  };
}
