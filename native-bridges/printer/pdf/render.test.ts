import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DocumentBlock, ReceiptDocument } from '../../../contracts/receipt.ts';
import { needs } from '../../../scripts/needs.ts';
import { renderPdf } from './render.ts';
import { code128Symbol, qrSymbol } from './symbols.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'komis-pdf-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const LETTERS = 'AaBbCcÇçDdEeƏəFfGgĞğHhXxIıİiJjKkQqLlMmNnOoÖöPpRrSsŞşTtUuÜüVvYyZz ₼ №';
const CYRILLIC = 'АаБбВвГгДдЕеЁёЖжЗзИиЙйКкЛлМмНнОоПпРрСсТтУуФфХхЦцЧчШшЩщЪъЫыЬьЭэЮюЯя';

const QR = `https://komis.example.az:8443/q/${'x'.repeat(211)}`;
const blocks: DocumentBlock[] = [
  { kind: 'title', text: 'ÖDƏNİŞ QƏBZİ' },
  { kind: 'stamp', text: 'SURƏT № 2' },
  { kind: 'text', text: LETTERS, align: 'left', strong: false },
  { kind: 'text', text: CYRILLIC, align: 'left', strong: true },
  { kind: 'rule' },
  { kind: 'pair', label: 'Məbləğ', value: '1\u00a0234,56\u00a0₼', strong: true },
  {
    kind: 'pair',
    label: 'Hesab sahibi',
    value: 'Şıxəliyeva-Həsənağaoğlu Gülçöhrə Əbdülrəhman qızı və vərəsələri',
    strong: false,
  },
  {
    kind: 'pair',
    label: 'Çox uzun bir başlıq ki, bir sətrə sığmır və ikinciyə keçir',
    value: '0,50\u00a0₼',
    strong: false,
  },
  { kind: 'total', label: 'CƏMİ', value: '1\u00a0234,56\u00a0₼' },
  { kind: 'pair', label: 'İmza', value: '_'.repeat(20), strong: false },
  { kind: 'barcode', data: 'KR14071882365', caption: 'Kassada oxudun' },
  { kind: 'qr', data: QR, caption: 'Qəbzi yoxlayın' },
];
const roll: ReceiptDocument = { receiptNo: 'WS07-20261123-0042', language: 'az', copy: 2, blocks };

async function save(document: ReceiptDocument): Promise<string> {
  const path = join(folder, 'paper.pdf');
  writeFileSync(path, await renderPdf(document));
  return path;
}
/** A program of poppler-utils; one of them is there when the others are. */
const run = (tool: string, ...args: string[]): string => execFileSync(tool, args, { encoding: 'utf8' });
const flat = (text: string): string => text.replace(/\s+/g, ' ');

test('every letter of every language can be read back out of the PDF', async (context) => {
  needs(context, 'pdftotext');
  const text = flat(run('pdftotext', '-layout', await save(roll), '-'));
  for (const expected of [
    'ÖDƏNİŞ QƏBZİ',
    'SURƏT № 2',
    '1 234,56 ₼',
    'Gülçöhrə Əbdülrəhman',
    'İmza',
    'Kassada oxudun',
  ]) {
    expect(text).toContain(expected);
  }
  for (const letter of LETTERS + CYRILLIC) expect(text).toContain(letter);
});

test('one page of 80 mm, as long as its text; fonts embedded as subsets; named in the reader’s title bar', async (context) => {
  needs(context, 'pdftotext');
  const path = await save(roll);
  const info = run('pdfinfo', path);
  expect(info).toMatch(/Pages:\s+1\b/);
  expect(info).toMatch(/Title:\s+WS07-20261123-0042/);
  const [, width, height] = /Page size:\s+([\d.]+) x ([\d.]+) pts/.exec(info) ?? [];
  expect(Number(width)).toBeCloseTo(226.77, 1);
  const shorter = await save({ ...roll, blocks: blocks.slice(0, 4) });
  const [, , less] = /Page size:\s+([\d.]+) x ([\d.]+) pts/.exec(run('pdfinfo', shorter)) ?? [];
  expect(Number(less)).toBeLessThan(Number(height) / 2);
  const fonts = run('pdffonts', path)
    .split('\n')
    .slice(2)
    .filter((line) => line !== '');
  expect(fonts.length).toBeGreaterThan(0);
  // Columns emb, sub, uni: embedded, a subset, with a table back to Unicode.
  for (const font of fonts) expect(font).toMatch(/NotoSans.* yes yes yes /);
});

type Word = {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
};

/** Words with their boxes in points. */
function wordsOf(path: string): { words: Word[]; width: number; height: number } {
  const xml = run('pdftotext', '-bbox', path, '-');
  const words = [
    ...xml.matchAll(
      /<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<\/word>/g,
    ),
  ].map(([, left, top, right, bottom, text]) => ({
    text: text ?? '',
    left: Number(left),
    right: Number(right),
    top: Number(top),
    bottom: Number(bottom),
  }));
  const [, width, height] = /<page width="([\d.]+)" height="([\d.]+)"/.exec(xml) ?? [];
  return { words, width: Number(width), height: Number(height) };
}

