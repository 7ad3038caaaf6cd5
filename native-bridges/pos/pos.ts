import { isDeepStrictEqual } from 'node:util';
import { unreachable } from '../../contracts/assert.ts';
import type { PosFinding, PosReason, PosSettings } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import type {
  HoldApproval,
  PosAnswer,
  PosAttempt,
  PosEvent,
  PosHealth,
  PosPort,
} from '../../core/ports/pos.ts';
import type { DriverMachine, PosDriver } from './driver.ts';
import type { Drivers, PosPlace } from './drivers.ts';
import { noTerminal } from './none.ts';
import { newRecording } from './recording.ts';
import { nameOfPlace, searchTerminals, USUAL_ADDRESSES } from './search.ts';
import { readPosSettings, writePosSettings } from './settings-file.ts';
import { tryOut } from './try-out.ts';

export type PosOptions = {
  readonly settingsFile: string;
  readonly machine: DriverMachine;
  readonly drivers: Drivers;
  /** Serial ports that the system does not list by itself. */
  readonly extraPaths?: readonly string[];
  /** Where a search looks on the network; the usual ones where nothing is said. */
  readonly addresses?: readonly PosPlace[];
};

/** One terminal as it is set, with its line of operations. New settings make a new one. */
type Seat = {
  readonly settings: PosSettings;
  readonly driver: Omit<PosPort, 'settings' | 'set' | 'tryOut' | 'search' | 'recording'>;
  /** What was asked before. */
  turn: Promise<unknown>;
  isOpen: boolean;
  unwatch: () => void;
};

const STOPPED = posReason('stopped');
const NOBODY: PosHealth = { state: 'away', reason: null, terminalId: null, simulator: false };
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * The POS terminal of this counter, whatever it speaks: settings, the line of operations and the recording around a driver.
 * Operations never reject. A driver's fault is logged, and what may have been sent is then `unknown`, never `notSent`.
 * `dispose` closes everything, for good.
 */
