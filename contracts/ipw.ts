import { z } from 'zod';
import {
  accountSchema,
  billerSchema,
  boundAccountSchema,
  languageSchema,
  registrationCodeSchema,
  subscriberSchema,
  workstationSchema,
} from './domain.ts';
import { idSchema } from './ids.ts';
import { paymentAcceptedSchema, paymentStornoedSchema, shiftClosedSchema } from './journal.ts';
import { archiveContract } from './ipw-archive.ts';
import { cardContract } from './ipw-card.ts';
import { meterCardContract } from './ipw-meter-card.ts';
import { APPROVAL_CODES, approval, CARD_CODES, counted, JOURNAL_CODES, password } from './ipw-codes.ts';
import {
  counterStateSchema,
  findHitSchema,
  journalRowSchema,
  paymentRowSchema,
  sessionStateSchema,
  statusStateSchema,
} from './ipw-state.ts';
import { positiveQepikSchema, qepikSchema } from './money.ts';
import { receiptDocumentSchema } from './receipt.ts';
import { call, stream, topic, type Contract } from './rpc/definition.ts';
import { piecesSchema } from './rules/denominations.ts';

export type * from './ipw-archive.ts';
export type * from './ipw-meter-card.ts';
export type * from './ipw-state.ts';
export type * from './pos.ts';

/** The contract between the window (renderer) and the core host. The window owns no state: it watches and asks. */

const BASKET_CODES = [
  ...counted.errors,
  'basketChanged',
  'basketFull',
  'lineUnknown',
  'accountInBasket',
  'billerUnknown',
  'billerNotLive',
  'accountUnknown',
  'accountNotInMask',
  'codeDamaged',
  'subscriberUnknown',
  'centreAway',
  'offlineNotAllowed',
] as const;

