import { z } from 'zod';
import type { Message, PtMessage, Reply, EcrCommand } from '../zvt/message.ts';
import type { Charset } from '../zvt/text.ts';
import { CARD_KEYS, type CardKey } from './cards.ts';
import type { CustomerAct } from './customer.ts';

/** What the simulated terminal is, remembers and does, as data. `terminal.ts` is the machine over it. */

const digits = (count: number): z.ZodString => z.string().regex(new RegExp(`^\\d{${count}}$`));

/** A transaction as the terminal holds it. */
export const transactionSchema = z.object({
  kind: z.enum(['sale', 'refund', 'reversal']),
  /**
   * `pending`: approved by the host, not yet answered yes by the till. `takenBack`: auto-reversed. `reversed`: by a reversal of
   * the till's.
   */
  state: z.enum(['pending', 'final', 'declined', 'takenBack', 'reversed']),
  receiptNo: digits(4),
  trace: digits(6),
  turnoverNo: digits(6),
  amount: z.int().min(0),
  currency: z.int(),
  card: z.enum(CARD_KEYS),
  contactless: z.boolean(),
  pinUsed: z.boolean(),
  authCode: z.string(),
  /** 27: 0 is a success. */
  result: z.int().min(0).max(255),
  originalTrace: z.string().nullable(),
  /** Tag 1F1F, hex. */
  reference: z.string(),
  /** YYYYMMDDHHMMSS by the terminal's own clock. */
  stamp: z.string(),
  /** The entry in the bank's book; null when declined. */
  bankNo: z.int().nullable(),
});
export type Transaction = z.infer<typeof transactionSchema>;

export const closedDaySchema = z.object({
  kind: z.literal('endOfDay'),
  receiptFrom: z.string(),
  receiptTo: z.string(),
  count: z.int().min(0),
  sum: z.int(),
  perCard: z.array(z.object({ label: z.string(), cardType: z.int(), count: z.int(), sum: z.int() })),
  trace: digits(6),
  receiptNo: digits(4),
  stamp: z.string(),
});
export type ClosedDay = z.infer<typeof closedDaySchema>;

/** What survives a power cut; written before any byte that follows from it leaves. */
export const memorySchema = z.object({
  /** Last numbers given. */
  receiptNo: z.int().min(0).max(9999),
  trace: z.int().min(0).max(999_999),
  /** The till owes its yes to this one. */
  pending: transactionSchema.nullable(),
  /** What repeat-receipt repeats. */
  last: z.union([transactionSchema, closedDaySchema]).nullable(),
  /** Since the last end of day, in order; final ones and those reversed since. */
  batch: z.array(transactionSchema).readonly(),
  clockOffsetMs: z.int(),
});
export type Memory = z.infer<typeof memorySchema>;

export const bankEntrySchema = z.object({
  no: z.int(),
  kind: z.enum(['charge', 'refund', 'reversal']),
  of: z.int().nullable(),
  amount: z.int(),
  currency: z.int(),
  maskedPan: z.string(),
  terminalId: z.string(),
  receiptNo: z.string(),
  trace: z.string(),
  authCode: z.string(),
  why: z.enum(['till', 'auto', 'keypad']),
  atMs: z.number(),
});

/** The whole of the state file: the terminal's memory and the acquirer's book. */
export const durableSchema = z.object({
  version: z.literal(1),
  memory: memorySchema,
  bank: z.array(bankEntrySchema).readonly(),
});
export type Durable = z.infer<typeof durableSchema>;

export const FACTORY_NEW: Durable = {
  version: 1,
  memory: { receiptNo: 0, trace: 0, pending: null, last: null, batch: [], clockOffsetMs: 0 },
  bank: [],
};

/** Something is the matter with the terminal; 05 01 reports it and commands are refused for it. */
export const conditionsSchema = z.object({
  initialisationNeeded: z.boolean(),
  diagnosisNeeded: z.boolean(),
  clockWrong: z.boolean(),
  /** The last day must be closed first (F0). */
  endOfDayOpen: z.boolean(),
  endOfDayImpossible: z.boolean(),
  hostAway: z.boolean(),
  outOfOrder: z.boolean(),
});
export type Conditions = z.infer<typeof conditionsSchema>;

