import type { PosFinding, PosReason, PosSettings } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import type { DriverMachine } from './driver.ts';
import type { Drivers, PosPlace } from './drivers.ts';

/** The guided set-up: one place after the other is looked at, and what is there is said at once. */

/** The likely ones first. A terminal that is set otherwise is found all the same, later. */
export const BAUD_RATES = [115_200, 9600, 19_200, 57_600, 38_400] as const;

/** What most terminals are delivered with. The search does not use it; the check afterwards says whether it is right. */
const PASSWORD = '000000';

/** A terminal on this very machine: a simulator, or a program that passes on to the real one. */
export const USUAL_ADDRESSES: readonly PosPlace[] = [
  { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: PASSWORD },
];

/** How often it is asked whether nobody wants to know any more. */
const ASK_MS = 100;

export type SearchOptions = {
  readonly drivers: Drivers;
  readonly machine: DriverMachine;
  readonly settings: PosSettings;
  /** The terminal that is connected now: it is not disturbed, and its place is not looked at. */
  readonly connected: PosFinding | null;
  /** Ports that the system does not list. */
  readonly extraPaths: readonly string[];
  readonly addresses: readonly PosPlace[];
};

export const nameOfPlace = (place: PosPlace): string =>
  place.kind === 'zvtSerial' ? place.path : `${place.host}:${String(place.port)}`;

/** Resolves when every place was looked at, or soon after `cancelled`. Never rejects. */
export async function searchTerminals(
  options: SearchOptions,
  found: (finding: PosFinding) => void,
  cancelled: () => boolean,
): Promise<void> {
  const { machine, settings, connected } = options;
  const ending = new AbortController();
  let stopAsking = (): void => undefined;
  const ask = (): void => {
    if (cancelled()) ending.abort();
    else stopAsking = machine.after(ASK_MS, ask);
  };
  ask();
  try {
    const seen = new Set<string>();
    if (connected !== null && settings.kind !== 'none') {
      seen.add(nameOfPlace(settings));
      found(connected);
    }
    for (const place of await placesOf(options)) {
      const name = nameOfPlace(place.settings);
      if (ending.signal.aborted) return;
      if (seen.has(name)) continue;
      seen.add(name);
      const finding = await look(place.settings, options, ending.signal);
      // A search that was called off found nothing out about the place it was at.
      if (ending.signal.aborted && finding.kind === 'other') return;
      // Some systems list ports that no plug belongs to.
      if (place.listed && finding.kind === 'other' && finding.reason.code === 'portAbsent') continue;
      found(finding);
    }
  } finally {
    stopAsking();
  }
}

type Place = { readonly settings: PosPlace; readonly listed: boolean };

async function placesOf({
  drivers,
  machine,
  settings,
  extraPaths,
  addresses,
}: SearchOptions): Promise<readonly Place[]> {
  let listed: readonly string[] = [];
  try {
    listed = await drivers.serialPorts();
  } catch (error) {
    machine.log('error', 'pos.search.ports', { error: wordsOf(error) });
  }
  const password = 'password' in settings ? settings.password : PASSWORD;
  const serial = (path: string): PosPlace => ({
    kind: 'zvtSerial',
    path,
    baudRate: BAUD_RATES[0],
    stopBits: 2,
    modemLines: false,
    password,
  });
  return [
    ...(settings.kind === 'none' ? [] : [{ settings, listed: false }]),
    ...addresses.map((place) => ({
      settings: place.kind === 'nexo' ? place : { ...place, password },
      listed: false,
    })),
    ...extraPaths.map((path) => ({ settings: serial(path), listed: false })),
    ...listed.map((path) => ({ settings: serial(path), listed: true })),
  ];
}

function look(place: PosPlace, options: SearchOptions, signal: AbortSignal): Promise<PosFinding> {
  return place.kind === 'zvtSerial' ? lookAtPort(place, options, signal) : lookOnce(place, options, signal);
}

/** Reasons that another baud rate does not change. */
const FINAL: ReadonlySet<string> = new Set(['portAbsent', 'portInUse', 'noPermission', 'stopped']);
/** Of several, the one that says most. */
const TELLING: readonly string[] = ['notThisProtocol', 'noise', 'lineLost'];

const weight = ({ code }: PosReason): number => {
  const place = TELLING.indexOf(code);
  return place < 0 ? TELLING.length : place;
};

async function lookAtPort(
  place: Extract<PosPlace, { readonly kind: 'zvtSerial' }>,
  options: SearchOptions,
  signal: AbortSignal,
): Promise<PosFinding> {
  let best: Extract<PosFinding, { kind: 'other' }> | null = null;
  // A port that is set already is tried as it is set first.
  for (const baudRate of new Set([place.baudRate, ...BAUD_RATES])) {
    const finding = await lookOnce({ ...place, baudRate }, options, signal);
    if (finding.kind === 'terminal' || FINAL.has(finding.reason.code) || signal.aborted) return finding;
    if (best === null || weight(finding.reason) < weight(best.reason)) best = finding;
  }
  return best ?? { kind: 'other', label: place.path, reason: posReason('silent') };
}

async function lookOnce(
  place: PosPlace,
  { drivers, machine }: SearchOptions,
  signal: AbortSignal,
): Promise<PosFinding> {
  try {
    return await drivers.probes[place.kind](place, machine, signal);
  } catch (error) {
    machine.log('error', 'pos.search', { place: nameOfPlace(place), error: wordsOf(error) });
    return { kind: 'other', label: nameOfPlace(place), reason: posReason('other', wordsOf(error)) };
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
