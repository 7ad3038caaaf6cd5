import { z } from 'zod';
import { idSchema } from './ids.ts';
import { APPROVAL_CODES, approval, CARD_CODES, counted, JOURNAL_CODES } from './ipw-codes.ts';
import { paymentAcceptedSchema, posDayClosedSchema } from './journal.ts';
import { positiveQepikSchema } from './money.ts';
import {
  cardRowSchema,
  posAttemptViewSchema,
  posCheckSchema,
  posFindingSchema,
  posReasonSchema,
  posSettingsSchema,
  posTotalsSchema,
  terminalStateSchema,
} from './pos.ts';
import { call, stream, topic, type Contract } from './rpc/definition.ts';
import { piecesSchema } from './rules/denominations.ts';
import { instantSchema } from './time.ts';

/** A day of the terminal that was closed, with the attempts that may explain a difference. */
export const closedDaySchema = z.object({
  at: instantSchema,
  closed: posDayClosedSchema,
  suspects: z.array(cardRowSchema),
});
export type ClosedDay = z.infer<typeof closedDaySchema>;

/** The part of the counter's contract that is about cards and the POS terminal (ipw.ts). */
export const cardContract = {
  terminal: topic(
    'The POS terminal, the card payment in hand, and those whose outcome is not known',
    terminalStateSchema,
  ),

  'card.pay': call(
    'Charges a card: what the cash given does not cover. Answers when the terminal has had its last word; asked again with the same attempt it gets the same answer',
    {
      input: z.object({
        paymentId: idSchema,
        revision: z.int(),
        attemptId: idSchema,
        /** Cash for a part of the total, counted before the card is asked for; null: all by card. */
        cash: z
          .object({ received: positiveQepikSchema.min(1), receivedPieces: piecesSchema.nullable() })
          .nullable(),
      }),
      output: z.object({
        payment: paymentAcceptedSchema,
        print: z.object({ printed: z.boolean(), reason: z.string().nullable() }),
      }),
      errors: [
        ...counted.errors,
        'basketEmpty',
        'basketChanged',
        'cashCoversAll',
        'loadNeedsCentre',
        'meterCardAbsent',
        'cardDeclined',
        'cardNotCharged',
        ...CARD_CODES,
        'offlineNotAllowed',
        'offlinePaymentCap',
        'offlineShiftCap',
        'deviceQuarantined',
        'idempotencyConflict',
        ...JOURNAL_CODES,
      ],
    },
  ),
  'card.cancel': call('Asks the terminal to stop; its own word then says what became of the attempt', {
    input: z.object({ attemptId: idSchema }),
    output: z.object({}),
    errors: ['notLoggedIn', 'cardAttemptUnknown', 'cardTooLateToCancel'],
  }),
  'card.ask': call('Asks the terminal at once what became of an attempt, instead of at the next beat', {
    input: z.object({ attemptId: idSchema }),
    output: z.object({ attempt: posAttemptViewSchema }),
    errors: ['notLoggedIn', 'cardAttemptUnknown'],
  }),
  'card.decide': call(
    'A supervisor decides what nobody can find out now; a charge that turns up is reversed',
    {
      input: z.object({
        attemptId: idSchema,
        decision: z.enum(['otherTender', 'manual']),
        note: z.string().trim().min(3).max(300),
        ...approval,
      }),
      output: z.object({}),
      errors: [
        'notLoggedIn',
        'cardAttemptUnknown',
        'cardAttemptConcluded',
        ...APPROVAL_CODES,
        ...JOURNAL_CODES,
      ],
    },
  ),
  'card.seen': call('Somebody has read how an attempt ended behind their back: it leaves the screen', {
    input: z.object({ attemptId: idSchema }),
    output: z.object({}),
    errors: ['notLoggedIn', 'cardAttemptUnknown'],
  }),

  'terminal.set': call('Sets which terminal stands at this counter', {
    input: z.object({ settings: posSettingsSchema }),
    output: z.object({}),
    errors: ['notLoggedIn', 'notAllowed', 'terminalBusy', 'cardAttemptOpen'],
  }),
  'terminal.try': call(
    'Connects and registers with settings that are not saved: whether the terminal is there and takes the password',
    {
      input: z.object({ settings: posSettingsSchema }),
      output: z.object({
        state: z.enum(['ready', 'refused', 'away']),
        reason: posReasonSchema.nullable(),
        terminalId: z.string().nullable(),
        simulator: z.boolean(),
      }),
      errors: ['notLoggedIn', 'notAllowed', 'terminalNotSet', 'terminalBusy', 'cardAttemptOpen'],
    },
  ),
  'terminal.search': stream('Looks for terminals at the serial ports and the usual addresses', {
    input: z.object({}),
    progress: z.object({ finding: posFindingSchema }),
    output: z.object({ findings: z.array(posFindingSchema) }),
    errors: ['notLoggedIn', 'terminalBusy'],
  }),
  'terminal.check': stream('Checks that the terminal is set up as it must be', {
    input: z.object({}),
    progress: z.object({ check: posCheckSchema }),
    output: z.object({ checks: z.array(posCheckSchema) }),
    errors: ['notLoggedIn', 'terminalNotSet', 'terminalBusy', 'terminalAway'],
  }),
  'terminal.totals': call('The terminal’s totals beside the journal’s, with the attempts that may differ', {
    input: z.object({}),
    output: z.object({
      terminal: posTotalsSchema.nullable(),
      reason: posReasonSchema.nullable(),
      journal: posTotalsSchema,
      rows: z.array(cardRowSchema),
      suspects: z.array(idSchema),
    }),
    errors: ['notLoggedIn', 'terminalNotSet', 'terminalBusy', 'terminalAway'],
  }),
  'terminal.endOfDay': call('Closes the terminal’s day and keeps its totals beside the journal’s', {
    input: z.object({ closingId: idSchema }),
    output: z.object({ closed: posDayClosedSchema }),
    errors: [
      'notLoggedIn',
      'terminalNotSet',
      'terminalBusy',
      'terminalAway',
      'cardAttemptOpen',
      'terminalDayNotClosed',
      ...JOURNAL_CODES,
    ],
  }),
  'terminal.closedDays': call(
    'The days closed last, newest first, with the attempts that may explain a difference',
    {
      input: z.object({ limit: z.int().min(1).max(50) }),
      output: z.object({ days: z.array(closedDaySchema) }),
      errors: ['notLoggedIn'],
    },
  ),
} as const satisfies Contract;
