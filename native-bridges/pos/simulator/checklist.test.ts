import { afterEach, describe, expect, test } from 'vitest';
import type { EcrCommand, Message } from '../zvt/message.ts';
import { findTlv } from '../zvt/tlv.ts';
import { decodeTotals } from '../zvt/totals.ts';
import { cardOf } from './cards.ts';
import type { CustomerWish } from './customer.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';
import { complete, no, register, REGISTRATION, tcpTill, YES, type Till } from './testing/till.ts';

/** The checklist of what a faithful simulator must do, over TCP, with a till that knows nothing but bytes. */

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Forty times faster than life. */
async function start(options: Omit<SimulatorOptions, 'tcp'> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ tcp: { port: 0 }, speed: 40, customer: QUICK, ...options });
  open.push(() => simulator.stop());
  return simulator;
}
async function connect(simulator: Simulator): Promise<Till> {
  const till = await tcpTill(simulator.port ?? 0);
  open.push(() => till.close());
  return till;
}
async function both(options: Omit<SimulatorOptions, 'tcp'> = {}): Promise<readonly [Simulator, Till]> {
  const simulator = await start(options);
  const till = await connect(simulator);
  await register(till);
  return [simulator, till];
}

const QUICK: CustomerWish = { presentsAfterMs: 10, pinAfterMs: 10, takesCardAfterMs: 10, hostMs: 10 };
const PAY = { name: 'authorisation', amount: 1010, currency: 944 } as const satisfies EcrCommand;
const PASSWORD = '000000';

const names = (said: readonly Message[]): string[] => said.map(({ name }) => name);
const only = <N extends Message['name']>(
  said: readonly Message[],
  name: N,
): Extract<Message, { name: N }>[] =>
  said.filter((one): one is Extract<Message, { name: N }> => one.name === name);
const statuses = (said: readonly Message[]): number[] =>
  only(said, 'intermediateStatus').map(({ status }) => status);

/** Speaks until something of a kind comes, saying yes to what comes before it. */
async function until(till: Till, name: Message['name']): Promise<Message> {
  for (;;) {
    const message = await till.hear();
    if (message.name === name) return message;
    if (message.name !== 'positive') till.say(YES);
  }
}
const settled = (simulator: Simulator, holds: () => boolean): Promise<void> =>
  new Promise((done) => {
    if (holds()) return done();
    const stop = simulator.watch(() => {
      if (!holds()) return;
      stop();
      done();
    });
  });
const idle = (simulator: Simulator): Promise<void> =>
  settled(simulator, () => simulator.terminal().procedure === null);

describe('registration', () => {
  test('bytes: 80 00 00, then 06 0F with status byte, terminal id and currency', async () => {
    const till = await connect(await start());
    till.bytes(Uint8Array.of(0x06, 0x00, 0x06, 0x00, 0x00, 0x00, 0x9e, 0x09, 0x44));
    expect([...(await till.hearBytes())]).toEqual([0x80, 0x00, 0x00]);
    const completion = Buffer.from(await till.hearBytes()).toString('hex');
    expect(completion).toMatch(/^060f0[0-9a-f]/);
    expect(completion).toContain('1900');
    expect(completion).toContain('2999000001');
    expect(completion).toContain('490944');
  });

  test('commands before it are refused with 6B', async () => {
    const till = await connect(await start());
    for (const command of [PAY, { name: 'endOfDay', password: PASSWORD }, { name: 'diagnosis' }] as const) {
      till.say(command);
      expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x6b });
    }
    const easy = await connect(await start({ terms: { mustRegister: false } }));
    expect(names(await complete(easy, PAY))).toContain('completion');
  });

  test('a wrong password and a foreign currency are refused; log-off ends it', async () => {
    const till = await connect(await start());
    till.say({ ...REGISTRATION, password: '111111' });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x85 });
    till.say({ ...REGISTRATION, currency: 840 });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x6f });
    await register(till);
    till.say({ name: 'logOff' });
    expect(await till.hear()).toMatchObject({ name: 'positive' });
    till.say(PAY);
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x6b });
  });

  test('no currency means euro, which this terminal does not take', async () => {
    const till = await connect(await start());
    const { currency: _none, ...plain } = REGISTRATION;
    await complete(till, plain);
    till.say({ name: 'authorisation', amount: 1 });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x6f });
  });
});

