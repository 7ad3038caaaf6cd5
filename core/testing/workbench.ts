import type { IpwContract } from '../../contracts/ipw.ts';
import type { Client } from '../../contracts/rpc/definition.ts';
import type {
  CounterState,
  MeterCardState,
  SessionState,
  StatusState,
  TerminalState,
} from '../../contracts/ipw.ts';
import { ipwContract } from '../../contracts/ipw.ts';
import { connect } from '../../contracts/rpc/client.ts';
import { serve } from '../../contracts/rpc/host.ts';
import { memoryChannelPair } from '../../contracts/rpc/memory-channel.ts';
import { createCounter, type Counter, type CounterPorts } from '../counter/counter.ts';
import { memoryCredentials, memoryDeviceKey, memoryPrinter, memorySettings } from './devices.ts';
import { centreMethods, centreState, type CentreState } from './fake-centre.ts';
import { emptyDisk, memoryJournal, type MemoryJournal } from './journal.ts';
import { testMachine, type TestMachine } from './machine.ts';
import { meterWorld, type MeterWorld } from './meter-cards.ts';
import { memoryPos, type MemoryPos } from './pos.ts';
import { memoryReplica } from './replica.ts';
import { AYGUN, PASSWORD } from './samples.ts';
import { overWire, type Wire } from './wire.ts';

export const CENTRE_URL = 'https://komis.example.az';
export const ENROLMENT_CODE = 'KOMIS-0001';

/** A workstation with everything around it in memory, reached over a channel as a window reaches it. */
export type Workbench = {
  readonly machine: TestMachine;
  readonly centre: CentreState;
  readonly wire: Wire;
  readonly ports: Omit<CounterPorts, 'journal'> & {
    readonly printer: ReturnType<typeof memoryPrinter>;
    readonly credentials: ReturnType<typeof memoryCredentials>;
    readonly pos: MemoryPos;
  };
  readonly meters: MeterWorld;
  /** The counter of the present process; `restart` begins another over the same disk. */
  journal: MemoryJournal;
  counter: Counter;
  client: Client<IpwContract>;
  /** What a window that watches sees now. */
  seen: {
    session?: SessionState;
    status?: StatusState;
    counter?: CounterState;
    terminal?: TerminalState;
    meterCard?: MeterCardState;
  };
  readonly faults: unknown[];
  /** The process dies where it stands and another takes its place. */
  restart(): Promise<void>;
  /** Lets an answer come, though the clock must move for it. */
  answer<T>(asked: Promise<T>): Promise<T>;
};

export async function workbench(
  options: { readonly seed?: number; readonly enrol?: boolean } = {},
): Promise<Workbench> {
  const machine = testMachine({ seed: options.seed ?? 1 });
  const centre = centreState();
  const wire: Wire = { act: () => ({ kind: 'pass' }), up: true };
  const deviceKey = memoryDeviceKey();
  const disk = emptyDisk();
  const meters = meterWorld(machine);
  const ports = {
    machine,
    deviceKey,
    replica: memoryReplica(),
    centre: overWire(withMeters(centreMethods(centre, machine), meters), machine, wire),
    credentials: memoryCredentials(),
    printer: memoryPrinter(),
    settings: memorySettings(),
    pos: memoryPos(machine),
    meterCards: meters.port,
  };
  const faults: unknown[] = [];

  const boot = () => {
    const journal = memoryJournal(machine, deviceKey, disk);
    const counter = createCounter({ ...ports, journal }, { demo: false });
    counter.start();
    const [near, far] = memoryChannelPair();
    serve(ipwContract, counter.handlers, far, { onFault: (fault) => `F${faults.push(fault)}` });
    const client = connect(ipwContract, near);
    const seen: Workbench['seen'] = {};
    client.session((state) => (seen.session = state));
    client.status((state) => (seen.status = state));
    client.counter((state) => (seen.counter = state));
    client.terminal((state) => (seen.terminal = state));
    client.meterCard((state) => (seen.meterCard = state));
    return { journal, counter, client, seen };
  };

  const bench: Workbench = {
    machine,
    centre,
    wire,
    ports,
    meters,
    ...boot(),
    faults,
    async restart() {
      bench.counter.stop();
      machine.kill();
      await machine.settle();
      Object.assign(bench, boot());
      await machine.settle();
    },
    async answer(asked) {
      let done = false;
      const settled = asked.finally(() => (done = true));
      for (let turn = 0; turn < 400 && !done; turn += 1) await machine.advance(turn === 0 ? 0 : 100);
      return settled;
    },
  };
  if (options.enrol !== false) {
    const enrolling = bench.client['setup.enrol'](
      { centreUrl: CENTRE_URL, code: ENROLMENT_CODE },
      () => undefined,
    );
    await bench.answer(enrolling.result);
  }
  await machine.settle();
  return bench;
}

