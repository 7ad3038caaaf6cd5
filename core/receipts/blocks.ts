import type { Workstation } from '../../contracts/domain.ts';
import type { CardTender, PaymentLine, PaymentStornoed } from '../../contracts/journal.ts';
import { add, formatMoney, negate, subtract, sum, ZERO, type Qepik } from '../../contracts/money.ts';
import type { DocumentBlock } from '../../contracts/receipt.ts';
import { formatBaku, type Instant } from '../../contracts/time.ts';
import type { ReceiptTexts } from './receipt-texts.ts';

/** Parts that several papers share. Each gives blocks in reading order. */

export const RULE: DocumentBlock = { kind: 'rule' };

export const pair = (label: string, value: string, strong = false): DocumentBlock => ({
  kind: 'pair',
  label,
  value,
  strong,
});

export const centred = (text: string, strong = false): DocumentBlock => ({
  kind: 'text',
  text,
  align: 'centre',
  strong,
});

export const left = (text: string, strong = false): DocumentBlock => ({
  kind: 'text',
  text,
  align: 'left',
  strong,
});

export const stamp = (text: string): DocumentBlock => ({ kind: 'stamp', text });

/** A line to sign on: every form shows underscores, paper leaves room above them. */
export const signature = (label: string): DocumentBlock => pair(label, '_'.repeat(20));

/** Who issues the paper. */
export const issuer = (workstation: Workstation): DocumentBlock[] => [
  centred(workstation.participantName, true),
  centred(workstation.branchName),
  ...(workstation.branchAddress === '' ? [] : [centred(workstation.branchAddress)]),
];

/** Who made a copy and when; the teller of the payment stays the one who took it. */
export type Reprint = { readonly at: Instant; readonly by: string };

/** The mark of a copy; nothing on the original. */
export function copyMark(texts: ReceiptTexts, copy: number, reprint: Reprint | undefined): DocumentBlock[] {
  if (copy === 0) return [];
  const made = reprint === undefined ? [] : [centred(texts.copyMade(formatBaku(reprint.at), reprint.by))];
  return [stamp(texts.copyStamp(copy)), ...made];
}

/** Where and by whom it was done. */
export const circumstances = (
  texts: ReceiptTexts,
  facts: Pick<PaymentStornoed, 'receiptNo' | 'teller' | 'workstation' | 'shiftNo'>,
  takenAt: Instant,
): DocumentBlock[] => [
  pair(texts.receiptNo, facts.receiptNo, true),
  pair(texts.dateTime, formatBaku(takenAt)),
  pair(texts.teller, facts.teller.name),
  pair(texts.workstationShift, `${facts.workstation}, № ${facts.shiftNo}`),
];

/**
 * One paid account. With several on a receipt each is numbered. `sign` −1 shows the amounts of a storno; what remains on
 * the account is said of payments only, and only with the time it was true.
 */
export function paidLine(
  texts: ReceiptTexts,
  line: PaymentLine,
  number: number | null,
  sign: 1 | -1,
): DocumentBlock[] {
  const signed = (amount: Qepik): string => formatMoney(sign === 1 ? amount : negate(amount));
  return [
    left(number === null ? line.billerName : `${number}. ${line.billerName}`, true),
    pair(texts.account, line.account),
    ...(line.holder === '' ? [] : [pair(texts.holder, line.holder)]),
    ...(line.period === null ? [] : [pair(texts.period, formatPeriod(line.period))]),
    ...(line.billNo === null ? [] : [pair(texts.billNo, line.billNo)]),
    pair(texts.amount, signed(line.amount), true),
    ...(line.fee === 0 ? [] : [pair(texts.fee, signed(line.fee))]),
    ...(line.load
      ? [pair(texts.meter, line.load.meter), pair(texts.meterCard, cardEnds(line.load.cardId))]
      : []),
    ...(sign === 1 && !line.load ? afterwards(texts, line) : []),
  ];
}

/** A meter card as its holder knows it: groups of four. */
const cardEnds = (cardId: string): string => cardId.replace(/(.{4})(?=.)/g, '$1 ');

function afterwards(texts: ReceiptTexts, line: PaymentLine): DocumentBlock[] {
  if (!line.known) return [left(texts.accountNotListed)];
  if (line.owedAsOf === null) return [];
  const remains = subtract(line.owedShown, line.amount);
  if (remains === 0) return [];
  const asOf = formatBaku(line.owedAsOf);
  return [
    remains > 0
      ? pair(texts.debtLeft(asOf), formatMoney(remains))
      : pair(texts.advance(asOf), formatMoney(negate(remains))),
  ];
}

/** Numbers are shown only where there is more than one line. */
export const paidLines = (
  texts: ReceiptTexts,
  lines: readonly PaymentLine[],
  sign: 1 | -1,
): DocumentBlock[] =>
  lines.flatMap((line, i) => paidLine(texts, line, lines.length === 1 ? null : i + 1, sign));

/** Σ amounts, Σ fees and their sum, which is what the payer gave or got back. */
export function totals(texts: ReceiptTexts, lines: readonly PaymentLine[], sign: 1 | -1): DocumentBlock[] {
  const signed = (amount: Qepik): string => formatMoney(sign === 1 ? amount : negate(amount));
  const amounts = sum(lines.map((line) => line.amount));
  const fees = sum(lines.map((line) => line.fee));
  return [
    ...(lines.length === 1 && fees === ZERO
      ? []
      : [pair(`${texts.payments} (${lines.length})`, signed(amounts))]),
    pair(texts.fee, signed(fees)),
    { kind: 'total', label: texts.total, value: signed(add(amounts, fees)) },
  ];
}

/**
 * A line of the terminal's own paper, set in columns with blanks: blanks in a row and at its front stand, and paper narrower
 * than the terminal thought breaks it between words.
 */
export const asWritten = (line: string): DocumentBlock =>
  left(line.replace(/^ +| {2,}/g, (blanks) => '\u00a0'.repeat(blanks.length)));

/** What a card paid or got back: by our record first, then the terminal's slip in its own words. */
export function cardSlip(texts: ReceiptTexts, label: string, card: CardTender): DocumentBlock[] {
  const name = [card.cardName, card.maskedPan].filter((part) => part !== null).join(' ');
  const terminal = [card.terminalId, card.receiptNo].filter((part) => part !== null).join(' / ');
  return [
    pair(label, formatMoney(card.amount), true),
    ...(name === '' ? [] : [left(name)]),
    ...(card.authCode === null ? [] : [pair(texts.authCode, card.authCode)]),
    ...(terminal === '' ? [] : [pair(texts.posTerminal, terminal)]),
    ...(card.terminalText.length === 0
      ? []
      : [RULE, centred(texts.terminalSays), ...card.terminalText.map(asWritten)]),
  ];
}

/** `2026-10` → `10.2026`. */
export const formatPeriod = (period: string): string => `${period.slice(5)}.${period.slice(0, 4)}`;
