import { z } from 'zod';
import {
  accountSchema,
  accountViewSchema,
  billerSchema,
  channelSchema,
  counterPolicySchema,
  registrationCodeSchema,
  roleSchema,
  statedBillSchema,
  subscriberSchema,
  workstationSchema,
} from './domain.ts';
import { METER_CARD_ACCESS, meterCardCentreContract } from './centre-meter-card.ts';
import { idSchema } from './ids.ts';
import { entryOutcomeSchema, numbersSchema, signedEntrySchema } from './journal.ts';
import { currencySchema, positiveQepikSchema, qepikSchema } from './money.ts';
import { call, type Contract } from './rpc/definition.ts';
import { dateSchema, instantSchema } from './time.ts';

/** The contract between workstation (or another channel) and centre: `POST /v1/<method>`, JSON both ways. */

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/** At most this many entries travel in one journal batch. */
export const JOURNAL_BATCH_MAX = 1000;
/** At most this many rows of each kind come in one page of replica changes. */
export const REPLICA_PAGE_MAX = 5000;

export const replicaAccountSchema = z.object({
  billerId: idSchema,
  account: accountSchema,
  holder: z.string(),
  address: z.string(),
  phone: z.string().nullable(),
  active: z.boolean(),
  /** The moment the figures were true, and up to which posted payments they count (rules/owed.ts). */
  asOf: instantSchema,
  paymentsThrough: instantSchema,
  bills: z.array(statedBillSchema),
});
export type ReplicaAccount = z.infer<typeof replicaAccountSchema>;

export const replicaCreditSchema = z.object({
  lineId: idSchema,
  billerId: idSchema,
  account: accountSchema,
  amount: qepikSchema,
  postedAt: instantSchema,
});
export type ReplicaCredit = z.infer<typeof replicaCreditSchema>;

/**
 * The latest full list of a company. An active account is true as of the later of its own times and these: rows that a
 * full list did not change are not sent again.
 */
export const replicaListSchema = z.object({
  billerId: idSchema,
  asOf: instantSchema,
  paymentsThrough: instantSchema,
});
export type ReplicaList = z.infer<typeof replicaListSchema>;

/** Opaque to the workstation; null asks for everything. */
export const replicaCursorSchema = z.string().max(200);

/** One payment as any channel but the counter submits it. */
export const paymentRequestSchema = z.object({
  paymentId: idSchema,
  channel: channelSchema,
  /** The channel's own reference, printed on its receipt. */
  reference: z.string().min(1).max(60),
  takenAt: instantSchema,
  businessDate: dateSchema,
  currency: currencySchema,
  subscriberCode: registrationCodeSchema.nullable(),
  lines: z
    .array(
      z.object({
        lineId: idSchema,
        billerId: idSchema,
        account: accountSchema,
        billNo: z.string().max(40).nullable(),
        amount: positiveQepikSchema.min(1),
        fee: positiveQepikSchema,
      }),
    )
    .min(1)
    .max(100),
  total: positiveQepikSchema.min(1),
});
export type PaymentRequest = z.infer<typeof paymentRequestSchema>;

