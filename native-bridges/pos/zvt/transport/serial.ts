import { stat } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { PosSettings } from '../../../../contracts/pos.ts';
import { posReason, type PosReasonCode } from '../../../../contracts/pos-reasons.ts';
import type { OpenTransport, Transport } from './transport.ts';

export type SerialSettings = Pick<
  Extract<PosSettings, { kind: 'zvtSerial' }>,
  'path' | 'baudRate' | 'stopBits' | 'modemLines'
>;

/** What the system's words for a port that would not open mean. Windows says "access denied" for a port in use. */
export function openingReason(message: string, platform: NodeJS.Platform): PosReasonCode {
  if (/lock|busy|temporarily unavailable|in use/i.test(message)) return 'portInUse';
  if (/access (is )?denied|permission denied|EACCES|EPERM|not permitted/i.test(message))
    return platform === 'win32' ? 'portInUse' : 'noPermission';
  return 'portAbsent';
}

/** How often it is looked whether the port's device is still there. */
const WATCH_MS = 1000;

/** What the system knows the device by; null when it is gone. Windows reports a lost port by itself. */
async function deviceAt(path: string): Promise<string | null> {
  if (process.platform === 'win32') return '';
  try {
    const { ino, rdev } = await stat(path);
    return `${String(ino)} ${String(rdev)}`;
  } catch {
    return null;
  }
}

/** A serial port, 8 data bits without parity (ZVT PA00P016, physical layer); another program cannot have it meanwhile. */
export const serialTransport =
  (settings: SerialSettings): OpenTransport =>
  async (events) => {
    let port: SerialPort;
    try {
      port = new SerialPort({
        path: settings.path,
        baudRate: settings.baudRate,
        dataBits: 8,
        parity: 'none',
        stopBits: settings.stopBits,
        rtscts: settings.modemLines,
        lock: true,
        autoOpen: false,
      });
    } catch (error) {
      return { kind: 'failed', reason: posReason('portAbsent', String(error)) };
    }
    const failure = await new Promise<Error | null>((done) => port.open(done));
    if (failure !== null) {
      const code = openingReason(failure.message, process.platform);
      return { kind: 'failed', reason: posReason(code, failure.message) };
    }

    let told = false;
    const device = await deviceAt(settings.path);
    // A port that hangs up between two reads answers every further read with nothing, for ever and without an error
    // (serialport 13): that it is gone is then seen by its device alone.
    const watch = setInterval(() => {
      void deviceAt(settings.path).then((now) => {
        if (now !== device) lost('the device is gone');
      });
    }, WATCH_MS);
    watch.unref();
    const lost = (detail: string): void => {
      if (told) return;
      told = true;
      clearInterval(watch);
      if (port.isOpen) port.close(() => undefined);
      events.closed(posReason('lineLost', detail));
    };
    // A reader must be there all the time: an unplugged port is only seen by reading from it.
    port.on('data', (bytes: Buffer) => {
      if (!told) events.data(bytes);
    });
    port.on('end', () => lost('end of the line'));
    port.on('close', (error?: Error | null) => lost(error?.message ?? 'closed'));
    port.on('error', (error: Error) => lost(error.message));

    const transport: Transport = {
      get open() {
        return !told && port.isOpen;
      },
      write: (bytes) =>
        new Promise((done, failed) => {
          if (told || !port.isOpen) return failed(new Error('the port is closed'));
          port.write(Buffer.from(bytes), (error) => (error ? failed(error) : done()));
        }),
      close: () =>
        new Promise((done) => {
          told = true;
          clearInterval(watch);
          // What hangs in the output must not keep the port: a device that stopped reading would hold the close up.
          if (!port.isOpen) return done();
          port.flush(() => port.close(() => done()));
        }),
    };
    return { kind: 'open', transport };
  };
