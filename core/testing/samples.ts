import type { ReplicaAccount } from '../../contracts/centre.ts';
import type { Biller, CounterPolicy, Subscriber, Workstation } from '../../contracts/domain.ts';
import { uuidv7 } from '../../contracts/ids.ts';
import { qepik } from '../../contracts/money.ts';
import { registrationCode } from '../../contracts/rules/damm.ts';

/** A district small enough to reason about: four companies, a few accounts, one registered subscriber. */

export const sampleId = (n: number): string =>
  uuidv7(
    1_795_400_000_000 + n,
    Uint8Array.from({ length: 10 }, (_, i) => (n * 37 + i * 11) % 256),
  );

export const WORKSTATION: Workstation = {
  workstationId: sampleId(1),
  code: 'WS07',
  branchName: 'Nərimanov filialı',
  branchAddress: 'Bakı, Təbriz küç. 41',
  participantName: 'Paytaxt Bank ASC',
  district: 'Nərimanov',
};

export const POLICY: CounterPolicy = {
  offlineMaxPayment: qepik(50_000),
  offlineMaxPerShift: qepik(120_000),
  offlineLoginHours: 72,
  codeBlockLow: 5,
  countTolerance: qepik(0),
};

export const VERIFY_URL = 'https://komis.example.az/q';

const biller = (n: number, over: Partial<Biller>): Biller => ({
  id: sampleId(10 + n),
  number: `00${n}`,
  code: `B${n}`,
  name: `Company ${n}`,
  service: { az: 'Xidmət', en: 'Service', ru: 'Услуга' },
  status: 'live',
  exactness: 'any',
  minAmount: qepik(1),
  maxAmount: qepik(10_000_000),
  advanceAllowed: true,
  fetch: 'none',
  accountMask: '^[0-9]{6,12}$',
  accountExample: '1104552018',
  offline: 'known',
  priority: n,
  fees: [],
  ...over,
});

export const POWER = biller(1, { name: 'Elektrik Şəbəkəsi', code: 'ELEKTRIK' });
export const GAS = biller(2, {
  name: 'Qaz Təchizatı',
  code: 'QAZ',
  exactness: 'up',
  fetch: 'optional',
  offline: 'mask',
});
export const WATER = biller(3, {
  name: 'Su Kanal',
  code: 'SU',
  exactness: 'exact',
  fees: [
    {
      id: sampleId(30),
      channel: 'counter',
      borneBy: 'payer',
      fixed: qepik(20),
      basisPoints: 100,
      floor: qepik(0),
      cap: null,
      validFrom: '2026-01-01',
      validTo: null,
    },
  ],
});
export const PHONE = biller(4, {
  name: 'Şəhər Telefonu',
  code: 'TELEFON',
  exactness: 'down',
  advanceAllowed: false,
  offline: 'none',
  accountMask: '^[0-9]{7}$',
});
export const BILLERS: readonly Biller[] = [POWER, GAS, WATER, PHONE];

export const AS_OF = '2026-11-20T02:10:00.000Z';

export const account = (
  of: Biller,
  number: string,
  owed: number,
  over: Partial<ReplicaAccount> = {},
): ReplicaAccount => ({
  billerId: of.id,
  account: number,
  holder: 'Məmmədov Elşən İlqar oğlu',
  address: 'Bakı, Nərimanov r., Təbriz küç. 41, m. 18',
  phone: '+994 12 565 41 08',
  active: true,
  asOf: AS_OF,
  paymentsThrough: AS_OF,
  bills:
    owed === 0
      ? []
      : [{ billNo: `B-${number}`, period: '2026-10', amount: qepik(owed), dueDate: '2026-11-30' }],
  ...over,
});

export const ACCOUNTS: readonly ReplicaAccount[] = [
  account(POWER, '1104552018', 3840),
  account(POWER, '1104552019', 0, { holder: 'Quliyeva Nərgiz', address: 'Bakı, Atatürk pr. 7', phone: null }),
  account(GAS, '0801417730', 2175),
  account(WATER, '30881204', 910),
  account(WATER, '30904117', 0, { address: 'Bakı, Nərimanov r., Təbriz küç. 41, m. 52' }),
  account(PHONE, '5654108', 420),
];

export const SUBSCRIBER: Subscriber = {
  subscriberId: sampleId(50),
  code: registrationCode(407_188_236),
  name: 'Məmmədov Elşən İlqar oğlu',
  address: 'Bakı, Nərimanov r., Təbriz küç. 41, m. 18',
  phone: '+994 50 123 45 67',
  email: null,
  language: 'ru',
  accounts: [
    { billerId: POWER.id, account: '1104552018', label: '' },
    { billerId: GAS.id, account: '0801417730', label: '' },
    { billerId: WATER.id, account: '30881204', label: 'Mənzil 18' },
    { billerId: WATER.id, account: '30904117', label: 'Mənzil 52' },
  ],
};

export type SampleUser = {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly role: 'teller' | 'supervisor' | 'operator';
};
export const AYGUN: SampleUser = {
  userId: sampleId(60),
  username: 'aygun',
  name: 'Aygün Məmmədova',
  role: 'teller',
};
export const LEYLA: SampleUser = {
  userId: sampleId(61),
  username: 'leyla',
  name: 'Leyla Əliyeva',
  role: 'teller',
};
export const RAUF: SampleUser = {
  userId: sampleId(62),
  username: 'rauf',
  name: 'Rauf Hüseynov',
  role: 'supervisor',
};
export const OPERATOR: SampleUser = {
  userId: sampleId(63),
  username: 'kamal',
  name: 'Kamal',
  role: 'operator',
};
export const USERS: readonly SampleUser[] = [AYGUN, LEYLA, RAUF, OPERATOR];
export const PASSWORD = 'parol-1234';
