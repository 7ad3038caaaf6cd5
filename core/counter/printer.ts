import { fail, ok } from '../../contracts/result.ts';
import type { StatusState } from '../../contracts/ipw.ts';
import type { Area } from './area.ts';
import { loggedIn, type CounterContext } from './context.ts';

type PrinterStatus = StatusState['printer'];

const PROBE_EVERY_MS = 15_000;

/** Looks after the printer now and then, so that the strip on top tells the truth before a customer waits for paper. */
export type PrinterWatch = { status(): PrinterStatus; look(): void; start(): void; stop(): void };

export function watchPrinter(context: () => CounterContext): PrinterWatch {
  let running = false;
  let callOff = (): void => undefined;
  let known: { ready: boolean; reason: string | null } = { ready: false, reason: null };

  const probe = async (): Promise<void> => {
    const { machine, printer } = context().ports;
    try {
      known = await printer.probe();
    } catch (error) {
      machine.log('error', 'printer.probeFault', { error: String(error) });
      known = { ready: false, reason: 'deviceFault' };
    }
    context().changed();
  };
  const beat = (): void => {
    callOff();
    void probe().finally(() => {
      if (running) callOff = context().ports.machine.after(PROBE_EVERY_MS, beat);
    });
  };

  return {
    status() {
      const { kind } = context().ports.printer.settings();
      if (kind === 'none') return { kind, state: 'notSet', reason: null };
      return { kind, state: known.ready ? 'ready' : 'away', reason: known.reason };
    },
    look: () => {
      if (running) beat();
    },
    start() {
      running = true;
      beat();
    },
    stop() {
      running = false;
      callOff();
    },
  };
}

/** Where receipts are printed is a matter for the supervisor: it names a file or an address on the network. */
export function printerHandlers(context: CounterContext, watch: PrinterWatch): Area<'printer.set'> {
  return {
    'printer.set': async (settings) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      if (user.value.role !== 'supervisor') return fail('notAllowed');
      context.ports.printer.set(settings);
      watch.look();
      context.changed();
      return ok({});
    },
  };
}