describe('a payment', () => {
  test('04 FF, 04 0F, both papers, 06 0F; the bank has it', async () => {
    const [simulator, till] = await both();
    const said = await complete(till, PAY);
    expect(statuses(said)).toEqual([0x0a, 0x02, 0x04, 0x0b]);
    const [status] = only(said, 'statusInformation');
    expect(status).toMatchObject({
      result: 0,
      amount: 1010,
      currency: 944,
      receiptNo: '0001',
      trace: '000001',
      terminalId: '99000001',
      maskedPan: '416973******0018',
      cardName: 'VISA',
    });
    const papers = only(said, 'printBlock');
    expect(papers.map(({ receiptType }) => receiptType)).toEqual(['merchant', 'customer']);
    expect(papers[0]?.lines.map(({ text }) => text).join('\n')).toContain('MƏBLƏĞ 10.10 AZN');
    expect(names(said).at(-1)).toBe('completion');
    expect(simulator.bank().charges).toMatchObject([{ amount: 1010, receiptNo: '0001' }]);
  });

  test('no 04 FF without config 08', async () => {
    const till = await connect(await start());
    await register(till, { config: 0xbe & ~0x08 });
    expect(names(await complete(till, PAY))).not.toContain('intermediateStatus');
  });

  test('no papers without config 80, or where the terminal prints itself', async () => {
    for (const config of [0x3e, 0x9c]) {
      const till = await connect(await start());
      await register(till, { config });
      const said = names(await complete(till, PAY));
      expect(said).not.toContain('printBlock');
      expect(said).not.toContain('printLine');
      expect(said).toContain('statusInformation');
    }
  });

  test('papers line by line where 06 D3 was not asked for; the last line of each is marked', async () => {
    const till = await connect(await start());
    await register(till, { tlv: [] });
    const lines = only(await complete(till, PAY), 'printLine');
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter(({ attribute }) => attribute > 0x80 && attribute !== 0xff)).toHaveLength(2);
  });

  test('a block is longer than 254 bytes and has the long length field', async () => {
    const [simulator, till] = await both();
    await complete(till, PAY);
    const block = simulator.transcript().find(({ name }) => name === 'printBlock');
    expect(block?.hex).toMatch(/^06d3ff/);
    const low = parseInt(block?.hex.slice(6, 8) ?? '', 16);
    const high = parseInt(block?.hex.slice(8, 10) ?? '', 16);
    expect(low + high * 256).toBe((block?.hex.length ?? 0) / 2 - 5);
  });

  test('letters as negotiated; without negotiation transliterated', async () => {
    const till = await connect(await start());
    await register(till, { tlv: REGISTRATION.tlv?.slice(0, 1) ?? [] });
    const block = await (async () => {
      till.say(PAY);
      for (;;) {
        const bytes = await till.hearBytes();
        if (bytes[0] === 0x06 && bytes[1] === 0xd3) return Buffer.from(bytes).toString('latin1');
        if (bytes[0] !== 0x80) till.say(YES);
      }
    })();
    expect(block).toMatch(/AZN/);
    expect(block).not.toContain(Buffer.from('Ə', 'utf8').toString('latin1'));
  });

  test('no TLV unless the till sent some', async () => {
    const till = await connect(await start());
    const { tlv: _none, ...plain } = REGISTRATION;
    await complete(till, plain);
    const [status] = only(await complete(till, PAY), 'statusInformation');
    expect(status).toBeDefined();
    expect(status?.tlv).toBeUndefined();
    expect(status?.reference).toBeUndefined();
  });

  test('with TLV: how the customer proved himself, the application, the unique id', async () => {
    const [, till] = await both();
    const [status] = only(await complete(till, PAY), 'statusInformation');
    expect(findTlv(status?.tlv ?? [], 0x60)).toBeDefined();
    expect(status?.reference).toMatch(/^99000001\d{14}000001$/);
  });

  test('49 only where the till sent it', async () => {
    const [, till] = await both();
    const [status] = only(await complete(till, { name: 'authorisation', amount: 5 }), 'statusInformation');
    expect(status?.amount).toBe(5);
    expect(status?.currency).toBeUndefined();
  });

  test('limits of the amount', async () => {
    const [, till] = await both({ terms: { maxAmount: 100_000 } });
    till.say({ ...PAY, amount: 0 });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0xc8 });
    till.say({ ...PAY, amount: 100_001 });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0xc3 });
  });

  test('a long trace stands in 1F2B', async () => {
    const [, till] = await both({ terms: { longTrace: true } });
    till.say(PAY);
    await until(till, 'statusInformation');
    till.say(YES);
  });

  test('a badly set up terminal shows the whole number, in field and on paper', async () => {
    const [simulator, till] = await both({ terms: { panInClear: true } });
    till.say(PAY);
    await until(till, 'printBlock');
    till.say(YES);
    const { pan } = cardOf('visa');
    const hex = simulator.transcript().map((line) => line.hex);
    expect(hex.some((line) => line.startsWith('040f') && line.includes(pan))).toBe(true);
    const ascii = Buffer.from(pan, 'ascii').toString('hex');
    expect(hex.some((line) => line.startsWith('06d3') && line.includes(ascii))).toBe(true);
  });
});

