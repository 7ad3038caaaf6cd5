import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Biller } from '../../contracts/domain.ts';
import type { PaymentStornoed, ShiftClosed } from '../../contracts/journal.ts';
import { qepik } from '../../contracts/money.ts';
import { createMachine } from '../../native-bridges/machine/machine.ts';
import { startCentreProcess } from './centre-process.ts';
import { openAuditor, type Auditor } from './day/auditor.ts';
import { cardFigures, cardWords } from './day/card-figures.ts';
import { dayOptions } from './day/day-options.ts';
import { loadsHold, startDayCards, type DayCards } from './day/day-loads.ts';
import { startDayTerminal, type DayTerminal } from './day/day-terminal.ts';
import { keepPapers, readBooks, readCards, readJournal, receiptSlips } from './day/gather.ts';
import { holds, judgeDay, type DayFacts } from './day/invariants.ts';
import { playDay, type Play } from './day/play.ts';
import { seededRandom, shuffle } from './day/random.ts';
import { dayReport, type Phase } from './day/report.ts';
import { newTally, type Account, type Tally } from './day/tally.ts';
import { drained, must, type Ask } from './day/teller.ts';
import { demoPassword, enrolmentCode, importList, seedDemo, thisMorning, writeLists } from './demo-data.ts';
import { enrolIfNew } from './enrol.ts';
import type { KomisOptions } from './komis-cli.ts';
import { openLine, type Line } from './line.ts';
import { workstation, type Workstation } from './workstation.ts';

/** `npm run day`: a business day through the real parts, and the proof that nothing was lost or doubled. */

/** The XML lists in a folder, without their signatures and acknowledgements, by name. */
const listsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.xml') && !/\.(sig|ack)\.xml$/.test(name))
    .toSorted();

const options = dayOptions(process.argv.slice(2));
if (options.lists !== null && (!existsSync(options.lists) || listsIn(options.lists).length === 0)) {
  console.error(`There are no XML lists in ${options.lists}.`);
  process.exit(1);
}
const dataDir = mkdtempSync(join(tmpdir(), 'komis-day-'));
const workstationDir = join(dataDir, 'workstation');
const listsDir = options.lists ?? join(options.out ?? dataDir, 'lists');
const SUBSCRIBERS = 400;
/** Anyone may ask the centre about a receipt, but not without end: so many are looked at, drawn by the seed. */
const RECEIPTS_ASKED = 40;
const ended = new AbortController();
const cli: KomisOptions = { dataDir, signal: ended.signal };

const random = seededRandom(options.seed);
const { mintId } = createMachine({ level: 'error' });
const tally: Tally = newTally();
const phases: Phase[] = [];
/** What was started, to be ended last first. */
const undo: (() => unknown)[] = [];

/** One part of the day: timed, counted, and told as it ends. */
async function part<T>(
  name: string,
  act: () => Promise<T>,
  did: (value: T) => string = () => '',
): Promise<T> {
  const before = tally.answered.filter(({ kind }) => kind === 'payment').length;
  const started = performance.now();
  process.stdout.write(`${name} … `);
  const value = await act();
  const payments = tally.answered.filter(({ kind }) => kind === 'payment').length - before;
  const seconds = (performance.now() - started) / 1000;
  phases.push({ name, did: did(value), payments, seconds });
  console.log(`${seconds.toFixed(1)} s`);
  return value;
}

/** The centre with its companies and lists. */
async function openCentre(): Promise<{ readonly url: string; readonly caFile: string }> {
  const centre = await part('centre', () =>
    startCentreProcess({ dataDir, port: 0, logFile: join(dataDir, 'log', 'centre.log') }),
  );
  undo.push(() => centre.running.stop());
  await part('companies and people', () => seedDemo(cli, demoPassword(dataDir).file));
  await part(
    'lists',
    async () => {
      if (options.lists === null)
        await writeLists(cli, {
          out: listsDir,
          asOf: thisMorning(Date.now()),
          seed: `day-${options.seed}`,
          subscribers: SUBSCRIBERS,
        });
      const acknowledgements = join(options.out ?? dataDir, 'acknowledgements');
      const imported = [];
      for (const file of listsIn(listsDir))
        imported.push(await importList(cli, join(listsDir, file), acknowledgements));
      return imported;
    },
    (imported) =>
      `${imported.length} taken in, ${imported.reduce((sum, { counts }) => sum + counts.records, 0)} records, ` +
      `${imported.reduce((sum, { counts }) => sum + counts.bad, 0)} bad`,
  );
  return centre;
}

