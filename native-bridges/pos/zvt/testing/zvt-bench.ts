import { cardOf } from '../../simulator/cards.ts';
import type { CustomerWish } from '../../simulator/customer.ts';
import type { FaultWish } from '../../simulator/faults.ts';
import { startSimulator } from '../../simulator/simulator.ts';
import type { Bench, BenchCustomer, BenchMachine } from '../../testing/bench.ts';
import { simulatorClock } from '../../testing/steady-clock.ts';
import { createZvtDriver, type ZvtSettings } from '../driver.ts';
import { serialPair, type SerialPair } from './serial-pair.ts';

/** How many times faster than life both sides live: the waits of ZVT are seconds. */
const SPEED = 20;
const SERIAL_SPEED = 8;
const BAUD_RATE = 115_200;

type Moment = Pick<FaultWish, 'direction' | 'message' | 'nth'>;
const toTerminal = (message: string, nth = 1): Moment => ({ direction: 'toTerminal', message, nth });
const fromTerminal = (message: string, nth = 1): Moment => ({ direction: 'fromTerminal', message, nth });
const numbered = (word: string, count: number, of: (nth: number) => Moment): [string, Moment[]][] =>
  Array.from({ length: count }, (_, index) => [`${word} ${index + 1}`, [of(index + 1)]]);

/** Every message of an operation (PA00P015, 2.2); the last of our answers are to papers and completion. */
const MOMENTS: readonly (readonly [string, readonly Moment[]])[] = [
  ['the command', ['authorisation', 'reversal', 'refund'].map((name) => toTerminal(name))],
  ['the answer to the command', [fromTerminal('positive')]],
  ...numbered('word', 3, (nth) => fromTerminal('intermediateStatus', nth)),
  ['the approval', [fromTerminal('statusInformation')]],
  ...numbered('paper', 2, (nth) => fromTerminal('printBlock', nth)),
  ['the completion', [fromTerminal('completion')]],
  ...numbered('our answer', 8, (nth) => toTerminal('positive', nth)),
];

/** What becomes of a message, or of the terminal at it. */
const MISHAPS: Readonly<Record<string, Pick<FaultWish, 'at' | 'what'>>> = {
  'the line is cut before': { at: 'before', what: { kind: 'cut' } },
  'the line is cut after': { at: 'after', what: { kind: 'cut' } },
  'the power goes before': { at: 'before', what: { kind: 'powerCycle' } },
  'the power goes after': { at: 'after', what: { kind: 'powerCycle' } },
  'nothing arrives of': { what: { kind: 'drop' } },
  'twice comes': { what: { kind: 'duplicate' } },
};

export const ZVT_FAULTS: ReadonlyMap<string, readonly FaultWish[]> = new Map([
  ...MOMENTS.flatMap(([message, moments]) =>
    Object.entries(MISHAPS).map(([mishap, what]): [string, FaultWish[]] => [
      `${mishap} ${message}`,
      moments.map((moment) => ({ ...moment, ...what })),
    ]),
  ),
  [
    'the line is cut within the approval',
    [{ ...fromTerminal('statusInformation'), at: { byte: 9 }, what: { kind: 'cut' } }],
  ],
  [
    'the command asks for another amount',
    [{ ...toTerminal('authorisation'), at: { byte: 9 }, what: { kind: 'corrupt' } }],
  ],
  ['the approval is late', [{ ...fromTerminal('statusInformation'), what: { kind: 'delay', ms: 2_000 } }]],
]);
/** Without those after which both sides wait for their longest time. */
export const QUICK_ZVT_FAULTS = [...ZVT_FAULTS.keys()].filter((name) => !name.startsWith('nothing arrives'));

const CUSTOMERS: Readonly<Record<Exclude<BenchCustomer, 'waits'>, CustomerWish>> = {
  approves: { presentsAfterMs: 100, pinAfterMs: 100, takesCardAfterMs: 50 },
  isDeclined: { card: 'poor', presentsAfterMs: 100, pinAfterMs: 100, takesCardAfterMs: 50 },
  cancels: { presentsAfterMs: 100, breaksOff: { at: 'card', by: 'cancel' } },
  neverComes: { breaksOff: { at: 'card', by: 'walkAway' } },
};

/** A machine that lives as fast as its terminal. */
const faster = (machine: BenchMachine, speed: number): BenchMachine => ({
  ...machine,
  monotonicMs: () => machine.monotonicMs() * speed,
  after: (delayMs, run) => machine.after(delayMs / speed, run),
});

/** Where the two meet: a port, or the two ends of a cable. */
type Meeting = { readonly tcp: true } | { readonly cable: SerialPair };

/** The ZVT driver before its simulator, over TCP or, with `socat`, over a serial cable of two pseudo-terminals. */
export async function zvtBench(machine: BenchMachine, socat: string | null = null): Promise<Bench> {
  const meeting: Meeting = socat === null ? { tcp: true } : { cable: await serialPair(socat) };
  // Between two bytes of a serial frame no more than T1 may pass, however busy the machine is.
  const speed = 'tcp' in meeting ? SPEED : SERIAL_SPEED;
  const simulator = await startSimulator({
    ...('tcp' in meeting
      ? { tcp: { port: 0 } }
      : { serial: { path: meeting.cable.terminal, baudRate: BAUD_RATE } }),
    speed,
    clock: simulatorClock(),
    customer: CUSTOMERS.approves,
    terms: { panInClear: true, times: { host: 200, reversal: 200, work: 100 } },
  });
  const settings: ZvtSettings =
    'tcp' in meeting
      ? { kind: 'zvtTcp', host: '127.0.0.1', port: simulator.port ?? 0, password: '000000' }
      : {
          kind: 'zvtSerial',
          path: meeting.cable.till,
          baudRate: BAUD_RATE,
          stopBits: 2,
          modemLines: false,
          password: '000000',
        };
  return {
    connect: () => createZvtDriver(settings, faster(machine, speed)),
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
      const faults = ZVT_FAULTS.get(name);
      if (faults === undefined) throw new Error(`no such fault: ${name}`);
      simulator.clearFaults();
      for (const fault of faults) simulator.fault(fault);
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
    async stop() {
      await simulator.stop();
      if ('cable' in meeting) await meeting.cable.unplug();
    },
  };
}
