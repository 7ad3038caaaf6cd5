import { decodeApdu, encodeApdu } from '../zvt/apdu.ts';
import type { Message } from '../zvt/message.ts';
import { charges, netSum, refunds, type BankBook, type BankEntry } from './bank.ts';
import type { CardKey } from './cards.ts';
import { openControl, type Control } from './control.ts';
import {
  customerOf,
  reactionOf,
  type CustomerAct,
  type CustomerScript,
  type CustomerWish,
} from './customer.ts';
import { displayOf, promptOf, type Display } from './display.ts';
import { arrivalsFor, deedsFor, meet, newBench, withFault, type FaultWish } from './faults.ts';
import type { Line, LineClock } from './line.ts';
import { nameOfApdu } from './names.ts';
import { openSerialLine, type SerialSettings } from './serial-line.ts';
import { fileStore, memoryStore, type Store } from './store.ts';
import { openTcpLine } from './tcp-line.ts';
import { step } from './terminal.ts';
import {
  ALL_WELL,
  DEFAULT_TERMS,
  powerOn,
  type Conditions,
  type Durable,
  type Effect,
  type Terminal,
  type TerminalEvent,
  type TerminalTerms,
  type TimerName,
} from './terminal-state.ts';

/** The simulated terminal put together: machine, line, customer, faults, bank, page. */

export type SimulatorOptions = {
  /** Exactly one of the two; port 0 takes any free one. */
  readonly tcp?: { readonly host?: string; readonly port: number };
  readonly serial?: SerialSettings;
  /** The page and its commands on 127.0.0.1; absent: none. */
  readonly control?: { readonly port: number };
  /** Absent: terminal and bank forget when the process ends. */
  readonly stateFile?: string;
  readonly terms?: Partial<Omit<TerminalTerms, 'times' | 'codes'>> & {
    readonly times?: Partial<TerminalTerms['times']>;
    readonly codes?: Partial<TerminalTerms['codes']>;
  };
  readonly conditions?: Partial<Conditions>;
  /** Who stands in front of it. `hand`: nobody does anything by himself. */
  readonly mode?: Mode;
  readonly customer?: CustomerWish;
  /** For everything a fault leaves to chance. */
  readonly seed?: number;
  /** How many times faster than life its clock runs; T1 to T4, the two seconds, the thirty. */
  readonly speed?: number;
  readonly clock?: { nowMs(): number; after(ms: number, run: () => void): () => void };
};

export type Mode = 'auto' | 'hand';

export type TranscriptLine = {
  readonly atMs: number;
  readonly direction: 'toTerminal' | 'fromTerminal';
  readonly name: string;
  /** As it was meant; a fault may have made something else of it on the wire. */
  readonly hex: string;
};

export type BankView = {
  /** Charges that hold, as numbers to compare with a till's. */
  readonly charges: readonly BankEntry[];
  readonly refunds: readonly BankEntry[];
  readonly net: number;
  readonly entries: BankBook;
};

export type SimulatorView = {
  readonly display: Display;
  readonly mode: Mode;
  readonly customer: CustomerScript;
  readonly isOn: boolean;
  readonly conditions: Conditions;
  readonly terminalId: string;
  readonly softwareVersion: string;
  readonly net: number;
  readonly last: readonly BankEntry[];
};

export type Simulator = {
  /** TCP port of the terminal; null on a serial line. */
  readonly port: number | null;
  readonly controlPort: number | null;
  /** Who pays from now on; also sets the mode to `auto`. */
  customer(wish: CustomerWish): void;
  mode(mode: Mode): void;
  /** One thing a customer does, now. */
  act(act: CustomerAct): void;
  conditions(change: Partial<Conditions>): void;
  /** A sale that nobody's till started. */
  keypadSale(amount: number, card?: CardKey): void;
  fault(wish: FaultWish): void;
  clearFaults(): void;
  /** Faults that were set and have not struck for the last time. */
  faultsLeft(): number;
  bank(): BankView;
  /** What terminal and bank have on disk. */
  durable(): Durable;
  terminal(): Terminal;
  view(): SimulatorView;
  transcript(): readonly TranscriptLine[];
  /** The plug is pulled, and put in again after `offMs`. Resolves when the terminal is up again. */
  powerCycle(offMs?: number): Promise<void>;
  /** The cable, for so long. */
  cut(ms?: number): void;
  watch(heard: () => void): () => void;
  stop(): Promise<void>;
};

const TRANSCRIPT_MOST = 2000;
const SHOWN = 8;