/** Accounts at this counter, drawn by the seed: as many as the day may want, with what the centre says they owe. */
async function drawAccounts(ask: Ask, auditor: Auditor, wanted: number): Promise<Account[]> {
  const found = new Map<string, { billerId: string; account: string }>();
  const prefixes = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));
  const shuffled = shuffle(random, prefixes);
  for (const prefix of shuffled) {
    if (found.size >= wanted) break;
    const answer = await ask()['find.search']({ text: prefix, limit: 50 });
    if (!answer.ok) continue;
    for (const { kind, billerId, account } of answer.value.hits)
      if (kind === 'account' && billerId !== null && account !== null)
        found.set(`${billerId} ${account}`, { billerId, account });
  }
  if (found.size === 0) throw new Error('the lists brought no account of this workstation’s district');
  const chosen = shuffle(random, [...found.values()]).slice(0, wanted);
  return (await auditor.owed(chosen)).map(({ billerId, account, owed }) => ({
    billerId,
    account,
    owed: qepik(owed),
  }));
}

/** The day at the counter. */
async function atTheCounter(day: Play, line: Line, { cards }: DayCards): Promise<void> {
  const share = (part_: number): number => Math.max(1, Math.round(options.payments * part_));
  /** Trouble takes its time, also on a day of thousands. */
  const some = (part_: number): number => Math.min(60, Math.max(2, share(part_)));
  const registrations = Math.max(1, Math.round(options.payments / 30));
  const someRegister = async (served: number): Promise<void> => {
    if (served < registrations) await day.register();
  };

  await part('payments online', () => day.serve(share(0.25), someRegister));
  await part('answers of the terminal are lost', () => day.serveUnlucky(some(0.08)));
  await part(
    'answers of the centre are lost',
    async () => {
      const before = line.answersLost();
      line.loseAnswers();
      await day.serve(share(0.1));
      while (line.answersLost() === before) await wait(50);
      await day.restoreLine();
      return line.answersLost() - before;
    },
    (lost) => `${lost} answers lost; what the centre had already is sent again`,
  );
  await part('payments with the line cut', async () => {
    await day.cutLine();
    await day.serve(share(0.15), someRegister);
  });
  await part(
    'power cuts, still no line',
    async () => {
      const killsBefore = tally.kills;
      await day.powerCutAtTheMoney();
      await day.serve(share(0.05));
      for (const appends of [1, 2, random.integer(3, 6)]) {
        await day.powerCutAfterAppends(appends);
        await day.serve(share(0.05));
      }
      await day.powerCut();
      await day.serve(share(0.05));
      return tally.kills - killsBefore;
    },
    (kills) => `${kills} × kill −9, ${tally.askedAgain} payments asked for again by their id`,
  );
  await part('a storno with the line cut', () => day.storno('any'), numberOf);
  await part('the line is back: drain', day.restoreLine);
  await part(
    'shift closed, the next one opened',
    async () => {
      const closed = await day.endShift();
      await day.beginShift();
      return closed;
    },
    closedAs,
  );
  await part(
    'power cuts while a card is charged',
    async () => {
      const killsBefore = tally.kills;
      await day.servePowerless(some(0.06));
      return tally.kills - killsBefore;
    },
    (kills) => `${kills} × kill −9`,
  );
  await part('payments online again', () =>
    day.serve(Math.max(1, options.payments - served() - share(0.05))),
  );
  await part('power cut in the middle of the drain', async () => {
    await day.cutLine();
    await day.serve(share(0.05));
    line.restore();
    await day.powerCut();
    await day.restoreLine();
  });
  await part(
    'stornos',
    async () => [await day.storno('any'), await day.storno('card'), await day.storno('card')],
    (made) => made.map(numberOf).join(', '),
  );
  await part(
    'meter cards topped up',
    () => day.topUp(some(0.1), cards),
    (met) =>
      Object.entries(met)
        .map(([what, times]) => `${times} × ${TROUBLE_WORDS[what] ?? what}`)
        .join(', '),
  );
  await part('shift closed', () => day.endShift(), closedAs);
}

const TROUBLE_WORDS: Readonly<Record<string, string>> = {
  none: 'nothing happened',
  before: 'torn out before the card had it',
  after: 'torn out when the card had it',
  power: 'the power went while it was written',
};

const numberOf = (storno: PaymentStornoed | undefined): string => storno?.receiptNo ?? '';
const closedAs = ({ zNo, difference }: ShiftClosed): string => `Z ${zNo}, difference ${difference}`;

const served = (): number => tally.answered.filter(({ kind }) => kind === 'payment').length;

