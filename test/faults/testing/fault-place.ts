import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { must } from '../../../main/demo/day/teller.ts';
import { startCentreProcess, type CentreProcess } from '../../../main/demo/centre-process.ts';
import { komis } from '../../../main/demo/komis-cli.ts';
import { openLine, type Line } from '../../../main/demo/line.ts';
import { descendants, isAlive } from '../../../main/demo/processes.ts';
import { stateWhere } from '../../../main/demo/watch.ts';
import { workstation, type Workstation } from '../../../main/demo/workstation.ts';
import { fillCentre, PASSWORD, type Bill } from '../../e2e/demo.ts';

/** A workstation at a counter, and the line that it reaches the centre by. */
export type FaultCounter = {
  readonly code: string;
  readonly dataDir: string;
  readonly line: Line;
  readonly station: Workstation;
};

/** The centre as a process that can be killed and started again at the same address. */
export type FaultCentre = {
  readonly dataDir: string;
  url(): string;
  caFile(): string;
  pid(): number;
  /** Starts it where it is down. */
  start(): Promise<void>;
  /** The power fails: centre and database end at once. */
  powerCut(): Promise<void>;
  /** Only the program dies; its database is stopped by whoever watches over it. */
  kill(): Promise<void>;
  /** The database dies as a whole, and the program with it. */
  killDatabase(): Promise<void>;
  /** One server process of the database dies: the database ends all others and begins anew by itself. */
  killConnection(): Promise<void>;
};

/** A centre with demo data and counters with lines that can be cut: real processes all of them. */
export type FaultPlace = {
  readonly folder: string;
  readonly centre: FaultCentre;
  readonly bills: readonly Bill[];
  komis<T>(args: readonly string[], schema: z.ZodType<T>): Promise<T>;
  /** A one-time code for this workstation, which is added to the branch when it is not there. */
  enrolmentCode(workstation: string): Promise<string>;
  /**
   * Makes a counter: started, enrolled, its replica loaded, its printer a file, its people known for offline work, nobody
   * logged in. The power fails at its very first entry, the enrolment.
   */
  counter(code: string, options?: CounterOptions): Promise<FaultCounter>;
};

export type CounterOptions = {
  /** Where it keeps its data, when not in the place's folder. */
  readonly dataDir?: string;
  /** For all its processes until it is started again. */
  readonly env?: Readonly<Record<string, string>>;
  /** Virtual card readers listen on this port and the next. */
  readonly virtualReaders?: number;
  /** Puts something between its line and the centre: given the centre's port, answers its own. */
  readonly through?: (centrePort: number) => Promise<number>;
};

/** Some twenty processes run while a place is made; a busy machine takes its time over them. */
const SET_UP_MS = 300_000;

/** Ends a workstation right after the n-th entry that it writes. */
export const killAfter = (appends: number): Readonly<Record<string, string>> => ({
  KOMIS_TEST_KILL_AFTER_APPENDS: String(appends),
});

/** A place for the tests of one file, put away after them: every process that ever ran is ended and looked for. */
export function placeForFaults(): () => FaultPlace {
  const undo: (() => Promise<unknown>)[] = [];
  let place: FaultPlace | undefined;
  beforeAll(async () => {
    place = await build(undo);
  }, SET_UP_MS);
  afterAll(async () => {
    const faults: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw new AggregateError(faults, 'the place was not put away in good order');
  }, SET_UP_MS);
  return () => {
    if (!place) throw new Error('there is no place yet');
    return place;
  };
}

async function build(undo: (() => Promise<unknown>)[]): Promise<FaultPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'komis-faults-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const before = new Set(descendants(process.pid));
  const ran = new Set<number>();
  undo.push(() => allGone([...ran, ...descendants(process.pid).filter((pid) => !before.has(pid))]));
  const centre = faultCentre(join(folder, 'centre'), ran);
  undo.push(() => centre.stop());
  await centre.start();
  const { dataDir } = centre;
  const { bills } = await fillCentre(dataDir, folder, 'WS07');
  const ask: FaultPlace['komis'] = (args, schema) => komis({ dataDir }, args, schema);
  return {
    folder,
    centre,
    bills,
    komis: ask,
    enrolmentCode: (code) => enrolmentCode(ask, code),
    counter: async (code, options = {}) => {
      const made = await newCounter({ folder, centre, komis: ask }, code, options);
      undo.push(async () => {
        await made.station.stop();
        await made.line.stop();
      });
      await enrol(made, await enrolmentCode(ask, code), options.env ?? {});
      return made;
    },
  };
}

