import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeApdu, encodeApdu } from './apdu.ts';
import { encodeFrame } from './frame.ts';
import { maskFrame } from './mask.ts';
import { anyMessage } from './testing/messages.ts';
import { bytesOf, hexOf } from './testing/wire.ts';
import { encodeTlv } from './tlv.ts';

const PAN = '4169730000010018';
const ascii = (text: string): string => hexOf(new TextEncoder().encode(text));
const shown = (hex: string): string => maskFrame(bytesOf(hex));

function isLuhn(digits: string): boolean {
  const values = [...digits].toReversed().map((digit, place) => Number(digit) * (place % 2 === 0 ? 1 : 2));
  return values.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
}

/** Card numbers in a row of digits: twelve to nineteen of them that pass the check and do not begin with 0. */
function cardNumbersIn(text: string): string[] {
  const found: string[] = [];
  for (const run of text.match(/\d{12,}/g) ?? [])
    for (let from = 0; from < run.length; from += 1)
      for (let length = 12; length <= 19 && from + length <= run.length; length += 1) {
        const number = run.slice(from, from + length);
        if (number[0] !== '0' && isLuhn(number)) found.push(number);
      }
  return found;
}
const asText = (hex: string): string => String.fromCharCode(...bytesOf(hex)).replace(/(\d)[ -](?=\d)/g, '$1');

const pan = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(/^\d{10,17}$/))
  .map(([first, more]) => String(first) + more)
  .map((head) => head + String([...'0123456789'].find((check) => isLuhn(head + check))));

describe('what a recording shows', () => {
  test('a status information as it was, but for the card', () => {
    const before = '040f23' + '2700' + '04000000001010' + '490944' + '2999000001' + '0b000123';
    const said = `${before}22f0f8${PAN}870042`;
    expect(shown(said)).toBe(`${before}22f0f8416973eeeeee0018870042`);
    expect(shown(said.replace(PAN, '416973eeeeee0018'))).toBe(`${before}22f0f8416973eeeeee0018870042`);
  });

  test('tracks, chip data, the code on the back: nothing of them', () => {
    expect(shown(`040f0b23f0f8${PAN}`)).toBe(`040f0b23f0f8${'ee'.repeat(8)}`);
    expect(shown(`040f0c24f0f0f8${PAN}`)).toBe(`040f0c24f0f0f8${'ee'.repeat(8)}`);
    expect(shown(`040f0b2df0f8${PAN}`)).toBe(`040f0b2df0f8${'ee'.repeat(8)}`);
    expect(shown(`040f0c2ef0f0f8${PAN}`)).toBe(`040f0c2ef0f0f8${'ee'.repeat(8)}`);
    expect(shown('040f053a01232700')).toBe('040f053aeeee2700');
    expect(shown(`040f0c060a5708${PAN}`)).toBe(`040f0c060a5708${'ee'.repeat(8)}`);
    expect(shown(`040f0e060c600a5a08${PAN}`)).toBe(`040f0e060c600a5a08${'ee'.repeat(8)}`);
  });

  test('passwords', () => {
    expect(shown('06000812345' + '6be09440600')).toBe('060008eeeeeebe09440600');
    expect(shown('0630061234568700' + '42')).toBe('063006eeeeee870042');
    expect(shown('050103123456')).toBe('050103eeeeee');
  });

  test('receipts, line by line and as a block', () => {
    expect(shown(`06d115` + '00' + ascii(`Kart${PAN}`))).toBe(
      `06d115` + '00' + ascii('Kart416973******0018'),
    );
    const block = encodeApdu({
      name: 'printBlock',
      receiptType: 'merchant',
      lines: [
        { attribute: 0, text: 'Terminal 99000001' },
        { attribute: 0, text: '4169 7300 0001 0018' },
      ],
    });
    expect(asText(maskFrame(block))).toContain('Terminal 99000001');
    expect(maskFrame(block)).toContain(ascii('4169 73** **** 0018'));
  });

  test('a frame is shown without its checksum, which would give the digits away', () => {
    const apdu = bytesOf(`040f0b22f0f8${PAN}`);
    expect(maskFrame(encodeFrame(apdu))).toBe(`1002040f0b22f0f8416973eeeeee00181003`);
  });

  test('amounts, numbers and times of a message that is understood stay', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.stringMatching(/^\d{6}$/),
        (amount, trace) => {
          const apdu = encodeApdu({
            name: 'statusInformation',
            result: 0,
            amount,
            trace,
            terminalId: '41697300',
            receiptNo: '0042',
          });
          expect(maskFrame(apdu)).toBe(hexOf(apdu));
        },
      ),
    );
  });

  test('what is masked can still be read', () => {
    fc.assert(
      fc.property(anyMessage, ({ message, pending }) => {
        const apdu = encodeApdu(message);
        const masked = bytesOf(maskFrame(apdu));
        expect(masked).toHaveLength(apdu.length);
        const decoded = decodeApdu(masked, { pending });
        // A password that is masked is no password any more.
        if (!('password' in message))
          expect(decoded).toMatchObject({ kind: 'message', message: { name: message.name } });
      }),
    );
  });
});