export function createPos(options: PosOptions): PosPort & { dispose(): Promise<void> } {
  const { settingsFile, machine, drivers } = options;
  const { log } = machine;
  const recording = newRecording();
  const watchers = new Set<(event: PosEvent) => void>();
  let isDisposed = false;
  const ending = new AbortController();
  /** Changes of settings come one after the other. */
  let changing: Promise<unknown> = Promise.resolve();

  const fault = (where: string, error: unknown): PosReason => {
    log('error', 'pos.fault', { where, error: wordsOf(error) });
    return posReason('answerUnclear', wordsOf(error));
  };

  function tell(event: PosEvent): void {
    if (event.kind === 'frame') recording.add(event);
    for (const heard of watchers) {
      try {
        heard(event);
      } catch (error) {
        // Whoever listens badly must not cost the others their event, nor the driver its dialogue.
        fault('watch', error);
      }
    }
  }

  function seatFor(settings: PosSettings): Seat {
    const fresh = { settings, turn: Promise.resolve(), isOpen: false, unwatch: () => undefined };
    try {
      const driver = driverFor(settings, drivers, machine) ?? noTerminal();
      const seat: Seat = { ...fresh, driver };
      seat.unwatch = driver.watch((event) => {
        // What a terminal that is being closed still says belongs to its operations; how it is concerns nobody.
        if (event.kind !== 'health' || now === seat) tell(event);
      });
      return seat;
    } catch (error) {
      const reason = fault('create', error);
      const health: PosHealth = { ...NOBODY, reason };
      return { ...fresh, driver: { ...noTerminal(), health: () => health } };
    }
  }

  function load(): PosSettings {
    try {
      return readPosSettings(settingsFile);
    } catch (error) {
      log('error', 'pos.settings', { error: wordsOf(error) });
      return { kind: 'none' };
    }
  }

  let now: Seat = seatFor(load());

  /**
   * When all that was asked before is answered. What was meant for a terminal is not done at another: when the settings have
   * changed meanwhile, `stopped` says so.
   */
  function inLine<T>(
    where: string,
    act: (driver: Seat['driver']) => Promise<T>,
    stopped: (reason: PosReason) => T,
    failed: (reason: PosReason) => T,
  ): Promise<T> {
    const seat = now;
    const answer = seat.turn.then(async () => {
      if (isDisposed || now !== seat) return stopped(STOPPED);
      try {
        return await act(seat.driver);
      } catch (error) {
        return failed(fault(where, error));
      }
    });
    seat.turn = answer;
    return answer;
  }

  const moved =
    (kind: 'pay' | 'reverse' | 'refund') =>
    (attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer> =>
      inLine<PosAnswer>(
        kind,
        (driver) => driver[kind](attempt, held(hold)),
        (reason) => ({ kind: 'notSent', reason }),
        (reason) => ({ kind: 'unknown', reason }),
      );

  /** A fault while storing is a no: the terminal is refused. */
  const held =
    (hold: HoldApproval): HoldApproval =>
    async (result, receipts) => {
      try {
        return await hold(result, receipts);
      } catch (error) {
        fault('hold', error);
        return false;
      }
    };

  const withReason =
    <K extends string>(kind: K) =>
    (reason: PosReason): { readonly kind: K; readonly reason: PosReason } => ({ kind, reason });
  const failed = withReason('failed');
  const stillUnknown = withReason('stillUnknown');

  function health(): PosHealth {
    try {
      return now.driver.health();
    } catch (error) {
      return { ...NOBODY, reason: fault('health', error) };
    }
  }

  function open(): void {
    if (isDisposed) return;
    now.isOpen = true;
    try {
      now.driver.open();
    } catch (error) {
      fault('open', error);
    }
  }

  async function closeSeat(seat: Seat): Promise<void> {
    seat.isOpen = false;
    try {
      await seat.driver.close();
    } catch (error) {
      fault('close', error);
    }
  }

  async function change(settings: PosSettings): Promise<void> {
    if (isDisposed) throw new Error('the terminal was disposed of');
    // First the disk: a terminal that a restart would forget is none.
    writePosSettings(settingsFile, settings);
    const before = now;
    // At once: nothing that is asked from here on goes to the old one.
    now = seatFor(settings);
    await closeSeat(before);
    before.unwatch();
    log('info', 'pos.settings', { kind: settings.kind });
    tell({ kind: 'health', health: health() });
  }

  /** The terminal that is connected, as a finding: its place cannot be opened a second time. */
  function connected(): PosFinding | null {
    const { settings } = now;
    const { state, terminalId, simulator } = health();
    if (settings.kind === 'none' || (state !== 'ready' && state !== 'busy')) return null;
    return { kind: 'terminal', settings, label: nameOfPlace(settings), terminalId, simulator };
  }

  async function search(found: (finding: PosFinding) => void, cancelled: () => boolean): Promise<void> {
    const look = (at: PosFinding | null): Promise<void> =>
      searchTerminals(
        {
          drivers,
          machine,
          settings: now.settings,
          connected: at,
          extraPaths: options.extraPaths ?? [],
          addresses: options.addresses ?? USUAL_ADDRESSES,
        },
        found,
        () => isDisposed || cancelled(),
      );
    const at = connected();
    if (at !== null || !now.isOpen) return look(at);
    // A driver that tries to connect holds the very port that is looked at. It waits, and what is asked of it waits, too.
    const seat = now;
    return inLine(
      'search',
      async (driver) => {
        await driver.close();
        try {
          await look(null);
        } finally {
          if (seat.isOpen && now === seat && !isDisposed) driver.open();
        }
      },
      () => undefined,
      () => undefined,
    );
  }

  return {
    settings: () => now.settings,
    set(settings) {
      const changed = changing.then(() => change(settings));
      changing = changed.catch(() => undefined);
      return changed;
    },
    capabilities() {
      try {
        return now.driver.capabilities();
      } catch (error) {
        fault('capabilities', error);
        return null;
      }
    },
    health,
    open,
    close: () => closeSeat(now),
    watch(heard) {
      watchers.add(heard);
      return () => void watchers.delete(heard);
    },
    snapshot: () => inLine('snapshot', (driver) => driver.snapshot(), failed, failed),
    pay: moved('pay'),
    reverse: moved('reverse'),
    refund: moved('refund'),
    async abort() {
      try {
        return await now.driver.abort();
      } catch (error) {
        fault('abort', error);
        // Whether the wish was heard is not known; the operation's own answer says what became of it.
        return 'asked';
      }
    },
    resolve: (attempt) => inLine('resolve', (driver) => driver.resolve(attempt), stillUnknown, stillUnknown),
    totals: () => inLine('totals', (driver) => driver.totals(), failed, failed),
    endOfDay: () => inLine('endOfDay', (driver) => driver.endOfDay(), failed, withReason('unknown')),
    reprint: () => inLine('reprint', (driver) => driver.reprint(), failed, failed),
    async tryOut(settings) {
      // The one in use has said already what it thinks of these.
      if (isDeepStrictEqual(settings, now.settings) && health().state === 'ready') return health();
      const seat = now;
      const away = (reason: PosReason): PosHealth => ({ ...NOBODY, reason });
      return inLine<PosHealth>(
        'tryOut',
        async (driver) => {
          const candidate = driverFor(settings, drivers, machine) ?? noTerminal();
          const wasOpen = seat.isOpen;
          // A line is had by one at a time, and so is a terminal.
          if (wasOpen) await driver.close();
          try {
            return await tryOut(candidate, machine, ending.signal);
          } finally {
            if (wasOpen && seat.isOpen && now === seat && !isDisposed) driver.open();
          }
        },
        away,
        away,
      );
    },
    search,
    check: (done) =>
      inLine<void>(
        'check',
        (driver) => driver.check(done),
        (reason) => done({ what: 'connection', state: 'unsure', reason }),
        (reason) => done({ what: 'connection', state: 'unsure', reason }),
      ),
    recording: () => recording.frames(),
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      ending.abort();
      await changing;
      await closeSeat(now);
      now.unwatch();
      watchers.clear();
    },
  };
}

/** Null for a counter without a terminal. */
function driverFor(settings: PosSettings, drivers: Drivers, machine: DriverMachine): PosDriver | null {
  switch (settings.kind) {
    case 'none':
      return null;
    case 'zvtSerial':
      return drivers.zvtSerial(settings, machine);
    case 'zvtTcp':
      return drivers.zvtTcp(settings, machine);
    case 'nexo':
      return drivers.nexo(settings, machine);
    default:
      return unreachable(settings);
  }
}
