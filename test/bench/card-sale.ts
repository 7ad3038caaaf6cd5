import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { qepik } from '../../contracts/money.ts';
import { komis } from '../../main/demo/komis-cli.ts';
import { startCentreProcess } from '../../main/demo/centre-process.ts';
import { drained, logIn, must, prepareSale, type SaleLine } from '../../main/demo/day/teller.ts';
import type { TranscriptLine } from '../../native-bridges/pos/simulator/simulator.ts';
import { encodeFrame } from '../../native-bridges/pos/zvt/frame.ts';
import { serialPair } from '../../native-bridges/pos/zvt/testing/serial-pair.ts';
import { needs } from '../../scripts/needs.ts';
import { fillCentre, PASSWORD } from '../e2e/demo.ts';
import { cardCounter, type CardCounter } from '../faults/testing/card-counter.ts';
import { mintId } from '../faults/testing/script.ts';
import { percentile, type Bench } from './bench.ts';

const SALES = 250;
const WARM_UP = 25;
const BAUD_RATE = 115_200;
const SLOW_BAUD_RATE = 9_600;
/** A start bit, eight data bits, two stop bits (PA00P016). */
const BITS_PER_BYTE = 11;

/**
 * A sale by card from `card.pay` to its answer, over a serial cable of two pseudo-terminals, with a customer and a bank that
 * take no time: what it takes at the least. A pseudo-terminal carries bytes at once; what a cable of 115,200 baud would take
 * for the frames and their ACKs is counted from their bytes. Ours is everything but the terminal's own time from hearing us
 * to speaking, by its transcript: snapshot, five entries on the disk, driver, receipt, and the pseudo-terminals. The ratio
 * is (ours + terminal + wire) ÷ (terminal + wire). It has no bound: a customer at a terminal takes seconds.
 */
export const cardSale: Bench = {
  name: 'card sale over serial / its wire and the terminal',
  limit: { kind: 'report' },
  async run() {
    const socat = needs({ skip: missing }, 'socat');
    const folder = mkdtempSync(join(tmpdir(), 'komis-bench-card-'));
    const undo: (() => Promise<unknown>)[] = [];
    try {
      return await measure(folder, socat, undo);
    } finally {
      for (const step of undo.reverse()) await step();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function missing(reason: string): never {
  throw new Error(reason);
}

const codeSchema = z.object({ code: z.string() });
const billersSchema = z.array(z.object({ code: z.string(), id: z.string() }));

async function measure(folder: string, socat: string, undo: (() => Promise<unknown>)[]) {
  const dataDir = join(folder, 'centre');
  const centre = await startCentreProcess({ dataDir, port: 0, env: { KOMIS_LOG_LEVEL: 'warn' } });
  undo.push(() => centre.running.stop());
  const { bills } = await fillCentre(dataDir, folder, 'WS07');
  const billers = await komis({ dataDir }, ['billers', 'list'], billersSchema);
  const bill = bills.find(({ company }) => company === 'ELEKTRIK');
  const billerId = billers.find(({ code }) => code === 'ELEKTRIK')?.id;
  if (bill === undefined || billerId === undefined) throw new Error('the demo has no electricity bill');

  const cable = await serialPair(socat);
  undo.push(() => cable.unplug());
  const counter = await cardCounter(
    {
      folder,
      centre: { url: () => centre.url, caFile: () => centre.caFile },
      enrolmentCode: async (code) =>
        (await komis({ dataDir }, ['workstations', 'enrol-code', code], codeSchema)).code,
    },
    'WS07',
    {
      terminalId: '99000001',
      speed: 1,
      cable: { ...cable, baudRate: BAUD_RATE },
      nowMs: () => performance.timeOrigin + performance.now(),
    },
  );
  undo.push(() => counter.stop());
  await withPrinter(counter, join(folder, 'paper.bin'));

  const parts: Parts[] = [];
  for (let n = 0; n < WARM_UP + SALES; n += 1) {
    const line: SaleLine = { billerId, account: bill.account, amount: qepik(1000 + n) };
    const one = await sell(counter, line);
    if (n >= WARM_UP) parts.push(one);
  }
  await drained(counter.ask);
  return figures(parts);
}

/** Receipts are made and written, as at a counter. */
async function withPrinter({ ask }: CardCounter, path: string): Promise<void> {
  await logIn(ask, 'rauf', PASSWORD);
  must('the printer', await ask()['printer.set']({ kind: 'file', path }));
  await logIn(ask, 'aygun', PASSWORD);
}

type Parts = {
  readonly totalMs: number;
  readonly terminalMs: number;
  /** Bytes of frames and ACKs, both ways. */
  readonly bytes: number;
};

async function sell(counter: CardCounter, line: SaleLine): Promise<Parts> {
  const { ask, terminal, free } = counter;
  const { paymentId, revision } = must('the sale', await prepareSale(ask, [line]));
  await free();
  const before = terminal.transcript().at(-1);
  const begun = performance.now();
  const paid = await ask()['card.pay']({ paymentId, revision, attemptId: mintId(), cash: null });
  const totalMs = performance.now() - begun;
  must('the card', paid);
  await free();
  const lines = terminal.transcript();
  const own = lines.slice(before === undefined ? 0 : lines.indexOf(before) + 1);
  return { totalMs, terminalMs: terminalTime(own), bytes: bytesOf(own) };
}

/** What a serial line carries beside frames stands in the transcript without bytes. */
const isMessage = ({ hex }: TranscriptLine): boolean => hex !== '';

/** From hearing the till to speaking, summed over a conversation in which each speaks in turn. */
function terminalTime(lines: readonly TranscriptLine[]): number {
  const messages = lines.filter(isMessage);
  return messages.reduce((sum, { direction, atMs }, i) => {
    const previous = messages[i - 1];
    return direction === 'fromTerminal' && previous !== undefined ? sum + atMs - previous.atMs : sum;
  }, 0);
}

const bytesOf = (lines: readonly TranscriptLine[]): number =>
  lines.filter(isMessage).reduce((sum, { hex }) => sum + encodeFrame(Buffer.from(hex, 'hex')).length + 1, 0);

const wireMs = (bytes: number, baudRate: number): number => (bytes * BITS_PER_BYTE * 1000) / baudRate;

function figures(parts: readonly Parts[]) {
  const ours = parts.map(({ totalMs, terminalMs }) => totalMs - terminalMs);
  const ratioAt =
    (baudRate: number) =>
    ({ totalMs, terminalMs, bytes }: Parts): number =>
      (totalMs + wireMs(bytes, baudRate)) / (terminalMs + wireMs(bytes, baudRate));
  const middle = (values: readonly number[]): number => percentile(values, 0.5);
  const ratios = parts.map(ratioAt(BAUD_RATE));
  const bytes = middle(parts.map((one) => one.bytes));
  return {
    ratio: middle(ratios),
    details: {
      ratioP99: percentile(ratios, 0.99),
      ratioAt9600Baud: middle(parts.map(ratioAt(SLOW_BAUD_RATE))),
      oursP50Ms: middle(ours),
      oursP99Ms: percentile(ours, 0.99),
      terminalP50Ms: middle(parts.map(({ terminalMs }) => terminalMs)),
      terminalP99Ms: percentile(
        parts.map(({ terminalMs }) => terminalMs),
        0.99,
      ),
      wireBytes: bytes,
      wireAt115200Ms: wireMs(bytes, BAUD_RATE),
      sales: parts.length,
    },
  };
}