describe('master right', () => {
  test('a second command is refused while one is open; asking how it is, is not', async () => {
    const [, till] = await both({ mode: 'hand' });
    till.say(PAY);
    await until(till, 'intermediateStatus');
    till.say(YES);
    till.say(PAY);
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x9c });
    till.say({ name: 'statusEnquiry' });
    expect(await till.hear()).toMatchObject({ name: 'positive' });
    expect(await till.hear()).toMatchObject({ name: 'completion', terminalStatus: 0x9c });
    till.say(YES);
  });

  test('06 B0 before the host: 80 00 and 06 1E 6C; once online: 84 83', async () => {
    const [simulator, till] = await both({ mode: 'hand' });
    till.say(PAY);
    await until(till, 'intermediateStatus');
    till.say(YES);
    till.say({ name: 'abort' });
    expect(await till.hear()).toMatchObject({ name: 'positive' });
    expect(await till.hear()).toMatchObject({ name: 'aborted', result: 0x6c });
    till.say(YES);
    await idle(simulator);
    simulator.customer({ ...QUICK, hostMs: 20_000 });
    till.say(PAY);
    for (;;) {
      const message = await until(till, 'intermediateStatus');
      till.say(YES);
      if (message.name === 'intermediateStatus' && message.status === 0x04) break;
    }
    till.say({ name: 'abort' });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x83 });
    const status = await until(till, 'statusInformation');
    expect(status).toMatchObject({ result: 0 });
    till.say(YES);
  });

  test('nothing to abort, an unknown command, rubbish', async () => {
    const [, till] = await both();
    till.say({ name: 'abort' });
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x83 });
    till.bytes(Uint8Array.of(0x06, 0xe7, 0x00));
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0x83 });
    // An authorisation whose amount is cut short.
    till.bytes(Uint8Array.of(0x06, 0x01, 0x03, 0x04, 0x00, 0x00));
    expect(await till.hear()).toMatchObject({ name: 'negative' });
  });
});

