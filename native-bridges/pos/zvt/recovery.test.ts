import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PosResult, PosSnapshot } from '../../../contracts/pos.ts';
import type { Qepik } from '../../../contracts/money.ts';
import type { PosAttempt } from '../../../core/ports/pos.ts';
import type { Fields } from './message.ts';
import { judge, judgeEmpty } from './recovery.ts';

const AMOUNT = 1010 as Qepik;
const TID = '99000001';
const BEFORE: PosSnapshot = { terminalId: TID, receiptNo: '0041', trace: '000122', reference: 'aa' };
const EMPTY: PosSnapshot = { terminalId: TID, receiptNo: null, trace: null, reference: null };
const OURS: Fields = {
  result: 0,
  amount: AMOUNT,
  currency: 944,
  terminalId: TID,
  receiptNo: '0042',
  trace: '000123',
  reference: 'bb',
};

const sale = (snapshot: PosSnapshot = BEFORE): PosAttempt => ({
  attemptId: '019aa000-0000-7000-8000-000000000001',
  kind: 'sale',
  amount: AMOUNT,
  snapshot,
  original: null,
});
const reversal = (snapshot: PosSnapshot = { ...BEFORE, receiptNo: '0042', trace: '000123' }): PosAttempt => ({
  ...sale(snapshot),
  kind: 'reversal',
  original: { terminalId: TID, receiptNo: '0042', trace: '000123', reference: 'bb' },
});

const verdict = (
  attempt: PosAttempt,
  fields: Fields | null,
  options: { readonly connected?: string; readonly approved?: PosResult; readonly refused?: Fields } = {},
): string => {
  const last = fields === null ? ({ kind: 'nothing' } as const) : ({ kind: 'record', fields } as const);
  const found = judge(
    attempt,
    last,
    options.connected ?? TID,
    { approved: null, refused: null, ...options },
    2026,
  );
  return found.kind === 'charged' ? 'charged' : `${found.kind} ${found.reason.code}`;
};