async function run(): Promise<boolean> {
  const began = performance.now();
  const centre = await openCentre();
  const line = await openLine(Number(new URL(centre.url).port));
  undo.push(() => line.stop());
  const meterCards = await part('virtual meter cards', () =>
    startDayCards(cli, join(dataDir, 'virtual-meter-cards.json')),
  );
  undo.push(() => meterCards.cards.stop());
  const station = workstation({
    dataDir: workstationDir,
    caFile: centre.caFile,
    virtualReaders: meterCards.port,
    logFile: join(dataDir, 'log', 'workstation.log'),
  });
  const terminal = await startDayTerminal(join(dataDir, 'terminal.json'), options.seed);
  undo.push(() => terminal.stop());
  const throughLine = `https://localhost:${line.port}`;
  await part(
    'workstation',
    async () => {
      await station.start();
      undo.push(() => station.stop());
      return enrolIfNew(
        station.ask(),
        throughLine,
        () => enrolmentCode(cli, 'WS07'),
        () => undefined,
      );
    },
    (accounts) => `WS07 enrolled, ${accounts} accounts`,
  );
  const auditor = openAuditor({ centreUrl: centre.url, caFile: centre.caFile, workstationDir });
  undo.push(() => auditor.close());

  const ask = station.ask;
  const { password } = demoPassword(dataDir);
  const accounts: Account[] = [];
  const billers = new Map<string, Biller>();
  const day = playDay({ random, mintId, station, line, terminal, password, billers, accounts }, tally);
  await part('shift opened', async () => {
    await day.begin(join(options.out ?? dataDir, 'receipts.escpos'));
    for (const biller of must('the companies', await ask()['find.billers']({})).billers)
      billers.set(biller.id, biller);
    accounts.push(...(await drawAccounts(ask, auditor, Math.max(40, Math.ceil(options.payments * 0.8)))));
  });
  const owedBefore = accounts.map((one) => ({ ...one }));

  await atTheCounter(day, line, meterCards);

  const facts = await part('the books are read', () => gather(station, auditor, terminal, owedBefore));
  const invariants = [...judgeDay(facts), loadsHold(facts.journal, meterCards.cards)];
  const ok = holds(invariants);
  const seconds = (performance.now() - began) / 1000;
  console.log(`\n${dayReport(phases, invariants)}\n`);
  const cards = cardFigures(facts.journal);
  console.log(`  ${cardWords(cards)}.`);
  console.log(
    `  ${served()} payments, ${tally.kills} power cuts, ${tally.refused} sales refused by the offline policy, ` +
      `${seconds.toFixed(0)} s, seed ${options.seed}. ${ok ? 'Everything holds.' : 'THIS DAY DOES NOT HOLD.'}`,
  );
  if (options.json !== null) {
    const { payments, seed } = options;
    const { kills, askedAgain, refused } = tally;
    const outcome = {
      ok,
      payments,
      seed,
      served: served(),
      kills,
      askedAgain,
      refused,
      cards,
      seconds,
      phases,
      invariants,
    };
    writeFileSync(options.json, `${JSON.stringify(outcome, null, 2)}\n`);
  }
  return ok;
}

/** Asks everybody who knows something about the day. The workstation is stopped on the way. */
async function gather(
  station: Workstation,
  auditor: Auditor,
  terminal: DayTerminal,
  owedBefore: DayFacts['owedBefore'],
): Promise<DayFacts> {
  const { password } = demoPassword(dataDir);
  must('log-in', await station.ask()['session.login']({ username: 'rauf', password }));
  const payments = tally.answered.filter(({ kind }) => kind === 'payment').map(({ id }) => id);
  const slips = await receiptSlips(station.ask(), payments);
  if (options.out !== null) await keepReceipts(station, payments.slice(0, 3), options.out);
  must('log-out', await station.ask()['session.logout']({}));
  await drained(station.ask);
  await station.stop();

  const { entries, waiting } = readJournal(workstationDir);
  const books = await readBooks(cli);
  const receipts = [];
  for (const { receiptNo, code } of shuffle(random, slips).slice(0, RECEIPTS_ASKED))
    receipts.push({ receiptNo, ...(await auditor.verifyReceipt(code)) });
  const codes = [];
  for (const code of tally.codes) codes.push({ code, known: await auditor.knowsCode(code) });
  const facts: DayFacts = {
    answered: tally.answered,
    journal: entries.map(({ body }) => body),
    waiting,
    posted: books.posted,
    proof: books.proof,
    ledgerSum: books.balances.reduce((sum, { balance }) => sum + balance, 0),
    owedBefore,
    owedAfter: await auditor.owed(owedBefore),
    receipts,
    codes,
    cards: { bank: terminal.bank(), lostOnPurpose: tally.lost, ...(await readCards(cli)) },
  };
  if (options.out !== null) keepPapers(options.out, facts, entries, books);
  return facts;
}

async function keepReceipts(station: Workstation, payments: readonly string[], out: string): Promise<void> {
  const folder = join(out, 'receipts');
  mkdirSync(folder, { recursive: true });
  for (const paymentId of payments) {
    const { pdfBase64 } = must('a PDF', await station.ask()['receipts.pdf']({ paymentId, which: 'payment' }));
    writeFileSync(join(folder, `${paymentId}.pdf`), Buffer.from(pdfBase64, 'base64'));
  }
}

/** Ends what was started, last first, once. */
async function tidyUp(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    ended.abort();
    void tidyUp().then(() => process.exit(130));
  });
}

let ok = false;
try {
  ok = await run();
} catch (error) {
  if (!ended.signal.aborted)
    console.error(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
} finally {
  await tidyUp();
  if (ok) rmSync(dataDir, { recursive: true, force: true });
  else console.error(`The data and logs of this day are kept in ${dataDir}.`);
}
process.exitCode = ok ? 0 : 1;