test('nothing leaves the page, lines do not overlap, amounts end on one edge', async (context) => {
  needs(context, 'pdftotext');
  const { words, width, height } = wordsOf(await save({ ...roll, blocks: blocks.slice(4) }));
  expect(words.length).toBeGreaterThan(20);
  for (const word of words) {
    expect(word.left).toBeGreaterThanOrEqual(5 * 2.83);
    expect(word.right).toBeLessThanOrEqual(width - 5 * 2.83);
    expect(word.top).toBeGreaterThan(0);
    expect(word.bottom).toBeLessThan(height);
  }
  const manat = words.filter((word) => word.text === '₼' && word.left > width / 2);
  expect(manat).toHaveLength(3);
  expect(
    Math.max(...manat.map((word) => word.right)) - Math.min(...manat.map((word) => word.right)),
  ).toBeLessThan(0.5);
  const overlaps = words.flatMap((a, i) =>
    words
      .slice(i + 1)
      .filter(
        (b) =>
          a.left < b.right - 0.1 &&
          b.left < a.right - 0.1 &&
          Math.abs(a.bottom - b.bottom) < 5 &&
          Math.abs(a.bottom - b.bottom) > 0.01,
      ),
  );
  expect(overlaps).toEqual([]);
});

test('a subscriber’s card: A6, the face at its top, and as many pages as the accounts need', async (context) => {
  needs(context, 'pdftotext');
  const card = (accounts: number): ReceiptDocument => ({
    receiptNo: '4071882365',
    language: 'az',
    copy: 0,
    paper: 'card',
    blocks: [
      { kind: 'title', text: 'KÖMİS' },
      { kind: 'text', text: 'Abunəçi kartı', align: 'centre', strong: false },
      { kind: 'text', text: 'Məmmədov Elşən İlqar oğlu', align: 'centre', strong: true },
      { kind: 'total', label: 'Qeydiyyat kodu', value: '4071 8823 65' },
      { kind: 'barcode', data: 'KR14071882365', caption: 'Kassada bu kodu oxudun' },
      { kind: 'rule' },
      ...Array.from({ length: accounts }, (_, i): DocumentBlock => ({
        kind: 'pair',
        label: 'Su Kanal',
        value: `A${i}`,
        strong: false,
      })),
    ],
  });
  const small = await save(card(5));
  expect(run('pdfinfo', small)).toMatch(/Pages:\s+1\n[\s\S]*Page size:\s+297\.6\d* x 419\.5\d* pts/);
  const { words } = wordsOf(small);
  const bottomOfFace = (9 + 53.98) * 2.8346;
  for (const text of ['KÖMİS', 'Elşən', '8823', 'oxudun']) {
    expect(words.find((word) => word.text === text)?.bottom).toBeLessThan(bottomOfFace);
  }
  expect(words.find((word) => word.text === 'A0')?.top).toBeGreaterThan(bottomOfFace);
  const large = await save(card(100));
  const text = run('pdftotext', large, '-');
  for (let i = 0; i < 100; i += 1) expect(text).toMatch(new RegExp(`\\bA${i}\\b`));
});

/** A page as grey values, one byte a dot. */
function dotsOf(
  path: string,
  dpi: number,
): { at: (x: number, y: number) => number; width: number; height: number } {
  execFileSync('pdftoppm', ['-r', String(dpi), '-gray', path, join(folder, 'dots')]);
  const file = readFileSync(join(folder, 'dots-1.pgm'));
  const [header = '', width, height] =
    /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 40)) ?? [];
  return {
    at: (x, y) => file[header.length + y * Number(width) + x] ?? 255,
    width: Number(width),
    height: Number(height),
  };
}

test('the QR on the rendered page is the matrix of its data, module by module', async (context) => {
  needs(context, 'pdftoppm');
  const path = await save({ ...roll, blocks: [{ kind: 'qr', data: QR, caption: '' }] });
  const { at, width, height } = dotsOf(path, 400);
  const dark: [number, number][] = [];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) if (at(x, y) < 100) dark.push([x, y]);
  const [left, right] = [Math.min, Math.max].map((pick) =>
    dark.reduce((edge, [x]) => pick(edge, x), dark[0]?.[0] ?? 0),
  );
  const top = dark[0]?.[1] ?? 0;
  const symbol = qrSymbol(QR);
  const unit = ((right ?? 0) - (left ?? 0) + 1) / symbol.modules;
  // 0.5 mm at 400 dpi is 7.9 dots: large enough for any telephone.
  expect(unit).toBeGreaterThan(7.9);
  const black = new Set(
    symbol.bars.flatMap((bar) => Array.from({ length: bar.width }, (_, i) => `${bar.x + i},${bar.y}`)),
  );
  const wrong: string[] = [];
  for (let y = 0; y < symbol.modules; y += 1)
    for (let x = 0; x < symbol.modules; x += 1) {
      const seen = at(Math.floor((left ?? 0) + (x + 0.5) * unit), Math.floor(top + (y + 0.5) * unit)) < 128;
      if (seen !== black.has(`${x},${y}`)) wrong.push(`${x},${y}`);
    }
  expect(wrong).toEqual([]);
});

test('symbols have the size their standards say', () => {
  expect(qrSymbol(QR).modules).toBe(61);
  expect(code128Symbol('KR14071882365').modules).toBe(134);
});
