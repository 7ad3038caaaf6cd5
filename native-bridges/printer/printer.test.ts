import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import type { PrinterPort } from '../../core/ports/printer.ts';
import { createPrinter } from './printer.ts';
import {
  EPSON_58,
  EPSON_80,
  interpret,
  lineText,
  type Paper,
  type Printout,
} from './testing/esc-pos-interpreter.ts';
import { nameGlyph } from './testing/known-glyphs.ts';
import { startTcpPrinter } from './testing/tcp-printer.ts';

const times = { connectMs: 1000, statusMs: 60, stalledMs: 250 };

let folder: string;
let settingsFile: string;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'komis-printer-'));
  settingsFile = join(folder, 'workstation', 'printer.json');
  logged = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const start = (): PrinterPort =>
  createPrinter({ settingsFile, log: (level, event) => logged.push(`${level} ${event}`), times });
const receipt = (text: string): ReceiptDocument => ({
  receiptNo: 'WS07-20261123-0042',
  language: 'az',
  copy: 0,
  blocks: [{ kind: 'text', text, align: 'left', strong: false }],
});
const onPaper = (bytes: Uint8Array, paper: Paper = EPSON_80): string[] =>
  interpret(bytes, paper).map((one: Printout) => (one.kind === 'line' ? lineText(one, nameGlyph) : one.kind));

test('a new workstation has no printer, and says so instead of printing', async () => {
  const printer = start();
  expect(printer.settings()).toEqual({ kind: 'none' });
  expect(await printer.print(receipt('Qəbz'), false)).toEqual({ printed: false, reason: 'notSet' });
  expect(await printer.probe()).toEqual({ ready: false, reason: 'notSet' });
});

test('a setting is kept over a restart, and leaves what the installer wrote alone', async () => {
  mkdirSync(join(folder, 'workstation'));
  writeFileSync(settingsFile, JSON.stringify({ paperMm: 58 }));
  const spool = join(folder, 'spool.bin');
  start().set({ kind: 'file', path: spool });
  const printer = start();
  expect(printer.settings()).toEqual({ kind: 'file', path: spool });
  expect(JSON.parse(readFileSync(settingsFile, 'utf8'))).toMatchObject({ paperMm: 58 });
  const words = 'bir iki üç dörd beş altı yeddi səkkiz';
  expect(await printer.print(receipt(words), false)).toEqual({ printed: true, reason: null });
  expect(onPaper(readFileSync(spool), EPSON_58)).toEqual([
    'bir iki üç dörd beş altı yeddi',
    'səkkiz',
    'feed',
    'cut',
  ]);
});

test('the drawer opens when asked', async () => {
  const spool = join(folder, 'spool.bin');
  const printer = start();
  printer.set({ kind: 'file', path: spool });
  await printer.print(receipt('Qəbz'), true);
  expect(onPaper(readFileSync(spool))).toEqual(['drawer', 'Qəbz', 'feed', 'cut']);
});

test('receipts printed at the same moment come out one after the other', async () => {
  const network = await startTcpPrinter({ status: { 1: 0x16, 4: 0x12 } });
  try {
    const printer = start();
    printer.set({ kind: 'tcp', host: '127.0.0.1', port: network.port });
    const texts = ['bir', 'iki', 'üç', 'dörd'];
    const answers = await Promise.all(texts.map((text) => printer.print(receipt(text), false)));
    expect(answers).toEqual(texts.map(() => ({ printed: true, reason: null })));
    expect(network.jobs.map((job) => onPaper(job)[0])).toEqual(texts);
    network.temper.status[4] = 0x72;
    expect(await printer.print(receipt('beş'), false)).toEqual({ printed: false, reason: 'paperOut' });
    expect(await printer.probe()).toEqual({ ready: false, reason: 'paperOut' });
  } finally {
    await network.close();
  }
});

test('a failed print is logged with the receipt and does not stop the next one', async () => {
  const printer = start();
  printer.set({ kind: 'file', path: '/dev/full' });
  expect(await printer.print(receipt('a'), false)).toEqual({ printed: false, reason: 'full' });
  const spool = join(folder, 'spool.bin');
  printer.set({ kind: 'file', path: spool });
  expect(await printer.print(receipt('b'), false)).toEqual({ printed: true, reason: null });
  expect(logged).toEqual(['warn printer.print', 'info printer.print']);
});

test('damaged settings do not stop the workstation: no printer, and the log says why', () => {
  mkdirSync(join(folder, 'workstation'));
  writeFileSync(settingsFile, '{"printer":{"kind":"tcp","host":"10.0.0.9"');
  expect(start().settings()).toEqual({ kind: 'none' });
  expect(logged).toEqual(['error printer.settings']);
});

test('settings that cannot be written hold until the restart, and the log says so', () => {
  writeFileSync(join(folder, 'workstation'), 'a file where the folder should be');
  const printer = start();
  printer.set({ kind: 'file', path: '/dev/usb/lp0' });
  expect(printer.settings()).toEqual({ kind: 'file', path: '/dev/usb/lp0' });
  expect(logged).toContain('error printer.settings');
  expect(existsSync(settingsFile)).toBe(false);
});

test('the port’s PDF is a PDF', async () => {
  const pdf = await start().pdf(receipt('Qəbz'));
  expect(new TextDecoder('latin1').decode(pdf.slice(0, 5))).toBe('%PDF-');
});
