import { qepik, type Qepik } from '../money.ts';
import { dammDigit, dammValid, registrationCodeValid } from './damm.ts';

/** What a presented bill's code says. `amount` and `billNo` are hints: what is owed comes from the replica or the centre. */
export type BillCode = {
  readonly billerNo: string;
  readonly account: string;
  readonly billNo?: string;
  readonly amount?: Qepik;
};

/**
 * Code 128 text of a bill (docs/formats/bill-code.md): `KM1` + company number (3 digits) + account (up to 20
 * letters, digits, `/` and `-`) + `.` + amount in qəpik (may be absent) + `.` + Damm digit over all digits before it.
 */
export const billBarcode = (bill: BillCode): string => {
  const body = `KM1${bill.billerNo}${bill.account}.${bill.amount ?? ''}.`;
  return body + dammDigit(digitsOf(body));
};

/** QR text of a bill: `komis:bill?c=001&a=1104552018&b=2026-10-7&m=3840&k=D`, `k` the Damm digit over c, a, m. */
export const billQr = (bill: BillCode): string => {
  const query = new Array<string>(`c=${bill.billerNo}`, `a=${bill.account}`);
  if (bill.billNo !== undefined) query.push(`b=${bill.billNo}`);
  if (bill.amount !== undefined) query.push(`m=${bill.amount}`);
  return `komis:bill?${query.join('&')}&k=${dammDigit(digitsOf(`${bill.billerNo}${bill.account}${bill.amount ?? ''}`))}`;
};

/** Reads either form. `undefined`: not a bill; `'damaged'`: it is one, but its check digit is wrong. */
export function parseBillCode(text: string): BillCode | 'damaged' | undefined {
  const scanned = text.trim();
  const bar = /^KM1(\d{3})([A-Za-z0-9/-]{1,20})\.(\d{0,12})\.(\d)$/.exec(scanned);
  if (bar?.[1] && bar[2]) {
    if (!dammValid(digitsOf(scanned))) return 'damaged';
    return { billerNo: bar[1], account: bar[2], ...(bar[3] ? { amount: qepik(Number(bar[3])) } : {}) };
  }
  if (scanned.startsWith('KM1')) return 'damaged';
  if (!scanned.startsWith('komis:bill?')) return undefined;
  const fields = new Map(
    scanned
      .slice('komis:bill?'.length)
      .split('&')
      .map((pair) => pair.split('=', 2) as [string, string]),
  );
  const [billerNo, account, amount, check] = [
    fields.get('c'),
    fields.get('a'),
    fields.get('m'),
    fields.get('k'),
  ];
  if (!/^\d{3}$/.test(billerNo ?? '') || !/^[A-Za-z0-9/-]{1,20}$/.test(account ?? '')) return 'damaged';
  if (amount !== undefined && !/^\d{1,12}$/.test(amount)) return 'damaged';
  if (!/^\d$/.test(check ?? '') || !dammValid(digitsOf(`${billerNo}${account}${amount ?? ''}`) + check))
    return 'damaged';
  const billNo = fields.get('b');
  return {
    billerNo: billerNo ?? '',
    account: account ?? '',
    ...(billNo !== undefined && /^[A-Za-z0-9._-]{1,40}$/.test(billNo) ? { billNo } : {}),
    ...(amount !== undefined ? { amount: qepik(Number(amount)) } : {}),
  };
}

/** The barcode on a subscriber's card: `KR1` + the registration code. */
export const subscriberBarcode = (code: string): string => `KR1${code}`;

/**
 * The registration code typed with or without spaces, or scanned from a subscriber's card. `'damaged'`: it looks like
 * one, but its check digit is wrong; `undefined`: it does not.
 */
export function parseRegistrationCode(text: string): string | undefined {
  const scanned = text.trim();
  const digits = scanned.replace(/^KR1/, '').replace(/[\s\u00a0]/g, '');
  if (!/^\d{10}$/.test(digits)) return scanned.startsWith('KR1') ? 'damaged' : undefined;
  return registrationCodeValid(digits) ? digits : 'damaged';
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');