export const centreContract = {
  'device.enrol': call('Trades a one-time code and a new device key for a place in the tree', {
    input: z.object({
      code: z.string().regex(/^[A-Z0-9-]{8,20}$/),
      deviceId: idSchema,
      publicKey: base64url.length(43),
    }),
    output: z.object({
      workstation: workstationSchema,
      centreName: z.string(),
      /** Where this workstation's numbers go on when an earlier device of it has counted. */
      numbers: numbersSchema.optional(),
    }),
    errors: ['enrolmentCodeWrong', 'idempotencyConflict'],
  }),
  'device.challenge': call('A nonce to be signed with the device key', {
    input: z.object({ deviceId: idSchema }),
    output: z.object({ nonce: base64url }),
    errors: ['deviceUnknown', 'deviceQuarantined'],
  }),
  'device.session': call('Trades the signed nonce for a bearer token', {
    input: z.object({ deviceId: idSchema, nonce: base64url, signature: base64url.length(86) }),
    output: z.object({ token: z.string(), validForSeconds: z.int().min(1), centreTime: instantSchema }),
    errors: ['deviceUnknown', 'deviceQuarantined'],
  }),
  'device.state': call('What the centre has of this device, and what it allows it', {
    input: z.object({}),
    output: z.object({
      workstation: workstationSchema,
      policy: counterPolicySchema,
      acknowledgedThrough: z.int().min(0),
      headHash: z.string().length(64),
      receiptVerifyUrl: z.url(),
      centreTime: instantSchema,
    }),
    errors: ['deviceQuarantined'],
  }),
  'auth.login': call('Checks a person’s password; the centre counts wrong tries', {
    input: z.object({
      username: z.string().min(1).max(60),
      password: z.string().min(1).max(200),
      purpose: z.enum(['login', 'approval']),
    }),
    output: z.object({
      userId: idSchema,
      username: z.string(),
      name: z.string(),
      role: roleSchema,
    }),
    errors: ['loginWrong', 'loginLocked', 'userBlocked', 'notAllowed'],
  }),
  'journal.push': call('The next entries of this device’s journal, in order; all or none are taken in', {
    input: z.object({ entries: z.array(signedEntrySchema).min(1).max(JOURNAL_BATCH_MAX) }),
    output: z.object({
      acknowledgedThrough: z.int().min(0),
      outcomes: z.array(
        z.object({
          seq: z.int(),
          outcome: entryOutcomeSchema,
          postedAt: instantSchema.nullable(),
          note: z.string().nullable(),
        }),
      ),
      centreTime: instantSchema,
    }),
    errors: ['journalGap', 'journalFork', 'journalForged', 'deviceQuarantined'],
  }),
  'replica.changes': call('What changed in the branch’s district since a cursor, page by page', {
    input: z.object({ cursor: replicaCursorSchema.nullable(), limit: z.int().min(1).max(REPLICA_PAGE_MAX) }),
    output: z.object({
      /** True: forget everything known before applying this page (first load, or the centre was restored). */
      restart: z.boolean(),
      accounts: z.array(replicaAccountSchema),
      credits: z.array(replicaCreditSchema),
      subscribers: z.array(subscriberSchema),
      /** Only on the last page (`more` false): moved on once every row of the list has been sent. */
      lists: z.array(replicaListSchema),
      cursor: replicaCursorSchema,
      more: z.boolean(),
      /** Everything committed before this moment is in the pages so far, once `more` is false. */
      trueAt: instantSchema,
    }),
    errors: ['deviceQuarantined'],
  }),
  'replica.billers': call('All companies with their rules and fees', {
    input: z.object({}),
    output: z.object({ billers: z.array(billerSchema) }),
    errors: ['deviceQuarantined'],
  }),
  'account.fetch': call('One account with its debt as the centre knows it now, inside the district or not', {
    input: z.object({ billerId: idSchema, account: accountSchema }),
    output: accountViewSchema,
    errors: ['billerUnknown', 'billerNotLive', 'accountUnknown'],
  }),
  'subscriber.fetch': call('One subscriber by registration code, with the accounts’ debts', {
    input: z.object({ code: registrationCodeSchema }),
    output: z.object({ subscriber: subscriberSchema, accounts: z.array(accountViewSchema) }),
    errors: ['subscriberUnknown'],
  }),
  'codes.lease': call('A block of registration codes for offline use; the same leaseId gets the same block', {
    input: z.object({ leaseId: idSchema }),
    output: z.object({ leaseId: idSchema, firstSerial: z.int(), lastSerial: z.int() }),
    errors: ['deviceQuarantined'],
  }),
  'payments.accept': call('One payment of a channel; the same id gets the first answer', {
    input: paymentRequestSchema,
    output: z.object({ paymentId: idSchema, outcome: entryOutcomeSchema, postedAt: instantSchema }),
    errors: ['idempotencyConflict', 'notAllowed'],
  }),
  'receipts.verify': call('Is this receipt genuine, and has its payment reached the ledger; open to anyone', {
    input: z.object({ code: z.string().min(20).max(1000) }),
    output: z.object({
      genuine: z.boolean(),
      receiptNo: z.string().nullable(),
      total: qepikSchema.nullable(),
      takenAt: instantSchema.nullable(),
      branchName: z.string().nullable(),
      state: z.enum(['posted', 'stornoed', 'notYetArrived', 'unknown']),
    }),
    errors: [],
  }),
  ...meterCardCentreContract,
} as const satisfies Contract;
export type CentreContract = typeof centreContract;
export type CentreMethod = keyof CentreContract;

/** Who may call what; a test walks this table. `device` = a workstation's token; `open` = anyone, rate-limited. */
export const CENTRE_ACCESS = {
  'device.enrol': 'open',
  'device.challenge': 'open',
  'device.session': 'open',
  'device.state': 'device',
  'auth.login': 'device',
  'journal.push': 'device',
  'replica.changes': 'device',
  'replica.billers': 'device',
  'account.fetch': 'device',
  'subscriber.fetch': 'device',
  'codes.lease': 'device',
  'payments.accept': 'device',
  'receipts.verify': 'open',
  ...METER_CARD_ACCESS,
} as const satisfies Record<CentreMethod, 'open' | 'device'>;
