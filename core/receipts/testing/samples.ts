import type { Language, Subscriber, Workstation } from '../../../contracts/domain.ts';
import { uuidv7 } from '../../../contracts/ids.ts';
import type { PaymentAccepted, PaymentLine, PaymentStornoed } from '../../../contracts/journal.ts';
import { add, qepik, subtract, sum, type Qepik } from '../../../contracts/money.ts';
import { registrationCode } from '../../../contracts/rules/damm.ts';

/** Believable papers for tests here and in test/paper. Ids are made up from a number, so that samples never change. */

export const sampleId = (n: number): string =>
  uuidv7(
    1_795_430_000_000 + n,
    Uint8Array.from({ length: 10 }, (_, i) => (n * 31 + i * 7) % 256),
  );

export const sampleWorkstation: Workstation = {
  workstationId: sampleId(1),
  code: 'WS07',
  branchName: 'Nərimanov filialı',
  branchAddress: 'Bakı, Təbriz küç. 41',
  participantName: 'Paytaxt Bank ASC',
  district: 'Nərimanov',
};

export const TAKEN_AT = '2026-11-23T10:31:07.123Z';

type LineFacts = {
  readonly company: string;
  readonly account: string;
  readonly holder: string;
  readonly amount: number;
} & Partial<
  Pick<PaymentLine, 'period' | 'billNo' | 'owedAsOf' | 'known'> & {
    readonly fee: number;
    readonly owed: number;
  }
>;

export const sampleLine = (n: number, facts: LineFacts): PaymentLine => ({
  lineId: sampleId(100 + n),
  billerId: sampleId(200 + n),
  billerName: facts.company,
  account: facts.account,
  holder: facts.holder,
  period: facts.period === undefined ? '2026-10' : facts.period,
  billNo: facts.billNo ?? null,
  amount: qepik(facts.amount),
  fee: qepik(facts.fee ?? 0),
  feeRuleId: null,
  owedShown: qepik(facts.owed ?? facts.amount),
  owedAsOf: facts.owedAsOf === undefined ? '2026-11-13T02:10:00.000Z' : facts.owedAsOf,
  known: facts.known ?? true,
});

export const THREE_LINES: readonly PaymentLine[] = [
  sampleLine(1, {
    company: 'Elektrik Şəbəkəsi',
    account: '1104552018',
    holder: 'Məmmədov Elşən İlqar oğlu',
    amount: 3840,
    billNo: '2026-10-7',
  }),
  sampleLine(2, {
    company: 'Qaz Təchizatı',
    account: '0801417730',
    holder: 'Məmmədov Elşən İlqar oğlu',
    amount: 2175,
    owed: 3175,
  }),
  sampleLine(3, {
    company: 'Su Kanal',
    account: '30881204',
    holder: 'Гусейнова Ксения Юрьевна',
    amount: 910,
    owed: 0,
    fee: 50,
  }),
];

export const TWELVE_LINES: readonly PaymentLine[] = Array.from({ length: 12 }, (_, i) =>
  sampleLine(i, {
    company: ['Elektrik Şəbəkəsi', 'Qaz Təchizatı', 'Su Kanal', 'Şəhər Telefonu'][i % 4] ?? '',
    account: String(1104552018 + i * 7919),
    holder:
      i === 4
        ? 'Şıxəliyeva-Həsənağaoğlu Gülçöhrə Əbdülrəhman qızı və vərəsələri'
        : 'Quliyeva Nərgiz Çingiz qızı',
    amount: 123456 + i * 1001,
    fee: i % 2 === 0 ? 50 : 0,
    ...(i === 5 ? { known: false, owed: 0, owedAsOf: null } : {}),
    ...(i === 6 ? { owed: 9_999_999 } : {}),
  }),
);

/** A cash payment over `lines`; `received` is rounded up to whole notes of 5 manat. */
export function samplePayment(
  language: Language,
  lines: readonly PaymentLine[] = THREE_LINES,
  facts: Partial<PaymentAccepted> = {},
): PaymentAccepted {
  const total = totalOf(lines);
  const received = qepik(Math.ceil(total / 500) * 500);
  return {
    shiftId: sampleId(3),
    shiftNo: 214,
    businessDate: '2026-11-23',
    workstation: 'WS07',
    teller: { userId: sampleId(4), name: 'Aygün Məmmədova' },
    paymentId: sampleId(5),
    receiptNo: 'WS07-20261123-0042',
    currency: 'AZN',
    online: true,
    language,
    subscriberCode: registrationCode(407188236),
    payerName: 'Məmmədov Elşən İlqar oğlu',
    lines: [...lines],
    tenders: [
      {
        kind: 'cash',
        tenderId: sampleId(6),
        amount: total,
        received,
        change: subtract(received, total),
        receivedPieces: null,
        changePieces: null,
      },
    ],
    total,
    ...facts,
  };
}

export function sampleStorno(
  payment: PaymentAccepted,
  facts: Partial<PaymentStornoed> = {},
): PaymentStornoed {
  return {
    shiftId: payment.shiftId,
    shiftNo: payment.shiftNo,
    businessDate: payment.businessDate,
    workstation: payment.workstation,
    teller: payment.teller,
    stornoId: sampleId(7),
    receiptNo: 'WS07-20261123-0043',
    paymentId: payment.paymentId,
    originalReceiptNo: payment.receiptNo,
    currency: 'AZN',
    reason: 'wrongAccount',
    note: 'Ödəyici başqa mənzilin qaiməsini təqdim edib',
    approvedBy: { userId: sampleId(8), name: 'Rauf Hüseynov' },
    approvedOffline: false,
    language: payment.language,
    lines: payment.lines.map((line, i) => ({
      ...line,
      lineId: sampleId(300 + i),
      reversesLineId: line.lineId,
    })),
    tenders: payment.tenders,
    total: payment.total,
    ...facts,
  };
}

export const sampleSubscriber = (language: Language): Subscriber => ({
  subscriberId: sampleId(9),
  code: registrationCode(407188236),
  name: 'Məmmədov Elşən İlqar oğlu',
  address: 'Bakı, Nərimanov r., Təbriz küç. 41, m. 18',
  phone: '+994 50 123 45 67',
  email: null,
  language,
  accounts: [
    { billerId: sampleId(201), account: '1104552018', label: '' },
    { billerId: sampleId(202), account: '0801417730', label: '' },
    { billerId: sampleId(203), account: '30881204', label: 'Mənzil 18' },
    { billerId: sampleId(203), account: '30904117', label: 'Mənzil 52' },
    { billerId: sampleId(204), account: '5654108', label: '012 565 41 08' },
  ],
});

export const sampleBillerName = (billerId: string): string =>
  ['Elektrik Şəbəkəsi', 'Qaz Təchizatı', 'Su Kanal', 'Şəhər Telefonu'][
    [201, 202, 203, 204].findIndex((n) => sampleId(n) === billerId)
  ] ?? billerId;

/** As long as a real one: 124 characters of payload and 86 of signature. */
export const VERIFY_ADDRESS = `https://komis.example.az:8443/q/${'WzEsImFhYWFh'.repeat(10)}Xzk4.${'Ab-_9'.repeat(17)}Q`;

const totalOf = (lines: readonly PaymentLine[]): Qepik =>
  lines.reduce((total, line) => add(total, add(line.amount, line.fee)), sum([]));
