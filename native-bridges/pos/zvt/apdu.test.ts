import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApduSplitter, decodeApdu, encodeApdu } from './apdu.ts';
import type { EcrCommandName, Message } from './message.ts';
import { anyMessage } from './testing/messages.ts';
import { bytesOf, hexOf } from './testing/wire.ts';

/** A message with its data's length put in. */
const apdu = (code: string, data = ''): Uint8Array => {
  const { length } = bytesOf(data);
  return bytesOf(`${code}${length.toString(16).padStart(2, '0')}${data}`);
};

const read = (
  bytes: Uint8Array,
  pending: EcrCommandName | null = null,
): { message: Message; doubts: readonly string[] } => {
  const decoded = decodeApdu(bytes, { pending });
  if (decoded.kind !== 'message') throw new Error(JSON.stringify(decoded));
  return decoded;
};
describe('both ways', () => {
  test('every message is read as it was written, without a doubt', () => {
    fc.assert(
      fc.property(
        anyMessage,
        fc.constantFrom('cp437' as const, 'utf8' as const),
        ({ message, pending }, charset) => {
          expect(decodeApdu(encodeApdu(message, { charset }), { pending, charset })).toEqual({
            kind: 'message',
            message,
            doubts: [],
          });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('what has a name of its own stands in the container', () => {
    const said: Message = { name: 'statusInformation', trace: '0012345678', reference: '00ff3a' };
    expect(read(encodeApdu(said)).message).toEqual({
      ...said,
      tlv: [
        { tag: 0x1f2b, value: bytesOf('0012345678') },
        { tag: 0x1f1f, value: bytesOf('00ff3a') },
      ],
    });
    expect(hexOf(encodeApdu(said))).toContain('0b000000');
    const live: Message = { name: 'intermediateStatus', status: 0xff, text: 'Salam\nöüç' };
    expect(read(encodeApdu(live)).message).toMatchObject(live);
    expect(hexOf(encodeApdu(live))).toBe('04ff11ff060e240c' + '070553616c616d' + '0703948187');
  });

  test('a wrong number is never sent', () => {
    for (const amount of [-1, 0.5, Number.NaN, 1_000_000_000_000])
      expect(() => encodeApdu({ name: 'authorisation', amount })).toThrow(RangeError);
    expect(() => encodeApdu({ name: 'registration', password: '1234567', config: 0xbe })).toThrow(RangeError);
    expect(() => encodeApdu({ name: 'registration', password: '12345a', config: 0xbe })).toThrow(RangeError);
    expect(() => encodeApdu({ name: 'registration', password: '000000', config: 0xbe, tlv: [] })).toThrow(
      RangeError,
    );
    expect(() => encodeApdu({ name: 'negative', error: 256 })).toThrow(RangeError);
  });
});

describe('bytes of the specification', () => {
  test.each([
    [
      { name: 'registration', password: '000000', config: 0xbe, currency: 944, tlv: [] },
      '0600080000' + '00be09440600',
    ],
    [{ name: 'registration', password: '123456', config: 0x86 }, '060004' + '12345686'],
    [
      { name: 'registration', password: '123456', config: 0x86, currency: 978, serviceByte: 1 },
      '060008' + '1234568609780301',
    ],
    [{ name: 'authorisation', amount: 1010 }, '060107' + '04000000001010'],
    [
      { name: 'authorisation', amount: 1010, currency: 944, statusByte: 0x40 },
      '06010c' + '04000000001010' + '490944' + '1940',
    ],
    [{ name: 'logOff' }, '060200'],
    [{ name: 'repeatReceipt', password: '000000', serviceByte: 3 }, '062005' + '000000' + '0303'],
    [{ name: 'reversal', password: '000000', receiptNo: '0042' }, '063006' + '000000' + '870042'],
    [{ name: 'refund', password: '000000', amount: 1 }, '06310a' + '000000' + '04000000000001'],
    [{ name: 'turnoverTotals', password: '000000' }, '061003000000'],
    [{ name: 'endOfDay', password: '000000' }, '065003000000'],
    [{ name: 'diagnosis' }, '067000'],
    [{ name: 'initialisation', password: '000000' }, '069303000000'],
    [{ name: 'setClock', date: '261127', time: '143015' }, '069108' + 'aa261127' + '0c143015'],
    [{ name: 'abort' }, '06b000'],
    [{ name: 'statusEnquiry' }, '050100'],
    [{ name: 'statusEnquiry', password: '000000', serviceByte: 2 }, '050105' + '000000' + '0302'],
    [{ name: 'positive' }, '800000'],
    [{ name: 'negative', error: 0x9c }, '849c00'],
    [{ name: 'intermediateStatus', status: 0x0a }, '04ff010a'],
    [{ name: 'intermediateStatus', status: 0x04, timeoutMinutes: 6 }, '04ff020406'],
    [{ name: 'setClockOfEcr', date: '261127', time: '143015' }, '040108' + 'aa261127' + '0c143015'],
    [{ name: 'aborted', result: 0x6c }, '061e016c'],
    [{ name: 'aborted' }, '061e00'],
    [{ name: 'printLine', attribute: 0x40, text: 'AZN' }, '06d104' + '40415a4e'],
  ] satisfies readonly (readonly [Message, string])[])('%j', (message, hex) => {
    expect(hexOf(encodeApdu(message))).toBe(hex);
    expect(read(bytesOf(hex))).toEqual({ kind: 'message', message, doubts: [] });
  });

  test('the length is one byte up to FE, then FF and two, low byte first', () => {
    const text = (length: number): Message => ({
      name: 'printLine',
      attribute: 0,
      text: 'x'.repeat(length - 1),
    });
    expect(hexOf(encodeApdu(text(0xfe))).slice(0, 8)).toBe('06d1fe00');
    expect(hexOf(encodeApdu(text(0xff))).slice(0, 12)).toBe('06d1ffff0000');
    expect(hexOf(encodeApdu(text(0x1234))).slice(0, 12)).toBe('06d1ff341200');
    for (const length of [0xfe, 0xff, 0x100, 0xffff])
      expect(read(encodeApdu(text(length))).message).toEqual(text(length));
    expect(() => encodeApdu(text(0x10000))).toThrow(RangeError);
    // The long form of a short length is no mistake.
    expect(read(bytesOf('04ffff01000a')).message).toEqual({ name: 'intermediateStatus', status: 0x0a });
  });

  test('a text block of more than 254 bytes', () => {
    const lines = Array.from({ length: 40 }, (_, at) => ({
      attribute: at % 2 === 0 ? 0 : 0x40,
      text: `line ${String(at)}`,
    }));
    const block: Message = { name: 'printBlock', receiptType: 'customer', lines };
    const bytes = encodeApdu(block, { charset: 'utf8' });
    expect(hexOf(bytes).slice(0, 6)).toBe('06d3ff');
    expect(hexOf(bytes)).toContain('1f070102' + '2582');
    expect(read(bytes).message).toEqual(block);
  });

  test('a block in letters of its own (14)', () => {
    const block = apdu('06d3', '0612' + '1f070101' + '1401fe' + '2509' + '090140' + '0704c39cc999');
    expect(read(block).message).toEqual({
      name: 'printBlock',
      receiptType: 'merchant',
      lines: [{ attribute: 0x40, text: 'Üə' }],
    });
  });
});

describe('completions', () => {
  test('of a registration', () => {
    expect(read(apdu('060f', '1901' + '2999000001' + '490944' + '0600'), 'registration').message).toEqual({
      name: 'completion',
      statusByte: 1,
      terminalId: '99000001',
      currency: 944,
      tlv: [],
    });
  });

  test('of a status enquiry, by place: a status of 06 or 27 is none of the bitmaps', () => {
    const state = (data: string): unknown => read(apdu('060f', data), 'statusEnquiry').message;
    expect(state('f0f0f4' + '312e3233' + '00')).toEqual({
      name: 'completion',
      softwareVersion: '1.23',
      terminalStatus: 0,
    });
    for (const code of ['06', '27', '9c', 'f0'])
      expect(state(code)).toEqual({ name: 'completion', terminalStatus: Number.parseInt(code, 16) });
    expect(state('f0f0f1' + '31' + 'f0')).toEqual({
      name: 'completion',
      softwareVersion: '1',
      terminalStatus: 0xf0,
    });
    expect(state('51' + '0603120140')).toMatchObject({ terminalStatus: 0x51, tlv: [{ tag: 0x12 }] });
    expect(state('')).toEqual({ name: 'completion' });
  });

  test('of a payment: empty, or with fields', () => {
    expect(read(apdu('060f'), 'authorisation')).toEqual({
      kind: 'message',
      message: { name: 'completion' },
      doubts: [],
    });
    expect(read(apdu('060f', '2700'), 'authorisation').message).toEqual({ name: 'completion', result: 0 });
  });
});

describe('refusals', () => {
  test('84 00 is a yes, 84 with anything behind it is read', () => {
    expect(read(bytesOf('840000')).message).toEqual({ name: 'positive' });
    expect(read(bytesOf('849a00')).message).toEqual({ name: 'negative', error: 0x9a });
    expect(read(bytesOf('841e017d')).message).toEqual({ name: 'negative', error: 0x1e, result: 0x7d });
    expect(read(bytesOf('841e036f0978')).message).toEqual({
      name: 'negative',
      error: 0x1e,
      result: 0x6f,
      currency: 978,
    });
    expect(read(bytesOf('8466022705')).message).toEqual({ name: 'negative', error: 0x66, result: 5 });
    const odd = read(bytesOf('846601c1'));
    expect(odd).toMatchObject({
      message: { name: 'negative', error: 0x66 },
      doubts: [expect.stringContaining('C1')],
    });
  });

  test('06 1E without a byte proves nothing; a currency may stand behind the result', () => {
    expect(read(bytesOf('061e00')).message).toEqual({ name: 'aborted' });
    expect(read(bytesOf('061e036f0944')).message).toEqual({ name: 'aborted', result: 0x6f, currency: 944 });
    expect(read(bytesOf('061e066c0603120140')).message).toMatchObject({
      name: 'aborted',
      result: 0x6c,
      tlv: [{ tag: 0x12 }],
    });
    expect(read(bytesOf('061e036c0944')).message).toEqual({ name: 'aborted', result: 0x6c, currency: 944 });
  });

  test('what stands behind a result and is a bitmap is no currency', () => {
    expect(read(bytesOf('061e036c0600')).message).toEqual({ name: 'aborted', result: 0x6c, tlv: [] });
    expect(read(bytesOf('841e036c0600')).message).toEqual({
      name: 'negative',
      error: 0x1e,
      result: 0x6c,
      tlv: [],
    });
    expect(read(bytesOf('061e036c0130')).message).toEqual({ name: 'aborted', result: 0x6c, timeout: 0x30 });
    // A wrong currency is the one answer that has it by its place.
    expect(read(bytesOf('061e036f0600')).message).toEqual({ name: 'aborted', result: 0x6f, currency: 600 });
  });
});

describe('what is no message', () => {
  test.each([
    '',
    '04',
    '0400',
    '04ff',
    '04ff02',
    '04ff0200',
    '04ff01',
    '04ff010a00',
    '04ffff',
    '04ffffff',
    '04ffff0200',
  ])('%s', (hex) => {
    expect(decodeApdu(bytesOf(hex), { pending: null }).kind).toBe('malformed');
  });

  test('commands without what they need', () => {
    for (const hex of [
      '060100',
      '060104490944' + '00',
      '0600020000',
      '06300400000000',
      '063103000000',
      '06d100',
      '06d300',
      '04ff00',
    ])
      expect(decodeApdu(bytesOf(hex), { pending: null }).kind).toBe('malformed');
  });

  test('commands nobody knows', () => {
    expect(decodeApdu(bytesOf('06e000'), { pending: null })).toEqual({
      kind: 'unknown',
      class: 6,
      instruction: 0xe0,
    });
    expect(decodeApdu(bytesOf('800100'), { pending: null }).kind).toBe('unknown');
  });
});

describe('APDUs on TCP', () => {
  test('any messages in any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (all, sizes) => {
          const apdus = all.map(({ message }) => encodeApdu(message));
          const line = Uint8Array.from(apdus.flatMap((bytes) => [...bytes]));
          const splitter = new ApduSplitter();
          const found: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < line.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            found.push(...splitter.push(line.subarray(at, at + size)));
            at += size;
          }
          expect(found).toEqual(apdus);
          expect(splitter.pending).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a message that has begun is pending; reset forgets it', () => {
    const splitter = new ApduSplitter();
    expect(splitter.push(bytesOf('8000'))).toEqual([]);
    expect(splitter.pending).toBe(true);
    splitter.reset();
    expect(splitter.pending).toBe(false);
    expect(splitter.push(bytesOf('800000'))).toEqual([bytesOf('800000')]);
  });
});
