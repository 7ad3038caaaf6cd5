import type { PtMessage } from '../zvt/message.ts';
import { cardOf, maskPan } from './cards.ts';
import type { ClosedDay, Session, TerminalTerms, Transaction } from './terminal-state.ts';

/** The terminal's receipts in its own words, as print lines (06 D1) or blocks (06 D3). */

type Line = { readonly attribute: number; readonly text: string };
type Paper = { readonly receiptType: 'merchant' | 'customer' | 'admin'; readonly lines: readonly Line[] };

const LEFT = 0x00;
const CENTRED = 0x40;
const DOUBLE_HEIGHT = 0x10;
/** Last line of a paper, centred. The bare 80 would not mark the end. */
const LAST = 0xc0;
/** FF and a number: feed so many lines. */
const feed = (count: number): Line => ({ attribute: 0xff, text: String.fromCodePoint(count) });

const money = (amount: number, currency: number): string => {
  const sign = amount < 0 ? '-' : '';
  const whole = Math.abs(amount);
  const name = currency === 944 ? 'AZN' : currency === 978 ? 'EUR' : String(currency);
  return `${sign}${Math.trunc(whole / 100)}.${String(whole % 100).padStart(2, '0')} ${name}`;
};

const KINDS = { sale: 'ÖDƏNİŞ', refund: 'GERİ QAYTARMA', reversal: 'LƏĞV' } as const;

/** Both papers of a transaction, merchant's first. */
export function papersOf(transaction: Transaction, terms: TerminalTerms, session: Session): readonly Paper[] {
  const width = session.width ?? terms.receiptWidth;
  return [
    { receiptType: 'merchant', lines: linesOf(transaction, terms, 'MAĞAZA NÜSXƏSİ', width) },
    { receiptType: 'customer', lines: linesOf(transaction, terms, 'MÜŞTƏRİ NÜSXƏSİ', width) },
  ];
}

const rowOf =
  (width: number) =>
  (label: string, value: string): Line => ({
    attribute: LEFT,
    text: label + value.padStart(Math.max(value.length + 1, width - label.length)),
  });

function linesOf(
  transaction: Transaction,
  terms: TerminalTerms,
  copy: string,
  width: number,
): readonly Line[] {
  const card = cardOf(transaction.card);
  const row = rowOf(width);
  const { stamp } = transaction;
  const when = `${stamp.slice(6, 8)}.${stamp.slice(4, 6)}.${stamp.slice(0, 4)}`;
  const clock = `${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12, 14)}`;
  return [
    { attribute: CENTRED, text: '*** SİMULYATOR ***' },
    { attribute: CENTRED, text: terms.merchantName },
    { attribute: CENTRED, text: copy },
    feed(1),
    { attribute: CENTRED | DOUBLE_HEIGHT, text: KINDS[transaction.kind] },
    row('Terminal', terms.terminalId),
    row('Tacir', terms.merchantId),
    row('Qəbz', transaction.receiptNo),
    row('Trace', transaction.trace),
    ...(transaction.originalTrace === null ? [] : [row('İlkin trace', transaction.originalTrace)]),
    row(when, clock),
    row(card.label, transaction.contactless ? 'təmassız' : 'çip'),
    row('Kart', terms.panInClear ? card.pan : maskPan(card.pan)),
    row('AID', card.aid),
    { attribute: DOUBLE_HEIGHT, text: `MƏBLƏĞ ${money(transaction.amount, transaction.currency)}` },
    ...(transaction.authCode === '' ? [] : [row('Təsdiq kodu', transaction.authCode)]),
    { attribute: LEFT, text: transaction.pinUsed ? 'PİN ilə təsdiqləndi' : 'PİN tələb olunmadı' },
    {
      attribute: CENTRED,
      text: transaction.result === 0 ? 'TƏSDİQ OLUNDU' : `İMTİNA (${hex(transaction.result)})`,
    },
    { attribute: LAST, text: 'Bu real ödəniş deyil' },
  ];
}

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0');

/** The paper of an end of day or of totals. */
export function dayPaper(day: ClosedDay, terms: TerminalTerms, session: Session, title: string): Paper {
  const row = rowOf(session.width ?? terms.receiptWidth);
  return {
    receiptType: 'admin',
    lines: [
      { attribute: CENTRED, text: '*** SİMULYATOR ***' },
      { attribute: CENTRED, text: title },
      row('Terminal', terms.terminalId),
      row('Qəbzlər', `${day.receiptFrom}-${day.receiptTo}`),
      ...day.perCard.map(({ label, count, sum }) => row(`${label} (${count})`, money(sum, 944))),
      row(`CƏMİ (${day.count})`, money(day.sum, 944)),
      { attribute: LAST, text: 'Bu real hesabat deyil' },
    ],
  };
}

/** A paper as the till wants it: one block, or line by line. */
export function asMessages(paper: Paper, { tlv, textBlocks }: Session): readonly PtMessage[] {
  if (tlv && textBlocks) return [{ name: 'printBlock', ...paper }];
  return paper.lines.map(({ attribute, text }) => ({ name: 'printLine', attribute, text }));
}

/** Config 02 or 04: the till prints; and 80: what the terminal has written, not what the till makes of 04 0F. */
export const tillPrints = ({ config }: Session, papers: 'payment' | 'admin'): boolean =>
  (config & 0x80) !== 0 && (config & (papers === 'payment' ? 0x02 : 0x04)) !== 0;
