import { z } from 'zod';
import {
  accountSchema,
  billNoSchema,
  boundAccountSchema,
  languageSchema,
  periodSchema,
  registrationCodeSchema,
  roleSchema,
  subscriberSchema,
} from './domain.ts';
import { idSchema } from './ids.ts';
import { loadConcludedSchema, loadConfirmedSchema, loadIntendedSchema } from './journal-load.ts';
import { lineLoadSchema } from './meter-card.ts';
import { currencySchema, positiveQepikSchema, qepikSchema } from './money.ts';
import {
  posKindSchema,
  posOutcomeSchema,
  posReasonSchema,
  posResultSchema,
  posSnapshotSchema,
  posTotalsSchema,
  terminalReceiptsSchema,
  terminalSlipSchema,
  terminalTextSchema,
} from './pos.ts';
import { piecesSchema } from './rules/denominations.ts';
import { dateSchema, instantSchema } from './time.ts';

/**
 * The journal of one device: what happened at its counter, in order, each entry chained to the one before and
 * signed with the device key (DESIGN §7). Bodies are additive-only: a field once written is read for ever.
 */

/** The hash that the first entry of a device follows. */
export const GENESIS_HASH = '0'.repeat(64);

/** The text whose SHA-256 (hex, lower case) is an entry's hash. `body` is the stored text itself, never re-serialised. */
export const hashInput = (deviceId: string, seq: number, prevHash: string, body: string): string =>
  `${deviceId}\n${seq}\n${prevHash}\n${body}`;

