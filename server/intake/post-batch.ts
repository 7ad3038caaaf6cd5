import type { EntryOutcome } from '../../contracts/journal.ts';
import type { Instant } from '../../contracts/time.ts';

/** What intake_post takes (db/functions/40-intake.sql): `i` numbers the items of the batch, amounts are qəpik. */
export type PostingBatch = {
  readonly payments: readonly PaymentItem[];
  readonly lines: readonly LineItem[];
  readonly stornos: readonly StornoItem[];
  readonly stornoLines: readonly StornoLineItem[];
  readonly shifts: readonly ShiftItem[];
  readonly unplaced: readonly UnplacedItem[];
};

export type PaymentItem = {
  readonly i: number;
  readonly id: string;
  /** The device journal entry it comes from; absent for other channels. */
  readonly entry?: string;
  readonly hash: string;
  readonly channel: string;
  readonly device: string;
  readonly participant: string;
  readonly shift: string | null;
  readonly date: string;
  readonly receipt: string;
  readonly code: string | null;
  readonly total: number;
  readonly fees: number;
  readonly currency: string;
  readonly taken: Instant;
  /** The ledger account the money came into. */
  readonly debit: string;
} & CardPart;

/** The part of an item's amount that moved on another ledger account than its cash; both or none. */
type CardPart = { readonly card?: number; readonly cardAccount?: string };

export type LineItem = {
  readonly i: number;
  /** The payment it belongs to. */
  readonly p: string;
  readonly n: number;
  readonly id: string;
  /** Company, account, amount, fee. */
  readonly b: string;
  readonly a: string;
  readonly m: number;
  readonly f: number;
  readonly bill: string | null;
  /** The district of who took the money: the line's own where its account is on no list. */
  readonly d: string;
};

export type StornoItem = {
  readonly i: number;
  readonly id: string;
  readonly entry: string;
  readonly hash: string;
  readonly of: string;
  readonly device: string;
  readonly participant: string;
  readonly shift: string;
  readonly date: string;
  readonly receipt: string;
  readonly total: number;
  readonly taken: Instant;
  /** The ledger account the money went out of. */
  readonly credit: string;
} & CardPart;

export type StornoLineItem = {
  readonly i: number;
  readonly n: number;
  readonly id: string;
  readonly r: string;
  readonly m: number;
  readonly f: number;
};

export type ShiftItem = {
  readonly i: number;
  readonly id: string;
  readonly kind: 'shiftOpened' | 'shiftClosed' | 'cardCharge' | 'cardReturn';
  readonly hash: string;
  readonly date: string;
  /** Why a person must look at it all the same. */
  readonly reason?: string;
  readonly device: string;
  readonly entries: readonly (readonly [account: string, amount: number])[];
};

/** Money that moved for a reason nobody can place: positive came in, negative went out; so does its card part. */
export type UnplacedItem = CardPart & {
  readonly i: number;
  readonly id: string;
  readonly hash: string;
  readonly date: string;
  readonly cash: string;
  readonly amount: number;
  readonly reason: string;
  readonly device: string;
  readonly payment: string | null;
  readonly detail?: Readonly<Record<string, string | number>>;
};

/** What became of an item. `conflict`: its id means something else, and (for channels) nothing was posted. */
export type Posted = {
  readonly i: number;
  readonly outcome: EntryOutcome;
  readonly postedAt: Instant;
  readonly note: string | null;
  readonly journalId: string;
  readonly conflict: boolean;
};

/** Anything that runs a statement: a pool (its own transaction) or a connection inside one. */
export type Runner = {
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
};

const POST = {
  name: 'intake-post',
  text: 'select i, outcome, posted_at as "postedAt", note, journal_id as "journalId", conflict from intake_post($1::jsonb)',
};

/** Posts a batch in one statement. Throws what the database throws: with a pool, nothing was posted then. */
export async function postBatch(runner: Runner, batch: PostingBatch): Promise<Posted[]> {
  const filled = Object.fromEntries(Object.entries(batch).filter(([, items]) => items.length > 0));
  const { rows } = await runner.query({ ...POST, values: [JSON.stringify(filled)] });
  return rows as Posted[]; // the function's declared columns
}

/**
 * Posts one item by itself. A unique index may refuse it because another transaction is posting the very same item: then
 * that one has ended by now, and the second try finds it there. What is refused twice means something else.
 */
export async function postAlone(
  post: () => Promise<Posted[]>,
  undo: () => Promise<unknown> = async () => undefined,
): Promise<Posted[]> {
  try {
    return await post();
  } catch (error) {
    if (!isTaken(error)) throw error;
    await undo();
    return post();
  }
}

/** A unique index refused a row. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505';

export const EMPTY_BATCH: PostingBatch = {
  payments: [],
  lines: [],
  stornos: [],
  stornoLines: [],
  shifts: [],
  unplaced: [],
};

/** The part of a batch that is item `i`. */
export const onlyItem = (batch: PostingBatch, i: number): PostingBatch => ({
  payments: batch.payments.filter((item) => item.i === i),
  lines: batch.lines.filter((item) => item.i === i),
  stornos: batch.stornos.filter((item) => item.i === i),
  stornoLines: batch.stornoLines.filter((item) => item.i === i),
  shifts: batch.shifts.filter((item) => item.i === i),
  unplaced: batch.unplaced.filter((item) => item.i === i),
});

/**
 * Whether the database refused the data (a broken constraint, a value out of range, a text too long for an index), so
 * that the same data will be refused again, as opposed to trouble of its own (connection, space, deadlock), where trying
 * again is right.
 */
export function refusedData(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|54000|P0001)/.test(code);
}

/** Two transactions waited for each other and this one gave way: nothing happened, and the same again will do. */
export const deadlocked = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '40P01';
