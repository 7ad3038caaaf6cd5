import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { formatMoney, qepik } from '../../contracts/money.ts';
import { ensureAllBuilt, ensureRendererBuilt } from '../../scripts/build.ts';
import { CENTRE_ALREADY_RUNS, firstFree, startCentreProcess, type CentreProcess } from './centre-process.ts';
import { chooseShell, worthInstalling, type ShellChoice } from './choose-shell.ts';
import {
  demoBills,
  demoPassword,
  enrolmentCode,
  importList,
  readNote,
  seedDemo,
  thisMorning,
  writeLists,
  writeNote,
  type DemoNote,
} from './demo-data.ts';
import { findElectron, hasDisplay, installElectron } from './electron-program.ts';
import { enrolIfNew } from './enrol.ts';
import { createFamily } from './family.ts';
import { KomisError, type KomisOptions } from './komis-cli.ts';
import { readerPort, seedMeterCards, startVirtualCardsProcess } from './meter-cards.ts';
import { ProcessEndedError, startProgram } from './processes.ts';
import { startOptions } from './start-options.ts';
import { setTerminal, startTerminalProcess, terminalPort, type DemoTerminal } from './terminal.ts';
import { startWorkstationProcess, workstation } from './workstation.ts';

/** `npm start`: a working demo of the whole system, from nothing. */

const root = resolve(import.meta.dirname, '..', '..');
const CENTRE_PORT = 8443;
const WORKSTATION_PORT = 4070;
const WORKSTATION_CODE = 'WS07';
const DISTRICT = 'Nərimanov';

/** It cannot go on, for a reason the person can do something about. */
class CannotStartError extends Error {
  override readonly name = 'CannotStartError';
}

const say = (words: string): void => console.log(words);

