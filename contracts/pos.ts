import { z } from 'zod';
import { idSchema } from './ids.ts';
import { currencySchema, positiveQepikSchema, qepikSchema } from './money.ts';
import { instantSchema } from './time.ts';

/**
 * What workstation and window say of the POS terminal on the counter, whatever its protocol. No card number stands here
 * beyond its first six and last four digits: drivers mask at the edge.
 */

/** A masked card number, `416973******1234`; no run of more than six digits in it. */
export const maskedPanSchema = z.string().regex(/^\d{0,6}\*+\d{0,4}$/);

/** Lines of a terminal's own receipt, as it worded them, card numbers masked. */
export const terminalTextSchema = z.array(z.string().max(120)).max(250);

/** What the terminal says of a transaction it holds. */
export const posResultSchema = z.object({
  amount: positiveQepikSchema.min(1),
  currency: currencySchema,
  /** The terminal's own id (TID); null where it does not say. */
  terminalId: z.string().max(40).nullable(),
  /** The terminal's number of the transaction, by which it can be reversed (ZVT receipt number, nexo POI transaction). */
  receiptNo: z.string().max(80).nullable(),
  trace: z.string().max(40).nullable(),
  /** A name of the transaction that no other has (ZVT tag 1F1F, nexo SaleTransactionID): the best evidence. */
  reference: z.string().max(120).nullable(),
  authCode: z.string().max(20).nullable(),
  cardName: z.string().max(60).nullable(),
  maskedPan: maskedPanSchema.nullable(),
  /** `20261123T143521`, the terminal's own clock and zone; nobody computes with it. */
  terminalTime: z.string().max(20).nullable(),
});
export type PosResult = z.infer<typeof posResultSchema>;

/** Both papers of one transaction in the terminal's own words. */
export const terminalReceiptsSchema = z.object({
  customer: terminalTextSchema,
  merchant: terminalTextSchema,
});
export type TerminalReceipts = z.infer<typeof terminalReceiptsSchema>;
export const NO_RECEIPTS: TerminalReceipts = { customer: [], merchant: [] };
/** Whose copy of the terminal's paper. */
export const terminalSlipSchema = z.enum(['customer', 'merchant']);
export type TerminalSlip = z.infer<typeof terminalSlipSchema>;

/** The last transaction a terminal held before an attempt: what tells a new one from an old one afterwards. */
export const posSnapshotSchema = z.object({
  terminalId: z.string().max(40).nullable(),
  receiptNo: z.string().max(80).nullable(),
  trace: z.string().max(40).nullable(),
  reference: z.string().max(120).nullable(),
});
export type PosSnapshot = z.infer<typeof posSnapshotSchema>;

/** `sale` charges a card, `reversal` takes a charge back without the card, `refund` gives money back onto a card. */
export const posKindSchema = z.enum(['sale', 'reversal', 'refund']);
export type PosKind = z.infer<typeof posKindSchema>;

/** What a driver can do; screens show what this says and nothing else of the protocol. */
export const posCapabilitiesSchema = z.object({
  /** Asked for its last transaction, the terminal answers with the whole of it. */
  queriesLast: z.boolean(),
  /** It can be asked for one transaction by our id. */
  queriesById: z.boolean(),
  reversesOnlyLast: z.boolean(),
  refunds: z.boolean(),
  /** The charge becomes final only after we have said that it is stored (two-phase commit). */
  holdsCommit: z.boolean(),
  /** The terminal prints its receipts itself. */
  printsItself: z.boolean(),
  /** Totals can be read without closing the day. */
  readsTotals: z.boolean(),
  /** The papers of the last transaction can be asked for again. */
  reprints: z.boolean(),
  aborts: z.boolean(),
});
export type PosCapabilities = z.infer<typeof posCapabilitiesSchema>;

const portNumber = z.int().min(1).max(65_535);
const zvtTerms = { password: z.string().regex(/^\d{6}$/) } as const;

/** Where the terminal is and what it speaks. */
export const posSettingsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('zvtSerial'),
    path: z.string().min(1).max(400),
    baudRate: z.union([
      z.literal(9600),
      z.literal(19_200),
      z.literal(38_400),
      z.literal(57_600),
      z.literal(115_200),
    ]),
    stopBits: z.union([z.literal(1), z.literal(2)]),
    /** Use RTS/CTS; most terminals do not. */
    modemLines: z.boolean(),
    ...zvtTerms,
  }),
  z.object({ kind: z.literal('zvtTcp'), host: z.string().min(1).max(200), port: portNumber, ...zvtTerms }),
  z.object({
    kind: z.literal('nexo'),
    /** `ws` is JSON over WebSocket, `tcp` JSON behind a four-byte length. */
    over: z.enum(['tcp', 'ws']),
    host: z.string().min(1).max(200),
    port: portNumber,
    /** The terminal's own id (POIID) and ours (SaleID). */
    poiId: z.string().min(1).max(60),
    saleId: z.string().min(1).max(60),
  }),
]);
export type PosSettings = z.infer<typeof posSettingsSchema>;

/**
 * What goes on at the terminal, in words of ours that the screens translate. `text`: see the terminal's own text beside it.
 */
export const LIVE_CODES = [
  'connecting',
  'registering',
  'insertCard',
  'confirmAmount',
  'seePinPad',
  'enterPin',
  'wrongPin',
  'waitingForHost',
  'pleaseWait',
  'approved',
  'declined',
  'removeCard',
  'cardInside',
  'autoReversal',
  'waitingForCashier',
  'dialling',
  'printing',
  'endOfDay',
  'aborting',
  'asking',
  'text',
] as const;
export const liveCodeSchema = z.enum(LIVE_CODES);
export type LiveCode = z.infer<typeof liveCodeSchema>;

