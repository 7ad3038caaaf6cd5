import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest';
import { z } from 'zod';
import { uuidv7 } from '../../contracts/ids.ts';
import type { IpwContract, SessionState, StatusState } from '../../contracts/ipw.ts';
import type { Client } from '../../contracts/rpc/definition.ts';
import type { Pieces } from '../../contracts/rules/denominations.ts';
import { must } from '../../main/demo/day/teller.ts';
import { komis } from '../../main/demo/komis-cli.ts';
import { openLine, type Line } from '../../main/demo/line.ts';
import { descendants, isAlive, startProcess } from '../../main/demo/processes.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { workstation, type Workstation } from '../../main/demo/workstation.ts';
import { ensureRendererBuilt } from '../../scripts/build.ts';
import { needs } from '../../scripts/needs.ts';
import { fillCentre, PASSWORD, type Bill } from './demo.ts';
import { openHands, type Hands } from './hands.ts';
import { paperRoll, type PaperRoll } from './paper.ts';

/** A payment as the centre has it. */
const postedSchema = z.object({
  paymentId: z.string(),
  receiptNo: z.string().nullable(),
  kind: z.string(),
  total: z.number(),
  outcome: z.string(),
  stornoedBy: z.string().nullable(),
});
export type Posted = z.infer<typeof postedSchema>;

/** Nothing is timed here: several of these may share two processors with the rest of the tests. */
const PATIENCE_MS = 300_000;

/** A float that can make any change. */
export const RICH: Pieces = [
  { denomination: 2000, count: 5 },
  { denomination: 1000, count: 10 },
  { denomination: 500, count: 10 },
  { denomination: 100, count: 40 },
  { denomination: 50, count: 20 },
  { denomination: 20, count: 20 },
  { denomination: 10, count: 20 },
  { denomination: 5, count: 20 },
  { denomination: 1, count: 20 },
];

/** A counter in a branch, and the centre behind it: real processes, a line that can be cut, a browser. */
export type Place = {
  readonly workstation: Workstation;
  readonly line: Line;
  readonly paper: PaperRoll;
  readonly browser: Browser;
  /** The centre's own address, past the line. */
  readonly centreUrl: string;
  /** The contract, for what a test does not do by hand. */
  ask(): Client<IpwContract>;
  /** A bill from the counter's district that no other test pays. */
  bill(company: Bill['company'], fits?: (bill: Bill) => boolean): Bill;
  /** A bill from another district: the counter's replica does not hold it. */
  farBill(company: Bill['company']): Bill;
  /** The household of the documentation: all companies, two accounts at the water company. */
  household(company: Bill['company']): Bill;
  /** A fresh window, with whatever is going on at the counter. */
  open(): Promise<Hands>;
  /** A fresh window in front of a teller with an empty basket and a new shift. */
  atCounter(options?: { readonly user?: string; readonly float?: Pieces }): Promise<Hands>;
  /** A fresh window that asks who is there; this person has no shift open. */
  atLogin(user: string): Promise<Hands>;
  /** All payments of the centre, the latest first. */
  payments(): Promise<readonly Posted[]>;
  /** Runs a command of the centre's command line. */
  komis<T>(args: readonly string[], schema: z.ZodType<T>): Promise<T>;
  /** Waits for a state of the strip. */
  status(what: string, fits: (status: StatusState) => boolean): Promise<StatusState>;
  session(): Promise<SessionState>;
  /** One more workstation, which nobody has enrolled. */
  newWorkstation(): Promise<Workstation>;
  mintId(): string;
};

export type PlaceOptions = {
  /** What the workstation’s processes find in their environment; asked for when the place is made. */
  readonly env?: () => Readonly<Record<string, string>>;
};

/**
 * Brings up a place for the tests of one file and puts it away again: every process ended and looked for. Where Chromium is
 * missing the tests are skipped with the reason. After each test its windows must not have complained.
 */
export function placeForTests(options: PlaceOptions = {}): () => Place {
  let started: Started | undefined;
  vi.setConfig({ testTimeout: PATIENCE_MS });
  beforeEach(async (context) => {
    const program = needs(context, 'chromium');
    started ??= await start(program, options);
  }, PATIENCE_MS);
  afterEach(({ task }) => started?.closeWindows(task.result?.state === 'fail' ? task.name : undefined));
  afterAll(() => started?.stop());
  return () => {
    if (!started) throw new Error('there is no place outside of a test');
    return started.place;
  };
}

type Started = {
  readonly place: Place;
  /** Closes the windows of a test. What a failed one saw last is kept under its name in .cache/e2e. */
  closeWindows(failed: string | undefined): Promise<void>;
  stop(): Promise<void>;
};