const ms = z.int().min(0);

/** How this terminal is built and set up. Times in milliseconds of its own clock. */
export const termsSchema = z.object({
  terminalId: digits(8),
  merchantId: z.string().max(15),
  merchantName: z.string().max(40),
  softwareVersion: z.string().max(60),
  password: digits(6),
  /** Commands before a registration are refused with 6B. */
  mustRegister: z.boolean(),
  /** The side that waited in vain closes the line; so on TCP. */
  hangsUp: z.boolean(),
  currencies: z.array(z.int()),
  minAmount: z.int(),
  maxAmount: z.int(),
  /** 1F1F is sent. */
  uniqueIds: z.boolean(),
  /** 0B is 000000 and the trace stands in 1F2B. */
  longTrace: z.boolean(),
  /** A badly set up terminal: the whole card number in field 22 and on paper. */
  panInClear: z.boolean(),
  /** Who checks the PIN. `host`: a wrong one comes as a status information of its own before the last. */
  pinAt: z.enum(['card', 'host']),
  pinTries: z.int().min(1),
  /** What 06 20 says after an auto-reversal: that transaction as failed, or the one before it. */
  afterAutoReversal: z.enum(['declined', 'previous']),
  /** When a charge that a power cut left without the till's yes is taken back. */
  afterPowerCut: z.enum(['reverseAtStart', 'reverseBeforeNext']),
  /** A reversal to whose 04 0F the till did not say yes. */
  reversalUnanswered: z.enum(['takenBack', 'stands']),
  reversesOnlyLast: z.boolean(),
  receiptWidth: z.int().min(24).max(48),
  /** Result codes where terminals differ. */
  codes: z.object({
    passwordWrong: z.int(),
    busy: z.int(),
    autoReversed: z.int(),
    nothingStored: z.int(),
    nothingToAbort: z.int(),
  }),
  maxStatusInfos: z.int().min(1),
  times: z.object({
    t3: ms,
    card: ms,
    pin: ms,
    host: ms,
    /** 84 9C: pause before 04 0F is repeated, and for how long it is (01 of the command overrides). */
    again: ms,
    hold: ms,
    /** How long it waits for the card to be taken out before it goes on without. */
    removal: ms,
    reversal: ms,
    work: ms,
  }),
});
export type TerminalTerms = z.infer<typeof termsSchema>;

export const DEFAULT_TERMS: TerminalTerms = {
  terminalId: '99000001',
  merchantId: '000000099000001',
  merchantName: 'SİMULYATOR, real ödəniş deyil',
  softwareVersion: 'KOMIS SIMULATOR 1.0',
  password: '000000',
  mustRegister: true,
  hangsUp: true,
  currencies: [944],
  minAmount: 1,
  maxAmount: 99_999_999,
  uniqueIds: true,
  longTrace: false,
  panInClear: false,
  pinAt: 'card',
  pinTries: 3,
  afterAutoReversal: 'declined',
  afterPowerCut: 'reverseAtStart',
  reversalUnanswered: 'takenBack',
  reversesOnlyLast: false,
  receiptWidth: 32,
  codes: { passwordWrong: 0x85, busy: 0x9c, autoReversed: 0x6c, nothingStored: 0x83, nothingToAbort: 0x83 },
  maxStatusInfos: 255,
  times: {
    t3: 5000,
    card: 30_000,
    pin: 60_000,
    host: 1500,
    again: 2000,
    hold: 30_000,
    removal: 10_000,
    reversal: 1000,
    work: 700,
  },
};

export const ALL_WELL: Conditions = {
  initialisationNeeded: false,
  diagnosisNeeded: false,
  clockWrong: false,
  endOfDayOpen: false,
  endOfDayImpossible: false,
  hostAway: false,
  outOfOrder: false,
};

/** What the till asked for when it registered. */
export type Session = {
  readonly registered: boolean;
  readonly config: number;
  /** CC of the registration; the default of later commands. */
  readonly currency: number | null;
  readonly tlv: boolean;
  readonly textBlocks: boolean;
  /** Letters in a line of the till's printer; null: as the terminal has it. */
  readonly width: number | null;
  readonly charset: Charset;
};

