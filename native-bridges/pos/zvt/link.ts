import type { PosReason } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { DriverMachine } from '../driver.ts';
import { encodeFrame, FrameDecoder, type FrameEvent } from './frame.ts';
import type { Transport } from './transport/transport.ts';

/** Longest pause between two bytes of one frame (PA00P016, T1). */
export const T1_MS = 200;
/** Longest wait for the other side's ACK (PA00P016, T2). */
export const T2_MS = 5000;
/** A frame is sent once and repeated twice. */
export const SENDS = 3;

const ACK = 0x06;
const NAK = 0x15;

/**
 * What became of an APDU that was to be sent. `sent`: the line took it (and on a serial line the terminal acknowledged it).
 * `notSent`: not a byte has left. `lost`: it may have been heard or not.
 */
export type SendOutcome =
  { readonly kind: 'sent' } | { readonly kind: 'notSent' | 'lost'; readonly reason: PosReason };

/** One way of carrying whole APDUs, serial or TCP. */
export type ZvtLink = {
  /** Sends come one after the other, in the order asked for. */
  send(apdu: Uint8Array): Promise<SendOutcome>;
  /** Bytes from the line. */
  receive(bytes: Uint8Array): void;
  /** The line is gone or given up: what waits ends as `lost`, timers stop. */
  end(reason: PosReason): void;
};

export type LinkEvents = {
  /** A whole APDU, acknowledged already and not heard before. */
  readonly apdu: (apdu: Uint8Array) => void;
  /** Single bytes that went over a serial line beside frames, and frames that could not be read: for the recording. */
  readonly beside: (direction: 'toTerminal' | 'fromTerminal', what: 'ack' | 'nak' | 'unreadable') => void;
};

export type LinkMachine = Pick<DriverMachine, 'after'>;

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

type Outgoing = {
  readonly frame: Uint8Array;
  readonly done: (outcome: SendOutcome) => void;
  sends: number;
};

/**
 * The serial link of PA00P016: frames with checksum, ACK and NAK, T1, T2, three sends. A frame that comes again because its
 * ACK got lost is acknowledged again and not handed on.
 */
export function serialLink(transport: Transport, machine: LinkMachine, events: LinkEvents): ZvtLink {
  const decoder = new FrameDecoder();
  const queue: Outgoing[] = [];
  let sending: Outgoing | null = null;
  let ended: PosReason | null = null;
  let stopT1 = (): void => undefined;
  let stopT2 = (): void => undefined;
  /** The last frame heard, until we have been heard after it: the same bytes before that are a repetition. */
  let lastHeard: Uint8Array | null = null;
  /** After a broken frame its rest is still to come; nothing is believed until the line was silent for T1. */
  let unreadable = false;

  function tell(byte: number): void {
    events.beside('toTerminal', byte === ACK ? 'ack' : 'nak');
    // A line that takes no byte is reported by its transport; the other side repeats what it gets no ACK for.
    transport.write(Uint8Array.of(byte)).catch(() => undefined);
  }

  function finish(outcome: SendOutcome): void {
    const done = sending?.done;
    sending = null;
    stopT2();
    done?.(outcome);
    next();
  }

  function next(): void {
    if (sending !== null || ended !== null) return;
    sending = queue.shift() ?? null;
    if (sending !== null) transmit(sending);
  }

  function transmit(outgoing: Outgoing): void {
    if (!transport.open) {
      const reason = posReason('lineLost');
      return finish({ kind: outgoing.sends === 0 ? 'notSent' : 'lost', reason });
    }
    outgoing.sends += 1;
    stopT2();
    stopT2 = machine.after(T2_MS, t2Over);
    transport.write(outgoing.frame).catch((error: unknown) => {
      if (sending === outgoing) finish({ kind: 'lost', reason: posReason('lineLost', String(error)) });
    });
  }

  function t2Over(): void {
    // A frame is just coming in: its end decides, and T1 bounds the wait.
    if (decoder.pending || unreadable) stopT2 = machine.after(T1_MS, t2Over);
    else again(false);
  }

  function again(refused: boolean): void {
    if (sending === null) return;
    if (sending.sends < SENDS) return transmit(sending);
    finish({ kind: 'lost', reason: posReason(refused ? 'noise' : 'silent', `${String(SENDS)} sends`) });
  }

  function heard(event: FrameEvent): void {
    if (event.kind === 'ack') {
      events.beside('fromTerminal', 'ack');
      if (sending === null || sending.sends === 0) return;
      lastHeard = null;
      finish({ kind: 'sent' });
    } else if (event.kind === 'nak') {
      events.beside('fromTerminal', 'nak');
      if (sending !== null) again(true);
    } else if (event.kind === 'frame') frame(event.apdu);
    else {
      events.beside('fromTerminal', 'unreadable');
      // The rest of a frame with a broken checksum is over; of one with broken framing it is still to come.
      if (event.why === 'crc') tell(NAK);
      else {
        unreadable = true;
        armT1();
      }
    }
  }

  function frame(apdu: Uint8Array): void {
    tell(ACK);
    if (lastHeard !== null && sameBytes(lastHeard, apdu)) return;
    lastHeard = apdu;
    // Whoever answers has heard: a lost ACK must not make us repeat a command that is being carried out.
    if (sending !== null && sending.sends > 0) finish({ kind: 'sent' });
    events.apdu(apdu);
  }

  function armT1(): void {
    stopT1();
    stopT1 = machine.after(T1_MS, () => {
      if (!decoder.pending && !unreadable) return;
      if (!unreadable) events.beside('fromTerminal', 'unreadable');
      decoder.reset();
      unreadable = false;
      tell(NAK);
    });
  }

  return {
    send(apdu) {
      if (ended !== null) return Promise.resolve({ kind: 'notSent', reason: ended });
      return new Promise((done) => {
        queue.push({ frame: encodeFrame(apdu), done, sends: 0 });
        next();
      });
    },
    receive(bytes) {
      if (ended !== null) return;
      stopT1();
      if (!unreadable) {
        for (const event of decoder.push(bytes)) {
          heard(event);
          if (unreadable) decoder.reset();
          if (unreadable || ended !== null) break;
        }
      }
      if (ended === null && (unreadable || decoder.pending)) armT1();
    },
    end(reason) {
      if (ended !== null) return;
      ended = reason;
      stopT1();
      stopT2();
      const current = sending;
      sending = null;
      current?.done({ kind: current.sends === 0 ? 'notSent' : 'lost', reason });
      for (const waiting of queue.splice(0)) waiting.done({ kind: 'notSent', reason });
    },
  };
}
