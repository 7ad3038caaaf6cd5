import type { AccountView, Biller, Subscriber, Workstation } from '../../../contracts/domain.ts';
import { uuidv7 } from '../../../contracts/ids.ts';
import { qepik } from '../../../contracts/money.ts';
import { registrationCode } from '../../../contracts/rules/damm.ts';

/** A small town for the screens: the companies of the drawings, one subscriber with five accounts, a few neighbours. */

let serial = 0;
export const sampleId = (): string => {
  serial += 1;
  return uuidv7(1_795_400_000_000 + serial, new Uint8Array(10).fill(serial % 251));
};

const company = (
  number: string,
  name: string,
  service: Biller['service'],
  rules: Pick<Biller, 'exactness' | 'advanceAllowed' | 'accountMask' | 'accountExample'>,
  feeQepik: number,
): Biller => ({
  id: sampleId(),
  number,
  code: `C${number}`,
  name,
  service,
  status: 'live',
  fetch: 'none',
  offline: 'known',
  priority: Number(number),
  minAmount: qepik(10),
  maxAmount: qepik(1_000_000),
  fees:
    feeQepik === 0
      ? []
      : [
          {
            id: sampleId(),
            channel: 'counter',
            borneBy: 'payer',
            fixed: qepik(feeQepik),
            basisPoints: 0,
            floor: qepik(0),
            cap: null,
            validFrom: '2026-01-01',
            validTo: null,
          },
        ],
  ...rules,
});

export const ELECTRICITY = company(
  '001',
  'Elektrik Şəbəkəsi',
  { az: 'Elektrik enerjisi', en: 'Electricity', ru: 'Электроэнергия' },
  { exactness: 'any', advanceAllowed: true, accountMask: '^\\d{10}$', accountExample: '1104552018' },
  0,
);
export const GAS = company(
  '002',
  'Qaz Təchizatı',
  { az: 'Təbii qaz', en: 'Natural gas', ru: 'Природный газ' },
  { exactness: 'up', advanceAllowed: true, accountMask: '^08\\d{8}$', accountExample: '0801417730' },
  0,
);
export const WATER = company(
  '003',
  'Su Kanal',
  { az: 'Su və kanalizasiya', en: 'Water and sewage', ru: 'Вода и канализация' },
  { exactness: 'exact', advanceAllowed: true, accountMask: '^30\\d{6}$', accountExample: '30881204' },
  0,
);
export const PHONE = company(
  '004',
  'Şəhər Telefonu',
  { az: 'Telefon', en: 'Telephone', ru: 'Телефон' },
  { exactness: 'down', advanceAllowed: false, accountMask: '^5\\d{6}$', accountExample: '5654108' },
  20,
);
export const BILLERS: readonly Biller[] = [ELECTRICITY, GAS, WATER, PHONE];

const account = (
  biller: Biller,
  number: string,
  holder: string,
  address: string,
  bills: readonly (readonly [period: string, qepikOwed: number, due: string])[],
  asOf: string,
  phone: string | null = null,
): AccountView => ({
  billerId: biller.id,
  account: number,
  holder,
  address,
  phone,
  known: true,
  owed: qepik(bills.reduce((total, [, owed]) => total + owed, 0)),
  paidSince: qepik(0),
  bills: bills.map(([period, owed, dueDate]) => ({
    billNo: `${period}-${number.slice(-3)}`,
    period,
    amount: qepik(owed),
    dueDate,
  })),
  asOf,
  source: 'replica',
});

const HOME = 'Bakı, Nərimanov r., Təbriz küç. 41, m. 18';
const FLAT = 'Bakı, Nərimanov r., Təbriz küç. 41, m. 52';

export const ACCOUNTS: readonly AccountView[] = [
  account(
    ELECTRICITY,
    '1104552018',
    'Məmmədov Elşən İlqar oğlu',
    HOME,
    [['2026-10', 3840, '2026-12-10']],
    '2026-11-13T02:10:00Z',
    '012 565 41 08',
  ),
  account(
    GAS,
    '0801417730',
    'Məmmədov Elşən İlqar oğlu',
    HOME,
    [['2026-10', 2175, '2026-12-05']],
    '2026-11-23T06:00:00Z',
  ),
  account(
    WATER,
    '30881204',
    'Məmmədov Elşən İlqar oğlu',
    HOME,
    [['2026-10', 910, '2026-12-15']],
    '2026-11-12T19:40:00Z',
  ),
  account(WATER, '30904117', 'Məmmədova Şəfiqə Çingiz qızı', FLAT, [], '2026-11-12T19:40:00Z'),
  account(
    PHONE,
    '5654108',
    'Məmmədov Elşən İlqar oğlu',
    HOME,
    [['2026-09', 420, '2026-10-25']],
    '2026-11-01T08:00:00Z',
    '012 565 41 08',
  ),
  account(
    ELECTRICITY,
    '1104552026',
    'Ağayeva Ülviyyə Ağaəli qızı',
    'Bakı, Nərimanov r., Əhməd Rəcəbli küç. 7, m. 3',
    [
      ['2026-08', 1250, '2026-10-10'],
      ['2026-09', 1480, '2026-11-10'],
      ['2026-10', 1630, '2026-12-10'],
    ],
    '2026-11-13T02:10:00Z',
  ),
  account(
    GAS,
    '0801417748',
    'Ağayeva Ülviyyə Ağaəli qızı',
    'Bakı, Nərimanov r., Əhməd Rəcəbli küç. 7, m. 3',
    [['2026-10', 5, '2026-12-05']],
    '2026-11-23T06:00:00Z',
  ),
  account(
    WATER,
    '30881230',
    'İsmayılzadə Gülşən Hüseynqulu qızı',
    'Bakı, Nərimanov r., Ziya Bünyadov pr. 112, blok 2, m. 145',
    [['2026-10', 123456, '2026-12-15']],
    '2026-11-12T19:40:00Z',
  ),
  account(
    ELECTRICITY,
    '1104552034',
    'Məlikov Iğdır Çapay oğlu',
    'Bakı, Nərimanov r., Fətəli xan Xoyski küç. 98',
    [],
    '2026-11-13T02:10:00Z',
  ),
];

export const SUBSCRIBER: Subscriber = {
  subscriberId: sampleId(),
  code: registrationCode(407_188_236),
  name: 'Məmmədov Elşən İlqar oğlu',
  address: HOME,
  phone: '012 565 41 08',
  email: 'elshan@example.az',
  language: 'az',
  accounts: ACCOUNTS.slice(0, 5).map((view) => ({
    billerId: view.billerId,
    account: view.account,
    label: view.account === '30881204' ? 'Mənzil 18' : view.account === '30904117' ? 'Mənzil 52' : '',
  })),
};

export const WORKSTATION: Workstation = {
  workstationId: sampleId(),
  code: 'WS07',
  branchName: 'Nərimanov filialı',
  branchAddress: 'Bakı, Nərimanov r., Təbriz küç. 20',
  participantName: 'Xalq Ödəniş Bankı',
  district: 'Nərimanov',
};

export const PEOPLE = [
  { userId: sampleId(), username: 'aygun', name: 'Aygün Məmmədova', role: 'teller' },
  { userId: sampleId(), username: 'rauf', name: 'Rauf Həsənov', role: 'supervisor' },
] as const;
export const PASSWORD = 'Novbe-2026';