async function start(chromiumPath: string, options: PlaceOptions): Promise<Started> {
  const before = new Set(descendants(process.pid));
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    const family = descendants(process.pid).filter((pid) => !before.has(pid));
    const faults: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => faults.push(error));
    const left = await stillThere(family);
    if (left.length > 0) faults.push(new Error(`still running: ${left.join(', ')}`));
    if (faults.length > 0) throw new AggregateError(faults, 'the place was not put away in good order');
  };
  try {
    return { ...(await build(chromiumPath, undo, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  chromiumPath: string,
  undo: (() => Promise<unknown>)[],
  { env }: PlaceOptions,
): Promise<Omit<Started, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'komis-e2e-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const centre = startProcess({
    name: 'centre',
    file: 'server/main.ts',
    args: ['--data-dir', dataDir, '--port', '0', '--log-level', 'warn'],
  });
  undo.push(async () => expectNobodyKilled('centre', await centre.stop()));
  const [{ url, caFile }, browser] = await Promise.all([
    centre.ready.then((said) => z.object({ url: z.string(), caFile: z.string() }).parse(said)),
    chromium.launch({ executablePath: chromiumPath }),
    ensureRendererBuilt(),
  ]);
  undo.push(() => browser.close());

  const { bills, farBills, enrolmentCode: code } = await fillCentre(dataDir, folder, 'WS07');

  const line = await openLine(Number(new URL(url).port));
  undo.push(() => line.stop());
  const counter = workstation({ dataDir: join(folder, 'workstation'), caFile, demo: true });
  await counter.start(env?.());
  undo.push(async () => expectNobodyKilled('workstation', await counter.stop()));
  const ask = counter.ask();
  const enrolled = ask['setup.enrol']({ centreUrl: `https://localhost:${line.port}`, code }, () => undefined);
  must('the enrolment', await enrolled.result);
  const status: Place['status'] = (what, fits) => stateWhere(counter.ask().status, what, fits);
  await status(
    'the replica loaded',
    ({ replica, centre: { link } }) => replica.accounts > 0 && link === 'online',
  );

  const roll = join(folder, 'paper.bin');
  await setPrinter(ask, roll);

  let others = 0;
  const windows: Hands[] = [];
  const open = async (): Promise<Hands> => {
    const hands = await openHands(browser, counter.url());
    windows.push(hands);
    return hands;
  };
  const near = [...bills];
  const far = [...farBills];
  const take = (from: Bill[], fits: (bill: Bill) => boolean): Bill => {
    const at = from.findIndex(fits);
    const [bill] = at < 0 ? [] : from.splice(at, 1);
    if (!bill) throw new Error('no such bill is left');
    return bill;
  };
  const session = (): Promise<SessionState> => stateWhere(counter.ask().session, 'the session', () => true);
  const alone = async (user: string): Promise<void> => {
    line.restore();
    await counter.ask()['sync.now']({});
    await beginAfresh(counter.ask(), session, user);
  };
  const place: Place = {
    workstation: counter,
    line,
    browser,
    centreUrl: url,
    paper: paperRoll(roll),
    ask: () => counter.ask(),
    bill: (company, fits = () => true) =>
      take(near, (bill) => bill.company === company && bill !== household(bills, company) && fits(bill)),
    farBill: (company) => take(far, (bill) => bill.company === company),
    household: (company) => household(bills, company),
    open,
    async atCounter({ user = 'aygun', float = RICH } = {}) {
      await alone(user);
      const opened = await counter.ask()['shift.open']({ shiftId: mintId(), float: [...float] });
      must('opening', opened);
      return open();
    },
    async atLogin(user) {
      await alone(user);
      must('leaving', await counter.ask()['session.logout']({}));
      return open();
    },
    payments: () => komis({ dataDir }, ['payments', 'list', '--limit', '1000'], z.array(postedSchema)),
    komis: (args, schema) => komis({ dataDir }, args, schema),
    status,
    session,
    async newWorkstation() {
      others += 1;
      const fresh = workstation({ dataDir: join(folder, `workstation-${others}`), caFile, demo: true });
      await fresh.start();
      undo.push(async () => expectNobodyKilled('another workstation', await fresh.stop()));
      return fresh;
    },
    mintId,
  };
  return {
    place,
    async closeWindows(failed) {
      const closed = windows.splice(0);
      if (failed !== undefined)
        for (const [index, hands] of closed.entries())
          await hands.shot(`failed ${failed.slice(0, 60)} ${index}`);
      const complaints = closed.flatMap((hands) => hands.complaints());
      await Promise.all(closed.map((hands) => hands.page.context().close()));
      expect(complaints).toEqual([]);
    },
  };
}

function household(bills: readonly Bill[], company: Bill['company']): Bill {
  // The demo's lists begin with it (server/demo/demo-bills.ts).
  const first = bills.find((bill) => bill.company === company);
  if (!first) throw new Error(`no bill of ${company}`);
  return first;
}

/** Printers are set by a supervisor. */
async function setPrinter(ask: Client<IpwContract>, path: string): Promise<void> {
  must('log-in', await ask['session.login']({ username: 'rauf', password: PASSWORD }));
  must('the printer', await ask['printer.set']({ kind: 'file', path }));
  must('leaving', await ask['session.logout']({}));
}

/** Lets one person begin afresh, whoever was here before and whatever they left. */
async function beginAfresh(
  ask: Client<IpwContract>,
  session: () => Promise<SessionState>,
  username: string,
): Promise<void> {
  if ((await session()).user) must('leaving', await ask['session.logout']({}));
  must('log-in', await ask['session.login']({ username, password: PASSWORD }));
  must('the language', await ask['session.language']({ language: 'az' }));
  must('clearing', await ask['basket.clear']({}));
  if ((await session()).shift === null) return;
  const close = () => ask['shift.close']({ counted: [], reason: 'the last test has ended' });
  // The second count is the one that is believed.
  const closed = await close();
  if (!closed.ok) must('closing', await close());
}

const mintId = (): string => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));

function expectNobodyKilled(what: string, killed: readonly number[]): void {
  if (killed.length > 0) throw new Error(`${what} did not end by itself; killed: ${killed.join(', ')}`);
}

/** Waits a moment for processes to be gone; answers those that are not. */
async function stillThere(pids: readonly number[]): Promise<readonly number[]> {
  const until = performance.now() + 5000;
  let left = pids.filter(isAlive);
  while (left.length > 0 && performance.now() < until) {
    await wait(50);
    left = left.filter(isAlive);
  }
  return left;
}
