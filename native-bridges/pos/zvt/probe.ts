import type { PosFinding, PosReason, PosSettings } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { DriverMachine, Probe } from '../driver.ts';
import { decodeApdu, encodeApdu } from './apdu.ts';
import { serialLink, type ZvtLink } from './link.ts';
import { rawLink } from './raw-link.ts';
import { STOPPED } from './session.ts';
import { serialTransport } from './transport/serial.ts';
import { tcpTransport } from './transport/tcp.ts';

/** How long a place may take to answer after it was opened. */
export const PROBE_MS = 2500;

type ZvtPlace = Extract<PosSettings, { readonly kind: 'zvtSerial' | 'zvtTcp' }>;

/** What was heard so far. */
type Heard = { bytes: number[]; acknowledged: boolean; replied: boolean };

type Found =
  | { readonly kind: 'terminal'; readonly softwareVersion: string | null }
  | { readonly kind: 'other'; readonly reason: PosReason };

/** The first bytes as whoever looks for the fault wants to see them: as text where they are text. */
export function shown(bytes: readonly number[]): string {
  const first = bytes.slice(0, 16);
  const isText =
    first.length > 2 &&
    first.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a);
  return isText
    ? String.fromCodePoint(...first).trim()
    : first.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

function reasonOfSilence({ bytes, acknowledged, replied }: Heard): PosReason {
  if (replied || acknowledged) return posReason('silent', 'ZVT 05 01');
  return bytes.length === 0 ? posReason('silent') : posReason('notThisProtocol', shown(bytes));
}

/** What an APDU says of who sent it; null: nothing yet, more is to come. */
function foundBy(apdu: Uint8Array, heard: Heard, answer: () => void): Found | null {
  const decoded = decodeApdu(apdu, { pending: 'statusEnquiry' });
  if (decoded.kind !== 'message')
    return { kind: 'other', reason: posReason('notThisProtocol', shown([...apdu])) };
  const { message } = decoded;
  switch (message.name) {
    case 'positive':
      heard.replied = true;
      return null;
    // It refuses the question (not registered, busy), in ZVT.
    case 'negative':
      return { kind: 'terminal', softwareVersion: null };
    case 'completion':
      answer();
      return { kind: 'terminal', softwareVersion: message.softwareVersion ?? null };
    case 'aborted':
      answer();
      return { kind: 'terminal', softwareVersion: null };
    case 'intermediateStatus':
    case 'printLine':
    case 'printBlock':
      answer();
      return null;
    default:
      return { kind: 'other', reason: posReason('notThisProtocol', shown([...apdu])) };
  }
}

async function ask(place: ZvtPlace, machine: DriverMachine, signal: AbortSignal): Promise<Found> {
  const heard: Heard = { bytes: [], acknowledged: false, replied: false };
  let link: ZvtLink | null = null;
  let done = (_found: Found): void => undefined;
  const found = new Promise<Found>((resolve) => {
    done = resolve;
  });
  const open = place.kind === 'zvtSerial' ? serialTransport(place) : tcpTransport(place, machine);
  const opening = await open({
    data(bytes) {
      if (heard.bytes.length < 64) heard.bytes.push(...bytes.subarray(0, 64));
      link?.receive(bytes);
    },
    closed() {
      done({
        kind: 'other',
        reason: heard.bytes.length === 0 ? posReason('silent') : reasonOfSilence(heard),
      });
    },
  });
  if (opening.kind === 'failed') return { kind: 'other', reason: opening.reason };
  const { transport } = opening;

  const events = {
    apdu(apdu: Uint8Array) {
      const now = foundBy(apdu, heard, () => void link?.send(encodeApdu({ name: 'positive' })));
      if (now !== null) done(now);
    },
    beside(direction: 'toTerminal' | 'fromTerminal', what: 'ack' | 'nak' | 'unreadable') {
      if (direction === 'fromTerminal' && what === 'ack') heard.acknowledged = true;
    },
  };
  link = place.kind === 'zvtSerial' ? serialLink(transport, machine, events) : rawLink(transport, events);
  const callOff = machine.after(PROBE_MS, () => {
    done({ kind: 'other', reason: reasonOfSilence(heard) });
  });
  const stop = (): void => {
    done({ kind: 'other', reason: STOPPED });
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    // A question that changes nothing, and without the password: nobody knows yet who hears it.
    void link.send(encodeApdu({ name: 'statusEnquiry' }));
    return await found;
  } finally {
    callOff();
    signal.removeEventListener('abort', stop);
    link.end(STOPPED);
    await transport.close();
  }
}

/** Whether a ZVT terminal answers at one place. Leaves nothing open behind. */
export const probeZvt: Probe = async (settings, machine, signal) => {
  if (settings.kind !== 'zvtSerial' && settings.kind !== 'zvtTcp')
    return { kind: 'other', label: settings.kind, reason: posReason('notThisProtocol') };
  const place = settings.kind === 'zvtSerial' ? settings.path : `${settings.host}:${String(settings.port)}`;
  if (signal.aborted) return { kind: 'other', label: place, reason: STOPPED };
  const found = await ask(settings, machine, signal);
  if (found.kind === 'other') return { kind: 'other', label: place, reason: found.reason };
  const finding: PosFinding = {
    kind: 'terminal',
    settings,
    label: found.softwareVersion === null ? place : `${place} · ${found.softwareVersion}`.slice(0, 200),
    terminalId: null,
    simulator: /simulator/i.test(found.softwareVersion ?? ''),
  };
  return finding;
};
