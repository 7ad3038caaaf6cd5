import { createServer } from 'node:net';
import { z } from 'zod';
import { startProcess, type Running } from './processes.ts';

export type CentreProcess = { readonly running: Running; readonly url: string; readonly caFile: string };

export type CentreProcessOptions = {
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  readonly logFile?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** The exit code by which the centre says that another one runs on this data folder. */
export const CENTRE_ALREADY_RUNS = 3;

const readySchema = z.object({ url: z.url(), caFile: z.string() });

/** Starts the centre as a process of its own and waits until it answers. */
export async function startCentreProcess(options: CentreProcessOptions): Promise<CentreProcess> {
  const running = startProcess({
    name: 'centre',
    file: 'server/main.ts',
    args: ['--data-dir', options.dataDir, '--port', String(options.port)],
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    ...(options.env ? { env: options.env } : {}),
  });
  return { running, ...readySchema.parse(await running.ready) };
}

/** Whether nobody listens on a port of the loopback now. */
function portFree(port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? done(false) : fail(error),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

/** The first port that is free, or 0 (any) when none of those named is. */
export async function firstFree(ports: readonly number[]): Promise<number> {
  for (const port of ports) if (await portFree(port)) return port;
  return 0;
}