describe('no card number is left', () => {
  test('in what nobody understands, packed at either half of a byte, or as a text', () => {
    fc.assert(
      fc.property(
        pan,
        fc.uint8Array({ maxLength: 12 }),
        fc.uint8Array({ maxLength: 12 }),
        fc.constantFrom('packed', 'shifted', 'text', 'spaced'),
        fc.constantFrom('06e0', 'c1c1', '040f', '060f', '8466', '0601'),
        (number, before, after, how, code) => {
          const packed = (nibbles: string): string => (nibbles.length % 2 === 0 ? nibbles : `${nibbles}f`);
          const inside = {
            packed: packed(number),
            shifted: packed(`f${number}`),
            text: ascii(number),
            spaced: ascii(number.replace(/(\d{4})(?=\d)/g, '$1 ')),
          }[how];
          // C1 is no bitmap: nothing behind it is understood.
          const data = `c1${hexOf(before)}${inside}${hexOf(after)}`;
          const hex = shown(code + (data.length / 2).toString(16).padStart(2, '0') + data);
          expect(hex).toHaveLength(data.length + 6);
          expect(cardNumbersIn(hex.slice(8))).toEqual([]);
          expect(cardNumbersIn(asText(hex))).toEqual([]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('in every field that may hold one', () => {
    const texts = (number: string): readonly string[] => [
      encodeMessage({ name: 'printLine', attribute: 0, text: `PAN:${number}` }),
      encodeMessage({ name: 'statusInformation', result: 0, text: number }),
      encodeMessage({ name: 'statusInformation', cardName: number }),
      encodeMessage({ name: 'statusInformation', maskedPan: number }),
      encodeMessage({ name: 'completion', text: number }),
      encodeMessage({ name: 'intermediateStatus', status: 0xff, text: `${number}\n${number}` }),
      encodeMessage({ name: 'printBlock', receiptType: 'customer', lines: [{ attribute: 0, text: number }] }),
      encodeMessage({ name: 'statusInformation', tlv: [{ tag: 0x1f50, value: bytesOf(ascii(number)) }] }),
      encodeMessage({
        name: 'statusInformation',
        tlv: [
          {
            tag: 0x60,
            value: encodeTlv([
              { tag: 0x1f51, value: bytesOf(number.length % 2 === 0 ? number : `${number}f`) },
            ]),
          },
        ],
      }),
    ];
    const encodeMessage = (message: Parameters<typeof encodeApdu>[0]): string => hexOf(encodeApdu(message));
    fc.assert(
      fc.property(pan, (number) => {
        for (const apdu of texts(number)) {
          const hex = shown(apdu);
          expect(hex).not.toBe(apdu);
          expect(hex).not.toContain(number);
          expect(asText(hex)).not.toContain(number);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('in a stream that is read from a wrong place: what is taken for a header may be one', () => {
    fc.assert(
      fc.property(
        // The schemes' numbers begin with 2 to 6; a piece of such a one is no message by chance.
        pan.filter((number) => number.length % 2 === 0 && /^[2-6]/.test(number)),
        fc.constantFrom('', '04', '040f', '040fff', '040f22', '1002', '1002040f0b'),
        fc.constantFrom('', 'ff', '870042', '10030000'),
        (number, before, after) => {
          const hex = shown(before + number + after);
          expect(hex).toHaveLength(before.length + number.length + after.length);
          expect(hex).not.toContain(number);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('in a frame that is broken: a 10 that is doubled in the number spoils its check digit, not the mask', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(?:10|[2-9]\d){8}$/), (number) => {
        const onTheWire = number.replace(/(..)/g, (byte) => (byte === '10' ? '1010' : byte));
        const hex = shown(`1002040f0b22f0f8${onTheWire}10030000`);
        expect(hex.match(/\d{12,}/g)?.filter((run) => onTheWire.includes(run)) ?? []).toEqual([]);
        expect(hex).not.toContain(onTheWire);
      }),
    );
    expect(shown('1002060008123456be094406001003ffff')).toBe('1002060008eeeeeebe094406001003ffff');
  });

  test('in a text with wide gaps', () => {
    const line = encodeApdu({ name: 'printLine', attribute: 0, text: 'KART 4169  7300  0001  0018' });
    expect(asText(maskFrame(line))).toContain('4169  73**  ****  0018');
  });

  test('any bytes at all: no fault, the same length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(maskFrame(bytes)).toMatch(/^[0-9a-f]*$/);
      }),
      { numRuns: 1000 },
    );
  });
});
