import type { EntryOutcome, Person } from '../contracts/journal.ts';
import type { BoundAccount, Subscriber } from '../contracts/domain.ts';
import type { Id } from '../contracts/ids.ts';
import { ZERO, type Qepik } from '../contracts/money.ts';
import type { Pieces } from '../contracts/rules/denominations.ts';
import type { PosKind, PosOutcome, PosTotals, TerminalSlip } from '../contracts/pos.ts';
import type { CalendarDate, Instant } from '../contracts/time.ts';
import type { LoadFacts } from './fold-load.ts';

/**
 * What the workstation knows about itself: a fold over its journal (fold.ts) and nothing else. Whole records are not
 * kept here but read from the journal by `seq`; a counter may run for years.
 */
export type Facts = {
  /** The last entry folded; 0 before the first. */
  headSeq: number;
  /** Set by the enrolment; the workstation's code names its receipts. */
  device: { readonly deviceId: Id; readonly workstation: string } | null;
  readonly shifts: Map<Id, ShiftFacts>;
  /** The open shift of each teller. */
  readonly openShiftOf: Map<Id, Id>;
  lastShiftNo: number;
  lastZNo: number;
  /** The last receipt serial of each business date: payments and stornos share it. */
  readonly lastSerial: Map<CalendarDate, number>;
  readonly payments: Map<Id, PaymentFacts>;
  readonly stornos: Map<Id, StornoFacts>;
  /** Operations at the POS terminal, oldest first. */
  readonly attempts: Map<Id, AttemptFacts>;
  /** Attempts without a last word, oldest first. */
  readonly openAttempts: Set<Id>;
  /** Attempts that were made and whose payment or storno is not written down yet: it is next. */
  readonly unrecorded: Set<Id>;
  /** Charges that no payment takes, and that nobody has begun to reverse: a reversal is next. */
  readonly unreversed: Set<Id>;
  /** What the terminal made since its last end of day. */
  posDay: PosDay;
  /** The closes of the terminal's day, by their id: the entry of each. */
  readonly posCloses: Map<Id, number>;
  /** Loads of meter cards, oldest first. */
  readonly loads: Map<Id, LoadFacts>;
  /** Those that are neither confirmed nor cancelled. */
  readonly openLoads: Set<Id>;
  /** Payments and stornos whose receipt has not come out (nor failed) yet, oldest first. */
  readonly unprinted: Set<Id>;
  /** This counter's own payment lines, for the overlay over the replica. By account, see {@link accountKey}. */
  readonly ownLines: Map<string, OwnLine[]>;
  /** Lines and subscriber changes that the centre has not acknowledged, by the entry they are in. */
  readonly waitingLines: Map<number, OwnLine[]>;
  readonly waitingChanges: Map<number, SubscriberChange>;
  /** Subscribers registered here: the entry of each. */
  readonly registrations: Map<Id, { readonly seq: number; readonly code: string }>;
  /** Serials of registration codes that are given away. */
  readonly usedSerials: Set<number>;
};

export type ShiftFacts = {
  readonly shiftId: Id;
  readonly shiftNo: number;
  readonly businessDate: CalendarDate;
  readonly teller: Person;
  readonly openedAt: Instant;
  readonly floatTotal: Qepik;
  closed: boolean;
  paymentCount: number;
  paymentTotal: Qepik;
  fees: Qepik;
  stornoCount: number;
  stornoTotal: Qepik;
  /** What the drawer should hold: float + cash in − cash out. Exact. */
  cash: Qepik;
  /** The same by pieces: an estimate, since nobody counts every note on screen. Its worth is `cash`. */
  drawer: Pieces;
  /** Σ payments taken while the centre was away, less those cancelled. */
  offlineTotal: Qepik;
  /** The cards' part of the sums: how many payments, what was charged, what was taken back by stornos. */
  cards: { readonly count: number; readonly charged: Qepik; readonly reversed: Qepik };
};

