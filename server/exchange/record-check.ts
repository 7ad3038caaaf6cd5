import { qepik, type Qepik } from '../../contracts/money.ts';
import { foldText } from '../../contracts/rules/fold-text.ts';
import { ACCOUNT_PATTERN, BILL_NO_PATTERN, LIMITS, PHONE_PATTERN } from './list-format.ts';

/** A record as a parser delivers it: attributes by name, values decoded, faults of structure found on the way. */
export type RawRecord = {
  readonly element: 'account' | 'removed';
  readonly attributes: ReadonlyMap<string, string>;
  readonly bills: readonly ReadonlyMap<string, string>[];
  /** The first thing in it that the format does not know. */
  readonly structureFault: RecordFault | undefined;
};

/** Why a record is bad; the words are in BAD_RECORD_TEXTS. `field` is the attribute or element, `value` what stood there. */
export type RecordFault = { readonly code: BadRecordCode; readonly field: string; readonly value?: string };

export const BAD_RECORD_TEXTS = {
  missing: 'is missing or blank',
  tooLong: 'is too long',
  notAnAccount: 'is not an account number: 1 to 20 letters A–Z, digits, / or -',
  notInMask: "does not fit the company's account mask",
  controlCharacter: 'holds a control character',
  notAPhone: 'is not a telephone number: 3 to 40 digits, blanks, + ( ) -',
  notABillNumber: 'is not a bill number: 1 to 40 letters A–Z, digits, . _ / or -',
  billTwice: 'stands twice in the record',
  notAPeriod: 'is not a month, YYYY-MM',
  notAnAmount: 'is not an amount in manat with two decimals, such as 38.40',
  notADate: 'is not a date, YYYY-MM-DD',
  tooManyBills: `more than ${LIMITS.billsPerAccount} bills`,
  totalTooBig: "the bills' total is beyond the system's largest amount",
  unknownAttribute: 'is an attribute the format does not know',
  unknownElement: 'is an element the format does not know',
  textInRecord: 'text where the format has none',
  removedInFull: 'belongs in delta lists only',
  accountTwice: 'is the account of several records of this list',
} as const;
export type BadRecordCode = keyof typeof BAD_RECORD_TEXTS;

export type GoodAccount = {
  readonly account: string;
  readonly holder: string;
  readonly address: string;
  readonly district: string;
  readonly phone: string | null;
  readonly folded: string;
  readonly bills: readonly {
    readonly billNo: string;
    readonly period: string;
    readonly amount: Qepik;
    readonly dueDate: string;
  }[];
  readonly total: Qepik;
};

export type CheckedRecord =
  | { readonly action: 'upsert'; readonly value: GoodAccount }
  | { readonly action: 'remove'; readonly account: string }
  /** `account` is there when it could be read: it then keeps what it had. */
  | { readonly action: 'bad'; readonly account: string | null; readonly fault: RecordFault };

/** What decides about a record besides itself: the list's kind and the company's account mask. */
export type RecordTerms = { readonly kind: 'full' | 'delta'; readonly mask: RegExp };

/** Judges one record by docs/formats/list.md. fast-scanner.ts does the same on bytes, for records without a fault. */
export function checkRecord(record: RawRecord, terms: RecordTerms): CheckedRecord {
  const account = record.attributes.get('no') ?? '';
  const readable = ACCOUNT_PATTERN.test(account) ? account : null;
  const bad = (fault: RecordFault): CheckedRecord => ({ action: 'bad', account: readable, fault });
  if (record.structureFault) return bad(record.structureFault);
  if (readable === null) return bad(faultOf(account === '' ? 'missing' : 'notAnAccount', 'no', account));
  if (record.element === 'removed') {
    return terms.kind === 'delta' ? { action: 'remove', account } : bad(faultOf('removedInFull', 'removed'));
  }
  if (!terms.mask.test(account)) return bad(faultOf('notInMask', 'no', account));

  const texts: string[] = [];
  for (const field of ['holder', 'address', 'district'] as const) {
    const text = trimBlanks(record.attributes.get(field) ?? '');
    const code =
      text === ''
        ? 'missing'
        : text.length > LIMITS[field]
          ? 'tooLong'
          : CONTROL.test(text)
            ? 'controlCharacter'
            : undefined;
    if (code) return bad(faultOf(code, field, text));
    texts.push(text);
  }
  const phone = record.attributes.get('phone') ?? '';
  if (phone !== '' && !PHONE_PATTERN.test(phone)) return bad(faultOf('notAPhone', 'phone', phone));

  if (record.bills.length > LIMITS.billsPerAccount) return bad(faultOf('tooManyBills', 'bill'));
  const bills: GoodAccount['bills'][number][] = [];
  let total = 0;
  for (const bill of record.bills) {
    const checked = checkBill(bill, bills);
    if ('code' in checked) return bad(checked);
    bills.push(checked);
    total += checked.amount;
  }
  if (Math.abs(total) > LIMITS.amount) return bad(faultOf('totalTooBig', 'bill'));
  const [holder = '', address = '', district = ''] = texts;
  return {
    action: 'upsert',
    value: {
      account,
      holder,
      address,
      district,
      phone: phone === '' ? null : phone,
      folded: foldText(`${holder} ${address}`),
      bills,
      total: qepik(total),
    },
  };
}

function checkBill(
  bill: ReadonlyMap<string, string>,
  before: GoodAccount['bills'],
): GoodAccount['bills'][number] | RecordFault {
  const [billNo = '', period = '', amount = '', dueDate = ''] = ['no', 'period', 'amount', 'due'].map(
    (name) => bill.get(name),
  );
  if (!BILL_NO_PATTERN.test(billNo))
    return faultOf(billNo === '' ? 'missing' : 'notABillNumber', 'bill no', billNo);
  if (before.some((one) => one.billNo === billNo)) return faultOf('billTwice', 'bill no', billNo);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return faultOf('notAPeriod', 'bill period', period);
  if (!isDate(dueDate)) return faultOf('notADate', 'bill due', dueDate);
  const qepiks = parseDecimal(amount);
  if (qepiks === undefined) return faultOf('notAnAmount', 'bill amount', amount);
  return { billNo, period, amount: qepiks, dueDate };
}

/** `38.40` → 3840. Exactly two decimals: a figure meant in qəpik does not pass for manat, nor the other way round. */
export function parseDecimal(text: string): Qepik | undefined {
  const match = /^(-?)(\d{1,11})\.(\d{2})$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[2]) * 100 + Number(match[3]);
  if (value > LIMITS.amount) return undefined;
  return qepik(match[1] === '-' && value !== 0 ? -value : value);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // The Gregorian calendar repeats every 400 years.
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  );
}

/** What is cut off a value in a report. */
const SHOWN = 60;
const faultOf = (code: BadRecordCode, field: string, value?: string): RecordFault => ({
  code,
  field,
  ...(value === undefined || value === ''
    ? {}
    : { value: value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value }),
});

const trimBlanks = (text: string): string => text.replace(/^ +| +$/g, '');
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/; // oxlint-disable-line no-control-regex -- what it looks for
