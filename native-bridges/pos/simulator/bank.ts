/**
 * The acquirer behind the simulated terminal: the truth of what cards were charged. An append-only book; nothing in it is
 * changed, an entry is taken back by another one that names it. Amounts are minor units.
 */

export type BankEntryKind = 'charge' | 'refund' | 'reversal';

export type BankEntry = {
  /** 1, 2, 3 … */
  readonly no: number;
  /** `reversal` takes back the entry `of`, whatever that is: a charge, a refund, another reversal. */
  readonly kind: BankEntryKind;
  readonly of: number | null;
  readonly amount: number;
  /** ISO 4217, numeric: 944 is AZN. */
  readonly currency: number;
  readonly maskedPan: string;
  readonly terminalId: string;
  /** The terminal's receipt number, four digits, and trace, six. */
  readonly receiptNo: string;
  readonly trace: string;
  readonly authCode: string;
  /** `auto`: the terminal took it back by itself because the till had not said yes. */
  readonly why: 'till' | 'auto' | 'keypad';
  readonly atMs: number;
};

export type BankBook = readonly BankEntry[];

export type HostDecision =
  | { readonly approved: true; readonly authCode: string }
  | { readonly approved: false; readonly code: number };

/** Writes an entry. Answers the book with it and the entry itself. */
export function enter(book: BankBook, entry: Omit<BankEntry, 'no'>): readonly [BankBook, BankEntry] {
  const written = { ...entry, no: book.length + 1 };
  return [[...book, written], written];
}

/** Whether an entry still holds: no entry that itself holds has taken it back. */
export function stands(book: BankBook, no: number): boolean {
  return !book.some((entry) => entry.of === no && stands(book, entry.no));
}

/** Every charge that holds: what the payers' banks have taken. */
export const charges = (book: BankBook): readonly BankEntry[] =>
  book.filter((entry) => entry.kind === 'charge' && stands(book, entry.no));

/** Every refund that holds. */
export const refunds = (book: BankBook): readonly BankEntry[] =>
  book.filter((entry) => entry.kind === 'refund' && stands(book, entry.no));

/** Charges less refunds, minor units. */
export const netSum = (book: BankBook): number => sumOf(charges(book)) - sumOf(refunds(book));

const sumOf = (entries: readonly BankEntry[]): number => entries.reduce((sum, { amount }) => sum + amount, 0);

/** The approval code of the n-th entry, six digits; invented, but the same on every run. */
export const authCodeOf = (no: number): string => String((no * 7919 + 104_729) % 1_000_000).padStart(6, '0');
