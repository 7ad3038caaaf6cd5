import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DocumentBlock, ReceiptDocument } from '../../../contracts/receipt.ts';
import {
  EPSON_58,
  EPSON_80,
  interpret,
  lineText,
  type Paper,
  type Printout,
} from '../testing/esc-pos-interpreter.ts';
import { KNOWN_GLYPHS, nameGlyph } from '../testing/known-glyphs.ts';
import { printable } from './charset.ts';
import { code128, code128Modules, qrModules } from './commands.ts';
import { encodeEscPos, PROFILES } from './encode.ts';
import { OWN_GLYPHS } from './glyphs.ts';

const PAPERS: readonly { mm: 80 | 58; paper: Paper }[] = [
  { mm: 80, paper: EPSON_80 },
  { mm: 58, paper: EPSON_58 },
];

const document = (
  blocks: DocumentBlock[],
  language: ReceiptDocument['language'] = 'az',
): ReceiptDocument => ({
  receiptNo: 'WS07-20261123-0042',
  language,
  copy: 0,
  blocks,
});
const left = (text: string, strong = false): DocumentBlock => ({ kind: 'text', text, align: 'left', strong });

function print(
  blocks: DocumentBlock[],
  mm: 80 | 58 = 80,
  language: ReceiptDocument['language'] = 'az',
  drawer = false,
): Printout[] {
  const bytes = encodeEscPos(document(blocks, language), PROFILES[mm], drawer);
  return interpret(bytes, mm === 80 ? EPSON_80 : EPSON_58);
}
const linesOf = (printouts: readonly Printout[]): string[] =>
  printouts.flatMap((one) => (one.kind === 'line' ? [lineText(one, nameGlyph)] : []));

test.each([
  ['az', 'Ə ə ğ ı ö ş ü ç İ Ğ Ö Ş Ü Ç I i — Əliyeva Şəfiqə İlqar qızı, 38,40 ₼'],
  ['ru', 'Ёлка Йод Щука съезд подъём — Гусейнова Ксения, Əliyeva Şəfiqə № 7, 38,40 ₼'],
  ['en', 'Teller’s receipt № 42 «quoted» {a|b} ~ 100 % #1 @home'],
] as const)('%s letters arrive on paper', (language, text) => {
  const expected = text.replaceAll('—', '-').replaceAll('’', "'");
  expect(linesOf(print([left(text)], 80, language)).join(' ')).toBe(expected);
});

test('the letters drawn by us are the ones a person approved, and every one is used', () => {
  const [line] = linesOf(print([left('əƏ₼')]));
  expect(line).toBe('əƏ₼');
  expect(OWN_GLYPHS.map(({ letter }) => letter).toSorted()).toEqual(Object.keys(KNOWN_GLYPHS).toSorted());
});

