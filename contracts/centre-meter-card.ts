import { z } from 'zod';
import { accountSchema, localizedSchema } from './domain.ts';
import { idSchema } from './ids.ts';
import { cardClassSchema, cardUnitSchema, meterCardIdSchema } from './meter-card.ts';
import { positiveQepikSchema } from './money.ts';
import { call, type Contract } from './rpc/definition.ts';
import { dateSchema, instantSchema } from './time.ts';

/**
 * The part of the centre's contract that is about meter cards and their loads (centre.ts, docs/protocols/card.md). Called
 * with a workstation's device session. Bytes travel as base64url; ids of cards as hex.
 */

/** Exactly `count` bytes in base64url. */
const bytes = (count: number) =>
  z
    .string()
    .length(Math.ceil((count * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/);

/** A number of units as a card holds it (u32). */
const unitsSchema = z.int().min(0).max(0xffff_ffff);

/** How long a nonce is good for one answer of the device that asked for it; for an authorisation, the shorter time. */
export const NONCE_SECONDS = 300;
export const AUTHORISE_SECONDS = 120;

/** GET STATUS' answer (79 bytes and their MAC), or the whole image of a memory card. */
const statusBytes = bytes(79 + 8);
const imageBytes = bytes(256);

/**
 * Why a load stands where it does. `quoted`: a price was told; nobody owes anything. `paid`: the centre's own books have
 * the money; a load is owed. `authorised`: an order for the card went to a till; it may be on the card. `confirmed`: the card
 * proved that it has it. `cancelled`: it is not on the card and never will be; the money is to be given back. `writtenOff`:
 * nobody can ask the card any more; it is blocked.
 */
export const loadStateSchema = z.enum([
  'quoted',
  'paid',
  'authorised',
  'confirmed',
  'cancelled',
  'writtenOff',
]);
export type CentreLoadState = z.infer<typeof loadStateSchema>;

/** What to tell the holder about a card, worst first. */
export const meterWarningSchema = z.enum([
  'tamper',
  'shutOff',
  'meterDiffers',
  'loadStornoed',
  'previousLoadNotTaken',
  'meterDoesNotKnowCard',
  'batteryLow',
  'creditOwed',
]);
export type MeterWarning = z.infer<typeof meterWarningSchema>;

/** A step of a company's tariff, by what was bought in the calendar year. */
export const meterTierSchema = z.object({
  /** Units of the year up to which the price holds; null: all the rest. */
  through: z.int().min(1).nullable(),
  /** Qəpik for 1 000 000 units: 12,5 qəpik a m³ is 12 500. */
  price: z.int().min(1),
});

/** What a company allows for this card. Amounts in qəpik, `perLoadMax` and `usedThisYear` in the card's unit. */
export const meterRulesSchema = z.object({
  min: positiveQepikSchema,
  max: positiveQepikSchema,
  perLoadMax: unitsSchema.nullable(),
  /** Empty where the card holds money. */
  tiers: z.array(meterTierSchema).max(20),
  usedThisYear: z.int().min(0),
  /** Credit given before by the company, in units; the next load is less by it. */
  creditOwed: unitsSchema,
});

export const meterCardViewSchema = z.object({
  cardId: meterCardIdSchema,
  billerId: idSchema,
  account: accountSchema,
  holder: z.string().max(200),
  meter: z.string().max(8),
  unit: cardUnitSchema,
  class: cardClassSchema,
  state: z.enum(['active', 'blocked']),
  blockedBecause: z.enum(['incident', 'writtenOff', 'office']).nullable(),
  /** Loaded and not yet taken by the meter. */
  balance: unitsSchema,
  counter: unitsSchema,
  /** The load the card took last, as the card has it; null: never loaded. */
  last: z
    .object({ loadId: idSchema.nullable(), units: unitsSchema, amount: positiveQepikSchema.nullable() })
    .nullable(),
});
export type MeterCardView = z.infer<typeof meterCardViewSchema>;

/** What the meter wrote back. Amounts in the card's unit. */
export const meterAreaSchema = z.object({
  known: z.boolean(),
  tamper: z.boolean(),
  batteryLow: z.boolean(),
  shutOff: z.boolean(),
  takenThrough: unitsSchema,
  remaining: unitsSchema,
  consumption: unitsSchema,
  lastTaken: unitsSchema,
  /** By the meter's own clock; null: the meter never wrote. */
  writtenAt: instantSchema.nullable(),
  meter: z.string().max(8),
});

/** A paid load that is not known to be on its card. */
export const openLoadSchema = z.object({
  loadId: idSchema,
  amount: positiveQepikSchema.min(1),
  units: unitsSchema.min(1),
  state: z.enum(['paid', 'authorised']),
  /** Of the payment. */
  businessDate: dateSchema,
  atWorkstation: z.string(),
  /** What this reading says of it. `unknown`: the evidence is older than the last order. */
  sayable: z.enum(['loaded', 'notLoaded', 'unknown']),
  /** The payment was taken back at a counter while the load was open. */
  stornoed: z.boolean(),
});

/** A load as tills and the back office list it. */
export const loadViewSchema = z.object({
  loadId: idSchema,
  cardId: meterCardIdSchema,
  billerId: idSchema,
  account: accountSchema,
  holder: z.string().max(200),
  class: cardClassSchema,
  unit: cardUnitSchema,
  amount: positiveQepikSchema.min(1),
  units: unitsSchema,
  fee: positiveQepikSchema,
  state: loadStateSchema,
  /** The payment was taken back. */
  stornoed: z.boolean(),
  paymentId: idSchema.nullable(),
  receiptNo: z.string().nullable(),
  businessDate: dateSchema.nullable(),
  /** Where it was paid; before that, where the price was asked. */
  atWorkstation: z.string(),
  quotedAt: instantSchema,
  paidAt: instantSchema.nullable(),
  authorisedAt: instantSchema.nullable(),
  /** Confirmed, cancelled or written off. */
  endedAt: instantSchema.nullable(),
});
export type LoadView = z.infer<typeof loadViewSchema>;

/** A supervisor's name and password; the centre itself checks them. */
const supervisorSchema = z.object({
  username: z.string().min(1).max(60),
  password: z.string().min(1).max(200),
});
const SUPERVISOR_CODES = ['notAllowed', 'loginWrong', 'loginLocked', 'userBlocked'] as const;

const EVIDENCE_CODES = ['evidenceWrong', 'nonceStale', 'keyStoreAway', 'meterCardIncident'] as const;
/** What a company's rules say against a load. */
const RULE_CODES = [
  'loadsNotTaken',
  'loadBelowMinimum',
  'loadAboveMaximum',
  'loadBelowCredit',
  'loadTooManyUnits',
  'previousLoadNotTaken',
  'firstLoadNeedsMeter',
  'loadOpenOnCard',
  'loadLimitReached',
] as const;

/** A load's evidence by reading the card; `bytes` is a status with its MAC (class A) or an image (class B). */
const statusEvidenceSchema = z.object({
  kind: z.literal('status'),
  nonce: bytes(16),
  bytes: z.union([statusBytes, imageBytes]),
});

export const meterCardCentreContract = {
  'meterCard.nonce': call('A nonce for one answer of a meter card in a reader of this device', {
    input: z.object({}),
    output: z.object({ nonce: bytes(16), validForSeconds: z.int().min(1) }),
    errors: ['deviceQuarantined'],
  }),
  'meterCard.read': call(
    'Who a card belongs to, what is on it and what may be loaded, from its own evidence; an open load that the evidence proves written is confirmed by it',
    {
      input: z.discriminatedUnion('cardClass', [
        z.object({ cardClass: z.literal('A'), nonce: bytes(16), evidence: statusBytes }),
        z.object({ cardClass: z.literal('B'), nonce: bytes(16), evidence: imageBytes }),
      ]),
      output: z.object({
        card: meterCardViewSchema,
        meterArea: meterAreaSchema,
        warnings: z.array(meterWarningSchema),
        /** Null: the company takes no loads at present, or the card is blocked. */
        rules: meterRulesSchema.nullable(),
        /** The one to be finished first. */
        open: openLoadSchema.nullable(),
        /** How many more paid loads wait behind it. */
        waiting: z.int().min(0),
        /** What this very reading found out about a load that was authorised. */
        resolved: z.object({ loadId: idSchema, outcome: z.enum(['applied', 'notApplied']) }).nullable(),
      }),
      errors: ['deviceQuarantined', 'meterCardUnknown', ...EVIDENCE_CODES],
    },
  ),
  'load.quote': call(
    'What an amount buys on a card that this device has just read; the same loadId gets the same answer',
    {
      input: z.object({ loadId: idSchema, cardId: meterCardIdSchema, amount: positiveQepikSchema.min(1) }),
      output: z.object({
        unit: cardUnitSchema,
        /** What will be written onto the card. */
        units: unitsSchema.min(1),
        /** How the amount falls into the tariff's steps; Σ amounts is the amount. Empty for money. */
        tiers: z.array(
          z.object({ units: z.int().min(0), price: z.int().min(1), amount: positiveQepikSchema }),
        ),
        /** In units, taken off already. */
        creditDeducted: unitsSchema,
        /** The payer's fee, beside the amount. */
        fee: positiveQepikSchema,
        expiresAt: instantSchema,
      }),
      errors: [
        'deviceQuarantined',
        'meterCardUnknown',
        'meterCardBlocked',
        'meterCardReadFirst',
        'billerNotLive',
        'accountUnknown',
        'idempotencyConflict',
        'loadQuoteExpired',
        ...RULE_CODES,
      ],
    },
  ),
  'load.authorise': call(
    'The centre’s order to a card, for a load its books show as paid; asked again it gives an order for the same counter',
    {
      input: z.discriminatedUnion('cardClass', [
        z.object({
          cardClass: z.literal('A'),
          loadId: idSchema,
          initOrder: bytes(45),
          initAnswer: bytes(33),
          s1: bytes(8),
        }),
        z.object({ cardClass: z.literal('B'), loadId: idSchema, nonce: bytes(16), image: imageBytes }),
      ]),
      output: z.discriminatedUnion('cardClass', [
        /** `counter` is the card's before the load. */
        z.object({ cardClass: z.literal('A'), counter: unitsSchema, s2: bytes(8) }),
        z.object({
          cardClass: z.literal('B'),
          counter: unitsSchema,
          slot: z.enum(['a', 'b']),
          record: bytes(40),
          psc: bytes(3),
        }),
      ]),
      errors: [
        'deviceQuarantined',
        'loadUnknown',
        'loadNotPaid',
        'loadWritten',
        'loadCancelled',
        'meterCardUnknown',
        'meterCardBlocked',
        'meterCardReadFirst',
        'previousLoadNotTaken',
        'firstLoadNeedsMeter',
        'loadOpenOnCard',
        'loadLimitReached',
        ...EVIDENCE_CODES,
      ],
    },
  ),
  'load.confirm': call('The card’s proof that it has a load', {
    input: z.object({
      loadId: idSchema,
      evidence: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('s3'), answer: bytes(8), s3: bytes(8) }),
        statusEvidenceSchema,
      ]),
    }),
    output: z.object({ result: z.enum(['confirmed', 'already']) }),
    errors: [
      'deviceQuarantined',
      'loadUnknown',
      'loadNotOnCard',
      'loadCancelled',
      'meterCardUnknown',
      ...EVIDENCE_CODES,
    ],
  }),
  'load.cancel': call(
    'Ends a load that is not on its card, so that the payer gets the money back. One that was never authorised needs no evidence; a paid one needs a supervisor',
    {
      input: z.object({
        loadId: idSchema,
        evidence: statusEvidenceSchema.nullable(),
        supervisor: supervisorSchema.nullable(),
      }),
      output: z.object({ state: z.literal('cancelled') }),
      errors: [
        'deviceQuarantined',
        'loadUnknown',
        'loadWritten',
        'loadCancelled',
        'evidenceTooOld',
        'evidenceNeeded',
        'classBNeedsWriteOff',
        'meterCardUnknown',
        ...EVIDENCE_CODES,
        ...SUPERVISOR_CODES,
      ],
    },
  ),
  'load.writeOff': call(
    'A supervisor ends a load whose card nobody can ask any more: the card is blocked, a person looks into it, the payer gets the money back',
    {
      input: z.object({
        loadId: idSchema,
        reason: z.enum(['cardLost', 'cardDestroyed', 'memoryCard', 'cardBlocked']),
        note: z.string().trim().min(3).max(300),
        supervisor: supervisorSchema,
      }),
      output: z.object({ state: z.literal('writtenOff') }),
      errors: [
        'deviceQuarantined',
        'loadUnknown',
        'loadNotPaid',
        'loadWritten',
        'loadCancelled',
        ...SUPERVISOR_CODES,
      ],
    },
  ),
  'load.list': call(
    'Loads of a card, of an account, of these ids, or all of this participant, the latest first',
    {
      input: z.object({
        cardId: meterCardIdSchema.nullable(),
        account: z.object({ billerId: idSchema, account: accountSchema }).nullable(),
        loadIds: z.array(idSchema).max(100).nullable(),
        /** Only the paid ones without an end. */
        open: z.boolean(),
      }),
      output: z.object({ loads: z.array(loadViewSchema).max(200) }),
      errors: ['deviceQuarantined'],
    },
  ),
  'health.board': call('Whose side stopped: companies and the key store, with since when', {
    input: z.object({}),
    output: z.object({
      parts: z.array(
        z.object({
          part: z.enum(['company', 'keyStore']),
          /** Of a company. */
          billerId: idSchema.nullable(),
          name: z.string(),
          service: localizedSchema.nullable(),
          state: z.enum(['up', 'down']),
          /** Why it is down. */
          reason: z.enum(['suspended', 'closed', 'onboarding', 'noCardKeys', 'away']).nullable(),
          sinceWhen: instantSchema,
        }),
      ),
    }),
    errors: ['deviceQuarantined'],
  }),
} as const satisfies Contract;

export type MeterCardCentreMethod = keyof typeof meterCardCentreContract;

/** All of them are a workstation's. */
export const METER_CARD_ACCESS = {
  'meterCard.nonce': 'device',
  'meterCard.read': 'device',
  'load.quote': 'device',
  'load.authorise': 'device',
  'load.confirm': 'device',
  'load.cancel': 'device',
  'load.writeOff': 'device',
  'load.list': 'device',
  'health.board': 'device',
} as const satisfies Record<MeterCardCentreMethod, 'device'>;
