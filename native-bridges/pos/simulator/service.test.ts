import { describe, expect, test } from 'vitest';
import type { EcrCommand, Message } from '../zvt/message.ts';
import { decodeTotals } from '../zvt/totals.ts';
import { both, idle, names, only, PASSWORD, PAY, statuses } from './testing/bench.ts';
import { complete, no, register, tcpTill, YES } from './testing/till.ts';

/** What comes after payments: reversals, refunds, repetitions, totals, states. */

describe('after a payment', () => {
  const reverse = (receiptNo: string, amount?: number): EcrCommand => ({
    name: 'reversal',
    password: PASSWORD,
    receiptNo,
    ...(amount === undefined ? {} : { amount }),
  });

  test('reversal by receipt number: 04 0F with the original trace; then B4; after the end of day B5', async () => {
    const [simulator, till] = await both();
    await complete(till, PAY);
    await complete(till, { ...PAY, amount: 700 });
    expect((await complete(till, reverse('0001', 999))).at(-1)).toMatchObject({
      name: 'aborted',
      result: 0xb7,
    });
    const said = await complete(till, reverse('0001', 1010));
    expect(only(said, 'statusInformation')).toMatchObject([
      { result: 0, amount: 1010, originalTrace: '000001', receiptNo: '0003' },
    ]);
    expect(simulator.bank().charges).toMatchObject([{ amount: 700 }]);
    expect((await complete(till, reverse('0001'))).at(-1)).toMatchObject({ result: 0xb4 });
    expect((await complete(till, reverse('0777'))).at(-1)).toMatchObject({ result: 0xb5 });
    await complete(till, { name: 'endOfDay', password: PASSWORD });
    expect((await complete(till, reverse('0002'))).at(-1)).toMatchObject({ result: 0xb5 });
  });

  test('a reversal whose 04 0F is refused is taken back itself, or stands, as set up', async () => {
    for (const [reversalUnanswered, left] of [
      ['takenBack', 1],
      ['stands', 0],
    ] as const) {
      const [simulator, till] = await both({ terms: { reversalUnanswered } });
      await complete(till, PAY);
      await complete(till, reverse('0001'), ({ name }) => (name === 'statusInformation' ? no(0x66) : YES));
      expect(simulator.bank().charges).toHaveLength(left);
      // What was taken back can be reversed again.
      const again = (await complete(till, reverse('0001'))).at(-1);
      expect(again).toMatchObject(left === 1 ? { name: 'completion' } : { name: 'aborted', result: 0xb4 });
    }
  });

  test('only the last, where it is such a terminal', async () => {
    const [, till] = await both({ terms: { reversesOnlyLast: true } });
    await complete(till, PAY);
    await complete(till, PAY);
    expect((await complete(till, reverse('0001'))).at(-1)).toMatchObject({ result: 0xb5 });
    expect((await complete(till, reverse('0002'))).at(-1)).toMatchObject({ name: 'completion' });
  });

  test('a refund wants the card', async () => {
    const [simulator, till] = await both();
    const said = await complete(till, { name: 'refund', password: PASSWORD, amount: 300, currency: 944 });
    expect(statuses(said)).toContain(0x0a);
    expect(simulator.bank().refunds).toMatchObject([{ amount: 300 }]);
    expect(simulator.bank().net).toBe(-300);
  });

  test('repeat receipt: nothing stored; with 04 0F; without; without printing', async () => {
    const [, till] = await both();
    const repeat = (serviceByte?: number): EcrCommand => ({
      name: 'repeatReceipt',
      password: PASSWORD,
      ...(serviceByte === undefined ? {} : { serviceByte }),
    });
    expect((await complete(till, repeat(3))).at(-1)).toMatchObject({ name: 'aborted', result: 0x83 });
    await complete(till, PAY);
    expect(names(await complete(till, repeat()))).toEqual([
      'positive',
      'printBlock',
      'printBlock',
      'completion',
    ]);
    expect(names(await complete(till, repeat(1)))).toEqual([
      'positive',
      'statusInformation',
      'printBlock',
      'printBlock',
      'completion',
    ]);
    const said = await complete(till, repeat(3));
    expect(names(said)).toEqual(['positive', 'statusInformation', 'completion']);
    expect(said[1]).toMatchObject({ result: 0, amount: 1010, receiptNo: '0001' });
  });

  test('repeat receipt after an auto-reversal: that one as failed, or the one before', async () => {
    for (const [afterAutoReversal, expected] of [
      ['declined', { receiptNo: '0002', result: 0x6c }],
      ['previous', { receiptNo: '0001', result: 0 }],
    ] as const) {
      const [, till] = await both({ terms: { afterAutoReversal } });
      await complete(till, PAY);
      await complete(till, { ...PAY, amount: 55 }, ({ name }) =>
        name === 'statusInformation' ? no(0x66) : YES,
      );
      const said = await complete(till, { name: 'repeatReceipt', password: PASSWORD, serviceByte: 3 });
      expect(said[1]).toMatchObject(expected);
    }
  });

  test('totals without closing, the end of day with; then nothing is left', async () => {
    const [, till] = await both();
    await complete(till, PAY);
    await complete(till, { ...PAY, amount: 490 });
    await complete(till, { name: 'refund', password: PASSWORD, amount: 100 });
    await complete(till, { ...PAY, amount: 7 });
    await complete(till, reverse('0004'));
    const totalsOf = async (name: 'turnoverTotals' | 'endOfDay'): Promise<unknown> => {
      const [status] = only(await complete(till, { name, password: PASSWORD }), 'statusInformation');
      return status?.totals === undefined ? null : decodeTotals(status.totals);
    };
    expect(await totalsOf('turnoverTotals')).toMatchObject({ count: 3, sum: 1400 });
    expect(await totalsOf('endOfDay')).toMatchObject({ count: 3, sum: 1400 });
    expect(await totalsOf('endOfDay')).toMatchObject({ count: 0, sum: 0 });
  });
});