/** The centre that knows of meter cards, too; payments it takes in make their loads paid. */
function withMeters(
  centre: ReturnType<typeof centreMethods>,
  meters: MeterWorld,
): ReturnType<typeof centreMethods> {
  return {
    ...centre,
    ...meters.centre,
    'journal.push': async (input) => {
      const answer = await centre['journal.push'](input);
      if (answer.ok) meters.took(input.entries);
      return answer;
    },
  };
}

/** The same, with a teller logged in and a shift open on a float of 100 manat in notes and coins. */
export async function openCounter(options: { readonly seed?: number } = {}): Promise<Workbench> {
  const bench = await workbench(options);
  await logIn(bench, AYGUN.username);
  await openShift(bench);
  return bench;
}

export const logIn = (bench: Workbench, username: string, password = PASSWORD) =>
  bench.answer(bench.client['session.login']({ username, password }));

export const FLOAT = [
  { denomination: 1000, count: 5 },
  { denomination: 500, count: 5 },
  { denomination: 100, count: 20 },
  { denomination: 20, count: 20 },
  { denomination: 10, count: 5 },
  { denomination: 5, count: 10 },
];

export const openShift = (bench: Workbench) =>
  bench.answer(bench.client['shift.open']({ shiftId: bench.machine.mintId(), float: FLOAT }));

/** One bill scanned and paid in cash, as fast as a teller can. */
export async function pay(
  bench: Workbench,
  account: { billerId: string; account: string },
  amount?: number,
  received?: number,
) {
  const { client } = bench;
  const added = await bench.answer(client['basket.add'](account));
  if (!added.ok) return added;
  if (amount !== undefined) await client['basket.amount']({ lineId: added.value.lineId, amount });
  const tendered = await bench.answer(client['basket.tender']({ back: false }));
  if (!tendered.ok) return tendered;
  await bench.machine.settle();
  const { paymentId = '', revision = 0, total = 0 } = bench.seen.counter ?? {};
  return bench.answer(
    client['basket.accept']({ paymentId, revision, received: received ?? total, receivedPieces: null }),
  );
}

/** One account put into the basket, tendered, and charged to a card but for the cash given. */
export async function payByCard(
  bench: Workbench,
  account: { billerId: string; account: string },
  options: { readonly amount?: number; readonly cash?: number; readonly attemptId?: string } = {},
) {
  const { client } = bench;
  const added = await bench.answer(client['basket.add'](account));
  if (!added.ok) return added;
  if (options.amount !== undefined)
    await client['basket.amount']({ lineId: added.value.lineId, amount: options.amount });
  const tendered = await bench.answer(client['basket.tender']({ back: false }));
  if (!tendered.ok) return tendered;
  return charge(bench, options);
}

/** The basket at the money, charged to a card. */
export async function charge(
  bench: Workbench,
  options: { readonly cash?: number; readonly attemptId?: string } = {},
) {
  await bench.machine.settle();
  const { paymentId = '', revision = 0 } = bench.seen.counter ?? {};
  const cash = options.cash === undefined ? null : { received: options.cash, receivedPieces: null };
  const attemptId = options.attemptId ?? bench.machine.mintId();
  return bench.answer(bench.client['card.pay']({ paymentId, revision, attemptId, cash }));
}
