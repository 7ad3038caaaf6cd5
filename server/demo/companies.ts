import type { BillerRules, Localized } from '../../contracts/domain.ts';
import { qepik, type Qepik } from '../../contracts/money.ts';

export const DEMO_COMPANY_CODES = ['ELEKTRIK', 'QAZ', 'SU', 'TELEFON'] as const;
export type DemoCompanyCode = (typeof DEMO_COMPANY_CODES)[number];

/** A demo company: what the registry is told of it, and what its accounts and bills look like. */
export type DemoCompany = {
  readonly code: DemoCompanyCode;
  readonly number: string;
  readonly name: string;
  readonly service: Localized;
  readonly priority: number;
  readonly rules: BillerRules;
  readonly fetch: 'none' | 'optional' | 'mandatory';
  readonly offline: 'known' | 'mask' | 'none';
  readonly accountMask: string;
  readonly accountExample: string;
  /** Share of households that have an account here. */
  readonly share: number;
  /** Bills: the month billed relative to the list's, when they fall due, and their usual size in qəpik. */
  readonly bills: {
    readonly monthsBack: number;
    readonly due: { readonly monthsAfterPeriod: number; readonly day: number };
    readonly usual: Qepik;
    /** How far apart small and large bills lie (sigma of a log-normal). */
    readonly spread: number;
    readonly largest: Qepik;
    /** Fixed prices (telephone) instead of metered ones. */
    readonly tariffs: readonly Qepik[];
  };
  /** The digits before the serial part of an account in a district (its two-digit code), and how many serials there are. */
  readonly prefix: (district: string) => string;
  readonly serials: {
    readonly modulus: number;
    readonly factor: number;
    readonly offset: number;
    readonly digits: number;
    readonly base: number;
  };
  /** Accounts of the first household, the one in the documentation and on screenshots. */
  readonly fixed: readonly string[];
};

export const DEMO_COMPANIES: readonly DemoCompany[] = [
  {
    code: 'ELEKTRIK',
    number: '001',
    name: 'Elektrik Şəbəkəsi',
    service: { az: 'Elektrik enerjisi', en: 'Electricity', ru: 'Электроэнергия' },
    priority: 10,
    rules: { exactness: 'any', minAmount: qepik(100), maxAmount: qepik(500_000), advanceAllowed: true },
    fetch: 'none',
    offline: 'mask',
    accountMask: '^\\d{10}$',
    accountExample: '1104552018',
    share: 0.97,
    bills: {
      monthsBack: 1,
      due: { monthsAfterPeriod: 1, day: 25 },
      usual: qepik(2_800),
      spread: 0.55,
      largest: qepik(45_000),
      tariffs: [],
    },
    prefix: (district) => district,
    serials: { modulus: 100_000_000, factor: 48_271_193, offset: 31_415_927, digits: 8, base: 0 },
    fixed: ['1104552018'],
  },
  {
    code: 'QAZ',
    number: '002',
    name: 'Qaz Təchizatı',
    service: { az: 'Təbii qaz', en: 'Natural gas', ru: 'Природный газ' },
    priority: 20,
    rules: { exactness: 'up', minAmount: qepik(100), maxAmount: qepik(300_000), advanceAllowed: true },
    fetch: 'optional',
    offline: 'known',
    accountMask: '^0\\d{9}$',
    accountExample: '0801417730',
    share: 0.82,
    bills: {
      monthsBack: 1,
      due: { monthsAfterPeriod: 1, day: 28 },
      usual: qepik(1_900),
      spread: 0.6,
      largest: qepik(60_000),
      tariffs: [],
    },
    // 80 is Nərimanov (district code 11), and so on.
    prefix: (district) => `0${Number(district) + 69}`,
    serials: { modulus: 10_000_000, factor: 4_827_193, offset: 2_718_281, digits: 7, base: 0 },
    fixed: ['0801417730'],
  },
  {
    code: 'SU',
    number: '003',
    name: 'Su Kanal',
    service: { az: 'Su və kanalizasiya', en: 'Water and sewerage', ru: 'Вода и канализация' },
    priority: 30,
    rules: { exactness: 'exact', minAmount: qepik(50), maxAmount: qepik(100_000), advanceAllowed: true },
    fetch: 'none',
    offline: 'known',
    accountMask: '^3\\d{7}$',
    accountExample: '30881204',
    share: 0.88,
    bills: {
      monthsBack: 1,
      due: { monthsAfterPeriod: 1, day: 20 },
      usual: qepik(850),
      spread: 0.5,
      largest: qepik(18_000),
      tariffs: [],
    },
    prefix: () => '3',
    serials: { modulus: 10_000_000, factor: 7_368_787, offset: 1_618_033, digits: 7, base: 0 },
    fixed: ['30881204', '30904117'],
  },
  {
    code: 'TELEFON',
    number: '004',
    name: 'Şəhər Telefonu',
    service: { az: 'Telefon', en: 'Telephone', ru: 'Телефон' },
    priority: 40,
    rules: { exactness: 'down', minAmount: qepik(20), maxAmount: qepik(20_000), advanceAllowed: false },
    fetch: 'none',
    offline: 'known',
    accountMask: '^[345]\\d{6}$',
    accountExample: '5654108',
    share: 0.55,
    bills: {
      monthsBack: 0,
      due: { monthsAfterPeriod: 1, day: 10 },
      usual: qepik(420),
      spread: 0.3,
      largest: qepik(6_000),
      tariffs: [qepik(320), qepik(420), qepik(500), qepik(760), qepik(1_550)],
    },
    prefix: () => '',
    // The account is the telephone number: three million numbers from 300 00 00 on.
    serials: { modulus: 3_000_000, factor: 1_827_191, offset: 1_414_213, digits: 7, base: 3_000_000 },
    fixed: ['5654108'],
  },
];

/** The demo company with this code. */
export function demoCompany(code: DemoCompanyCode): DemoCompany {
  const company = DEMO_COMPANIES.find((one) => one.code === code);
  if (company === undefined) throw new Error(`no demo company ${code}`);
  return company;
}
