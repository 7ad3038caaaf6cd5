import { describe, expect, test } from 'vitest';
import { findTlv } from '../zvt/tlv.ts';
import { cardOf } from './cards.ts';
import {
  both,
  connect,
  idle,
  names,
  only,
  PASSWORD,
  PAY,
  QUICK,
  start,
  statuses,
  until,
} from './testing/bench.ts';
import { complete, register, REGISTRATION, YES } from './testing/till.ts';

/** Registration and payment over TCP, with a till that knows nothing but bytes. */

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
    await complete(till, { name: 'registration', password: PASSWORD, config: 0xbe });
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
    const [simulator, till] = await both({ terms: { longTrace: true } });
    till.say(PAY);
    expect(await until(till, 'statusInformation')).toMatchObject({ trace: '00000001' });
    expect(simulator.transcript().find(({ name }) => name === 'statusInformation')?.hex).toContain(
      '0b000000',
    );
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
