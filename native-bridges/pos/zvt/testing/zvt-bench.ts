import { cardOf } from '../../simulator/cards.ts';
import type { CustomerWish } from '../../simulator/customer.ts';
import type { FaultWish } from '../../simulator/faults.ts';
import { startSimulator } from '../../simulator/simulator.ts';
import type { Bench, BenchCustomer, BenchMachine } from '../../testing/bench.ts';
import { createZvtDriver } from '../driver.ts';

/** How many times faster than life both sides live: the waits of ZVT are seconds. */
const SPEED = 20;

type Occasion = Pick<FaultWish, 'direction' | 'message' | 'nth'>;
const command: Occasion = { direction: 'toTerminal', message: '*' };
const status: Occasion = { direction: 'fromTerminal', message: 'statusInformation' };
const yes: Occasion = { direction: 'toTerminal', message: 'positive' };
const completion: Occasion = { direction: 'fromTerminal', message: 'completion' };
const progress: Occasion = { direction: 'fromTerminal', message: 'intermediateStatus' };

/** Each of ZVT's messages of a payment, with what can become of it (PA00P015, 2.2). */
export const ZVT_FAULTS: Readonly<Record<string, FaultWish>> = {
  'the line is cut as the command arrives': { ...command, at: 'before', what: { kind: 'cut' } },
  'the line is cut when the command has arrived': { ...command, at: 'after', what: { kind: 'cut' } },
  'the line is cut while the customer is asked': { ...progress, at: 'after', what: { kind: 'cut' } },
  'the line is cut before the approval': { ...status, at: 'before', what: { kind: 'cut' } },
  'the line is cut within the approval': { ...status, at: { byte: 9 }, what: { kind: 'cut' } },
  'the line is cut after the approval': { ...status, at: 'after', what: { kind: 'cut' } },
  'the line is cut before our yes arrives': { ...yes, nth: 2, at: 'before', what: { kind: 'cut' } },
  'the line is cut after our yes arrived': { ...yes, nth: 2, at: 'after', what: { kind: 'cut' } },
  'the line is cut before the completion': { ...completion, at: 'before', what: { kind: 'cut' } },
  'the line is cut after the completion': { ...completion, at: 'after', what: { kind: 'cut' } },
  'the power goes as the command arrives': { ...command, at: 'before', what: { kind: 'powerCycle' } },
  'the power goes while the customer is asked': { ...progress, at: 'after', what: { kind: 'powerCycle' } },
  'the power goes before the approval': { ...status, at: 'before', what: { kind: 'powerCycle' } },
  'the power goes after the approval': { ...status, at: 'after', what: { kind: 'powerCycle' } },
  'the power goes before the completion': { ...completion, at: 'before', what: { kind: 'powerCycle' } },
  'the approval is lost': { ...status, what: { kind: 'drop' } },
  'our yes is lost': { ...yes, nth: 2, what: { kind: 'drop' } },
  'the completion is lost': { ...completion, what: { kind: 'drop' } },
  'the approval comes twice': { ...status, what: { kind: 'duplicate' } },
  'the completion comes twice': { ...completion, what: { kind: 'duplicate' } },
  'the approval is late': { ...status, what: { kind: 'delay', ms: 2_000 } },
};
/** Without those after which both sides wait for their longest time. */
export const QUICK_ZVT_FAULTS = Object.keys(ZVT_FAULTS).filter((name) => !name.endsWith('is lost'));

const CUSTOMERS: Readonly<Record<Exclude<BenchCustomer, 'waits'>, CustomerWish>> = {
  approves: { presentsAfterMs: 100, pinAfterMs: 100, takesCardAfterMs: 50 },
  isDeclined: { card: 'poor', presentsAfterMs: 100, pinAfterMs: 100, takesCardAfterMs: 50 },
  cancels: { presentsAfterMs: 100, breaksOff: { at: 'card', by: 'cancel' } },
  neverComes: { breaksOff: { at: 'card', by: 'walkAway' } },
};

/** A machine that lives as fast as its terminal. */
const faster = (machine: BenchMachine): BenchMachine => ({
  ...machine,
  monotonicMs: () => machine.monotonicMs() * SPEED,
  after: (delayMs, run) => machine.after(delayMs / SPEED, run),
});

/** The ZVT driver before its simulator, over TCP. */
export async function zvtBench(machine: BenchMachine): Promise<Bench> {
  const simulator = await startSimulator({
    tcp: { port: 0 },
    speed: SPEED,
    customer: CUSTOMERS.approves,
    terms: { panInClear: true, times: { host: 200, reversal: 200, work: 100 } },
  });
  const { port } = simulator;
  if (port === null) throw new Error('the simulator has no TCP port');
  return {
    connect: () =>
      createZvtDriver({ kind: 'zvtTcp', host: '127.0.0.1', port, password: '000000' }, faster(machine)),
    truth() {
      const { entries, charges, refunds } = simulator.bank();
      const standing = new Set([...charges, ...refunds].map(({ no }) => no));
      return entries
        .filter(({ kind }) => kind !== 'reversal')
        .map(({ kind, amount, no }) => ({
          kind: kind === 'charge' ? ('sale' as const) : ('refund' as const),
          amount,
          reversed: !standing.has(no),
        }));
    },
    customer(does) {
      if (does === 'waits') simulator.mode('hand');
      else simulator.customer(CUSTOMERS[does]);
    },
    fault(name) {
      const fault = ZVT_FAULTS[name];
      if (fault === undefined) throw new Error(`no such fault: ${name}`);
      simulator.fault(fault);
    },
    clearFaults: simulator.clearFaults,
    slowBank: () => simulator.customer({ ...CUSTOMERS.approves, hostMs: 8_000 }),
    restartTerminal: () => simulator.powerCycle(500),
    power: async (on) => {
      // Off for as long as nobody puts it on again.
      if (on) await simulator.powerCycle(0);
      else void simulator.powerCycle(3_600_000);
    },
    cutLine: () => simulator.cut(),
    lines: null,
    pan: cardOf('visa').pan,
    stop: simulator.stop,
  };
}