test('drawings fit the cell: 12 × 24 dots, consecutive codes', () => {
  for (const { rows } of OWN_GLYPHS) {
    expect(rows.length).toBe(24);
    expect(rows.every((row) => /^[ #]{12}$/.test(row))).toBe(true);
  }
  expect(OWN_GLYPHS.map(({ code }) => code)).toEqual([0x7b, 0x7c, 0x7d]);
});

test('whatever is written, a line never runs over the paper and no letter is lost but by the rules of printable()', () => {
  const alphabet = fc.constantFrom(
    ...Array.from('abcXYZ019 .,-{|}~`əƏğĞıİöşüçÇ₼№«»·ЁяЖщ−–…’\u00a0é漢😀\u0301\t'),
  );
  const words = fc
    .array(fc.string({ unit: alphabet, maxLength: 70 }), { maxLength: 6 })
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(
      words,
      words,
      fc.constantFrom(...PAPERS),
      fc.constantFrom('az', 'ru', 'en'),
      (label, value, { mm, paper }, language) => {
        const all = print(
          [
            left(label),
            { kind: 'pair', label, value, strong: true },
            { kind: 'title', text: value },
            { kind: 'stamp', text: label },
            { kind: 'total', label, value },
          ],
          mm,
          language,
        );
        for (const one of all)
          if (one.kind === 'line') expect(one.columns).toBeLessThanOrEqual(paper.columns);
        const letters = (text: string): string => text.replace(/[ \u00a0]/g, '');
        const expected = letters([label, label, value, value, label, label, value].map(printable).join(''));
        expect(letters(linesOf(all).join('')).length).toBe(expected.length);
        expect([...letters(linesOf(all).join(''))].toSorted()).toEqual([...expected].toSorted());
      },
    ),
    { numRuns: 300 },
  );
});

test.each(PAPERS)(
  '$mm mm: values end at the right edge, also where the label or the value is wrapped',
  ({ mm, paper }) => {
    const blocks = [
      { label: 'Məbləğ', value: '38,40\u00a0₼' },
      { label: 'Qalıq borc (13.11.2026 06:10 vəziyyətinə)', value: '98\u00a0705,37\u00a0₼' },
      { label: 'Hesab sahibi', value: 'Şıxəliyeva-Həsənağaoğlu Gülçöhrə Əbdülrəhman qızı və vərəsələri' },
      {
        label: 'Qeyd edilməli olan çox uzun bir başlıq, iki sətirlik',
        value: 'və ondan da uzun olan bir dəyər, o da iki sətirlik',
      },
    ].map((pair): DocumentBlock => ({ kind: 'pair', ...pair, strong: false }));
    for (const block of blocks) {
      const lines = linesOf(print([block], mm));
      expect(lines.at(-1)).toHaveLength(paper.columns);
      expect(lines.at(-1)).toMatch(/\S$/);
      expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(
        'value' in block ? block.value.split(/\s/).at(-1) : '',
      );
    }
  },
);

test.each(PAPERS)('$mm mm: amounts under one another keep their decimal column', ({ mm }) => {
  const amounts = ['0,05', '38,40', '1\u00a0234,56', '12\u00a0345\u00a0678,90'].map(
    (amount) => `${amount}\u00a0₼`,
  );
  const lines = linesOf(
    print(
      amounts.map((value): DocumentBlock => ({ kind: 'pair', label: 'Məbləğ', value, strong: true })),
      mm,
    ),
  );
  expect(new Set(lines.map((line) => line.indexOf(','))).size).toBe(1);
});

test('a switch of code page or glyph set is sent only where a letter needs it', () => {
  const base = encodeEscPos(document([left('abc')]), PROFILES[80], false).length;
  const extra = (text: string): number =>
    encodeEscPos(document([left(text)]), PROFILES[80], false).length - base - (text.length - 3);
  expect(extra('Gülşən İbrahimova'.replaceAll('ə', 'e'))).toBe(0);
  expect(extra('əəə Ə ₼ abc')).toBe(3);
  expect(extra('ə { ə')).toBe(9);
  expect(extra('Ксения')).toBe(3);
  expect(extra('ğ Ксения ğ')).toBe(6);
});

test('glyph data never looks like a real-time command to the printer', () => {
  const bytes = encodeEscPos(document([left('əƏ₼')]), PROFILES[80], false);
  const at = bytes.findIndex((byte, i) => byte === 0x10 && [0x04, 0x05, 0x14].includes(bytes[i + 1] ?? 0));
  expect(at).toBe(-1);
});

test('title, stamp and total are large; the stamp is white on black', () => {
  const all = print([
    { kind: 'title', text: 'ÖDƏNİŞ QƏBZİ' },
    { kind: 'stamp', text: 'SURƏT № 2' },
    { kind: 'total', label: 'CƏMİ', value: '69,25\u00a0₼' },
  ]);
  const cells = all.flatMap((one) => (one.kind === 'line' ? [one] : []));
  expect(
    cells.map((line) => line.cells.every(({ width, height, bold }) => width === 2 && height === 2 && bold)),
  ).toEqual([true, true, true]);
  expect(cells.map((line) => line.cells.every(({ reverse }) => reverse))).toEqual([false, true, false]);
  expect(cells.map((line) => line.centred)).toEqual([true, true, false]);
  expect(cells[2]?.columns).toBe(48);
});

test.each(PAPERS)('$mm mm: QR and barcode fit with their quiet zones', ({ mm }) => {
  const data = `https://komis.example.az/q/${'x'.repeat(211)}`;
  const all = print(
    [
      { kind: 'qr', data, caption: 'c' },
      { kind: 'barcode', data: 'KM10011104552018.3840.4', caption: '' },
    ],
    mm,
  );
  const [qr] = all.flatMap((one) => (one.kind === 'qr' ? [one] : []));
  const [bar] = all.flatMap((one) => (one.kind === 'barcode' ? [one] : []));
  expect(qr).toMatchObject({ data, level: 'M', centred: true });
  expect(qr?.module).toBeGreaterThanOrEqual(4);
  expect(((qrModules(data) ?? 999) + 8) * (qr?.module ?? 99)).toBeLessThanOrEqual(PROFILES[mm].dots);
  expect(bar).toMatchObject({ text: 'KM10011104552018.3840.4', centred: true });
  expect((code128Modules('KM10011104552018.3840.4') + 20) * (bar?.module ?? 99)).toBeLessThanOrEqual(
    PROFILES[mm].dots,
  );
});

test('a QR or barcode too large for the paper is printed as text, not as a picture nobody can scan', () => {
  const long = 'x'.repeat(1100);
  const all = print(
    [
      { kind: 'qr', data: long, caption: '' },
      { kind: 'barcode', data: 'ə', caption: '' },
    ],
    58,
  );
  expect(all.some((one) => one.kind === 'qr' || one.kind === 'barcode')).toBe(false);
  expect(linesOf(all).join('')).toBe(`${long}ə`);
});

test('Code 128 says what it was given, in no more symbols than sets B and C need', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789KM.{AZ ')), minLength: 1, maxLength: 40 }),
      (text) => {
        const bytes = Uint8Array.from([0x1b, 0x40, ...code128(text, 2, 80)]);
        const [bar] = interpret(bytes, EPSON_80);
        expect(bar).toMatchObject({ kind: 'barcode', text });
        expect(code128Modules(text)).toBe(((bar?.kind === 'barcode' ? bar.symbols : 0) + 1) * 11 + 13);
      },
    ),
    { numRuns: 500 },
  );
  // Start B, K R 1, switch to C, five pairs: ten symbols before the check.
  expect(code128Modules('KR14071882365')).toBe(11 * 11 + 13);
});

