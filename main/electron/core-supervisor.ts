import { reportSchema, type Order } from '../core-host/orders.ts';
import { afterDeath } from '../supervision/restart-policy.ts';

/** The core host's process, as far as it is used here: Electron's `UtilityProcess`. */
export type CoreProcess<Port> = {
  postMessage(order: Order, ports?: Port[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
};

export type SupervisorOptions<Port> = {
  readonly start: () => CoreProcess<Port>;
  readonly monotonicMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly log: (event: string, fields: Readonly<Record<string, string | number>>) => void;
  /** The workstation cannot go on. `text` is what the core host said; null when it only died, again and again. */
  readonly gaveUp: (text: string | null) => void;
};

export type CoreSupervisor<Port> = {
  /** Hands a window's port to the core host that is running now. When that dies the port closes and the window asks again. */
  give(port: Port): void;
  /** Asks the core host to end and waits for it; after a grace it is killed, which the journal survives. */
  stop(): Promise<void>;
};

const STOP_GRACE_MS = 5000;

/** Keeps one core host running: starts it again when it dies, but not for ever, and not when it said that it cannot work. */
export function superviseCore<Port>(options: SupervisorOptions<Port>): CoreSupervisor<Port> {
  let current: CoreProcess<Port> | undefined;
  let deaths: readonly number[] = [];
  let refusal: string | null = null;
  let stopped: (() => void) | undefined;

  const begin = (): void => {
    const started = options.start();
    current = started;
    started.on('message', (message) => {
      const report = reportSchema.safeParse(message);
      if (report.success && report.data.kind === 'refused') refusal = report.data.text;
    });
    started.on('exit', (code) => {
      current = undefined;
      if (stopped) return stopped();
      options.log('core.exited', { code });
      const decision = afterDeath(deaths, options.monotonicMs());
      deaths = decision.deaths;
      if (refusal !== null || !decision.restart) options.gaveUp(refusal);
      else begin();
    });
  };
  begin();

  return {
    give(port) {
      current?.postMessage({ kind: 'attach' }, [port]);
    },
    stop() {
      const running = current;
      if (!running) return Promise.resolve();
      return new Promise((done) => {
        const calledOff = options.after(STOP_GRACE_MS, () => {
          options.log('core.killed', { afterMs: STOP_GRACE_MS });
          running.kill();
        });
        stopped = () => {
          calledOff();
          done();
        };
        running.postMessage({ kind: 'stop' });
      });
    },
  };
}