describe('a sale whose answer was lost', () => {
  test.each<[string, Fields, string]>([
    ['the next transaction, same amount', OURS, 'charged'],
    [
      'the same without currency and reference',
      { result: 0, amount: AMOUNT, receiptNo: '0042', trace: '000123' },
      'charged',
    ],
    [
      'a few numbers on (numbers are used up by failures, too)',
      { ...OURS, receiptNo: '0044', trace: '000127' },
      'charged',
    ],
    ['the next transaction, failed', { ...OURS, result: 0x33 }, 'notCharged insufficientFunds'],
    [
      'the next transaction, failed, without an amount',
      { result: 0x6c, receiptNo: '0042', trace: '000123' },
      'notCharged cancelled',
    ],
    [
      'the one before',
      { ...OURS, receiptNo: '0041', trace: '000122', reference: 'aa' },
      'notCharged nothingHeld',
    ],
    [
      'the one before, numbers alone',
      { result: 0, amount: AMOUNT, receiptNo: '0041', trace: '000122' },
      'notCharged nothingHeld',
    ],
    [
      'a reversal of what came after the snapshot',
      { ...OURS, receiptNo: '0043', trace: '000124', originalTrace: '000123' },
      'notCharged autoReversed',
    ],
    [
      'a reversal of something older',
      { ...OURS, receiptNo: '0042', trace: '000123', originalTrace: '000100' },
      'stillUnknown answerUnclear',
    ],
    ['another amount', { ...OURS, amount: 1011 }, 'stillUnknown amountDiffers'],
    [
      'a failed transaction with another amount',
      { ...OURS, amount: 1011, result: 0x6c },
      'stillUnknown amountDiffers',
    ],
    ['no amount at all', { result: 0, receiptNo: '0042', trace: '000123' }, 'stillUnknown amountDiffers'],
    ['another currency', { ...OURS, currency: 978 }, 'stillUnknown currencyWrong'],
    ['another terminal', { ...OURS, terminalId: '99000002' }, 'stillUnknown otherTerminal'],
    ['an older sale', { ...OURS, receiptNo: '0030', trace: '000100' }, 'stillUnknown answerUnclear'],
    ['a sale far away', { ...OURS, receiptNo: '0942', trace: '009123' }, 'stillUnknown answerUnclear'],
    [
      'numbers that contradict each other',
      { ...OURS, receiptNo: '0042', trace: '000122' },
      'stillUnknown answerUnclear',
    ],
    [
      'old numbers under a new name',
      { ...OURS, receiptNo: '0041', trace: '000122', reference: 'bb' },
      'stillUnknown answerUnclear',
    ],
    ['new numbers under the old name', { ...OURS, reference: 'aa' }, 'stillUnknown answerUnclear'],
    [
      'an end of day',
      { result: 0, amount: AMOUNT, trace: '000123', totals: new Uint8Array(3) },
      'stillUnknown answerUnclear',
    ],
    ['something without numbers', { result: 0, amount: AMOUNT }, 'stillUnknown answerUnclear'],
    [
      'a result that could not be read',
      { amount: AMOUNT, receiptNo: '0042', trace: '000123' },
      'stillUnknown answerUnclear',
    ],
  ])('%s', (_name, fields, expected) => {
    expect(verdict(sale(), fields)).toBe(expected);
  });

  test('receipt numbers go round from 9999 to 0001, traces from 999999 to 000001', () => {
    const snapshot = { ...BEFORE, receiptNo: '9999', trace: '999999' };
    expect(verdict(sale(snapshot), { ...OURS, receiptNo: '0001', trace: '000001' })).toBe('charged');
    expect(verdict(sale({ ...BEFORE, receiptNo: '0001' }), { ...OURS, receiptNo: '9999' })).toBe(
      'stillUnknown answerUnclear',
    );
  });

  test('the terminal held nothing before', () => {
    expect(verdict(sale(EMPTY), OURS)).toBe('charged');
    expect(verdict(sale(EMPTY), { ...OURS, result: 0x6c })).toBe('notCharged cancelled');
  });

  test('an end of day that was the last thing before is not the sale, and says that nothing came after it', () => {
    const afterClosing = { ...EMPTY, trace: '000130' };
    const day: Fields = {
      result: 0,
      amount: AMOUNT,
      trace: '000130',
      terminalId: TID,
      totals: new Uint8Array(3),
    };
    expect(verdict(sale(afterClosing), day)).toBe('notCharged nothingHeld');
    expect(verdict(sale(afterClosing), { ...OURS, receiptNo: '0042', trace: '000131' })).toBe('charged');
    expect(verdict(reversal(afterClosing), day)).toBe('notCharged nothingHeld');
    expect(verdict(reversal(), day)).toBe('stillUnknown answerUnclear');
  });

  test('nothing held proves nothing by itself; with totals of nothing it does, where nothing was held before', () => {
    expect(verdict(sale(), null)).toBe('stillUnknown nothingHeld');
    expect(judgeEmpty(sale(EMPTY), { count: 0, sum: 0 }).kind).toBe('notCharged');
    expect(judgeEmpty(sale(EMPTY), { count: 1, sum: 0 }).kind).toBe('stillUnknown');
    expect(judgeEmpty(sale(EMPTY), { count: 0, sum: -5 }).kind).toBe('stillUnknown');
    expect(judgeEmpty({ ...sale(EMPTY), kind: 'refund' }, { count: 0, sum: 0 }).kind).toBe('notCharged');
    expect(judgeEmpty(sale(EMPTY), null).kind).toBe('stillUnknown');
    expect(judgeEmpty(sale(BEFORE), { count: 0, sum: 0 }).kind).toBe('stillUnknown');
    expect(judgeEmpty(reversal(EMPTY), { count: 0, sum: 0 }).kind).toBe('stillUnknown');
  });

  test('another terminal is connected, by its registration', () => {
    const { terminalId: _tid, ...bare } = OURS;
    expect(verdict(sale(), bare, { connected: '99000002' })).toBe('stillUnknown otherTerminal');
    expect(verdict(sale(), null, { connected: '99000002' })).toBe('stillUnknown otherTerminal');
  });

  test('what the terminal stated before the line was lost must be what it holds', () => {
    const approved = { amount: AMOUNT, receiptNo: '0043', trace: '000124' } as PosResult;
    expect(verdict(sale(), OURS, { approved })).toBe('stillUnknown answerUnclear');
    expect(verdict(sale(), { ...OURS, receiptNo: '0043', trace: '000124' }, { approved })).toBe('charged');
  });

  test.each<[string, Fields, string]>([
    ['failed', { result: 0x6c }, 'notCharged autoReversed'],
    ['made', {}, 'stillUnknown amountDiffers'],
    [
      'failed, under another receipt number',
      { result: 0x6c, receiptNo: '0043' },
      'stillUnknown amountDiffers',
    ],
    ['failed, under another trace', { result: 0x6c, trace: '000124' }, 'stillUnknown amountDiffers'],
    ['failed, for a third amount', { result: 0x6c, amount: 1012 }, 'stillUnknown amountDiffers'],
  ])('what was said no to for its amount is held as %s', (_name, held, expected) => {
    const refused = { ...OURS, amount: 1011 };
    expect(verdict(sale(), { ...refused, ...held }, { refused })).toBe(expected);
  });

  test('what was said no to without numbers is nothing to tell a failure by', () => {
    const refused: Fields = { result: 0, amount: 1011, trace: '000123' };
    expect(verdict(sale(), { ...refused, result: 0x6c }, { refused })).toBe('stillUnknown amountDiffers');
  });
});

