import { expect, test } from 'vitest';
import { qepik } from '../../../../contracts/money.ts';
import { billBarcode } from '../../../../contracts/rules/bill-code.ts';
import { registrationCode } from '../../../../contracts/rules/damm.ts';
import { addLine, openCode } from '../../testing/fake-basket.ts';
import { fakeState } from '../../testing/fake-state.ts';
import { BILLERS, ELECTRICITY, GAS, PHONE, SUBSCRIBER, WATER } from '../../testing/sample-data.ts';
import { debtTimes, offeredRows, owedText, rowPeriod, ruleWord } from './offered-rows.ts';
import { fitsMask, isOwnCode, typedCode, unlistedAt } from './typed-code.ts';

const TODAY = '2026-11-23';
const state = () => fakeState(new URLSearchParams(), () => Date.parse('2026-11-23T10:00:00Z'));

test('rows are what is offered, with their lines, then what was scanned before', () => {
  const fake = state();
  addLine(fake, ELECTRICITY.id, '1104552026');
  openCode(fake, SUBSCRIBER.code);
  addLine(fake, WATER.id, '30881204');
  const rows = offeredRows(fake.counter.current());
  expect(rows.map((row) => row.account)).toEqual([
    '1104552018',
    '0801417730',
    '30881204',
    '30904117',
    '5654108',
    '1104552026',
  ]);
  expect(rows.filter((row) => row.line).map((row) => row.account)).toEqual(['30881204', '1104552026']);
  expect(rows[2]?.label).toBe('Mənzil 18');
  expect(rows[5]?.view).toBeNull();
  expect(rowPeriod(rows[5] ?? fail())).toEqual({ first: '08.2026', more: 0 });
});

test('the chip says the most pressing rule', () => {
  const fake = state();
  openCode(fake, SUBSCRIBER.code);
  const [electricity, gas, water, paidUp, phone] = offeredRows(fake.counter.current());
  expect(ruleWord(electricity ?? fail(), ELECTRICITY, TODAY)).toBe('any');
  expect(ruleWord(gas ?? fail(), GAS, TODAY)).toBe('up');
  expect(ruleWord(water ?? fail(), WATER, TODAY)).toBe('exact');
  expect(ruleWord(paidUp ?? fail(), WATER, TODAY)).toBe('advance');
  expect(ruleWord(paidUp ?? fail(), { ...WATER, advanceAllowed: false }, TODAY)).toBe('noAdvance');
  expect(ruleWord(phone ?? fail(), PHONE, TODAY)).toBe('overdue');
  expect(ruleWord(phone ?? fail(), PHONE, '2026-10-25')).toBe('down');
  expect(ruleWord(phone ?? fail(), { ...PHONE, status: 'suspended' }, TODAY)).toBe('closed');
  expect(ruleWord({ ...(phone ?? fail()), known: false }, PHONE, TODAY)).toBe('unlisted');
  expect(ruleWord(phone ?? fail(), undefined, TODAY)).toBeUndefined();
});

test('the times of debts are the oldest of each company', () => {
  const fake = state();
  openCode(fake, SUBSCRIBER.code);
  const rows = offeredRows(fake.counter.current());
  const changed = rows.map((row) =>
    row.account === '30904117' ? { ...row, asOf: '2026-11-01T00:00:00Z' } : row,
  );
  const water = debtTimes(changed).find((one) => one.billerId === WATER.id);
  expect(water?.asOf).toBe('2026-11-01T00:00:00Z');
  expect(debtTimes(changed)).toHaveLength(4);
});

test('an advance shows without its minus', () => {
  expect(owedText(qepik(-1250))).toBe('12,50');
});

test('typed text is judged by its own form', () => {
  const code = registrationCode(407_188_236);
  const wrong = `${code.slice(0, 9)}${(Number(code[9]) + 1) % 10}`;
  expect(typedCode(code)).toBe('code');
  expect(typedCode(`${code.slice(0, 4)} ${code.slice(4, 8)} ${code.slice(8)}`)).toBe('code');
  expect(typedCode(wrong)).toBe('codeDamaged');
  expect(typedCode(code.slice(0, 9))).toBe('text');
  const bill = billBarcode({ billerNo: '001', account: '1104552018' });
  expect(typedCode(bill)).toBe('bill');
  expect(typedCode(bill.replace('2018', '2019'))).toBe('billDamaged');
  expect(isOwnCode(bill)).toBe(true);
  expect(isOwnCode('Kamran')).toBe(false);
});

test('a number no list knows is offered at the companies whose accounts look like it', () => {
  expect(fitsMask(GAS, '0801417730')).toBe(true);
  expect(unlistedAt('08 01 41 99 99', BILLERS, []).map((biller) => biller.name)).toEqual([
    ELECTRICITY.name,
    GAS.name,
  ]);
  expect(unlistedAt('Məmmədov', BILLERS, [])).toEqual([]);
  const hit = {
    kind: 'account' as const,
    billerId: GAS.id,
    billerName: GAS.name,
    account: '0801417730',
    code: null,
    name: '',
    address: '',
    phone: null,
    owed: null,
  };
  expect(unlistedAt('0801417730', BILLERS, [hit]).map((biller) => biller.name)).toEqual([ELECTRICITY.name]);
  expect(unlistedAt('0801417730', [{ ...GAS, status: 'closed' }], [])).toEqual([]);
  const subscriber = { ...hit, kind: 'subscriber' as const, account: null, code: SUBSCRIBER.code };
  expect(unlistedAt(SUBSCRIBER.code, BILLERS, [subscriber])).toEqual([]);
  expect(unlistedAt(SUBSCRIBER.code, BILLERS, [])).toHaveLength(1);
});

function fail(): never {
  throw new Error('the sample has five accounts');
}
