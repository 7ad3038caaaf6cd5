import Database from 'better-sqlite3';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ipwContract } from '../../../contracts/ipw.ts';
import { parseEntryBody } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import type { PosSettings } from '../../../contracts/pos.ts';
import { connect } from '../../../contracts/rpc/client.ts';
import { memoryChannelPair } from '../../../contracts/rpc/memory-channel.ts';
import { fewestPieces } from '../../../contracts/rules/denominations.ts';
import type { StoredEntry } from '../../../core/ports/journal.ts';
import { startCoreHost } from '../../../main/core-host/core-host.ts';
import { logIn, must, openShift, type Ask } from '../../../main/demo/day/teller.ts';
import { stateWhere } from '../../../main/demo/watch.ts';
import type { DriverMachine } from '../../../native-bridges/pos/driver.ts';
import { allDrivers, type Drivers } from '../../../native-bridges/pos/drivers.ts';
import { startSimulator, type Simulator } from '../../../native-bridges/pos/simulator/simulator.ts';
import { steadyClock, type SteadyClock } from '../../../native-bridges/pos/testing/steady-clock.ts';
import { createZvtDriver } from '../../../native-bridges/pos/zvt/driver.ts';
import { PASSWORD } from '../../e2e/demo.ts';
import type { FaultPlace } from './fault-place.ts';
import { mintId } from './script.ts';

/**
 * A counter and its terminal in this process: core host, journal, driver, line and simulator as they are, and a shift open.
 * Driver and terminal live `speed` times as fast as life, since what they wait for is seconds and minutes; the core does not.
 */
export type CardCounter = {
  readonly ask: Ask;
  readonly terminal: Simulator;
  readonly terminalId: string;
  /** All entries so far, from the disk. */
  journal(): readonly StoredEntry[];
  /** Waits until the terminal is there, at nothing, and every attempt has its last word. */
  free(): Promise<void>;
  stop(): Promise<void>;
};

export type CardCounterOptions = {
  readonly terminalId: string;
  /** 1 is life. */
  readonly speed: number;
  /** The two ends of a cable; absent: TCP. */
  readonly cable?: {
    readonly till: string;
    readonly terminal: string;
    readonly baudRate: Extract<PosSettings, { kind: 'zvtSerial' }>['baudRate'];
  };
  /** The terminal's clock in milliseconds, for its transcript; absent: the wall clock. */
  readonly nowMs?: () => number;
};

/** The part of a place that a counter of this kind needs. */
export type CardPlace = Pick<FaultPlace, 'folder' | 'enrolmentCode'> & {
  readonly centre: Pick<FaultPlace['centre'], 'url' | 'caFile'>;
};

const FLOAT = qepik(60_000);
/** A customer and a bank that take no time: what is waited for here is messages. */
const AT_ONCE = { presentsAfterMs: 0, pinAfterMs: 0, takesCardAfterMs: 0 } as const;
const NO_TIME = { host: 0, reversal: 0, work: 0 } as const;
const FREE_WITHIN_MS = 120_000;

export async function cardCounter(
  place: CardPlace,
  code: string,
  { terminalId, speed, cable, nowMs = () => Date.now() }: CardCounterOptions,
): Promise<CardCounter> {
  const clock = steadyClock();
  const terminal = await startSimulator({
    ...(cable ? { serial: { path: cable.terminal, baudRate: cable.baudRate } } : { tcp: { port: 0 } }),
    speed,
    clock: { nowMs, after: clock.after },
    customer: AT_ONCE,
    terms: { terminalId, times: NO_TIME },
  });
  const dataDir = join(place.folder, code);
  await mkdir(dataDir);
  const driver: Drivers['zvtTcp'] & Drivers['zvtSerial'] = (settings, machine) =>
    createZvtDriver(settings, faster(machine, clock, speed));
  const core = must(
    'the core host',
    startCoreHost({
      dataDir,
      caFile: place.centre.caFile(),
      demo: false,
      holder: 'test',
      logFile: join(place.folder, `${code}.log`),
      drivers: { ...allDrivers(), zvtTcp: driver, zvtSerial: driver },
    }),
  );
  const [window, host] = memoryChannelPair();
  core.attach(host);
  const client = connect(ipwContract, window);
  const ask: Ask = () => client;
  await openCounter(place, code, ask, settingsFor(terminal, cable));
  const read = openReader(join(dataDir, 'journal.sqlite'));
  const free = async (): Promise<void> => {
    for (;;) {
      await stateWhere(
        client.terminal,
        'the terminal free',
        ({ state, open, attempt }) => state === 'ready' && open.length === 0 && attempt === null,
        FREE_WITHIN_MS,
      );
      if (terminal.terminal().procedure === null) return;
      await wait(2);
    }
  };
  await free();
  return {
    ask,
    terminal,
    terminalId,
    journal: read.entries,
    free,
    async stop() {
      read.close();
      await core.stop();
      await terminal.stop();
    },
  };
}

const settingsFor = ({ port }: Simulator, cable: CardCounterOptions['cable']): PosSettings =>
  cable
    ? {
        kind: 'zvtSerial',
        path: cable.till,
        baudRate: cable.baudRate,
        stopBits: 2,
        modemLines: false,
        password: '000000',
      }
    : { kind: 'zvtTcp', host: '127.0.0.1', port: port ?? 0, password: '000000' };

const faster = (machine: DriverMachine, clock: SteadyClock, speed: number): DriverMachine => ({
  ...machine,
  monotonicMs: () => clock.elapsedMs() * speed,
  after: (delayMs, run) => clock.after(delayMs / speed, run),
});

/** Enrolled, its replica loaded, its terminal set, a teller logged in with a shift open. */
async function openCounter(
  place: CardPlace,
  workstation: string,
  ask: Ask,
  settings: PosSettings,
): Promise<void> {
  const code = await place.enrolmentCode(workstation);
  const enrolment = ask()['setup.enrol']({ centreUrl: place.centre.url(), code }, () => undefined);
  must('the enrolment', await enrolment.result);
  await stateWhere(
    ask().status,
    'the replica loaded',
    ({ replica, centre }) => replica.state === 'ready' && replica.accounts > 0 && centre.link === 'online',
  );
  await logIn(ask, 'rauf', PASSWORD);
  must('the terminal', await ask()['terminal.set']({ settings }));
  await logIn(ask, 'aygun', PASSWORD);
  await openShift(ask, mintId(), fewestPieces(FLOAT));
}

/** Reads a journal beside the process that writes it. Each entry is read once: no entry is ever changed. */
function openReader(path: string): { entries(): readonly StoredEntry[]; close(): void } {
  const database = new Database(path, { readonly: true });
  const after = database.prepare<[number], { seq: number; body: string }>(
    'SELECT seq, body FROM entry WHERE seq > ? ORDER BY seq',
  );
  const entries: StoredEntry[] = [];
  return {
    entries() {
      for (const { seq, body } of after.all(entries.at(-1)?.seq ?? 0)) {
        const beside = { sync: 'recorded', outcome: null, postedAt: null, note: null } as const;
        entries.push({ seq, body: parseEntryBody(body), ...beside });
      }
      return entries;
    },
    close: () => void database.close(),
  };
}