function termsOf({ terms = {}, serial }: SimulatorOptions): TerminalTerms {
  return {
    ...DEFAULT_TERMS,
    hangsUp: serial === undefined,
    ...terms,
    times: { ...DEFAULT_TERMS.times, ...terms.times },
    codes: { ...DEFAULT_TERMS.codes, ...terms.codes },
  };
}

const realClock: NonNullable<SimulatorOptions['clock']> = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Starts it. Rejects when the line or the page's port cannot be had, or when the state file is not one of ours.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? realClock;
  const speed = options.speed ?? 1;
  const own: LineClock = { after: (ms, run) => clock.after(ms / speed, run) };
  const terms = termsOf(options);
  const store: Store = options.stateFile === undefined ? memoryStore() : fileStore(options.stateFile);

  let state = powerOn(terms, store.load(), { ...ALL_WELL, ...options.conditions });
  let isOn = true;
  /** Counts power cuts: whatever was begun before one ends with it. */
  let life = 0;
  let bench = newBench(options.seed ?? 1);
  let mode: Mode = options.mode ?? 'auto';
  let script = customerOf(options.customer);
  let transcript: TranscriptLine[] = [];
  const timers = new Map<TimerName, () => void>();
  const watchers = new Set<() => void>();
  /** What the customer was last asked, and what he is about to do. */
  let asked = '';
  let payments = 0;
  let stopCustomer = (): void => undefined;

  function dispatch(event: TerminalEvent): void {
    if (!isOn) return;
    const before = state;
    const next = step(state, event, clock.nowMs());
    // The disk first: no byte leaves that a power cut could make untrue.
    if (next.state.durable !== before.durable) store.save(next.state.durable);
    state = next.state;
    if (before.procedure === null && state.procedure !== null) payments += 1;
    for (const effect of next.effects) perform(effect);
    promptCustomer();
    for (const heard of watchers) heard();
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        void send(effect.message, effect.replyWithinMs);
        return;
      case 'timer':
        arm(effect.timer, effect.ms);
        return;
      case 'stop':
        disarm(effect.timer);
        return;
      case 'hangUp':
        line.hangUp();
        return;
    }
  }

  function arm(timer: TimerName, ms: number): void {
    disarm(timer);
    timers.set(
      timer,
      own.after(ms, () => {
        timers.delete(timer);
        dispatch({ kind: 'timer', timer });
      }),
    );
  }

  function disarm(timer: TimerName): void {
    timers.get(timer)?.();
    timers.delete(timer);
  }

  async function send(message: Message, replyWithinMs: number | null): Promise<void> {
    const apdu = encodeApdu(message, { charset: state.session.charset });
    const { awaiting } = state;
    const born = life;
    noted('fromTerminal', message.name, apdu);
    const outcome = await line.send(apdu);
    if (born !== life || !isOn) return;
    if (outcome === 'lost') {
      // A connection says itself that it has ended; a serial frame that nobody took is all there is to notice.
      if (line.port === null) dispatch({ kind: 'lineLost' });
    } else if (replyWithinMs !== null && state.awaiting === awaiting && awaiting !== null) {
      arm('reply', replyWithinMs);
    }
  }

  function noted(direction: TranscriptLine['direction'], name: string, bytes: Uint8Array): void {
    transcript.push({ atMs: clock.nowMs(), direction, name, hex: Buffer.from(bytes).toString('hex') });
    if (transcript.length > TRANSCRIPT_MOST) transcript = transcript.slice(-TRANSCRIPT_MOST / 2);
  }

  function received(apdu: Uint8Array): void {
    if (!isOn) return;
    noted('toTerminal', nameOfApdu(apdu), apdu);
    const decoded = decodeApdu(apdu, { pending: null, charset: state.session.charset });
    if (decoded.kind === 'unknown') return dispatch({ kind: 'unknownCommand' });
    if (decoded.kind === 'malformed') return dispatch({ kind: 'malformed' });
    const { message } = decoded;
    switch (message.name) {
      case 'positive':
      case 'negative':
        return dispatch({ kind: 'reply', reply: message });
      case 'intermediateStatus':
      case 'statusInformation':
      case 'completion':
      case 'aborted':
      case 'printLine':
      case 'printBlock':
      case 'setClockOfEcr':
        // A terminal's own words from the till: not commands it knows.
        return dispatch({ kind: 'unknownCommand' });
      default:
        return dispatch({ kind: 'command', command: message });
    }
  }

  function promptCustomer(): void {
    const prompt = promptOf(state);
    const wrongPins = state.procedure?.wrongPins ?? 0;
    const now = prompt === null ? '' : `${prompt} ${wrongPins} ${payments} ${mode}`;
    if (now === asked) return;
    asked = now;
    stopCustomer();
    stopCustomer = () => undefined;
    if (prompt === null || mode === 'hand') return;
    const planned = reactionOf(script, prompt, wrongPins);
    if (planned === null) return;
    stopCustomer = own.after(planned.afterMs, () => dispatch({ kind: 'customer', act: planned.act }));
  }

  function powerOff(): void {
    isOn = false;
    life += 1;
    for (const stop of timers.values()) stop();
    timers.clear();
    stopCustomer();
    asked = '';
    line.power(false);
  }

  function powerUp(): void {
    // What is not on the disk is gone; a card that was in the slot is pushed out.
    state = powerOn(terms, store.load(), state.conditions);
    isOn = true;
    line.power(true);
    dispatch({ kind: 'start' });
  }

  let stopped = false;
  let stopPower = (): void => undefined;
  function powerCycle(offMs = 500): Promise<void> {
    if (stopped) return Promise.resolve();
    stopPower();
    powerOff();
    for (const heard of watchers) heard();
    return new Promise((done) => {
      stopPower = own.after(offMs, () => {
        powerUp();
        done();
      });
    });
  }

  const faults = {
    leaving(apdu: Uint8Array | 'ack' | 'nak', wire: Uint8Array) {
      const name = typeof apdu === 'string' ? apdu : nameOfApdu(apdu);
      const met = meet(bench, 'fromTerminal', name);
      const { deeds, seed } = deedsFor(met.fault, wire, met.bench.seed);
      bench = { ...met.bench, seed };
      return deeds;
    },
    coming(apdu: Uint8Array) {
      const met = meet(bench, 'toTerminal', nameOfApdu(apdu));
      const { arrivals, seed } = arrivalsFor(met.fault, apdu, met.bench.seed);
      bench = { ...met.bench, seed };
      return arrivals;
    },
    power(offMs: number) {
      void powerCycle(offMs);
    },
  };
  const events = {
    apdu: received,
    lost: () => dispatch({ kind: 'lineLost' }),
    beside: (direction: TranscriptLine['direction'], what: string) =>
      noted(direction, what, new Uint8Array()),
  };

  const line: Line = await openLine(options, own, faults, events);

  const simulator: Omit<Simulator, 'controlPort'> = {
    port: line.port,
    customer(wish) {
      script = customerOf(wish);
      mode = 'auto';
      promptCustomer();
      for (const heard of watchers) heard();
    },
    mode(to) {
      mode = to;
      promptCustomer();
      for (const heard of watchers) heard();
    },
    act: (act) => dispatch({ kind: 'customer', act }),
    conditions: (change) => dispatch({ kind: 'conditions', conditions: change }),
    keypadSale: (amount, card = 'visa') => dispatch({ kind: 'keypadSale', amount, card }),
    fault(wish) {
      bench = withFault(bench, wish);
    },
    clearFaults() {
      bench = { ...bench, faults: [] };
    },
    faultsLeft: () => bench.faults.length,
    bank() {
      const { bank } = state.durable;
      return { charges: charges(bank), refunds: refunds(bank), net: netSum(bank), entries: bank };
    },
    durable: () => state.durable,
    terminal: () => state,
    view: () => ({
      display: displayOf(state),
      mode,
      customer: script,
      isOn,
      conditions: state.conditions,
      terminalId: terms.terminalId,
      softwareVersion: terms.softwareVersion,
      net: netSum(state.durable.bank),
      last: state.durable.bank.slice(-SHOWN),
    }),
    transcript: () => [...transcript],
    powerCycle,
    cut: (ms = 0) => line.cut(ms),
    watch(heard) {
      watchers.add(heard);
      return () => void watchers.delete(heard);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      stopPower();
      powerOff();
      await control?.close();
      await line.close();
    },
  };

  let control: Control | null = null;
  if (options.control !== undefined) {
    try {
      control = await openControl(options.control.port, simulator);
    } catch (error) {
      await line.close();
      throw error;
    }
  }
  dispatch({ kind: 'start' });
  return { ...simulator, controlPort: control?.port ?? null };
}

function openLine(
  { tcp, serial }: SimulatorOptions,
  ...rest: [LineClock, Parameters<typeof openTcpLine>[2], Parameters<typeof openTcpLine>[3]]
): Promise<Line> {
  if (serial !== undefined && tcp === undefined) return openSerialLine(serial, ...rest);
  if (tcp !== undefined && serial === undefined)
    return openTcpLine({ host: tcp.host ?? '127.0.0.1', port: tcp.port }, ...rest);
  throw new Error('a terminal has one line: tcp or serial');
}