/** An entry as stored and as sent. The signature is Ed25519 over the 32 hash bytes, base64url. */
export const signedEntrySchema = z.object({
  seq: z.int().min(1),
  prevHash: z.string().regex(/^[0-9a-f]{64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  body: z.string().min(2).max(262_144),
});
export type SignedEntry = z.infer<typeof signedEntrySchema>;

/** A person as the journal names them: the id for machines, the name for whoever reads it in ten years. */
export const personSchema = z.object({ userId: idSchema, name: z.string().max(200) });
export type Person = z.infer<typeof personSchema>;

export const paymentLineSchema = z.object({
  lineId: idSchema,
  billerId: idSchema,
  billerName: z.string().max(100),
  account: accountSchema,
  holder: z.string().max(200),
  period: periodSchema.nullable(),
  billNo: billNoSchema.nullable(),
  amount: positiveQepikSchema.min(1),
  fee: positiveQepikSchema,
  feeRuleId: idSchema.nullable(),
  /** What the payer was shown as owed, and since when it was true. */
  owedShown: qepikSchema,
  owedAsOf: instantSchema.nullable(),
  known: z.boolean(),
  /** Set on a line that pays for a load of a meter card. */
  load: lineLoadSchema.optional(),
});
export type PaymentLine = z.infer<typeof paymentLineSchema>;

/** Cash given. `amount` is what stays (received − change). Pieces are null when nobody counted them out on screen. */
export const cashTenderSchema = z.object({
  kind: z.literal('cash'),
  tenderId: idSchema,
  amount: positiveQepikSchema.min(1),
  received: positiveQepikSchema.min(1),
  change: positiveQepikSchema,
  receivedPieces: piecesSchema.nullable(),
  changePieces: piecesSchema.nullable(),
});
export type CashTender = z.infer<typeof cashTenderSchema>;

/** A card charged (in a storno: reversed or refunded) at the counter's POS terminal, with the terminal's own words on it. */
export const cardTenderSchema = posResultSchema
  .pick({
    amount: true,
    terminalId: true,
    receiptNo: true,
    trace: true,
    authCode: true,
    cardName: true,
    maskedPan: true,
  })
  .extend({
    kind: z.literal('card'),
    tenderId: idSchema,
    /** The attempt that moved this money, `pos.prepared` and `pos.concluded` in the same journal. */
    attemptId: idSchema,
    /** The terminal's customer receipt, merged into ours. */
    terminalText: terminalTextSchema,
  });
export type CardTender = z.infer<typeof cardTenderSchema>;

/** Tenders are told apart by `kind`. A payment has at most one card tender. */
export const tenderSchema = z.discriminatedUnion('kind', [cashTenderSchema, cardTenderSchema]);
export type Tender = z.infer<typeof tenderSchema>;

/** Who and where: repeated in each money entry, so that an entry can be read alone. */
const shiftContext = {
  shiftId: idSchema,
  shiftNo: z.int().min(1),
  businessDate: dateSchema,
  workstation: z.string(),
  teller: personSchema,
};

export const paymentAcceptedSchema = z.object({
  ...shiftContext,
  paymentId: idSchema,
  receiptNo: z.string(),
  currency: currencySchema,
  /** Was the centre answering when the money was taken. */
  online: z.boolean(),
  language: languageSchema,
  subscriberCode: registrationCodeSchema.nullable(),
  payerName: z.string().max(200).nullable(),
  lines: z.array(paymentLineSchema).min(1).max(100),
  tenders: z.array(tenderSchema).min(1).max(10),
  /** Σ lines' amount + fee = Σ tenders' amount. */
  total: positiveQepikSchema.min(1),
});
export type PaymentAccepted = z.infer<typeof paymentAcceptedSchema>;

/** The cancellation of a whole payment of one's own shift: a new record linked to the old one. Amounts are positive. */
export const paymentStornoedSchema = z.object({
  ...shiftContext,
  stornoId: idSchema,
  receiptNo: z.string(),
  paymentId: idSchema,
  originalReceiptNo: z.string(),
  currency: currencySchema,
  reason: z.enum(['wrongAccount', 'wrongAmount', 'payerRefused', 'duplicate', 'other']),
  note: z.string().max(300),
  approvedBy: personSchema,
  approvedOffline: z.boolean(),
  language: languageSchema,
  lines: z
    .array(paymentLineSchema.extend({ reversesLineId: idSchema }))
    .min(1)
    .max(100),
  tenders: z.array(tenderSchema).min(1).max(10),
  total: positiveQepikSchema.min(1),
});
export type PaymentStornoed = z.infer<typeof paymentStornoedSchema>;

/** A payment as it will be recorded once the card's part is charged: complete but for its number and the card tender. */
export const paymentIntentSchema = paymentAcceptedSchema
  .omit({ receiptNo: true })
  .extend({ tenders: z.array(cashTenderSchema).max(9) });
export type PaymentIntent = z.infer<typeof paymentIntentSchema>;

/** A storno as it will be recorded once the card's part is taken back. */
export const stornoIntentSchema = paymentStornoedSchema
  .omit({ receiptNo: true })
  .extend({ tenders: z.array(cashTenderSchema).max(9) });
export type StornoIntent = z.infer<typeof stornoIntentSchema>;

/**
 * An operation at the POS terminal, written before the first byte leaves. From here until `pos.concluded` its outcome may be
 * unknown, and everything that is needed to record the money afterwards stands here.
 */
export const posPreparedSchema = z.object({
  ...shiftContext,
  attemptId: idSchema,
  kind: posKindSchema,
  /** The driver that carries it out: `zvt`, `nexo`. */
  driver: z.string().max(40),
  amount: positiveQepikSchema.min(1),
  currency: currencySchema,
  snapshot: posSnapshotSchema,
  /** A sale: what is recorded once the card was charged. */
  payment: paymentIntentSchema.nullable(),
  /** A reversal or refund: the attempt it takes back, with what the terminal called it. */
  original: posResultSchema
    .pick({ receiptNo: true, trace: true, reference: true, terminalId: true })
    .extend({ attemptId: idSchema })
    .nullable(),
  /** A reversal or refund for a storno: what is recorded once it is made. Null where a supervisor's decision queued it. */
  storno: stornoIntentSchema.nullable(),
});
export type PosPrepared = z.infer<typeof posPreparedSchema>;

/** The terminal approved and waits for our word; written before it gets it. Provisional until `pos.concluded`. */
export const posAuthorisedSchema = z.object({
  attemptId: idSchema,
  result: posResultSchema,
  receipts: terminalReceiptsSchema,
});
export type PosAuthorised = z.infer<typeof posAuthorisedSchema>;

/** A supervisor's word on an attempt whose outcome is unknown. */
export const posDecidedSchema = z.object({
  attemptId: idSchema,
  /** `otherTender`: the payer pays otherwise; a charge that turns up is reversed. `manual`: nobody can ask the terminal any more. */
  decision: z.enum(['otherTender', 'manual']),
  note: z.string().max(300),
  by: personSchema,
  approvedBy: personSchema,
  approvedOffline: z.boolean(),
});
export type PosDecided = z.infer<typeof posDecidedSchema>;

/** The last word on an attempt. */
export const posConcludedSchema = z.object({
  attemptId: idSchema,
  kind: posKindSchema,
  outcome: posOutcomeSchema,
  /** Who said so: the terminal in its answer, the terminal asked afterwards, or a supervisor. */
  by: z.enum(['terminal', 'resolve', 'supervisor']),
  amount: positiveQepikSchema.min(1),
  currency: currencySchema,
  businessDate: dateSchema,
  /** Set where the terminal made it. */
  result: posResultSchema.nullable(),
  reason: posReasonSchema.nullable(),
  receipts: terminalReceiptsSchema,
  /**
   * The record that follows and moves the money in the books: the payment of a sale, the storno of a reversal. Null for a
   * charge that no payment takes (a supervisor decided otherwise) and for its reversal: such money is owed to the payer.
   */
  recordedAs: idSchema.nullable(),
});
export type PosConcluded = z.infer<typeof posConcludedSchema>;

/** The terminal's day closed: its totals beside the journal's since the close before. */
export const posDayClosedSchema = z.object({
  closingId: idSchema,
  driver: z.string().max(40),
  terminalId: z.string().max(40).nullable(),
  businessDate: dateSchema,
  by: personSchema,
  terminal: posTotalsSchema.nullable(),
  journal: posTotalsSchema,
  /** Attempts that may explain a difference, or that were open at the close. */
  suspects: z.array(idSchema).max(200),
  receipts: terminalReceiptsSchema,
  /** Why the terminal's figures are not known, where they are not. */
  reason: posReasonSchema.nullable(),
});
export type PosDayClosed = z.infer<typeof posDayClosedSchema>;

export const shiftOpenedSchema = z.object({
  ...shiftContext,
  float: piecesSchema,
  floatTotal: positiveQepikSchema,
});
export type ShiftOpened = z.infer<typeof shiftOpenedSchema>;

/** Z: expected, counted and difference are kept for ever. */
export const shiftClosedSchema = z.object({
  ...shiftContext,
  zNo: z.int().min(1),
  counted: piecesSchema,
  countedTotal: positiveQepikSchema,
  expectedTotal: qepikSchema,
  /** counted − expected: positive is over, negative is short. */
  difference: qepikSchema,
  reason: z.string().max(300).nullable(),
  payments: z.object({ count: z.int().min(0), total: positiveQepikSchema, fees: positiveQepikSchema }),
  stornos: z.object({ count: z.int().min(0), total: positiveQepikSchema }),
  /** The cards' part of the sums above. Absent in journals older than card payments. */
  cards: z
    .object({ count: z.int().min(0), charged: positiveQepikSchema, reversed: positiveQepikSchema })
    .optional(),
  /** Attempts whose outcome was unknown at the close, signed for by a supervisor's decision. */
  openAttempts: z.array(idSchema).max(50).optional(),
});
export type ShiftClosed = z.infer<typeof shiftClosedSchema>;

/** A print of a receipt: 0 is the original, 1… are copies. A failure never touches the money. */
export const receiptPrintedSchema = z.object({
  /** The payment, storno, subscriber or card attempt the paper is about. */
  subjectId: idSchema,
  /** A terminal's own paper of a card attempt: whose copy of it, each counted for itself. */
  slip: terminalSlipSchema.optional(),
  receiptNo: z.string(),
  copy: z.int().min(0),
  form: z.enum(['thermal', 'pdf']),
  printed: z.boolean(),
  by: personSchema,
});

export const subscriberRegisteredSchema = subscriberSchema.extend({
  by: personSchema,
  workstation: z.string(),
});
export const accountBindingSchema = boundAccountSchema.extend({
  subscriberId: idSchema,
  code: registrationCodeSchema,
  by: personSchema,
});

export const logInSchema = z.object({ user: personSchema, role: roleSchema, offline: z.boolean() });
export const logOutSchema = z.object({ user: personSchema });
/** How far earlier devices of a workstation have counted: its numbers go on, whatever became of its machine. */
export const numbersSchema = z.object({
  /** The last receipt serial of each business date. */
  receipts: z.array(z.object({ businessDate: dateSchema, serial: z.int().min(1) })).max(400),
  shiftNo: z.int().min(0),
  zNo: z.int().min(0),
});
export type Numbers = z.infer<typeof numbersSchema>;

export const deviceEnrolledSchema = z.object({
  deviceId: idSchema,
  workstation: z.string(),
  publicKey: z.string(),
  /** Absent on a workstation's first device. */
  numbers: numbersSchema.optional(),
});

/** Every type of entry and its payload. */
export const ENTRY_PAYLOADS = {
  'device.enrolled': deviceEnrolledSchema,
  'user.loggedIn': logInSchema,
  'user.loggedOut': logOutSchema,
  'shift.opened': shiftOpenedSchema,
  'shift.closed': shiftClosedSchema,
  'payment.accepted': paymentAcceptedSchema,
  'payment.stornoed': paymentStornoedSchema,
  'pos.prepared': posPreparedSchema,
  'pos.authorised': posAuthorisedSchema,
  'pos.decided': posDecidedSchema,
  'pos.concluded': posConcludedSchema,
  'pos.dayClosed': posDayClosedSchema,
  'load.intended': loadIntendedSchema,
  'load.concluded': loadConcludedSchema,
  'load.confirmed': loadConfirmedSchema,
  'receipt.printed': receiptPrintedSchema,
  'subscriber.registered': subscriberRegisteredSchema,
  'subscriber.accountBound': accountBindingSchema,
  'subscriber.accountUnbound': accountBindingSchema,
} as const;

export type EntryType = keyof typeof ENTRY_PAYLOADS;
export const ENTRY_TYPES = Object.keys(ENTRY_PAYLOADS) as readonly EntryType[];
export type EntryPayload<T extends EntryType> = z.infer<(typeof ENTRY_PAYLOADS)[T]>;

/** What `body` holds, as JSON. `monotonicMs` counts within one `bootId`, so that a clock set back is seen. */
export const entryBodySchema = z.object({
  entryId: idSchema,
  type: z.string(),
  payload: z.unknown(),
  wallTime: instantSchema,
  bootId: idSchema,
  monotonicMs: z.int().min(0),
});
export type EntryBody<T extends EntryType = EntryType> = {
  [K in T]: Omit<z.infer<typeof entryBodySchema>, 'type' | 'payload'> & { type: K; payload: EntryPayload<K> };
}[T];

/** Parses a stored body. Throws (zod) on what is not a body of a known type: the caller decides whose fault that is. */
export function parseEntryBody(body: string): EntryBody {
  const envelope = entryBodySchema.parse(JSON.parse(body));
  if (!Object.hasOwn(ENTRY_PAYLOADS, envelope.type))
    throw new TypeError(`unknown entry type ${envelope.type}`);
  const schema = ENTRY_PAYLOADS[envelope.type as EntryType];
  return { ...envelope, payload: schema.parse(envelope.payload) } as EntryBody;
}

/** What became of an entry at the centre. `recorded` entries move no money; `unallocated` and `case` wait for people there. */
export const entryOutcomeSchema = z.enum(['posted', 'unallocated', 'case', 'recorded']);
export type EntryOutcome = z.infer<typeof entryOutcomeSchema>;
