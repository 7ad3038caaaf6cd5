import { z } from 'zod';
import { idSchema } from './ids.ts';
import { JOURNAL_CODES } from './ipw-codes.ts';
import { personSchema } from './journal.ts';
import { positiveQepikSchema } from './money.ts';
import {
  cardRowSchema,
  posKindSchema,
  posOutcomeSchema,
  posStepSchema,
  terminalReceiptsSchema,
  terminalSlipSchema,
} from './pos.ts';
import { call, type Contract } from './rpc/definition.ts';
import { instantSchema } from './time.ts';

/** The part of the counter's contract that looks back at cards: the archive of the terminal's papers, and its frames for support (ipw.ts). */

const TERMINAL_IDLE_CODES = ['terminalNotSet', 'terminalBusy', 'terminalAway'] as const;

/** A card operation beside the one that was asked for: what took it back, or what it takes back. */
export const relatedCardSchema = z.object({
  attemptId: idSchema,
  kind: posKindSchema,
  outcome: posOutcomeSchema.nullable(),
  amount: positiveQepikSchema,
  since: instantSchema,
});
export type RelatedCard = z.infer<typeof relatedCardSchema>;

/** One card operation whole: its row, its story, what it belongs to. */
export const cardStorySchema = z.object({
  row: cardRowSchema,
  steps: z.array(posStepSchema).max(60),
  /** A supervisor's word on it, where there was one. */
  decision: z
    .object({
      decision: z.enum(['otherTender', 'manual']),
      note: z.string(),
      at: instantSchema,
      by: personSchema,
      approvedBy: personSchema,
    })
    .nullable(),
  /** The payment it pays or takes back, once that is recorded. */
  payment: z
    .object({ paymentId: idSchema, receiptNo: z.string(), stornoReceiptNo: z.string().nullable() })
    .nullable(),
  related: z.array(relatedCardSchema).max(50),
  /** How many copies of each paper were given out here. */
  copies: z.object({ customer: z.int().min(0), merchant: z.int().min(0) }),
});
export type CardStory = z.infer<typeof cardStorySchema>;

export const archiveContract = {
  'card.list': call(
    'Card operations of this workstation, newest first, with the terminal’s own papers; by amount, our receipt, the terminal’s numbers, the card',
    {
      input: z.object({
        text: z.string().max(100),
        kind: posKindSchema.nullable().default(null),
        /** `open`: without a last word. */
        outcome: z
          .enum([...posOutcomeSchema.options, 'open'])
          .nullable()
          .default(null),
        limit: z.int().min(1).max(100),
      }),
      output: z.object({ rows: z.array(cardRowSchema) }),
      errors: ['notLoggedIn'],
    },
  ),
  'card.get': call('One card operation with its story and what it belongs to', {
    input: z.object({ attemptId: idSchema }),
    output: cardStorySchema,
    errors: ['notLoggedIn', 'cardAttemptUnknown'],
  }),
  'card.print': call(
    'Prints one of the terminal’s papers again on our printer, marked and counted as a copy',
    {
      input: z.object({ attemptId: idSchema, slip: terminalSlipSchema }),
      output: z.object({ copy: z.int() }),
      errors: ['notLoggedIn', 'cardAttemptUnknown', 'slipMissing', 'printerAway', ...JOURNAL_CODES],
    },
  ),
  'terminal.reprint': call(
    'The papers of the terminal’s last transaction again, in its own words; `print`: that one on our printer, too',
    {
      input: z.object({ print: terminalSlipSchema.nullable().default(null) }),
      output: z.object({
        receipts: terminalReceiptsSchema,
        print: z.object({ printed: z.boolean(), reason: z.string().nullable() }).nullable(),
      }),
      errors: ['notLoggedIn', 'slipMissing', 'reprintRefused', ...TERMINAL_IDLE_CODES],
    },
  ),
  'terminal.recording': call(
    'The frames to and from the terminal as a text file for support, card numbers and passwords masked',
    {
      input: z.discriminatedUnion('of', [
        z.object({ of: z.literal('attempt'), attemptId: idSchema }),
        z.object({ of: z.literal('minutes'), minutes: z.int().min(1).max(1440) }),
      ]),
      output: z.object({ fileName: z.string(), text: z.string(), frames: z.int().min(1) }),
      errors: ['notLoggedIn', 'cardAttemptUnknown', 'recordingEmpty'],
    },
  ),
} as const satisfies Contract;