function faultCentre(dataDir: string, ran: Set<number>): FaultCentre & { stop(): Promise<void> } {
  let now: CentreProcess | undefined;
  let port = 0;
  const up = (): CentreProcess => {
    if (!now) throw new Error('the centre is not running');
    return now;
  };
  const notePids = (): void => {
    const { pid } = up().running;
    for (const one of [pid, ...descendants(pid)]) ran.add(one);
  };
  return {
    dataDir,
    url: () => up().url,
    caFile: () => up().caFile,
    pid: () => up().running.pid,
    async start() {
      if (now && isAlive(now.running.pid)) return;
      now = await startCentreProcess({
        dataDir,
        port,
        logFile: join(dataDir, 'centre.log'),
        env: { KOMIS_LOG_LEVEL: 'warn' },
      });
      port = Number(new URL(now.url).port);
      notePids();
    },
    async powerCut() {
      notePids();
      await up().running.kill();
    },
    async kill() {
      notePids();
      const { running } = up();
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async killDatabase() {
      notePids();
      const { running } = up();
      process.kill(databasePid(running.pid), 'SIGKILL');
      await running.exited;
    },
    async killConnection() {
      notePids();
      const connections = childrenOf(databasePid(up().running.pid)).filter((pid) =>
        commandLine(pid).startsWith('postgres: komis'),
      );
      for (const pid of connections.slice(0, 1)) process.kill(pid, 'SIGKILL');
    },
    async stop() {
      if (!now || !isAlive(now.running.pid)) return;
      notePids();
      const killed = await now.running.stop();
      if (killed.length > 0)
        throw new Error(`the centre did not end by itself; killed: ${killed.join(', ')}`);
    },
  };
}

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has just ended
  }
};

/** Everything below a process but what is below its own children. */
const childrenOf = (pid: number): readonly number[] => {
  const all = descendants(pid);
  return all.filter((one) => !all.some((other) => other !== one && descendants(other).includes(one)));
};

function databasePid(centre: number): number {
  const found = childrenOf(centre).find((pid) => /postgres -D /.test(commandLine(pid)));
  if (found === undefined) throw new Error('the centre runs no database of its own');
  return found;
}

async function newCounter(
  { folder, centre }: Pick<FaultPlace, 'folder' | 'centre' | 'komis'>,
  code: string,
  options: CounterOptions,
): Promise<FaultCounter> {
  const dataDir = options.dataDir ?? join(folder, code);
  const centrePort = Number(new URL(centre.url()).port);
  const line = await openLine(options.through ? await options.through(centrePort) : centrePort);
  const logFile = join(folder, `${code}.log`);
  const { virtualReaders } = options;
  const station = workstation({
    dataDir,
    caFile: centre.caFile(),
    logFile,
    ...(virtualReaders === undefined ? {} : { virtualReaders }),
  });
  return { code, dataDir, line, station };
}

const codeSchema = z.object({ code: z.string() });
/** Workstations that the demo's branch in Nərimanov has already. */
const DEMO_CODES: readonly string[] = ['WS07', 'WS08'];

async function enrolmentCode(ask: FaultPlace['komis'], code: string): Promise<string> {
  if (!DEMO_CODES.includes(code))
    await ask(['workstations', 'add', code, '--branch', 'SEFEQ-NERIMANOV'], z.unknown());
  return (await ask(['workstations', 'enrol-code', code], codeSchema)).code;
}

async function enrol(
  { code, dataDir, line, station }: FaultCounter,
  enrolmentCode: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  await station.start({ ...env, ...killAfter(1) });
  const asked = station
    .ask()
    ['setup.enrol']({ centreUrl: `https://localhost:${line.port}`, code: enrolmentCode }, () => undefined);
  const answer = await asked.result;
  const { signal } = await station.running().exited;
  if (answer.ok || signal !== 'SIGKILL') throw new Error(`${code} was not killed at its enrolment`);

  await station.start(env);
  const ask = station.ask();
  await stateWhere(
    ask.status,
    'the replica loaded',
    ({ replica, centre }) => replica.state === 'ready' && replica.accounts > 0 && centre.link === 'online',
  );
  for (const username of ['aygun', 'leyla', 'rauf'])
    must(`log-in of ${username}`, await ask['session.login']({ username, password: PASSWORD }));
  must('the printer', await ask['printer.set']({ kind: 'file', path: join(dataDir, 'paper.bin') }));
  must('leaving', await ask['session.logout']({}));
}

/** Everything that ran is gone, at the latest in a few seconds. */
async function allGone(pids: readonly number[]): Promise<void> {
  const until = performance.now() + 10_000;
  let left = pids.filter(isAlive);
  while (left.length > 0 && performance.now() < until) {
    await wait(50);
    left = left.filter(isAlive);
  }
  if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`);
}