test('the drawer opens only when asked, and every job ends with one cut', () => {
  const kinds = (drawer: boolean): string[] => print([left('a')], 80, 'az', drawer).map((one) => one.kind);
  expect(kinds(false)).toEqual(['line', 'feed', 'cut']);
  expect(kinds(true)).toEqual(['drawer', 'line', 'feed', 'cut']);
});

test('a printer that starts in Chinese is told to leave it before the first letter', () => {
  const bytes = [...encodeEscPos(document([left('ğ')]), { ...PROFILES[80], chinese: true }, false)];
  expect(bytes.slice(0, 4)).toEqual([0x1b, 0x40, 0x1c, 0x2e]);
  expect(linesOf(interpret(Uint8Array.from(bytes), EPSON_80))).toEqual(['ğ']);
});

test.each(PAPERS)('$mm mm: a signature has a line to write on and room above it', ({ mm, paper }) => {
  for (const label of ['İmza', 'Деньги получил (плательщик)']) {
    const all = print([{ kind: 'pair', label, value: '_'.repeat(20), strong: false }], mm);
    const line = all.findIndex((one) => one.kind === 'line' && /_{15,}$/.test(lineText(one, nameGlyph)));
    expect(all[line]).toMatchObject({ columns: paper.columns });
    const before = all[line - 1];
    expect(before?.kind === 'feed' && before.dots).toBeGreaterThanOrEqual(48);
  }
});