/** As log-off leaves it (2.5 of the specification): config 86, no TLV. */
export const NO_SESSION: Session = {
  registered: false,
  config: 0x86,
  currency: null,
  tlv: false,
  textBlocks: false,
  width: null,
  charset: 'cp437',
};

/** What the answer of the till means that is being waited for. */
export type Role = 'status' | 'approval' | 'outcome' | 'paper' | 'lastPaper' | 'end' | 'busyStatus';
export type Outgoing = { readonly message: PtMessage; readonly role: Role };

export type Phase =
  'card' | 'pin' | 'host' | 'confirm' | 'papers' | 'removal' | 'reversing' | 'working' | 'ending';

/** The one command that is open: the terminal is master until it has said 06 0F or 06 1E. */
export type Procedure = {
  /** Null for what nobody asked for: the auto-reversal after a power cut. */
  readonly command: EcrCommand | null;
  readonly phase: Phase;
  readonly amount: number;
  readonly currency: number;
  /** 49 is returned only where the till sent one with this command. */
  readonly currencyAsked: boolean;
  readonly card: CardKey | null;
  readonly contactless: boolean;
  readonly pinUsed: boolean;
  readonly wrongPins: number;
  /** What the customer's script wants of the host; null: the card decides. */
  readonly hostCode: number | null;
  readonly hostMs: number | null;
  readonly transaction: Transaction | null;
  /** How often 04 0F of the approval was sent. */
  readonly statusInfos: number;
  /** The line over which the command came is gone: whatever is said now must not reach the next caller. */
  readonly detached: boolean;
  /** Should the host approve all the same, it is taken back; the result that 06 1E then gives. */
  readonly doomed: number | null;
  /** What is said when the card is out. */
  readonly last: PtMessage | null;
};

export type Terminal = {
  readonly terms: TerminalTerms;
  readonly durable: Durable;
  readonly session: Session;
  readonly conditions: Conditions;
  readonly procedure: Procedure | null;
  readonly outbox: readonly Outgoing[];
  readonly awaiting: Outgoing | null;
  /** A card that sticks in the slot. */
  readonly cardInside: CardKey | null;
  /** What the customer reads, and the last thing that was said to him. */
  readonly notice: Notice;
};

/** What stands on the display. */
export type Notice =
  | 'starting'
  | 'idle'
  | 'card'
  | 'pin'
  | 'wrongPin'
  | 'host'
  | 'approved'
  | 'declined'
  | 'cancelled'
  | 'cashier'
  | 'removeCard'
  | 'reversing'
  | 'reversed'
  | 'working';

export type TimerName =
  'card' | 'pin' | 'host' | 'reply' | 'again' | 'hold' | 'removal' | 'reversal' | 'work';

export type TerminalEvent =
  /** Power is on; the durable part has been read. */
  | { readonly kind: 'start' }
  | { readonly kind: 'command'; readonly command: EcrCommand }
  | { readonly kind: 'unknownCommand' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The connection was closed, or a frame was not acknowledged three times. */
  | { readonly kind: 'lineLost' }
  | { readonly kind: 'timer'; readonly timer: TimerName }
  | { readonly kind: 'customer'; readonly act: CustomerAct }
  | { readonly kind: 'conditions'; readonly conditions: Partial<Conditions> }
  /** A sale that somebody starts on the keypad; refused with config bit 10. */
  | { readonly kind: 'keypadSale'; readonly amount: number; readonly card: CardKey };

export type Effect =
  | { readonly kind: 'send'; readonly message: Message; readonly replyWithinMs: number | null }
  | { readonly kind: 'timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly kind: 'stop'; readonly timer: TimerName }
  | { readonly kind: 'hangUp' };

export type Step = { readonly state: Terminal; readonly effects: readonly Effect[] };
export type Move = (state: Terminal) => Step;

/** The terminal as it is when the power comes on. */
export const powerOn = (
  terms: TerminalTerms,
  durable: Durable,
  conditions: Conditions = ALL_WELL,
): Terminal => ({
  terms,
  durable,
  session: NO_SESSION,
  conditions,
  procedure: null,
  outbox: [],
  awaiting: null,
  cardInside: null,
  notice: 'starting',
});