/** Prints what is being done and, behind it, how long it took. */
async function step<T>(
  words: string,
  act: () => Promise<T>,
  outcome: (value: T) => string = () => '',
): Promise<T> {
  const started = performance.now();
  process.stdout.write(`  ${words} … `);
  try {
    const value = await act();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${[outcome(value), `${seconds} s`].filter(Boolean).join(', ')}\n`);
    return value;
  } catch (error) {
    process.stdout.write('\n');
    throw error;
  }
}

const options = startOptions(process.argv.slice(2));
const { dataDir } = options;
const workstationDir = join(dataDir, 'workstation');
const logOf = (name: string): string => join(dataDir, 'log', `${name}.log`);
const family = createFamily();
const ending = new AbortController();
const cli: KomisOptions = { dataDir, signal: ending.signal };

/** The end, however it comes: what was started is stopped, once. */
async function end(exitCode: number, words?: string): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort();
  if (words !== undefined) say(`\n${words}`);
  process.stdout.write('Stopping … ');
  const killed = await family.stop();
  say(
    killed === 0
      ? 'stopped. Nothing was left running; the data is kept.'
      : `stopped; ${killed} processes had to be killed. The data is kept.`,
  );
  process.exit(exitCode);
}

const died = (name: string, how: string): void =>
  say(`\nThe ${name} ended by itself (${how}); it is started again. Its log: ${logOf(name)}`);
const gaveUp = (name: string): void =>
  void end(1, `The ${name} ends again and again. Its log: ${logOf(name)}`);

const alreadyRuns = (): string =>
  `KÖMİS runs on this data folder already (${dataDir}). Stop it first, or start with another --data-dir.`;
const portTaken = (port: number): string =>
  `Port ${port}, where the workstation expects the centre, is taken by another program. ` +
  `End that program, or start with another --data-dir.`;

/** `null`: the first start, any port will do. */
async function startCentre(knownPort: number | null): Promise<CentreProcess> {
  let port = knownPort ?? (await firstFree([CENTRE_PORT, CENTRE_PORT + 1, CENTRE_PORT + 2]));
  const begin = (): Promise<CentreProcess> => startCentreProcess({ dataDir, port, logFile: logOf('centre') });
  let centre: CentreProcess | undefined;
  await family.keep({
    name: 'centre',
    died,
    gaveUp,
    start: async () => {
      centre = await begin().catch((error: unknown) => {
        if (!(error instanceof ProcessEndedError)) throw error;
        if (error.code === CENTRE_ALREADY_RUNS) throw new CannotStartError(alreadyRuns());
        if (!error.message.includes('EADDRINUSE')) throw error;
        if (knownPort !== null) throw new CannotStartError(portTaken(knownPort));
        // Somebody was quicker.
        port = 0;
        return begin();
      });
      port = Number(new URL(centre.url).port);
      return centre.running;
    },
  });
  if (!centre) throw new Error('a centre was just started');
  return centre;
}

/** Demo people, companies and lists: on the first start, or where an earlier one was cut off. */
async function prepareData(note: DemoNote): Promise<void> {
  const { file } = demoPassword(dataDir);
  await step('companies, a bank with branches, people', () => seedDemo(cli, file));
  const lists = await step('lists of four service companies', () =>
    writeLists(cli, { out: join(dataDir, 'lists'), asOf: note.asOf }),
  );
  for (const list of lists) {
    await step(
      `  ${list.company}`,
      () => importList(cli, list.file, join(dataDir, 'lists')),
      ({ counts }) => `${counts.records} subscribers and their debts`,
    );
  }
}

/** Makes the data folder's workstation one of the centre's, through its own contract. */
async function enrolWorkstation(centre: CentreProcess): Promise<void> {
  const station = workstation({
    dataDir: workstationDir,
    caFile: centre.caFile,
    logFile: logOf('workstation'),
  });
  await station.start();
  family.adopt(station.running());
  try {
    await step(
      `workstation ${WORKSTATION_CODE}`,
      () =>
        enrolIfNew(
          station.ask(),
          centre.url,
          () => enrolmentCode(cli, WORKSTATION_CODE),
          () => undefined,
        ),
      (accounts) => `enrolled, ${accounts} accounts of ${DISTRICT} at the counter`,
    );
  } finally {
    await station.stop();
  }
}

/**
 * The simulated POS terminal, for whoever has no real one. Answers the address of its page; null where another terminal was
 * set by hand.
 */
async function startTerminal(): Promise<string | null> {
  const wanted = await terminalPort(workstationDir);
  if (wanted === null) return null;
  let port = wanted;
  let page = '';
  const begin = (): Promise<DemoTerminal> =>
    startTerminalProcess({
      port,
      stateFile: join(dataDir, 'terminal-simulator.json'),
      logFile: logOf('terminal'),
    });
  await family.keep({
    name: 'terminal',
    died,
    gaveUp,
    start: async () => {
      const terminal = await begin().catch((error: unknown) => {
        if (!(error instanceof ProcessEndedError) || !error.message.includes('EADDRINUSE')) throw error;
        port = 0;
        return begin();
      });
      port = terminal.port;
      page = terminal.page;
      setTerminal(workstationDir, port);
      return terminal.running;
    },
  });
  return page;
}

/** The virtual meter cards, and the port of the readers they plug into. */
async function startMeterCards(): Promise<{ readonly page: string; readonly port: number }> {
  const cards = await seedMeterCards(cli);
  const port = await readerPort();
  let page = '';
  await family.keep({
    name: 'meter cards',
    died,
    gaveUp,
    start: async () => {
      const started = await startVirtualCardsProcess({ dataDir, port, cards, logFile: logOf('meter-cards') });
      page = started.page;
      return started.running;
    },
  });
  return { page, port };
}

async function chooseAndBuild(): Promise<ShellChoice & { readonly binary: string | null }> {
  const display = hasDisplay(process.platform, process.env);
  const asked = options.shell;
  let binary = findElectron(root, process.env);
  let installFailure: string | null = null;
  if (worthInstalling({ asked, open: options.open, display, binary })) {
    installFailure = await step(
      'Electron’s program (some 100 MB)',
      () => installElectron(root),
      (failure) => failure ?? 'installed',
    );
    binary = findElectron(root, process.env);
  }
  const choice = chooseShell({ asked, open: options.open, display, binary, installFailure });
  await step('screens', choice.shell === 'electron' ? ensureAllBuilt : ensureRendererBuilt);
  return { ...choice, binary };
}

/** The workstation in the browser shell. Answers once it serves; a restart of it prints its new address. */
async function serveBrowser(caFile: string, virtualReaders: number): Promise<void> {
  const wanted = options.port ?? (await firstFree([WORKSTATION_PORT]));
  let port = wanted;
  let restarted = false;
  await family.keep({
    name: 'workstation',
    died,
    gaveUp,
    start: async () => {
      const running = startWorkstationProcess({
        dataDir: workstationDir,
        caFile,
        port,
        demo: true,
        virtualReaders,
        logFile: logOf('workstation'),
      });
      const ready = await running.ready;
      port = Number(ready['port']);
      const url = String(ready['url']);
      say(`\n${restarted ? 'The workstation is back. Open' : '  Open'}  ${url}\n`);
      if (!restarted && options.open && hasDisplay(process.platform, process.env)) openBrowser(url);
      restarted = true;
      return running;
    },
  });
}

/** Asks the desktop to open an address. When it cannot, the printed address serves. */
function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['explorer', url]
        : ['xdg-open', url];
  const child = spawn(program ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** The Electron window. Closing it ends the demo; where it cannot run, the browser takes its place. */
function openElectron(binary: string, caFile: string, virtualReaders: number): void {
  const asRoot = process.getuid?.() === 0;
  if (asRoot) say('  (as root, Chromium cannot use its sandbox: this window runs without it)');
  const running = startProgram({
    name: 'Electron',
    program: binary,
    args: [
      ...(asRoot ? ['--no-sandbox'] : []),
      join(root, 'dist', 'main', 'electron.mjs'),
      '--data-dir',
      workstationDir,
      '--ca',
      caFile,
      '--demo',
      '--virtual-readers',
      String(virtualReaders),
    ],
    logFile: logOf('electron'),
  });
  family.adopt(running);
  void running.exited.then(async ({ code, signal }) => {
    if (ending.signal.aborted) return;
    if (code === 0) return end(0, 'The window was closed.');
    const how = signal === null ? `code ${code}` : `signal ${signal}`;
    say(`\nElectron ended by itself (${how}); the browser takes its place. Its last words:`);
    say(running.lastWords());
    await serveBrowser(caFile, virtualReaders).catch(endWithWords);
  });
}

async function run(): Promise<void> {
  const began = performance.now();
  say(`KÖMİS, demo in ${dataDir}`);
  const earlier = readNote(dataDir);
  const centre = await step(
    'centre, its database and certificates',
    () => startCentre(earlier?.centrePort ?? null),
    ({ url }) => url,
  );
  const note = earlier ?? {
    centrePort: Number(new URL(centre.url).port),
    asOf: thisMorning(Date.now()),
    complete: false,
  };
  if (!note.complete) {
    writeNote(dataDir, note);
    await prepareData(note);
    await enrolWorkstation(centre);
    writeNote(dataDir, { ...note, complete: true });
  }
  const terminalPage = await step('a simulated POS terminal', startTerminal);
  const meterCards = await step('virtual meter cards', startMeterCards);
  const { shell, why, binary } = await chooseAndBuild();
  const bills = await demoBills(cli, { asOf: note.asOf, district: DISTRICT, count: 2 });

  say(`  ready in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  say(`\n  The workstation opens in ${shell === 'electron' ? 'an Electron window' : 'the browser'}: ${why}.`);
  if (shell === 'electron' && binary !== null) openElectron(binary, centre.caFile, meterCards.port);
  else await serveBrowser(centre.caFile, meterCards.port);

  const { password } = demoPassword(dataDir);
  say(
    `  Log in as aygun, leyla or orxan (tellers) or rauf (supervisor, approves a storno). Password: ${password}`,
  );
  say('  Codes to type or scan into the search field, then Enter:');
  for (const { barcode, companyName, amount, holder } of bills)
    say(
      `    ${barcode.padEnd(30)} ${companyName.padEnd(18)} ${formatMoney(qepik(amount)).padStart(10)}  ${holder}`,
    );
  if (terminalPage !== null)
    say(
      `\n  Cards: F4 at the money. The terminal is a SIMULATOR, no card is charged; play its customer at ${terminalPage}`,
    );
  say(
    `  Meter cards: F5. Where no card reader is connected they are VIRTUAL; put them in, pull them, use them at ${meterCards.page}`,
  );
  say(
    `\n  The centre: ${centre.url} (its interface: ${centre.url}/docs). Its command line: npm run -s komis -- --help`,
  );
  say('  Ctrl-C stops everything; the data stays.');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));

/** Ends because of an error: in its own words where a person can do something about it. */
async function endWithWords(error: unknown): Promise<void> {
  if (ending.signal.aborted) return;
  if (error instanceof ProcessEndedError) {
    const said = error.said?.['message'];
    await end(1, typeof said === 'string' ? said : error.message);
  } else if (error instanceof CannotStartError || error instanceof KomisError) {
    await end(1, error.message);
  } else {
    await end(70, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

try {
  await run();
} catch (error) {
  await endWithWords(error);
}
