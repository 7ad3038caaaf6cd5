import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAmount } from '../../contracts/money.ts';
import {
  billBarcode,
  billQr,
  parseBillCode,
  parseRegistrationCode,
  subscriberBarcode,
  type BillCode,
} from '../../contracts/rules/bill-code.ts';
import { dammDigit } from '../../contracts/rules/damm.ts';

/** docs/formats/bill-code.md is read, and every example in it is held against the rules. */
const page = readFileSync(join(import.meta.dirname, '../../docs/formats/bill-code.md'), 'utf8');

/** The rows of the table under a heading, cells without their back-quotes. */
function table(heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

function billOf(company: string, account: string, billNo: string, amount: string): BillCode {
  const qepik = amount === '–' ? undefined : parseAmount(amount.replace('₼', ''));
  return {
    billerNo: company,
    account,
    ...(billNo === '–' ? {} : { billNo }),
    ...(qepik === undefined ? {} : { amount: qepik }),
  };
}

test('the Code 128 examples are what the rules write and read', () => {
  const rows = table('Code 128');
  expect(rows.length).toBeGreaterThanOrEqual(3);
  for (const [company = '', account = '', amount = '', text = ''] of rows) {
    const bill = billOf(company, account, '–', amount);
    expect(billBarcode(bill)).toBe(text);
    expect(parseBillCode(text)).toEqual(bill);
  }
});

test('the QR examples are what the rules write and read', () => {
  const rows = table('QR');
  expect(rows.length).toBeGreaterThanOrEqual(3);
  for (const [company = '', account = '', billNo = '', amount = '', text = ''] of rows) {
    const bill = billOf(company, account, billNo, amount);
    expect(billQr(bill)).toBe(text);
    expect(parseBillCode(text)).toEqual(bill);
  }
});

test('the worked check digits are right', () => {
  const worked = [...page.matchAll(/digits `([\d ]+)`[^;]*;\s+their\s+Damm\s+digit is `(\d)`/g)];
  expect(worked).toHaveLength(2);
  for (const [, digits = '', check] of worked) expect(dammDigit(digits.replaceAll(' ', ''))).toBe(check);
});

test('each scan gets the answer the page promises', () => {
  const rows = table('What a counter does with a scan');
  expect(rows.length).toBeGreaterThanOrEqual(6);
  const answers = rows.map(([scanned = '', answer = '']) => {
    const bill = parseBillCode(scanned);
    return [answer.split(/[ :,]/)[0], bill === undefined ? 'not' : bill === 'damaged' ? 'damaged' : 'the'];
  });
  for (const [promised, given] of answers) expect(given).toBe(promised);
});

test('the longest code has the length the page says', () => {
  const longest = billBarcode({
    billerNo: '999',
    account: 'A'.repeat(20),
    amount: parseAmount('9999999999,99') ?? expect.fail(),
  });
  const stated = Number(/At most (\d+) characters/.exec(page)?.[1]);
  expect(longest).toHaveLength(stated);
});

test('the codes of subscribers’ cards are valid', () => {
  const rows = table('The card of a subscriber');
  expect(rows.length).toBeGreaterThanOrEqual(3);
  for (const [code = '', text = ''] of rows) {
    const digits = code.replaceAll(' ', '');
    expect(subscriberBarcode(digits)).toBe(text);
    expect(parseRegistrationCode(text)).toBe(digits);
    expect(parseRegistrationCode(code)).toBe(digits);
  }
});
