import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LANGUAGES, type Language } from '../../contracts/domain.ts';
import { parseAmount, qepik } from '../../contracts/money.ts';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import { paymentReceipt } from '../../core/receipts/payment-receipt.ts';
import { RECEIPT_TEXTS } from '../../core/receipts/receipt-texts.ts';
import { stornoReceipt } from '../../core/receipts/storno-receipt.ts';
import { subscriberCard } from '../../core/receipts/subscriber-card.ts';
import { terminalSlipCopy } from '../../core/receipts/terminal-slip.ts';
import {
  sampleBillerName,
  samplePayment,
  sampleStorno,
  sampleSubscriber,
  sampleWorkstation,
  TAKEN_AT,
  TWELVE_LINES,
  VERIFY_ADDRESS,
} from '../../core/receipts/testing/samples.ts';
import { encodeEscPos, PROFILES } from '../../native-bridges/printer/esc-pos/encode.ts';
import { renderPdf } from '../../native-bridges/printer/pdf/render.ts';
import {
  EPSON_58,
  EPSON_80,
  interpret,
  lineText,
} from '../../native-bridges/printer/testing/esc-pos-interpreter.ts';
import { nameGlyph } from '../../native-bridges/printer/testing/known-glyphs.ts';
import { needs } from '../../scripts/needs.ts';

/** What the counter writes, read back from the paper it comes out on. */

const place = { takenAt: TAKEN_AT, workstation: sampleWorkstation, verifyAddress: VERIFY_ADDRESS, copy: 0 };
const PAPERS: Readonly<Record<string, (language: Language) => ReceiptDocument>> = {
  'three lines': (language) => paymentReceipt({ ...place, payment: samplePayment(language) }),
  'twelve lines, offline, third copy, cancelled since': (language) =>
    paymentReceipt({
      ...place,
      payment: samplePayment(language, TWELVE_LINES, { online: false }),
      copy: 3,
      reprint: { at: '2026-11-24T05:12:00.000Z', by: 'Leyla Quliyeva' },
      stornoReceiptNo: 'WS07-20261123-0043',
    }),
  'the terminal’s slip, given back since': (language) =>
    terminalSlipCopy({
      workstation: sampleWorkstation,
      language,
      slip: 'merchant',
      lines: ['      MAĞAZA NÜSXƏSİ', '', 'Kart    416973******0018', 'MƏBLƏĞ 38.40 AZN'],
      reprint: { at: '2026-11-24T05:12:00.000Z', by: 'Leyla Quliyeva' },
      copy: 2,
      of: {
        kind: 'sale',
        amount: qepik(3840),
        at: TAKEN_AT,
        teller: 'Aygün Məmmədova',
        receiptNo: 'WS07-20261123-0042',
        givenBack: true,
      },
    }),
  storno: (language) => stornoReceipt({ ...place, storno: sampleStorno(samplePayment(language)) }),
  card: (language) =>
    subscriberCard({
      subscriber: sampleSubscriber(language),
      billerName: sampleBillerName,
      workstation: sampleWorkstation,
    }),
};
const cases = LANGUAGES.flatMap((language) => Object.keys(PAPERS).map((what) => ({ language, what })));
const paperOf = (what: string, language: Language): ReceiptDocument =>
  PAPERS[what]?.(language) ?? expect.fail(`no paper ${what}`);

/** All words of a document in reading order; signature lines and symbols aside. */
const wordsOf = (document: ReceiptDocument): string[] =>
  document.blocks
    .flatMap((block) => {
      if (block.kind === 'pair' || block.kind === 'total')
        return [block.label, block.value.replace(/^_+$/, '')];
      if (block.kind === 'qr' || block.kind === 'barcode') return [block.caption];
      return block.kind === 'rule' ? [] : [block.text];
    })
    .flatMap((text) => text.split(/[ \u00a0]/))
    .filter((word) => word !== '');

/** Paper has a plain hyphen for the minus and dashes, and straight apostrophes. */
const asPrinted = (word: string): string => word.replace(/[−—–]/g, '-').replaceAll('’', "'");

for (const mm of [80, 58] as const) {
  const paper = mm === 80 ? EPSON_80 : EPSON_58;

  test.each(cases)(
    `${mm} mm, $language, $what: letter for letter, within the paper`,
    ({ language, what }) => {
      const document = paperOf(what, language);
      const all = interpret(encodeEscPos(document, PROFILES[mm], false), paper);
      const lines = all.flatMap((one) =>
        one.kind === 'line' ? [{ ...one, text: lineText(one, nameGlyph) }] : [],
      );
      for (const line of lines) expect(line.columns).toBeLessThanOrEqual(paper.columns);

      // A wrapped value stands beside its label, so the words are compared without their order.
      const onPaper = lines.flatMap((line) => line.text.split(/[ ─_]+/)).filter((word) => word !== '');
      expect(onPaper.toSorted()).toEqual(wordsOf(document).map(asPrinted).toSorted());

      const data = document.blocks.flatMap((block) =>
        block.kind === 'qr' || block.kind === 'barcode' ? [block.data] : [],
      );
      expect(
        all.flatMap((one) => (one.kind === 'qr' ? [one.data] : one.kind === 'barcode' ? [one.text] : [])),
      ).toEqual(data);
      expect(all.at(-1)?.kind).toBe('cut');
    },
  );

  test.each(LANGUAGES)(
    `${mm} mm, %s: the amounts stand under one another and add up to the total`,
    (language) => {
      const words = RECEIPT_TEXTS[language];
      const document = paperOf('twelve lines, offline, third copy, cancelled since', language);
      const lines = interpret(encodeEscPos(document, PROFILES[mm], false), paper).flatMap((one) =>
        one.kind === 'line' ? [{ columns: one.columns, text: lineText(one, nameGlyph) }] : [],
      );
      const amounts = lines.filter((line) => line.text.endsWith('₼'));
      for (const line of amounts) expect(line.columns).toBe(paper.columns);
      const figure = (text: string): number => parseAmount(text.replace('₼', '')) ?? NaN;
      const figures = (label: string): number[] =>
        amounts
          .filter((line) => line.text.startsWith(`${label} `))
          .map((line) => figure(line.text.slice(label.length)));
      // In double width the total may stand below its label.
      const alone = lines.findIndex((line) => line.text === words.total);
      const total = alone === -1 ? figures(words.total) : [figure(lines[alone + 1]?.text ?? '')];
      expect(total).toHaveLength(1);
      const paid = figures(words.amount);
      expect(paid).toHaveLength(12);
      // The last fee is their sum.
      const fees = figures(words.fee);
      const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
      expect(sumOf(fees.slice(0, -1))).toBe(fees.at(-1));
      expect(sumOf(paid) + sumOf(fees.slice(0, -1))).toBe(total[0]);
      const [received = NaN] = figures(words.cashReceived);
      const [change = NaN] = figures(words.change);
      expect(received - change).toBe(total[0]);
    },
  );
}

test.for(cases)('PDF, $language, $what: every word can be read back', async ({ language, what }, context) => {
  const pdftotext = needs(context, 'pdftotext');
  const document = paperOf(what, language);
  const folder = mkdtempSync(join(tmpdir(), 'komis-paper-'));
  try {
    const path = join(folder, 'paper.pdf');
    writeFileSync(path, await renderPdf(document));
    const text = execFileSync(pdftotext, [path, '-'], { encoding: 'utf8' });
    const onPaper = text.split(/\s+/).filter((word) => word !== '');
    expect(onPaper.toSorted()).toEqual(wordsOf(document).toSorted());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
