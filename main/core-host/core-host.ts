import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ipwContract } from '../../contracts/ipw.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { Channel } from '../../contracts/rpc/channel.ts';
import { createHost } from '../../contracts/rpc/host.ts';
import { createCounter } from '../../core/counter/counter.ts';
import type { MachinePort } from '../../core/ports/machine.ts';
import { createCentreClient } from '../../native-bridges/centre-client/centre-client.ts';
import { createCredentials } from '../../native-bridges/credentials/credentials.ts';
import { createDeviceKey } from '../../native-bridges/device-key/device-key.ts';
import { openJournal } from '../../native-bridges/journal/journal.ts';
import { createMeterCards } from '../../native-bridges/card/meter-cards.ts';
import { forkCardProcess } from '../../native-bridges/card/transport/card-process.ts';
import type { CardTransport } from '../../native-bridges/card/transport/port.ts';
import { realElseVirtual } from '../../native-bridges/card/transport/merged.ts';
import { createCardTransport } from '../../native-bridges/card/transport/transport.ts';
import { openVirtualReaders } from '../../native-bridges/card/transport/virtual-readers.ts';
import { createMachine } from '../../native-bridges/machine/machine.ts';
import { allDrivers, type Drivers } from '../../native-bridges/pos/drivers.ts';
import { createPos } from '../../native-bridges/pos/pos.ts';
import { createPrinter } from '../../native-bridges/printer/printer.ts';
import { createReplica } from '../../native-bridges/replica/replica.ts';
import { createSettings } from '../../native-bridges/settings/settings.ts';
import { createFaultLog, type FaultLog } from './fault-log.ts';
import type { LaunchOptions } from './launch-arguments.ts';
import type { TestFaults } from './test-faults.ts';

export type CoreHostOptions = LaunchOptions &
  TestFaults & {
    /** Which shell this is, for whoever finds the journal taken. */
    readonly holder: string;
    /** Absent: standard error. */
    readonly logFile?: string;
    /** Absent: PC/SC, and the virtual readers that were asked for. */
    readonly cardReaders?: CardTransport;
    /** Absent: every driver there is; tests give drivers whose clocks run faster than life. */
    readonly drivers?: Drivers;
  };

export type CoreHost = {
  /** Serves one more window. */
  readonly attach: (channel: Channel) => void;
  readonly log: MachinePort['log'];
  readonly faults: FaultLog;
  /**
   * Ends in good order, and answers when all is let go: the devices' lines too, for which it waits a few seconds at most.
   * What is in the journal is safe in any case.
   */
  readonly stop: () => Promise<void>;
};

/** How long the end waits for the devices. An operation in hand is in the journal, and the next process takes it up. */
const LET_GO_MS = 3000;

type Device = { readonly name: string; dispose(): Promise<void> };

/** Waits until the devices' lines are closed, in bounded time; never rejects. */
async function letGo(
  devices: readonly Device[],
  { after, log }: Pick<MachinePort, 'after' | 'log'>,
): Promise<void> {
  let callOff = (): void => undefined;
  const tired = new Promise<void>((done) => {
    callOff = after(LET_GO_MS, () => {
      log('warn', 'devices.disposeSlow', { waitedMs: LET_GO_MS });
      done();
    });
  });
  const closed = devices.map((device) =>
    device
      .dispose()
      .catch((error: unknown) => log('error', `${device.name}.disposeFault`, { error: String(error) })),
  );
  await Promise.race([Promise.all(closed), tired]);
  callOff();
}

/** The centre's certificate authority, put here at installation unless `--ca` names another file. */
const CA_FILE = 'ca.pem';

/** Where a build puts the card process, beside the core host; from source it lies in its bridge. */
const BUILT_CARD_PROCESS = join(import.meta.dirname, 'card-process.mjs');

/**
 * Puts a workstation together on its data folder and starts it: bridges, core, and the contract they serve. Errors: what
 * stands in the way of its journal, before anything was started.
 */
export function startCoreHost(
  options: CoreHostOptions,
): Result<CoreHost, 'journalInUse' | 'journalUnwritable' | 'journalDamaged'> {
  const path = (name: string): string => join(options.dataDir, name);
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const machine = createMachine({
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    ...(options.wallClock === undefined ? {} : { wallClock: options.wallClock }),
  });
  const { log } = machine;
  const faults = createFaultLog(log);
  const onUnreadable = (reason: string): void => log('warn', 'file.unreadable', { reason });

  const deviceKey = createDeviceKey({ path: path('device-key.json') });
  const journal = openJournal({
    path: path('journal.sqlite'),
    holder: options.holder,
    identity: () => deviceKey.identity(),
    signer: deviceKey,
    machine,
    ...(options.afterAppend ? { afterAppend: options.afterAppend } : {}),
  });
  if (!journal.ok) return journal;

  const opened: { close(): void }[] = [journal.value];
  const devices: Device[] = [];
  const closeAll = (): void => opened.reverse().forEach((one) => one.close());
  try {
    const replica = createReplica({ folder: path('replica'), onUnreadable });
    opened.push(replica);
    const caFile = options.caFile ?? (existsSync(path(CA_FILE)) ? path(CA_FILE) : null);
    const centre = createCentreClient({
      addressFile: path('centre.json'),
      ...(caFile === null ? {} : { caFile }),
      deviceKey,
      machine,
    });
    opened.push(centre);
    const drivers = options.drivers ?? allDrivers();
    const pos = createPos({ settingsFile: path('terminal.json'), machine, drivers });
    devices.push({ name: 'pos', dispose: () => pos.dispose() });
    const meterCards = createMeterCards(
      options.cardReaders ?? cardReaders(options.virtualReaders, log),
      (line) => log('debug', 'meterCards.apdu', { ...line }),
    );
    devices.push({ name: 'meterCards', dispose: () => meterCards.dispose() });
    const counter = createCounter(
      {
        machine,
        journal: journal.value,
        replica,
        centre,
        credentials: createCredentials({ path: path('credentials.json'), onUnreadable }),
        deviceKey,
        printer: createPrinter({ settingsFile: path('printer.json'), log }),
        settings: createSettings({ path: path('settings.json'), onUnreadable }),
        pos,
        meterCards,
      },
      { demo: options.demo },
    );
    counter.start();
    const host = createHost(ipwContract, counter.handlers, {
      onFault: ({ method, error }) => faults.record(method, error),
    });
    log('info', 'workstation.started', { holder: options.holder, entries: journal.value.headSeq() });
    return ok({
      attach: (channel) => host.attach(channel),
      log,
      faults,
      async stop() {
        host.stop();
        counter.stop();
        try {
          await letGo(devices, machine);
        } finally {
          closeAll();
          log('info', 'workstation.stopped', {});
        }
      },
    });
  } catch (error) {
    void letGo(devices, machine);
    closeAll();
    throw error;
  }
}

/** The readers of this machine; where none is connected, the virtual ones that were asked for. */
function cardReaders(virtualReaders: number | undefined, log: MachinePort['log']): CardTransport {
  const pcsc = createCardTransport({
    nowMs: Date.now,
    log: (event, fields) => log('info', event, fields),
    ...(existsSync(BUILT_CARD_PROCESS) ? { start: forkCardProcess(BUILT_CARD_PROCESS) } : {}),
  });
  if (virtualReaders === undefined) return pcsc;
  return realElseVirtual(pcsc, openVirtualReaders({ port: virtualReaders, nowMs: Date.now }));
}