/** Why a terminal said no, or why nothing is known: codes that the screens translate (contracts/pos-reasons.ts). */
export const posReasonSchema = z.object({
  code: z.string().max(60),
  /** The terminal's own code and words, for whoever asks the bank. */
  detail: z.string().max(200),
});
export type PosReason = z.infer<typeof posReasonSchema>;

/**
 * Count and sum of what a terminal (or the journal of it) holds since its last end of day. A reversal takes its sale off
 * both; a refund counts as one more and lowers the sum. Below zero only where an earlier day's sale was reversed.
 */
export const posTotalsSchema = z.object({
  count: z.int(),
  sum: qepikSchema,
});
export type PosTotals = z.infer<typeof posTotalsSchema>;

/** How far an attempt is. `unknown`: the answer was lost, the terminal is being asked. */
export const posStageSchema = z.enum(['prepared', 'sent', 'authorised', 'unknown', 'concluded']);
export type PosStage = z.infer<typeof posStageSchema>;

/** How an attempt ended. `done`: the card was charged (reversed, refunded); `manual`: people take it from here. */
export const posOutcomeSchema = z.enum(['done', 'declined', 'notDone', 'manual']);
export type PosOutcome = z.infer<typeof posOutcomeSchema>;

/** One step of an attempt's story, for the person in front of it. */
export const posStepSchema = z.object({
  at: instantSchema,
  what: z.enum([
    'written',
    'sent',
    'live',
    'stopAsked',
    'stored',
    'confirmed',
    'declined',
    'lost',
    'asked',
    'found',
    'notFound',
    'stillUnknown',
    'decided',
    'reversalQueued',
    'recorded',
    'manual',
  ]),
  live: liveCodeSchema.nullable(),
  reason: posReasonSchema.nullable(),
});
export type PosStep = z.infer<typeof posStepSchema>;

/** An attempt as the window sees it. */
export const posAttemptViewSchema = z.object({
  attemptId: idSchema,
  kind: posKindSchema,
  stage: posStageSchema,
  outcome: posOutcomeSchema.nullable(),
  amount: positiveQepikSchema,
  /** The payment it pays, or takes back. */
  paymentId: idSchema,
  /** Of the receipt or storno slip that followed; null while none has. */
  receiptNo: z.string().nullable(),
  payerName: z.string().nullable(),
  teller: z.string(),
  since: instantSchema,
  /** Cash the teller holds for the same payment until the card's part is known. */
  cashHeld: positiveQepikSchema,
  /** A supervisor decided that other money is taken: if the card was charged, it is reversed. */
  decided: z.boolean(),
  /** The terminal has been asked to stop; its own word then says what became of it. */
  stopAsked: z.boolean(),
  steps: z.array(posStepSchema).max(40),
  /** When the terminal is asked again by itself, and how often it was. */
  nextAskAt: instantSchema.nullable(),
  asks: z.int().min(0),
});
export type PosAttemptView = z.infer<typeof posAttemptViewSchema>;

/** The topic `terminal`: the POS terminal of this counter. */
export const terminalStateSchema = z.object({
  settings: posSettingsSchema,
  /** It says of itself that it is a simulator; the screen must, too. */
  simulator: z.boolean(),
  state: z.enum(['notSet', 'connecting', 'away', 'refused', 'ready', 'busy']),
  reason: posReasonSchema.nullable(),
  since: instantSchema,
  terminalId: z.string().nullable(),
  capabilities: posCapabilitiesSchema.nullable(),
  /** What goes on at the terminal now; null when nothing does. */
  live: z
    .object({ code: liveCodeSchema, text: z.string().max(200).nullable(), at: instantSchema })
    .nullable(),
  /** The attempt in hand at this counter: between the key and the terminal's last word. */
  attempt: posAttemptViewSchema.nullable(),
  /** Attempts whose outcome is not known yet or whose reversal is due, oldest first. */
  open: z.array(posAttemptViewSchema),
  /** Attempts that ended behind the teller's back, newest first, until somebody has seen what became of them. */
  ended: z.array(posAttemptViewSchema).max(5),
});
export type TerminalState = z.infer<typeof terminalStateSchema>;

/** A card transaction of this workstation as a row, with both papers of the terminal: the archive of merchant copies. */
export const cardRowSchema = posAttemptViewSchema
  .omit({ stopAsked: true, steps: true, nextAskAt: true, asks: true })
  .extend({
    result: posResultSchema.nullable(),
    reason: posReasonSchema.nullable(),
    receipts: terminalReceiptsSchema,
  });
export type CardRow = z.infer<typeof cardRowSchema>;

/** One finding of the guided set-up: a terminal, or why what answered is none. */
export const posFindingSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('terminal'),
    settings: posSettingsSchema,
    label: z.string().max(200),
    terminalId: z.string().nullable(),
    simulator: z.boolean(),
  }),
  z.object({ kind: z.literal('other'), label: z.string().max(200), reason: posReasonSchema }),
]);
export type PosFinding = z.infer<typeof posFindingSchema>;

/** One step of the check that a terminal is set up as it must be. */
export const posCheckSchema = z.object({
  what: z.enum(['connection', 'password', 'currency', 'clock', 'endOfDay', 'recovery', 'receipts']),
  state: z.enum(['right', 'wrong', 'unsure']),
  reason: posReasonSchema.nullable(),
});
export type PosCheck = z.infer<typeof posCheckSchema>;