describe('service', () => {
  test('05 01: software version unless it is not wanted, and the gravest state', async () => {
    const [simulator, till] = await both();
    const status = async (serviceByte?: number): Promise<Message | undefined> =>
      (
        await complete(till, { name: 'statusEnquiry', ...(serviceByte === undefined ? {} : { serviceByte }) })
      ).at(-1);
    expect(await status()).toMatchObject({ terminalStatus: 0, softwareVersion: 'KOMIS SIMULATOR 1.0' });
    expect(await status(0x02)).not.toHaveProperty('softwareVersion');
    simulator.conditions({ endOfDayOpen: true });
    expect(await status()).toMatchObject({ terminalStatus: 0xf0 });
    till.say(PAY);
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0xf0 });
    await complete(till, { name: 'endOfDay', password: PASSWORD });
    expect(await status()).toMatchObject({ terminalStatus: 0 });
    simulator.conditions({ diagnosisNeeded: true });
    expect(await status()).toMatchObject({ terminalStatus: 0xc2 });
    await complete(till, { name: 'diagnosis' });
    simulator.conditions({ initialisationNeeded: true });
    expect(await status()).toMatchObject({ terminalStatus: 0x51 });
    expect((await register(till)).at(-1)).toMatchObject({ statusByte: 0x01 });
    await complete(till, { name: 'initialisation', password: PASSWORD });
    expect(await status()).toMatchObject({ terminalStatus: 0 });
    simulator.conditions({ clockWrong: true });
    expect(await status()).toMatchObject({ terminalStatus: 0x62 });
    till.say({ name: 'setClock', date: '261127', time: '101112' });
    expect(await till.hear()).toMatchObject({ name: 'positive' });
    expect(await status()).toMatchObject({ terminalStatus: 0 });
    const [said] = only(await complete(till, PAY), 'statusInformation');
    expect(said).toMatchObject({ date: '1127' });
    expect(said?.time).toMatch(/^10/);
    simulator.conditions({ outOfOrder: true });
    expect(await status()).toMatchObject({ terminalStatus: 0xdf });
  });

  test('the bank away: A3, nothing charged; an end of day that cannot be', async () => {
    const [simulator, till] = await both({ conditions: { hostAway: true, endOfDayImpossible: true } });
    expect((await complete(till, PAY)).at(-1)).toMatchObject({ name: 'aborted', result: 0xa3 });
    expect(simulator.bank().entries).toHaveLength(0);
    till.say({ name: 'endOfDay', password: PASSWORD });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x77 });
  });

  test('a sale on the keypad, unless config 10 forbids it', async () => {
    const [simulator, till] = await both();
    await idle(simulator);
    simulator.keypadSale(123);
    expect(simulator.bank().charges).toHaveLength(0);
    await register(till, { config: 0xbe & ~0x10 });
    await idle(simulator);
    simulator.keypadSale(123);
    expect(simulator.bank().charges).toMatchObject([{ amount: 123, why: 'keypad' }]);
  });

  test('one till at a time', async () => {
    const [simulator] = await both();
    const second = await tcpTill(simulator.port ?? 0);
    await second.closed;
    await expect(second.hear()).rejects.toThrow('closed');
  });
});
