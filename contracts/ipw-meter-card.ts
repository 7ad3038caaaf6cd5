import { z } from 'zod';
import {
  meterAreaSchema,
  meterCardViewSchema,
  meterRulesSchema,
  meterWarningSchema,
  openLoadSchema,
} from './centre-meter-card.ts';
import { idSchema } from './ids.ts';
import { APPROVAL_CODES, approval, counted, JOURNAL_CODES } from './ipw-codes.ts';
import { loadReasonCodes } from './load-reasons.ts';
import { cardClassSchema, cardUnitSchema, meterCardIdSchema } from './meter-card.ts';
import { positiveQepikSchema } from './money.ts';
import { call, topic, type Contract } from './rpc/definition.ts';
import { instantSchema } from './time.ts';

/** The part of the counter's contract that is about meter cards and their loads (ipw.ts). */

export const loadReasonSchema = z.enum(loadReasonCodes);

const failureSchema = z.object({
  code: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

/** A load at this till. `working`: card and centre are being asked, or the card is being written. */
export const loadAtTillSchema = z.object({
  loadId: idSchema,
  cardId: meterCardIdSchema,
  meter: z.string(),
  account: z.string(),
  billerId: idSchema,
  billerName: z.string(),
  units: z.int(),
  unit: cardUnitSchema,
  /** What was paid for it; null where another till took the money. */
  amount: positiveQepikSchema.nullable(),
  paymentId: idSchema.nullable(),
  receiptNo: z.string().nullable(),
  stage: z.enum(['owed', 'working', 'unknown', 'written', 'confirmed', 'cancelled']),
  /** What is being done while `working` or `unknown`. */
  doing: z.enum(['payment', 'card', 'centre', 'writing', 'reading']).nullable(),
  reason: loadReasonSchema.nullable(),
  since: instantSchema,
});
export type LoadAtTill = z.infer<typeof loadAtTillSchema>;

/** What the card in the reader says, and what the centre says of it. */
export const cardInReaderSchema = z.object({
  insertion: z.int(),
  reader: z.string(),
  virtual: z.boolean(),
  /** `here`: read, and the centre was not asked or did not answer. `known`: the centre knows it. */
  stage: z.enum(['reading', 'here', 'known', 'failed']),
  reason: loadReasonSchema.nullable(),
  /** For support: a status word, an error of the card service. */
  detail: z.string().nullable(),
  identity: z
    .object({
      cardId: meterCardIdSchema,
      cardClass: cardClassSchema,
      billerId: idSchema.nullable(),
      billerName: z.string(),
      meter: z.string(),
      unit: cardUnitSchema,
    })
    .nullable(),
  /** By the card’s own word: what the counter shows before, or instead of, the centre’s. */
  counter: z.int().nullable(),
  balance: z.int().nullable(),
  meterArea: meterAreaSchema.nullable(),
  centre: z
    .object({
      card: meterCardViewSchema,
      warnings: z.array(meterWarningSchema),
      rules: meterRulesSchema.nullable(),
      open: openLoadSchema.nullable(),
      waiting: z.int(),
    })
    .nullable(),
  /** Why the centre does not vouch for it. */
  refused: failureSchema.nullable(),
});
export type CardInReader = z.infer<typeof cardInReaderSchema>;

export const meterCardStateSchema = z.object({
  service: z.enum(['ready', 'noReader', 'noService']),
  since: instantSchema,
  readers: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['empty', 'card', 'mute', 'taken']),
      virtual: z.boolean(),
      /** Since when its state is what it is. */
      since: instantSchema,
    }),
  ),
  /** The card put in last. */
  card: cardInReaderSchema.nullable(),
  /** The load in front of the teller: under way, or ended and not looked at yet. */
  load: loadAtTillSchema.nullable(),
  /** Every other load this till knows of that is not ended. */
  open: z.array(loadAtTillSchema),
});
export type MeterCardState = z.infer<typeof meterCardStateSchema>;

