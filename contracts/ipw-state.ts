import { z } from 'zod';
import {
  accountSchema,
  accountViewSchema,
  languageSchema,
  registrationCodeSchema,
  roleSchema,
  subscriberSchema,
  workstationSchema,
} from './domain.ts';
import { idSchema } from './ids.ts';
import { entryOutcomeSchema } from './journal.ts';
import { cardUnitSchema, lineLoadSchema } from './meter-card.ts';
import { positiveQepikSchema, qepikSchema } from './money.ts';
import { posReasonSchema } from './pos.ts';
import { piecesSchema } from './rules/denominations.ts';
import { dateSchema, instantSchema } from './time.ts';

/** What the window sees of the workstation: the states of the topics, and the rows of its lists (contract: ipw.ts). */

export const shiftViewSchema = z.object({
  shiftId: idSchema,
  shiftNo: z.int(),
  businessDate: dateSchema,
  openedAt: instantSchema,
  state: z.enum(['open', 'counting']),
  floatTotal: positiveQepikSchema,
  paymentCount: z.int(),
  paymentTotal: qepikSchema,
  stornoCount: z.int(),
  /** What the drawer should hold by pieces: an estimate for making change, shown only while the shift is open. */
  drawer: piecesSchema,
});
export type ShiftView = z.infer<typeof shiftViewSchema>;

/** Who is at the counter. */
export const sessionStateSchema = z.object({
  enrolled: z.boolean(),
  workstation: workstationSchema.nullable(),
  user: z
    .object({
      userId: idSchema,
      username: z.string(),
      name: z.string(),
      role: roleSchema,
      offline: z.boolean(),
    })
    .nullable(),
  shift: shiftViewSchema.nullable(),
  language: languageSchema,
  /** True where demo data is loaded: the screen says so. */
  demo: z.boolean(),
});
export type SessionState = z.infer<typeof sessionStateSchema>;

/** The strip on top: the truth about every device and line, as data; the screen puts it in words. */
export const statusStateSchema = z.object({
  centre: z.object({
    link: z.enum(['online', 'offline', 'quarantined', 'notEnrolled']),
    since: instantSchema,
    waiting: z.int().min(0),
    oldestWaiting: instantSchema.nullable(),
    /** Centre's clock minus ours, ms, when last heard; null before the first answer. */
    clockSkewMs: z.int().nullable(),
  }),
  replica: z.object({
    state: z.enum(['empty', 'loading', 'ready']),
    accounts: z.int(),
    trueAt: instantSchema.nullable(),
  }),
  printer: z.object({
    kind: z.enum(['none', 'file', 'tcp']),
    state: z.enum(['ready', 'away', 'notSet']),
    reason: z.string().nullable(),
  }),
  journal: z.object({
    state: z.enum(['ready', 'unwritable', 'damaged']),
    reason: z.string().nullable(),
    entries: z.int(),
  }),
  freeCodes: z.int(),
});
export type StatusState = z.infer<typeof statusStateSchema>;

export const basketLineSchema = z.object({
  lineId: idSchema,
  billerId: idSchema,
  billerName: z.string(),
  service: z.string(),
  account: accountSchema,
  holder: z.string(),
  period: z.string().nullable(),
  billNo: z.string().nullable(),
  owed: qepikSchema,
  asOf: instantSchema.nullable(),
  known: z.boolean(),
  amount: positiveQepikSchema,
  fee: positiveQepikSchema,
  /** Set on a line that pays for a load of a meter card; the centre has priced it. */
  load: lineLoadSchema.optional(),
  /** Why this line cannot be paid as it stands. */
  problem: z
    .object({ code: z.string(), detail: z.record(z.string(), z.union([z.string(), z.number()])).optional() })
    .nullable(),
});
export type BasketLine = z.infer<typeof basketLineSchema>;

/** The payment machine of the counter, as the window sees it. */
export const counterStateSchema = z.object({
  /** Minted when the basket is begun; becomes the payment's id. */
  paymentId: idSchema,
  /** Grows with every change; `basket.accept` must name the one it was shown. */
  revision: z.int(),
  /** `charging`: the card's part is at the terminal (topic `terminal` has its attempt); nothing else may be done to it. */
  stage: z.enum(['draft', 'tendering', 'charging', 'accepted']),
  subscriber: subscriberSchema.nullable(),
  /** Accounts offered for the subscriber or the find hit on screen. */
  offered: z.array(accountViewSchema),
  language: languageSchema,
  lines: z.array(basketLineSchema),
  fees: qepikSchema,
  total: qepikSchema,
  /** Set from `accepted` on: the receipt just issued and the change to give. */
  accepted: z
    .object({
      receiptNo: z.string(),
      change: qepikSchema,
      changePieces: piecesSchema.nullable(),
      total: qepikSchema,
      /** What the card was charged; zero for a payment in cash. */
      byCard: qepikSchema,
      cardName: z.string().nullable(),
    })
    .nullable(),
  /** What became of the card's part just tried, where it was not charged; the teller gives the cash back or takes more. */
  cardRefused: z
    .object({ reason: posReasonSchema, amount: positiveQepikSchema, cashHeld: positiveQepikSchema })
    .nullable(),
});
export type CounterState = z.infer<typeof counterStateSchema>;

/** One hit of the find field. */
export const findHitSchema = z.object({
  kind: z.enum(['account', 'subscriber']),
  billerId: idSchema.nullable(),
  billerName: z.string().nullable(),
  account: z.string().nullable(),
  code: registrationCodeSchema.nullable(),
  name: z.string(),
  address: z.string(),
  phone: z.string().nullable(),
  owed: qepikSchema.nullable(),
});
export type FindHit = z.infer<typeof findHitSchema>;

export const paymentRowSchema = z.object({
  paymentId: idSchema,
  receiptNo: z.string(),
  takenAt: instantSchema,
  teller: z.string(),
  total: qepikSchema,
  payerName: z.string().nullable(),
  accounts: z.array(z.string()),
  stornoed: z.boolean(),
  /** True when the present teller may storno it (own open shift, not stornoed). */
  stornoAllowed: z.boolean(),
  copies: z.int(),
  /** The part of the total that a card paid, and the last digits of its number where the terminal says them. */
  byCard: qepikSchema,
  cardEnds: z
    .string()
    .regex(/^\d{1,4}$/)
    .nullable(),
  /** What the payment put, or still has to put, onto meter cards. */
  loads: z.array(
    z.object({ units: z.int(), unit: cardUnitSchema, state: z.enum(['owed', 'onCard', 'cancelled']) }),
  ),
  sync: z.enum(['recorded', 'sent', 'acknowledged']),
  outcome: entryOutcomeSchema.nullable(),
});
export type PaymentRow = z.infer<typeof paymentRowSchema>;

export const journalRowSchema = z.object({
  seq: z.int(),
  type: z.string(),
  wallTime: instantSchema,
  /** Receipt number, registration code or name: what a person knows the entry by. */
  subject: z.string(),
  amount: qepikSchema.nullable(),
  sync: z.enum(['recorded', 'sent', 'acknowledged']),
  outcome: entryOutcomeSchema.nullable(),
  note: z.string().nullable(),
});
export type JournalRow = z.infer<typeof journalRowSchema>;
