import type { TerminalReceipts } from '../../../contracts/pos.ts';
import type { PtMessage } from './message.ts';

/** One paper as it comes out, line by line; `done`: it was cut. */
type Paper = {
  readonly type: 'merchant' | 'customer' | 'admin' | 'unknown';
  readonly lines: readonly string[];
  readonly done: boolean;
};
export type Papers = readonly Paper[];

type Printed = Extract<PtMessage, { name: 'printLine' | 'printBlock' }>;

const MOST_LINES = 250;
const MOST_LETTERS = 120;

/** Feeds paper: its text is how many lines, and nothing to read. */
const FEED = 0xff;
const MOST_FED = 9;

/** The last line of a paper (06 D1): bit 80 is set and other bits say how the line looks. */
const endsPaper = (attribute: number): boolean => attribute > 0x80 && attribute !== FEED;

const linesOf = ({
  attribute,
  text,
}: {
  readonly attribute: number;
  readonly text: string;
}): readonly string[] =>
  attribute === FEED ? Array<string>(Math.min(MOST_FED, text.codePointAt(0) ?? 0)).fill('') : [text];

/** Takes in what the terminal wants printed (06 D1, 06 D3). */
export function withPrinted(papers: Papers, printed: Printed): Papers {
  const last = papers.at(-1);
  if (printed.name === 'printLine') {
    const done = endsPaper(printed.attribute);
    if (last === undefined || last.done) {
      // What is fed behind a paper that was cut begins no other.
      if (printed.attribute === FEED) return papers;
      return [...papers, { type: 'unknown', lines: linesOf(printed), done }];
    }
    return [...papers.slice(0, -1), { ...last, lines: [...last.lines, ...linesOf(printed)], done }];
  }
  const lines = printed.lines.flatMap(linesOf);
  // A long paper comes in several blocks of the same type.
  if (last !== undefined && !last.done && last.type === printed.receiptType)
    return [...papers.slice(0, -1), { ...last, lines: [...last.lines, ...lines] }];
  return [
    ...papers.map((paper) => ({ ...paper, done: true })),
    { type: printed.receiptType, lines, done: false },
  ];
}

// The dotted capital I is nobody's capital of i to a regular expression.
const CUSTOMER = /kundenbeleg|kunden-beleg|customer|cardholder|müştər[iİ]|musteri|клиент|покупател/i;
const MERCHANT = /händler|haendler|merchant|sat[ıiIİ]c[ıiIİ]|торгов|продав/i;

function typeByText(paper: Paper): Paper['type'] {
  if (paper.type !== 'unknown') return paper.type;
  if (paper.lines.some((line) => CUSTOMER.test(line))) return 'customer';
  return paper.lines.some((line) => MERCHANT.test(line)) ? 'merchant' : 'unknown';
}

/**
 * Both papers of a transaction. Where the terminal does not say whose a paper is, its words decide, then the order: the
 * merchant's comes first. A single paper is both.
 *
 * @param mask takes card numbers out of a line
 */
export function receiptsOf(papers: Papers, mask: (text: string) => string): TerminalReceipts {
  const customer: string[] = [];
  const merchant: string[] = [];
  const typed = papers.map((paper) => ({ ...paper, type: typeByText(paper) }));
  for (const paper of typed) {
    const lines = paper.lines.map((line) => mask(line).slice(0, MOST_LETTERS));
    if (paper.type === 'customer') customer.push(...lines);
    else if (paper.type === 'unknown' && merchant.length > 0 && customer.length === 0)
      customer.push(...lines);
    else merchant.push(...lines);
  }
  if (typed.length === 1 && typed[0]?.type === 'unknown') customer.push(...merchant);
  return { customer: customer.slice(0, MOST_LINES), merchant: merchant.slice(0, MOST_LINES) };
}
