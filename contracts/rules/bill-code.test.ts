import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qepik } from '../money.ts';
import { billBarcode, billQr, parseBillCode, parseRegistrationCode, subscriberBarcode } from './bill-code.ts';
import { registrationCode } from './damm.ts';

const billerNo = fc.stringMatching(/^\d{3}$/);
const account = fc.stringMatching(/^[A-Za-z0-9/-]{1,20}$/);
const amount = fc.integer({ min: 0, max: 999_999_999_999 }).map(qepik);
const bar = fc.record({ billerNo, account, amount }, { requiredKeys: ['billerNo', 'account'] });
const qr = fc.record(
  { billerNo, account, amount, billNo: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/) },
  { requiredKeys: ['billerNo', 'account'] },
);

test('a barcode and a QR read back as they were made, with blanks around them', () => {
  fc.assert(
    fc.property(bar, (bill) => {
      expect(parseBillCode(` ${billBarcode(bill)}\r\n`)).toEqual(bill);
    }),
  );
  fc.assert(
    fc.property(qr, (bill) => {
      expect(parseBillCode(` ${billQr(bill)}\n`)).toEqual(bill);
    }),
  );
});

test('the documented example', () => {
  const bill = { billerNo: '001', account: '1104552018', billNo: '2026-10-7', amount: qepik(3840) };
  expect(billQr(bill)).toMatch(/^komis:bill\?c=001&a=1104552018&b=2026-10-7&m=3840&k=\d$/);
  expect(billBarcode(bill)).toMatch(/^KM10011104552018\.3840\.\d$/);
});

const wrongDigit = (code: string, pick: number, by: number): string | undefined => {
  const places = [...code].flatMap((letter, at) => (/\d/.test(letter) ? [at] : []));
  const at = places[pick % places.length];
  if (at === undefined) return undefined;
  return code.slice(0, at) + String((Number(code[at]) + 1 + (by % 9)) % 10) + code.slice(at + 1);
};

test('one wrong digit anywhere in a barcode is damage, never another bill', () => {
  fc.assert(
    fc.property(bar, fc.nat(), fc.nat(), (bill, pick, by) => {
      const changed = wrongDigit(billBarcode(bill), pick, by);
      fc.pre(changed !== undefined && changed.startsWith('KM1'));
      expect(parseBillCode(changed ?? '')).toBe('damaged');
    }),
  );
});

test('one wrong digit in company, account, amount or check digit of a QR is damage', () => {
  fc.assert(
    fc.property(fc.record({ billerNo, account, amount }), fc.nat(), fc.nat(), (bill, pick, by) => {
      const changed = wrongDigit(billQr(bill), pick, by);
      expect(parseBillCode(changed ?? '')).toBe('damaged');
    }),
  );
});

test('a code cut short anywhere is damage or no bill', () => {
  fc.assert(
    fc.property(fc.oneof(bar.map(billBarcode), qr.map(billQr)), fc.nat(), (code, cut) => {
      const parsed = parseBillCode(code.slice(0, cut % code.length));
      expect(parsed === 'damaged' || parsed === undefined).toBe(true);
    }),
  );
});

test.each([
  ['', undefined],
  ['4071882365', undefined],
  ['məmmədov', undefined],
  ['KM1', 'damaged'],
  ['KM1001.3840.1', 'damaged'],
  ['KM10011104552018.3840', 'damaged'],
  ['komis:bill?', 'damaged'],
  ['komis:bill?c=001&a=..&k=1', 'damaged'],
  ['komis:bill?c=001&a=1104552018&m=-5&k=1', 'damaged'],
  ['komis:bill?c=001&a=1104552018&m=99999999999999&k=1', 'damaged'],
])('%j is %s', (text, expected) => {
  expect(parseBillCode(text)).toBe(expected);
});

test('whatever is scanned, reading it does not throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((s) => `KM1${s}`),
        fc.string().map((s) => `komis:bill?${s}`),
      ),
      (text) => {
        parseBillCode(text);
        parseRegistrationCode(text);
        expect(true).toBe(true);
      },
    ),
  );
});

test('a registration code is read typed, spaced or from its card; a wrong one is damage', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.nat(), fc.nat(), (serial, pick, by) => {
      const code = registrationCode(serial);
      const spaced = `${code.slice(0, 4)} ${code.slice(4, 8)} ${code.slice(8)}`;
      for (const text of [code, spaced, ` ${code}\n`, subscriberBarcode(code)])
        expect(parseRegistrationCode(text)).toBe(code);
      expect(parseRegistrationCode(wrongDigit(code, pick, by) ?? '')).toBe('damaged');
    }),
  );
  expect(parseRegistrationCode('KR1123')).toBe('damaged');
  expect(parseRegistrationCode(' KR1123')).toBe('damaged');
  expect(parseRegistrationCode('12345')).toBeUndefined();
});