export const QUOTE_CODES = [
  'meterCardUnknown',
  'meterCardBlocked',
  'meterCardReadFirst',
  'billerNotLive',
  'loadsNotTaken',
  'loadBelowMinimum',
  'loadAboveMaximum',
  'loadBelowCredit',
  'loadTooManyUnits',
  'previousLoadNotTaken',
  'firstLoadNeedsMeter',
  'loadOpenOnCard',
  'loadLimitReached',
  'keyStoreAway',
] as const;

export const meterCardContract = {
  meterCard: topic('Readers, the meter card in them, and the loads that are not ended', meterCardStateSchema),

  'meterCard.again': call('Reads the card in the reader once more, and asks the centre about it', {
    input: z.object({}),
    output: z.object({}),
    errors: ['notLoggedIn', 'meterCardAbsent'],
  }),
  'meterCard.order': call(
    'Asks the centre what an amount buys on the card in the reader, and puts it into the basket',
    {
      input: z.object({ amount: positiveQepikSchema.min(1) }),
      output: z.object({
        lineId: idSchema,
        units: z.int(),
        unit: cardUnitSchema,
        tiers: z.array(z.object({ units: z.int(), price: z.int(), amount: positiveQepikSchema })),
        creditDeducted: z.int(),
      }),
      errors: [
        ...counted.errors,
        'meterCardAbsent',
        'loadNeedsCentre',
        'basketChanged',
        'basketFull',
        'accountInBasket',
        ...QUOTE_CODES,
      ],
    },
  ),
  'load.finish': call(
    'Writes a paid load onto the card in the reader; answers when it is on it, or why it is not',
    {
      input: z.object({ loadId: idSchema }),
      output: z.object({ load: loadAtTillSchema }),
      errors: ['notLoggedIn', 'loadUnknown', 'meterCardAbsent', 'meterCardOther'],
    },
  ),
  'load.cancel': call(
    'A supervisor ends a paid load that is not on its card, on the evidence of the card in the reader; the payment can be taken back then',
    {
      input: z.object({ loadId: idSchema, note: z.string().trim().min(3).max(300), ...approval }),
      output: z.object({}),
      errors: [
        'notLoggedIn',
        'loadUnknown',
        'loadWritten',
        'loadBusy',
        'loadNeedsCentre',
        'meterCardAbsent',
        'meterCardOther',
        'meterCardUnknown',
        'meterCardIncident',
        'evidenceWrong',
        'evidenceTooOld',
        'evidenceNeeded',
        'nonceStale',
        'classBNeedsWriteOff',
        'keyStoreAway',
        ...APPROVAL_CODES,
        ...JOURNAL_CODES,
      ],
    },
  ),
  'load.writeOff': call(
    'A supervisor ends a load whose card nobody can ask any more; the card is blocked, a person of the centre looks into it',
    {
      input: z.object({
        loadId: idSchema,
        reason: z.enum(['cardLost', 'cardDestroyed', 'memoryCard', 'cardBlocked']),
        note: z.string().trim().min(3).max(300),
        ...approval,
      }),
      output: z.object({}),
      errors: [
        'notLoggedIn',
        'loadUnknown',
        'loadWritten',
        'loadBusy',
        'loadNeedsCentre',
        ...APPROVAL_CODES,
        ...JOURNAL_CODES,
      ],
    },
  ),
  'load.seen': call('The teller has seen how the load ended', {
    input: z.object({ loadId: idSchema }),
    output: z.object({}),
    errors: ['notLoggedIn', 'loadUnknown'],
  }),
  'health.board': call('Whose side stopped: companies, the centre’s key store, and this till’s readers', {
    input: z.object({}),
    output: z.object({
      parts: z.array(
        z.object({
          part: z.enum(['centre', 'company', 'keyStore', 'reader', 'cardService', 'terminal']),
          name: z.string(),
          billerId: idSchema.nullable(),
          state: z.enum(['up', 'down']),
          reason: z.string().nullable(),
          sinceWhen: instantSchema.nullable(),
        }),
      ),
    }),
    errors: ['notLoggedIn'],
  }),
} as const satisfies Contract;
