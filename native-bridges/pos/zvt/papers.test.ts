import { describe, expect, test } from 'vitest';
import type { PtMessage } from './message.ts';
import { receiptsOf, withPrinted, type Papers } from './papers.ts';

type Printed = Extract<PtMessage, { name: 'printLine' | 'printBlock' }>;
const line = (text: string, attribute = 0): Printed => ({ name: 'printLine', attribute, text });
const block = (receiptType: 'merchant' | 'customer' | 'admin' | 'unknown', ...lines: string[]): Printed => ({
  name: 'printBlock',
  receiptType,
  lines: lines.map((text) => ({ attribute: 0, text })),
});
const printed = (...messages: Printed[]): Papers => messages.reduce<Papers>(withPrinted, []);
const asIs = (text: string): string => text;

describe('whose a paper is', () => {
  test('blocks say it; a long paper comes in several of them', () => {
    const papers = printed(block('merchant', 'm1'), block('merchant', 'm2'), block('customer', 'c1'));
    expect(receiptsOf(papers, asIs)).toEqual({ merchant: ['m1', 'm2'], customer: ['c1'] });
  });

  test('lines are cut into papers, and their words say it', () => {
    const papers = printed(
      line('MÜŞTƏRİ NÜSXƏSİ', 0x40),
      line('10,10', 0xc0),
      line('Händlerbeleg'),
      line('Unterschrift', 0x81),
    );
    expect(receiptsOf(papers, asIs)).toEqual({
      customer: ['MÜŞTƏRİ NÜSXƏSİ', '10,10'],
      merchant: ['Händlerbeleg', 'Unterschrift'],
    });
  });

  test('paper that is fed is empty lines, and begins no paper of its own', () => {
    const feed = line('\u0002', 0xff);
    const papers = printed(
      feed,
      line('a'),
      feed,
      line('b', 0x81),
      feed,
      line('c', 0x81),
      line('\u00c7', 0xff),
    );
    expect(receiptsOf(papers, asIs)).toEqual({ merchant: ['a', '', '', 'b'], customer: ['c'] });
    const within: Printed = {
      name: 'printBlock',
      receiptType: 'merchant',
      lines: [
        { attribute: 0, text: 'a' },
        { attribute: 0xff, text: '\u00c7' },
      ],
    };
    expect(receiptsOf(printed(within), asIs).merchant).toEqual(['a', ...Array<string>(9).fill('')]);
  });

  test('papers without words: the merchant’s comes first', () => {
    expect(receiptsOf(printed(line('a', 0x81), line('b', 0x81)), asIs)).toEqual({
      merchant: ['a'],
      customer: ['b'],
    });
  });

  test('a single paper is both', () => {
    expect(receiptsOf(printed(line('a'), line('b')), asIs)).toEqual({
      merchant: ['a', 'b'],
      customer: ['a', 'b'],
    });
  });

  test('80 alone and FF do not cut', () => {
    expect(printed(line('a', 0x80), line('', 0xff), line('b'))).toHaveLength(1);
  });

  test('what the administration prints is the merchant’s', () => {
    expect(receiptsOf(printed(block('admin', 'GÜN SONU')), asIs)).toEqual({
      merchant: ['GÜN SONU'],
      customer: [],
    });
  });
});

test('every line is masked, and as much is kept as the contract takes', () => {
  const papers = printed(...Array.from({ length: 300 }, () => line('x'.repeat(200))));
  const { merchant } = receiptsOf(papers, (text) => text.toUpperCase());
  expect(merchant).toHaveLength(250);
  expect(new Set(merchant)).toEqual(new Set(['X'.repeat(120)]));
});