export const ipwContract = {
  session: topic('Enrolment, person and shift at this counter', sessionStateSchema),
  status: topic('Centre, replica, printer, journal', statusStateSchema),
  counter: topic('The basket and the payment in hand', counterStateSchema),

  'setup.enrol': stream('Enrols the workstation with a one-time code and loads the replica', {
    input: z.object({ centreUrl: z.url(), code: z.string().trim().toUpperCase().min(8).max(20) }),
    progress: z.object({ step: z.enum(['key', 'enrolled', 'replica', 'ready']), accounts: z.int() }),
    output: z.object({ workstation: workstationSchema }),
    errors: ['enrolmentCodeWrong', 'alreadyEnrolled', 'centreAway', 'idempotencyConflict', ...JOURNAL_CODES],
  }),
  'session.login': call('Logs a person in', {
    input: z.object({ username: z.string().trim().min(1).max(60), password }),
    output: z.object({}),
    errors: [
      'loginWrong',
      'loginLocked',
      'userBlocked',
      'loginNeedsCentre',
      'notEnrolled',
      'notAllowed',
      ...JOURNAL_CODES,
    ],
  }),
  'session.logout': call('Logs the person out; the shift stays open', {
    input: z.object({}),
    output: z.object({}),
    errors: ['notLoggedIn', ...JOURNAL_CODES],
  }),
  'session.language': call('The language of the screens', {
    input: z.object({ language: languageSchema }),
    output: z.object({}),
    errors: [],
  }),

  'shift.open': call('Opens a shift with a float counted by denomination', {
    input: z.object({ shiftId: idSchema, float: piecesSchema }),
    output: z.object({ shiftNo: z.int() }),
    errors: ['notLoggedIn', 'notAllowed', 'shiftAlreadyOpen', 'idempotencyConflict', ...JOURNAL_CODES],
  }),
  'shift.count': call('Begins (or with `cancel` leaves) the blind count', {
    input: z.object({ cancel: z.boolean() }),
    output: z.object({}),
    errors: ['notLoggedIn', 'shiftNotOpen', 'shiftHasOpenWork'],
  }),
  'shift.close': call(
    'Closes the shift with the counted drawer; beyond the tolerance a second equal count and a reason are asked for',
    {
      input: z.object({ counted: piecesSchema, reason: z.string().trim().max(300).nullable() }),
      output: shiftClosedSchema,
      errors: ['notLoggedIn', 'shiftNotOpen', 'shiftHasOpenWork', 'countDiffers', ...JOURNAL_CODES],
    },
  ),

  'find.search': call(
    'Finds by bill code, registration code, account, phone, name or address in the replica',
    {
      input: z.object({ text: z.string().max(500), limit: z.int().min(1).max(50) }),
      output: z.object({ hits: z.array(findHitSchema), more: z.boolean() }),
      errors: ['codeDamaged', 'notLoggedIn'],
    },
  ),
  'find.billers': call('The companies, for choosing one', {
    input: z.object({}),
    output: z.object({ billers: z.array(billerSchema) }),
    errors: ['notLoggedIn'],
  }),

  'basket.scan': call(
    'Takes what was scanned or typed and confirmed: a bill goes into the basket, a registration code opens its subscriber',
    {
      input: z.object({ text: z.string().trim().min(1).max(500) }),
      output: z.object({ found: z.enum(['bill', 'subscriber', 'account', 'nothing']) }),
      errors: BASKET_CODES,
    },
  ),
  'basket.open': call('Shows a subscriber (all accounts) or one account as the offer on screen', {
    input: z.union([
      z.object({ code: registrationCodeSchema }),
      z.object({ billerId: idSchema, account: accountSchema }),
    ]),
    output: z.object({}),
    errors: BASKET_CODES,
  }),
  'basket.add': call('Puts an account into the basket with the amount its rules propose', {
    input: z.object({ billerId: idSchema, account: accountSchema }),
    output: z.object({ lineId: idSchema }),
    errors: BASKET_CODES,
  }),
  'basket.amount': call(
    'Sets what is paid on a line; an amount against the rules is kept and shown as the line’s problem',
    {
      input: z.object({ lineId: idSchema, amount: positiveQepikSchema }),
      output: z.object({}),
      errors: [...counted.errors, 'lineUnknown', 'basketChanged'],
    },
  ),
  'basket.remove': call('Takes a line out', {
    input: z.object({ lineId: idSchema }),
    output: z.object({}),
    errors: [...counted.errors, 'lineUnknown', 'basketChanged'],
  }),
  'basket.clear': call('Starts afresh with the next customer', {
    input: z.object({}),
    output: z.object({}),
    errors: ['notLoggedIn'],
  }),
  'basket.language': call('The payer’s language, for the receipt', {
    input: z.object({ language: languageSchema }),
    output: z.object({}),
    errors: ['notLoggedIn'],
  }),
  'basket.tender': call('Freezes the basket and goes to the money (`back` returns)', {
    input: z.object({ back: z.boolean() }),
    output: z.object({}),
    errors: [
      ...counted.errors,
      'basketEmpty',
      'basketChanged',
      'amountTooSmall',
      'amountTooBig',
      'amountMustBeExact',
      'amountMustCoverDebt',
      'amountOverDebt',
      'advanceNotAllowed',
      'billerNotLive',
      'meterCardAbsent',
      'loadNeedsCentre',
      'offlineNotAllowed',
      'offlinePaymentCap',
      'offlineShiftCap',
      'deviceQuarantined',
      ...JOURNAL_CODES,
    ],
  }),
  'basket.quoteChange': call('The change for cash received, by pieces the drawer should hold', {
    input: z.object({ received: positiveQepikSchema, receivedPieces: piecesSchema.nullable() }),
    output: z.object({ change: qepikSchema, pieces: piecesSchema.nullable() }),
    errors: [...counted.errors, 'basketEmpty', 'tenderTooSmall'],
  }),
  'basket.accept': call(
    'Takes the cash: journal first, then receipt. The same payment again gets the first answer',
    {
      input: z.object({
        paymentId: idSchema,
        revision: z.int(),
        received: positiveQepikSchema,
        receivedPieces: piecesSchema.nullable(),
      }),
      output: z.object({
        payment: paymentAcceptedSchema,
        print: z.object({ printed: z.boolean(), reason: z.string().nullable() }),
      }),
      errors: [
        ...counted.errors,
        'basketEmpty',
        'basketChanged',
        'tenderTooSmall',
        'meterCardAbsent',
        'loadNeedsCentre',
        'offlineNotAllowed',
        'offlinePaymentCap',
        'offlineShiftCap',
        'deviceQuarantined',
        ...JOURNAL_CODES,
      ],
    },
  ),

  ...cardContract,
  ...archiveContract,
  ...meterCardContract,

  'receipts.list': call(
    'Payments of this workstation, newest first, by number, account, name, amount or card’s last digits',
    {
      input: z.object({ text: z.string().max(100), limit: z.int().min(1).max(100) }),
      output: z.object({ rows: z.array(paymentRowSchema) }),
      errors: ['notLoggedIn'],
    },
  ),
  'receipts.get': call('A payment with its receipt as a document', {
    input: z.object({ paymentId: idSchema }),
    output: z.object({
      payment: paymentAcceptedSchema,
      storno: paymentStornoedSchema.nullable(),
      document: receiptDocumentSchema,
      stornoDocument: receiptDocumentSchema.nullable(),
    }),
    errors: ['notLoggedIn', 'receiptUnknown'],
  }),
  'receipts.print': call('Prints a receipt again, marked and counted as a copy', {
    input: z.object({ paymentId: idSchema, which: z.enum(['payment', 'storno']) }),
    output: z.object({ copy: z.int() }),
    errors: ['notLoggedIn', 'receiptUnknown', 'printerAway', ...JOURNAL_CODES],
  }),
  'receipts.pdf': call('A receipt as PDF, marked and counted as a copy', {
    input: z.object({ paymentId: idSchema, which: z.enum(['payment', 'storno']) }),
    output: z.object({ pdfBase64: z.string(), copy: z.int() }),
    errors: ['notLoggedIn', 'receiptUnknown', ...JOURNAL_CODES],
  }),
  'storno.make': call('Cancels a payment of one’s own shift with a supervisor’s password and a reason', {
    input: z.object({
      stornoId: idSchema,
      paymentId: idSchema,
      reason: paymentStornoedSchema.shape.reason,
      note: z.string().trim().max(300),
      /** How a card gets its money back: the charge is reversed, or (where the terminal will not) refunded onto the card. */
      cardBack: z.enum(['reversal', 'refund']).default('reversal'),
      ...approval,
    }),
    output: z.object({
      storno: paymentStornoedSchema,
      print: z.object({ printed: z.boolean(), reason: z.string().nullable() }),
    }),
    errors: [
      ...counted.errors,
      'receiptUnknown',
      'paymentAlreadyStornoed',
      'stornoNotOwnShift',
      'drawerTooLow',
      'loadNotCancelled',
      'terminalOther',
      'cardReversalDeclined',
      ...CARD_CODES,
      ...APPROVAL_CODES,
      'idempotencyConflict',
      ...JOURNAL_CODES,
    ],
  }),

  'subscriber.register': call('Registers a subscriber: one code for accounts of all companies', {
    input: z.object({
      subscriberId: idSchema,
      name: z.string().trim().min(2).max(200),
      address: z.string().trim().max(300),
      phone: z.string().trim().max(40).nullable(),
      email: z.email().max(200).nullable(),
      language: languageSchema,
      accounts: z.array(boundAccountSchema).max(100),
    }),
    output: z.object({ subscriber: subscriberSchema }),
    errors: [
      'notLoggedIn',
      'codesExhausted',
      'billerUnknown',
      'accountNotInMask',
      'accountAlreadyBound',
      'idempotencyConflict',
      ...JOURNAL_CODES,
    ],
  }),
  'subscriber.bind': call('Hangs an account on a registration code', {
    input: z.object({ code: registrationCodeSchema, account: boundAccountSchema }),
    output: z.object({ subscriber: subscriberSchema }),
    errors: [
      'notLoggedIn',
      'subscriberUnknown',
      'billerUnknown',
      'accountNotInMask',
      'accountAlreadyBound',
      'tooManyAccounts',
      'centreAway',
      ...JOURNAL_CODES,
    ],
  }),
  'subscriber.unbind': call('Takes an account off a registration code', {
    input: z.object({ code: registrationCodeSchema, billerId: idSchema, account: accountSchema }),
    output: z.object({ subscriber: subscriberSchema }),
    errors: ['notLoggedIn', 'subscriberUnknown', 'accountNotBound', 'centreAway', ...JOURNAL_CODES],
  }),
  'subscriber.card': call('The card with the code and its barcode, printed and as PDF', {
    input: z.object({ code: registrationCodeSchema }),
    output: z.object({
      document: receiptDocumentSchema,
      pdfBase64: z.string(),
      print: z.object({ printed: z.boolean(), reason: z.string().nullable() }),
    }),
    errors: ['notLoggedIn', 'subscriberUnknown', 'centreAway'],
  }),

  'journal.list': call('The journal, newest first', {
    input: z.object({ before: z.int().nullable(), limit: z.int().min(1).max(200), waitingOnly: z.boolean() }),
    output: z.object({ rows: z.array(journalRowSchema) }),
    errors: ['notLoggedIn'],
  }),
  'sync.now': call('Tries the centre at once instead of at the next beat', {
    input: z.object({}),
    output: z.object({}),
    errors: [],
  }),
  'printer.set': call(
    'Sets where receipts are printed: nowhere, a device or spool file, or a network printer',
    {
      input: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('none') }),
        z.object({ kind: z.literal('file'), path: z.string().min(1).max(400) }),
        z.object({
          kind: z.literal('tcp'),
          host: z.string().min(1).max(200),
          port: z.int().min(1).max(65_535),
        }),
      ]),
      output: z.object({}),
      errors: ['notLoggedIn', 'notAllowed'],
    },
  ),
} as const satisfies Contract;
export type IpwContract = typeof ipwContract;
export type IpwMethod = keyof IpwContract;
