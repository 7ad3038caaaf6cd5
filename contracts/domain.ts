import { z } from 'zod';
import { idSchema } from './ids.ts';
import { positiveQepikSchema, qepikSchema } from './money.ts';
import { dateSchema, instantSchema } from './time.ts';

export const languageSchema = z.enum(['az', 'en', 'ru']);
export type Language = z.infer<typeof languageSchema>;
export const LANGUAGES = languageSchema.options;

export const localizedSchema = z.object({
  az: z.string().max(200),
  en: z.string().max(200),
  ru: z.string().max(200),
});
export type Localized = z.infer<typeof localizedSchema>;

/** Where a payment is taken. Only `counter` has a device journal; every channel reaches the same intake. */
export const channelSchema = z.enum(['counter', 'portal', 'atm', 'kiosk', 'bank']);
export type Channel = z.infer<typeof channelSchema>;

/** How a person is trusted: `teller` takes payments, `supervisor` also approves; the rest is the centre's back office. */
export const roleSchema = z.enum(['teller', 'supervisor', 'operator', 'auditor', 'administrator']);
export type Role = z.infer<typeof roleSchema>;

/** Company accounts: letters and digits as on the bill, without spaces. */
export const accountSchema = z.string().regex(/^[A-Za-z0-9/-]{1,20}$/);
export const registrationCodeSchema = z.string().regex(/^\d{10}$/);
export const periodSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);
export const billNoSchema = z.string().min(1).max(40);

/** How the amount paid relates to the debt. */
export const exactnessSchema = z.enum(['any', 'exact', 'up', 'down']);

/** What a counter may accept for this company while the centre is away. */
export const offlinePolicySchema = z.enum(['known', 'mask', 'none']);

export const feeRuleSchema = z.object({
  id: idSchema,
  channel: channelSchema,
  borneBy: z.enum(['payer', 'company']),
  fixed: positiveQepikSchema,
  basisPoints: z.int().min(0).max(10_000),
  floor: positiveQepikSchema,
  cap: positiveQepikSchema.nullable(),
  validFrom: dateSchema,
  validTo: dateSchema.nullable(),
});
export type FeeRule = z.infer<typeof feeRuleSchema>;

/** The part of a company's configuration that decides whether an amount may be paid. */
export const billerRulesSchema = z.object({
  exactness: exactnessSchema,
  minAmount: positiveQepikSchema,
  maxAmount: positiveQepikSchema,
  advanceAllowed: z.boolean(),
});
export type BillerRules = z.infer<typeof billerRulesSchema>;

/** A service company as every channel sees it: configuration as data (DESIGN §8). */
export const billerSchema = billerRulesSchema.extend({
  id: idSchema,
  /** Three digits, printed in bill codes. */
  number: z.string().regex(/^\d{3}$/),
  code: z.string().regex(/^[A-Z0-9-]{2,20}$/),
  name: z.string().min(1).max(100),
  service: localizedSchema,
  status: z.enum(['onboarding', 'live', 'suspended', 'closed']),
  /** Are fresh figures asked of the centre before an account is paid: never, when it answers, or always. */
  fetch: z.enum(['none', 'optional', 'mandatory']),
  /** A regular expression an account of this company fits, anchored. */
  accountMask: z.string().max(100),
  accountExample: z.string().max(40),
  offline: offlinePolicySchema,
  /** Lower is served first when a lump sum is split. */
  priority: z.int().min(0).max(999),
  fees: z.array(feeRuleSchema).max(50),
});
export type Biller = z.infer<typeof billerSchema>;

export const statedBillSchema = z.object({
  billNo: billNoSchema,
  period: periodSchema,
  amount: qepikSchema,
  dueDate: dateSchema,
});

/** One account at one company with what is owed on it and since when that is true. */
export const accountViewSchema = z.object({
  billerId: idSchema,
  account: accountSchema,
  holder: z.string().max(200),
  address: z.string().max(300),
  phone: z.string().max(40).nullable(),
  /** False: not on the company's list; only its mask is known to fit. */
  known: z.boolean(),
  owed: qepikSchema,
  paidSince: qepikSchema,
  bills: z.array(statedBillSchema),
  /** The moment the company's figures were true; null when the account is not on a list. */
  asOf: instantSchema.nullable(),
  source: z.enum(['replica', 'centre']),
});
export type AccountView = z.infer<typeof accountViewSchema>;

/** An account a subscriber hung on the registration code. */
export const boundAccountSchema = z.object({
  billerId: idSchema,
  account: accountSchema,
  /** The subscriber's own word for it: `Mənzil 52`. */
  label: z.string().max(60),
});
export type BoundAccount = z.infer<typeof boundAccountSchema>;

/** At most this many accounts hang on one registration code. */
export const SUBSCRIBER_ACCOUNTS_MAX = 100;

export const subscriberSchema = z.object({
  subscriberId: idSchema,
  code: registrationCodeSchema,
  name: z.string().min(2).max(200),
  address: z.string().max(300),
  phone: z.string().max(40).nullable(),
  email: z.email().max(200).nullable(),
  language: languageSchema,
  accounts: z.array(boundAccountSchema).max(SUBSCRIBER_ACCOUNTS_MAX),
});
export type Subscriber = z.infer<typeof subscriberSchema>;

/** What the centre allows a counter to do alone, and for how long. Amounts in qəpik. */
export const counterPolicySchema = z.object({
  offlineMaxPayment: positiveQepikSchema,
  offlineMaxPerShift: positiveQepikSchema,
  /** How long a person's last online log-in lets them in while the centre is away. */
  offlineLoginHours: z
    .int()
    .min(0)
    .max(24 * 14),
  /** Free registration codes below which a new block is leased. */
  codeBlockLow: z.int().min(0),
  /** Difference at close beyond which a second count is asked for. */
  countTolerance: positiveQepikSchema,
});
export type CounterPolicy = z.infer<typeof counterPolicySchema>;

/** Where a workstation stands in its participant's tree (head office → branch → workstation). */
export const workstationSchema = z.object({
  workstationId: idSchema,
  /** `WS07`, unique in the whole system, printed in receipt numbers. */
  code: z.string().regex(/^[A-Z0-9]{2,12}$/),
  branchName: z.string().max(200),
  branchAddress: z.string().max(300),
  participantName: z.string().max(200),
  district: z.string().max(60),
});
export type Workstation = z.infer<typeof workstationSchema>;