describe('a reversal whose answer was lost', () => {
  const DONE: Fields = {
    ...OURS,
    receiptNo: '0043',
    trace: '000124',
    originalTrace: '000123',
    reference: 'cc',
  };
  test.each<[string, Fields, string]>([
    ['a reversal of the original', DONE, 'charged'],
    ['under the receipt number of the original', { ...DONE, receiptNo: '0042' }, 'charged'],
    ['a reversal of the original that failed', { ...DONE, result: 0x6c }, 'notCharged cancelled'],
    ['still the original', { ...OURS, reference: 'aa' }, 'notCharged nothingHeld'],
    ['a reversal of something else', { ...DONE, originalTrace: '000099' }, 'stillUnknown answerUnclear'],
    ['a reversal of the original with another amount', { ...DONE, amount: 5 }, 'stillUnknown answerUnclear'],
    ['a newer sale of the same amount', { ...DONE, originalTrace: '000000' }, 'stillUnknown answerUnclear'],
    ['a new failure', { result: 0xa0, receiptNo: '0043', trace: '000124' }, 'notCharged hostAway'],
    ['another terminal', { ...DONE, terminalId: '99000002' }, 'stillUnknown otherTerminal'],
  ])('%s', (_name, fields, expected) => {
    expect(verdict(reversal(), fields)).toBe(expected);
  });
});

test('whatever the terminal holds: charged only for the same amount and a success', () => {
  const number = (digits: number) =>
    fc.option(
      fc.integer({ min: 0, max: 10 ** digits - 1 }).map((n) => String(n).padStart(digits, '0')),
      { nil: undefined },
    );
  fc.assert(
    fc.property(
      fc.record({
        result: fc.option(fc.constantFrom(0, 0x6c, 0x33), { nil: undefined }),
        amount: fc.option(fc.constantFrom(AMOUNT, 5), { nil: undefined }),
        currency: fc.option(fc.constantFrom(944, 978), { nil: undefined }),
        terminalId: fc.option(fc.constantFrom(TID, '99000002'), { nil: undefined }),
        receiptNo: number(4),
        trace: number(6),
        originalTrace: number(6),
        reference: fc.option(fc.constantFrom('aa', 'bb'), { nil: undefined }),
        totals: fc.option(fc.constant(new Uint8Array(2)), { nil: undefined }),
      }),
      fc.constantFrom(BEFORE, EMPTY),
      (fields, snapshot) => {
        const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
        if (verdict(sale(snapshot), present as Fields) !== 'charged') return;
        expect(fields).toMatchObject({ result: 0, amount: AMOUNT });
        expect([undefined, 944]).toContain(fields.currency);
        expect([undefined, TID]).toContain(fields.terminalId);
        expect(fields.totals).toBeUndefined();
        if (snapshot === BEFORE) expect(fields.reference).not.toBe('aa');
      },
    ),
    { numRuns: 3000 },
  );
});
