import type { IpwContract } from '../../contracts/ipw.ts';
import type { Client } from '../../contracts/rpc/definition.ts';
import { startProcess, type Running } from './processes.ts';
import { openWindow, type Window } from './window.ts';

export type WorkstationOptions = {
  readonly dataDir: string;
  /** The centre's certificate authority. */
  readonly caFile: string;
  readonly port?: number;
  readonly demo?: boolean;
  /** Virtual card readers listen on this port and the next. */
  readonly virtualReaders?: number;
  readonly logFile?: string;
  /** The page to serve, where it is not dist/renderer. */
  readonly screenFolder?: string;
};

/** A workstation in the loopback shell, as a process of its own, with a window that nobody looks at. */
export type Workstation = {
  /** The contract, over the window that is open now. Throws while the process is down. */
  readonly ask: () => Client<IpwContract>;
  readonly url: () => string;
  readonly running: () => Running;
  /** Starts it, or starts it again. `env` is for faults that tests order. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** A power cut. */
  kill(): Promise<void>;
  /** Ends it in good order, if it runs. Answers the pids that had to be killed. */
  stop(): Promise<readonly number[]>;
};

/** Starts the loopback shell as a process. */
export function startWorkstationProcess(
  options: WorkstationOptions,
  env: Readonly<Record<string, string>> = {},
): Running {
  return startProcess({
    name: 'workstation',
    file: 'main/loopback/main.ts',
    args: [
      '--data-dir',
      options.dataDir,
      '--ca',
      options.caFile,
      '--port',
      String(options.port ?? 0),
      ...(options.demo ? ['--demo'] : []),
      ...(options.virtualReaders === undefined ? [] : ['--virtual-readers', String(options.virtualReaders)]),
      ...(options.screenFolder === undefined ? [] : ['--screen', options.screenFolder]),
    ],
    env,
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
}

export function workstation(options: WorkstationOptions): Workstation {
  let now: { readonly running: Running; readonly window: Window; readonly url: string } | undefined;
  /** Windows that are open look for it where it was. */
  let { port } = options;
  const up = () => {
    if (!now) throw new Error('the workstation is not running');
    return now;
  };
  return {
    ask: () => up().window.ask,
    url: () => up().url,
    running: () => up().running,
    async start(env = {}) {
      const running = startWorkstationProcess({ ...options, ...(port === undefined ? {} : { port }) }, env);
      const { url } = await running.ready;
      port = Number(new URL(String(url)).port);
      now = { running, window: await openWindow(String(url)), url: String(url) };
    },
    async kill() {
      const { running, window } = up();
      now = undefined;
      await running.kill();
      window.close();
    },
    async stop() {
      if (!now) return [];
      const { running, window } = now;
      now = undefined;
      window.close();
      return running.stop();
    },
  };
}
