import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What the terminal and its bank have written down. It outlives the power. */

const chargeSchema = z.object({
  /** The till's name of the sale (SaleTransactionID). */
  saleTransactionId: z.string(),
  poiTransactionId: z.string(),
  poiTimeStamp: z.string(),
  kind: z.enum(['sale', 'refund']),
  /** Minor units. */
  amount: z.int().min(1),
  reversed: z.boolean(),
  /** The number of the terminal's day in which it was made, and in which it was reversed. */
  day: z.int(),
  reversedOnDay: z.int().nullable(),
  /** The ServiceID of the reversal that took it back; null for the terminal's own doing. */
  reversedBy: z.string().nullable(),
});
export type Charge = z.infer<typeof chargeSchema>;

const transactionSchema = z.object({
  saleId: z.string(),
  serviceId: z.string(),
  category: z.enum(['Payment', 'Reversal']),
  saleTransactionId: z.string(),
  /** The whole answer's parts once there is one; null while it goes on. */
  answer: z.record(z.string(), z.unknown()).nullable(),
});
export type Transaction = z.infer<typeof transactionSchema>;

const bookSchema = z.object({
  day: z.int().min(1),
  next: z.int().min(1),
  charges: z.array(chargeSchema),
  transactions: z.array(transactionSchema),
});
export type Book = z.infer<typeof bookSchema>;

const emptyBook = (): Book => ({ day: 1, next: 1, charges: [], transactions: [] });

/** Reads the book of a file, or begins one. Throws when the file holds something else. */
export function openBook(file: string | undefined): Book {
  if (file === undefined) return emptyBook();
  try {
    return bookSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return emptyBook();
    throw error;
  }
}

/** Writes the book in place of the old one. */
export function keepBook(file: string | undefined, book: Book): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(book));
  renameSync(`${file}.new`, file);
}

export type DayTotals = Readonly<
  Record<
    'Debit' | 'ReverseDebit' | 'Credit' | 'ReverseCredit',
    { readonly count: number; readonly sum: number }
  >
>;

/** What was done since the last reconciliation, by type of transaction. */
export function totalsOf({ day, charges }: Book): DayTotals {
  const of = (kind: Charge['kind'], field: 'day' | 'reversedOnDay') => {
    const these = charges.filter((charge) => charge.kind === kind && charge[field] === day);
    return { count: these.length, sum: these.reduce((total, { amount }) => total + amount, 0) };
  };
  return {
    Debit: of('sale', 'day'),
    ReverseDebit: of('sale', 'reversedOnDay'),
    Credit: of('refund', 'day'),
    ReverseCredit: of('refund', 'reversedOnDay'),
  };
}
