import { unreachable } from '../../contracts/assert.ts';
import type { MachinePort } from '../../core/ports/machine.ts';
import type { PrinterPort, PrinterSettings } from '../../core/ports/printer.ts';
import { reasonOf, type Delivery } from './devices/delivery.ts';
import { probeFile, writeToFile, type FileTimes } from './devices/file-device.ts';
import { probeTcp, sendOverTcp, type TcpTimes } from './devices/tcp-device.ts';
import { encodeEscPos, PROFILES, type PrinterProfile } from './esc-pos/encode.ts';
import { renderPdf } from './pdf/render.ts';
import { DEFAULT_SETTINGS, readSettings, writeSettings, type PrinterFile } from './settings-file.ts';

/** How long a device may take before a teller is told; milliseconds. */
export type PrinterTimes = TcpTimes & FileTimes;
const TIMES: PrinterTimes = { connectMs: 2000, statusMs: 300, stalledMs: 5000 };

/**
 * The receipt printer of this workstation. `print` and `probe` never reject: a reason is a code of
 * contracts/printer-reasons.ts, or the bare words of an error nobody foresaw. Jobs and probes take turns, because a printer
 * has one line and two receipts must not run into each other.
 */
export function createPrinter(options: {
  readonly settingsFile: string;
  readonly log: MachinePort['log'];
  readonly times?: Partial<PrinterTimes>;
}): PrinterPort {
  const { settingsFile, log } = options;
  const times = { ...TIMES, ...options.times };
  let settings = load(settingsFile, log);
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = (event: string, act: () => Promise<Delivery>): Promise<string | null> => {
    const outcome = turn.then(act).catch((error: unknown) => {
      log('error', `printer.${event}`, { error: wordsOf(error) });
      return reasonOf(error) ?? wordsOf(error);
    });
    turn = outcome;
    return outcome;
  };

  return {
    settings: () => settings.printer,
    set(printer) {
      settings = { ...settings, printer };
      try {
        writeSettings(settingsFile, settings);
      } catch (error) {
        // The counter goes on with what was just set; after a restart the old setting is back, and the log says why.
        log('error', 'printer.settings', { error: wordsOf(error) });
      }
    },
    async print(document, openDrawer) {
      const reason = await inTurn('print', () => {
        const { printer } = settings;
        return printer.kind === 'none'
          ? Promise.resolve<Delivery>('notSet')
          : deliver(printer, encodeEscPos(document, profileOf(settings), openDrawer), times);
      });
      log(reason === null ? 'info' : 'warn', 'printer.print', {
        receiptNo: document.receiptNo,
        copy: document.copy,
        reason,
      });
      return { printed: reason === null, reason };
    },
    pdf: (document) => renderPdf(document),
    async probe() {
      const reason = await inTurn('probe', () => probe(settings.printer, times));
      return { ready: reason === null, reason };
    },
  };
}

function deliver(
  printer: Exclude<PrinterSettings, { kind: 'none' }>,
  job: Uint8Array,
  times: PrinterTimes,
): Promise<Delivery> {
  switch (printer.kind) {
    case 'file':
      return writeToFile(printer.path, job, times);
    case 'tcp':
      return sendOverTcp(printer, job, times);
    default:
      return unreachable(printer);
  }
}

async function probe(printer: PrinterSettings, times: PrinterTimes): Promise<Delivery> {
  switch (printer.kind) {
    case 'none':
      return 'notSet';
    case 'file':
      return probeFile(printer.path);
    case 'tcp':
      return probeTcp(printer, times);
    default:
      return unreachable(printer);
  }
}

const profileOf = ({ paperMm, codePages, chinese }: PrinterFile): PrinterProfile => ({
  ...PROFILES[paperMm],
  codePages,
  chinese,
});

function load(path: string, log: MachinePort['log']): PrinterFile {
  try {
    return readSettings(path);
  } catch (error) {
    log('error', 'printer.settings', { error: wordsOf(error) });
    return DEFAULT_SETTINGS;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