/** An operation at the POS terminal; the whole of it is in the journal at `seq`. */
export type AttemptFacts = {
  readonly attemptId: Id;
  readonly kind: PosKind;
  readonly seq: number;
  readonly shiftId: Id;
  readonly preparedAt: Instant;
  readonly tellerName: string;
  readonly amount: Qepik;
  /** The payment it pays or takes back. */
  readonly paymentId: Id;
  /** The storno that a reversal or refund is made for. */
  readonly stornoId: Id | null;
  /** The sale that a reversal or refund takes back. */
  readonly originalId: Id | null;
  /** Where the terminal's approval stands, if it was given. */
  authorisedSeq: number | null;
  /** Where a supervisor's decision stands, if there was one. */
  decidedSeq: number | null;
  /** What people know it by: the terminal's numbers and the card, as the terminal's result has them, upper case. */
  words: string;
  /** The highest copy number given out of each of the terminal's papers. */
  readonly copies: Record<TerminalSlip, number>;
  decision: 'otherTender' | 'manual' | null;
  concluded: {
    readonly seq: number;
    readonly at: Instant;
    readonly outcome: PosOutcome;
    /** The payment or storno that follows from it; null where none does. */
    readonly recordedAs: Id | null;
  } | null;
};

/** Since the terminal's last end of day: net count and sum, and the attempts concluded meanwhile. */
export type PosDay = { readonly totals: PosTotals; readonly attempts: readonly Id[] };
export const emptyPosDay: PosDay = { totals: { count: 0, sum: ZERO }, attempts: [] };

export type PaymentFacts = {
  readonly paymentId: Id;
  readonly seq: number;
  readonly shiftId: Id;
  readonly receiptNo: string;
  readonly takenAt: Instant;
  readonly tellerName: string;
  readonly total: Qepik;
  readonly online: boolean;
  readonly payerName: string | null;
  /** The attempt that charged the card for a part of it, and that part; null where all was cash. */
  readonly card: { readonly attemptId: Id; readonly amount: Qepik; readonly ends: string | null } | null;
  readonly accounts: readonly string[];
  /** Names of payer and holders, folded for search (rules/fold-text.ts), each word behind a blank. */
  readonly names: string;
  stornoId: Id | null;
  print: PrintFacts | null;
};

export type StornoFacts = {
  readonly stornoId: Id;
  readonly paymentId: Id;
  readonly seq: number;
  readonly receiptNo: string;
  print: PrintFacts | null;
};

/** Papers of one receipt: how the first attempt went, and the highest copy number given out. */
export type PrintFacts = { readonly first: boolean; readonly lastCopy: number };

/** A payment line (positive) or its storno (negative) of this counter. */
export type OwnLine = {
  readonly lineId: Id;
  readonly billerId: Id;
  readonly account: string;
  readonly amount: Qepik;
  readonly seq: number;
  /** What the centre said of its entry; null until it has. */
  outcome: EntryOutcome | null;
  postedAt: Instant | null;
};

/** A registration or a binding that the centre has not acknowledged yet. */
export type SubscriberChange =
  | { readonly kind: 'registered'; readonly code: string; readonly subscriber: Subscriber }
  | { readonly kind: 'bound'; readonly code: string; readonly account: BoundAccount }
  | { readonly kind: 'unbound'; readonly code: string; readonly account: BoundAccount };

export const accountKey = (billerId: Id, account: string): string => `${billerId} ${account}`;

export const emptyFacts = (): Facts => ({
  headSeq: 0,
  device: null,
  shifts: new Map(),
  openShiftOf: new Map(),
  lastShiftNo: 0,
  lastZNo: 0,
  lastSerial: new Map(),
  payments: new Map(),
  stornos: new Map(),
  attempts: new Map(),
  openAttempts: new Set(),
  unrecorded: new Set(),
  unreversed: new Set(),
  posDay: emptyPosDay,
  posCloses: new Map(),
  loads: new Map(),
  openLoads: new Set(),
  unprinted: new Set(),
  ownLines: new Map(),
  waitingLines: new Map(),
  waitingChanges: new Map(),
  registrations: new Map(),
  usedSerials: new Set(),
});