describe('the yes', () => {
  test.each([
    ['04 0F', 'statusInformation'],
    ['a paper', 'printBlock'],
  ] as const)('no answer to %s: the line is closed and the charge taken back', async (_what, which) => {
    const [simulator, till] = await both();
    till.say(PAY);
    await until(till, which);
    expect(simulator.bank().charges).toHaveLength(1);
    await till.closed;
    await idle(simulator);
    expect(simulator.bank().charges).toHaveLength(0);
    expect(simulator.bank().entries.at(-1)).toMatchObject({ kind: 'reversal', why: 'auto' });
  });

  test.each([0x66, 0x9d, 0xcc])('84 %i to 04 0F: 04 FF 05, taken back, 06 1E', async (error) => {
    const [simulator, till] = await both();
    const said = await complete(till, PAY, (message) =>
      message.name === 'statusInformation' ? no(error) : YES,
    );
    expect(statuses(said).some((status) => status === 0x05 || status === 0x45)).toBe(true);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result: 0x6c });
    expect(simulator.bank().charges).toHaveLength(0);
  });

  test('84 CC to the second paper takes it back too; 84 00 is a yes', async () => {
    const [simulator, till] = await both();
    let papers = 0;
    await complete(till, PAY, ({ name }) => (name === 'printBlock' && (papers += 1) === 2 ? no(0xcc) : YES));
    expect(simulator.bank().charges).toHaveLength(0);
    await complete(till, PAY, () => no(0x00));
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a closed connection before the yes takes it back, after it not', async () => {
    const [simulator, till] = await both();
    till.say(PAY);
    await until(till, 'statusInformation');
    till.close();
    await settled(simulator, () => simulator.bank().entries.length === 2);
    expect(simulator.bank().charges).toHaveLength(0);
    await idle(simulator);
    const again = await connect(simulator);
    await register(again, { config: 0x9c });
    again.say(PAY);
    await until(again, 'statusInformation');
    again.say(YES);
    await settled(simulator, () => simulator.durable().memory.pending === null);
    again.close();
    await idle(simulator);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a closed connection before the host is asked stops it', async () => {
    const [simulator, till] = await both({ mode: 'hand' });
    till.say(PAY);
    await until(till, 'intermediateStatus');
    till.close();
    await idle(simulator);
    expect(simulator.bank().entries).toHaveLength(0);
  });

  test('a closed connection while the host is asked: the approval is taken back', async () => {
    const [simulator, till] = await both({ customer: { ...QUICK, hostMs: 4000 } });
    till.say(PAY);
    await until(till, 'intermediateStatus');
    till.say(YES);
    await settled(simulator, () => simulator.terminal().procedure?.phase === 'host');
    till.close();
    await settled(simulator, () => simulator.bank().entries.length === 2);
    expect(simulator.bank().charges).toHaveLength(0);
  });

  test('84 9C: asked again, at most 02 times', async () => {
    const [simulator, till] = await both();
    let asked = 0;
    const said = await complete(till, { ...PAY, maxStatusInfos: 3 }, (message) => {
      if (message.name !== 'statusInformation') return YES;
      asked += 1;
      return asked < 3 ? no(0x9c) : YES;
    });
    expect(only(said, 'statusInformation')).toHaveLength(3);
    expect(simulator.bank().charges).toHaveLength(1);
    const over = await complete(till, { ...PAY, maxStatusInfos: 2 }, ({ name }) =>
      name === 'statusInformation' ? no(0x9c) : YES,
    );
    expect(only(over, 'statusInformation')).toHaveLength(2);
    expect(over.at(-1)).toMatchObject({ name: 'aborted' });
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('84 9C: not for longer than 01 says', async () => {
    const [simulator, till] = await both();
    const said = await complete(till, { ...PAY, timeout: 5 }, ({ name }) =>
      name === 'statusInformation' ? no(0x9c) : YES,
    );
    // Every two seconds within five: the first and two more.
    expect(only(said, 'statusInformation').length).toBeLessThanOrEqual(3);
    expect(said.at(-1)).toMatchObject({ name: 'aborted' });
    expect(simulator.bank().charges).toHaveLength(0);
  });
});

