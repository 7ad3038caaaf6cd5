import { SerialPort } from 'serialport';
import { encodeFrame, FrameDecoder, type FrameEvent } from '../zvt/frame.ts';
import type { Arrival, Deed } from './faults.ts';
import { pause, type Line, type LineClock, type LineEvents, type LineFaults } from './line.ts';

/** Between two bytes of a frame, and from the end of a frame to its ACK (PA00P016). */
const T1_MS = 200;
const T2_MS = 5000;
const SENDS = 3;
const CUT_MS = 1000;
const ACK = 0x06;
const NAK = 0x15;

type Sending = {
  readonly apdu: Uint8Array;
  readonly frame: Uint8Array;
  readonly done: (outcome: 'sent' | 'lost') => void;
  sends: number;
};

export type SerialSettings = { readonly path: string; readonly baudRate: number };

/** The terminal's serial port (PA00P016): frames, ACK and NAK, T1, T2, three sends. Rejects when the port cannot be opened. */
export async function openSerialLine(
  { path, baudRate }: SerialSettings,
  clock: LineClock,
  faults: LineFaults,
  events: LineEvents,
): Promise<Line> {
  const port = new SerialPort({ path, baudRate, dataBits: 8, parity: 'none', stopBits: 2, autoOpen: false });
  await new Promise<void>((done, fail) => port.open((error) => (error ? fail(error) : done())));

  const decoder = new FrameDecoder();
  const queue: Sending[] = [];
  let sending: Sending | null = null;
  let stopT1 = (): void => undefined;
  let stopT2 = (): void => undefined;
  let stopCut = (): void => undefined;
  let isOn = true;
  let isCut = false;
  /** The last frame taken, until something of ours was taken after it: the same bytes before that are a repetition. */
  let taken: Uint8Array | null = null;
  let coming = Promise.resolve();
  let leaving: Promise<boolean> = Promise.resolve(true);

  port.on('data', (chunk: Buffer) => {
    if (!isOn || isCut) return;
    stopT1();
    for (const event of decoder.push(chunk)) heard(event);
    if (decoder.pending) stopT1 = clock.after(T1_MS, broken);
  });
  port.on('error', () => events.lost());
  // The port itself is gone: unplugged, or the other half of a pair ended.
  port.on('close', () => events.lost());

  /** T1 is over in the middle of a frame. */
  function broken(): void {
    decoder.reset();
    control(NAK);
  }

  function heard(event: FrameEvent): void {
    switch (event.kind) {
      case 'ack':
        events.beside('toTerminal', 'ack');
        if (sending !== null && sending.sends > 0) finish('sent');
        return;
      case 'nak':
        events.beside('toTerminal', 'nak');
        if (sending !== null && sending.sends > 0) again();
        return;
      case 'error':
        events.beside('toTerminal', 'noise');
        control(NAK);
        return;
      case 'frame': {
        const arrivals = faults.coming(event.apdu);
        coming = coming.then(() => arrive(arrivals));
      }
    }
  }

  async function arrive(arrivals: readonly Arrival[]): Promise<void> {
    for (const arrival of arrivals) {
      switch (arrival.kind) {
        case 'handle':
          take(arrival.bytes);
          break;
        case 'partly':
        case 'refuse':
          control(NAK);
          break;
        case 'wait':
          await pause(clock, arrival.ms);
          break;
        case 'cut':
          cut(arrival.ms);
          return;
        case 'power':
          faults.power(arrival.offMs);
          return;
      }
    }
  }

  function take(apdu: Uint8Array): void {
    if (!isOn || isCut) return;
    control(ACK);
    if (taken !== null && Buffer.compare(taken, apdu) === 0) return;
    taken = apdu;
    // Whoever answers has heard, even if the ACK got lost: what he has heard is not sent again.
    if (sending !== null && sending.sends > 0) finish('sent');
    events.apdu(apdu);
  }

  function control(byte: typeof ACK | typeof NAK): void {
    const name = byte === ACK ? 'ack' : 'nak';
    events.beside('fromTerminal', name);
    write(faults.leaving(name, Uint8Array.of(byte)));
  }

  function write(deeds: readonly Deed[]): void {
    leaving = leaving.then(() => leave(deeds));
  }

  async function leave(deeds: readonly Deed[]): Promise<boolean> {
    for (const deed of deeds) {
      if (!isOn || isCut || !port.isOpen) return false;
      switch (deed.kind) {
        case 'write':
          port.write(Buffer.from(deed.bytes));
          break;
        case 'wait':
          await pause(clock, deed.ms);
          break;
        case 'cut':
          cut(deed.ms);
          return false;
        case 'power':
          faults.power(deed.offMs);
          return false;
      }
    }
    return true;
  }

  function next(): void {
    if (sending !== null || !isOn) return;
    sending = queue.shift() ?? null;
    if (sending !== null) transmit(sending);
  }

  function transmit(one: Sending): void {
    one.sends += 1;
    stopT2();
    stopT2 = clock.after(T2_MS, again);
    write(faults.leaving(one.apdu, one.frame));
  }

  /** NAK or T2: once more, or given up. */
  function again(): void {
    if (sending === null) return;
    if (sending.sends < SENDS) transmit(sending);
    else finish('lost');
  }

  function finish(outcome: 'sent' | 'lost'): void {
    const done = sending?.done;
    sending = null;
    stopT2();
    done?.(outcome);
    if (outcome === 'sent') {
      taken = null;
      next();
    } else {
      // Nobody is there: what was to follow has nobody to follow to.
      for (const one of queue.splice(0)) one.done('lost');
    }
  }

  function forget(): void {
    stopT1();
    stopT2();
    decoder.reset();
    taken = null;
    const all = [...(sending === null ? [] : [sending]), ...queue.splice(0)];
    sending = null;
    for (const one of all) one.done('lost');
  }

  function cut(ms: number): void {
    isCut = true;
    stopT1();
    decoder.reset();
    stopCut();
    // A terminal does not see that a serial cable is out; it only waits.
    stopCut = clock.after(ms === 0 ? CUT_MS : ms, () => void (isCut = false));
  }

  return {
    port: null,
    send(apdu) {
      if (!port.isOpen || !isOn) return Promise.resolve('lost');
      return new Promise((done) => {
        queue.push({ apdu, frame: encodeFrame(apdu), done, sends: 0 });
        next();
      });
    },
    hangUp() {
      // There is nothing to close: the next frame is as welcome as any.
    },
    cut,
    power(on) {
      isOn = on;
      if (!on) forget();
    },
    async close() {
      stopCut();
      isOn = false;
      forget();
      port.removeAllListeners('close');
      if (port.isOpen) await new Promise<void>((done) => port.close(() => done()));
    },
  };
}