describe('the customer', () => {
  test.each([
    ['declined by the host', { card: 'poor' }, { result: 51 }, 51],
    ['another host code', { hostCode: 5 }, { result: 5 }, 5],
  ] as const)('%s', async (_what, wish, status, result) => {
    const [simulator, till] = await both({ customer: { ...QUICK, ...wish } });
    const said = await complete(till, PAY);
    expect(only(said, 'statusInformation')).toMatchObject([status]);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result });
    expect(simulator.bank().entries).toHaveLength(0);
  });

  test.each([
    ['presses the red key', { breaksOff: { at: 'card', by: 'cancel' } }, 0x6c],
    ['presses the red key at the PIN', { breaksOff: { at: 'pin', by: 'cancel' } }, 0x6c],
    ['walks away', { breaksOff: { at: 'card', by: 'walkAway' } }, 0x6c],
    ['walks away at the PIN', { breaksOff: { at: 'pin', by: 'walkAway' } }, 0x6c],
    ['pulls the card at the PIN', { breaksOff: { at: 'pin', by: 'pull' } }, 0x66],
    ['does not know the PIN', { pins: ['wrong'] }, 0x4b],
    ['has an expired card', { card: 'expired' }, 0x78],
    ['has a broken card', { card: 'unreadable' }, 0x64],
    ['has a card of another kind', { card: 'foreign' }, 0x7a],
  ] as const)('%s: 06 1E and no charge', async (_what, wish, result) => {
    const [simulator, till] = await both({ customer: { ...QUICK, ...wish } as CustomerWish });
    const said = await complete(till, PAY);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result });
    expect(simulator.bank().entries).toHaveLength(0);
  });

  test('pulls the card while the host is asked: approved there, taken back at once', async () => {
    const wish: CustomerWish = { ...QUICK, hostMs: 8000, breaksOff: { at: 'host', by: 'pull' } };
    const [simulator, till] = await both({ customer: wish });
    const said = await complete(till, PAY);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result: 0x66 });
    expect(simulator.bank().entries).toHaveLength(2);
    expect(simulator.bank().charges).toHaveLength(0);
  });

  test('a wrong PIN, then the right one', async () => {
    const [simulator, till] = await both({ customer: { ...QUICK, pins: ['wrong', 'right'] } });
    expect(statuses(await complete(till, PAY))).toContain(0x15);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a wrong PIN that the host finds: two 04 0F, the last one counts', async () => {
    const [simulator, till] = await both({
      terms: { pinAt: 'host' },
      customer: { ...QUICK, pins: ['wrong', 'right'] },
    });
    const said = await complete(till, PAY);
    expect(only(said, 'statusInformation').map(({ result }) => result)).toEqual([0x37, 0]);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('leaves the card: the payment ends all the same, the terminal says DC and refuses the next', async () => {
    const [simulator, till] = await both({ customer: { ...QUICK, takesCardAfterMs: null } });
    await complete(till, PAY);
    const said = await complete(till, { name: 'statusEnquiry' });
    expect(said.at(-1)).toMatchObject({ terminalStatus: 0xdc });
    till.say(PAY);
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0xdc });
    simulator.act({ act: 'pull' });
    expect((await complete(till, { name: 'statusEnquiry' })).at(-1)).toMatchObject({ terminalStatus: 0 });
  });

  test('a tap below 100.00 is asked for no PIN, above it is', async () => {
    const [, till] = await both({ customer: { ...QUICK, how: 'tap' } });
    expect(statuses(await complete(till, { ...PAY, amount: 9999 }))).not.toContain(0x02);
    expect(statuses(await complete(till, { ...PAY, amount: 10_000 }))).toContain(0x02);
  });
});

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
    simulator.keypadSale(123);
    expect(simulator.bank().charges).toHaveLength(0);
    await register(till, { config: 0xbe & ~0x10 });
    simulator.keypadSale(123);
    expect(simulator.bank().charges).toMatchObject([{ amount: 123, why: 'keypad' }]);
  });

  test('one till at a time', async () => {
    const [simulator] = await both();
    const second = await tcpTill(simulator.port ?? 0);
    await second.closed;
  });
});
