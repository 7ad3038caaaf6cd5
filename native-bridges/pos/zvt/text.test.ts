import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText, encodeText, maskText, type Charset } from './text.ts';
import { bytesOf, hexOf } from './testing/wire.ts';

const CHARSETS: readonly Charset[] = ['cp437', 'utf8', 'ascii', 'latin1', 'latin5'];
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const through = (text: string, charset: Charset): string => decodeText(encodeText(text, charset), charset);

describe('letters', () => {
  test('every byte of CP437 and the two ISO 8859 is a letter of its own, and comes back', () => {
    for (const charset of ['cp437', 'latin1', 'latin5'] as const) {
      const text = decodeText(ALL_BYTES, charset);
      expect(new Set(text).size).toBe(256);
      expect(encodeText(text, charset)).toEqual(ALL_BYTES);
    }
  });

  test('places of CP437 everybody can look up', () => {
    expect(decodeText(bytesOf('80 81 84 94 99 9a 87 e1 b0 c4 db f1 f8 fe ff'), 'cp437')).toBe(
      'ÇüäöÖÜçß░─█±°■\u00a0',
    );
  });

  test('ISO 8859-9 has the Turkish letters', () => {
    expect(hexOf(encodeText('ĞİŞğış', 'latin5'))).toBe('d0dddef0fdfe');
    expect(hexOf(encodeText('öüçÖÜÇ', 'latin5'))).toBe(hexOf(encodeText('öüçÖÜÇ', 'latin1')));
  });

  test.each([
    ['ascii', 'Odenis ugurla bitdi, Seki, isiq, 5 AZN, CE'],
    ['cp437', 'Ödenis ugurla bitdi, Seki, isiq, 5 AZN, ÇE'],
    ['latin1', 'Ödenis ugurla bitdi, Seki, isiq, 5 AZN, ÇE'],
    ['latin5', 'Ödeniş uğurla bitdi, Şeki, işıq, 5 AZN, ÇE'],
    ['utf8', 'Ödəniş uğurla bitdi, Şəki, işıq, 5 ₼, ÇƏ'],
  ] as const)('Azerbaijani in %s', (charset, expected) => {
    expect(through('Ödəniş uğurla bitdi, Şəki, işıq, 5 ₼, ÇƏ', charset)).toBe(expected);
    // However its letters are put together.
    expect(
      through('Ödəniş uğurla bitdi, Şəki, işıq, 5 ₼, ÇƏ'.normalize('NFD'), charset).normalize('NFC'),
    ).toBe(expected);
  });

  test('Russian in Latin letters', () => {
    expect(through('Оплата прошла, щука Жанны, Ёж объект', 'cp437')).toBe(
      'Oplata proshla, shchuka Zhanny, Ezh obekt',
    );
    expect(through('Карта', 'utf8')).toBe('Карта');
  });

  test('what has no letters anywhere is a question mark', () => {
    expect(through('漢字 €5 “a”…', 'ascii')).toBe('?? EUR5 "a"...');
  });

  test('every Azerbaijani and Russian letter is written with something in every charset', () => {
    const all = 'abcçdeəfgğhxıijkqlmnoöprsştuüvyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя';
    for (const charset of CHARSETS)
      expect(through(all + all.toUpperCase() + 'İ₼', charset)).not.toContain('?');
  });
});

describe('bytes that are no UTF-8', () => {
  test.each([
    ['c3 9c', 'Ü'],
    ['9a 6e', 'Ün'],
    ['41 c3', 'A├'],
    ['c3 41', '├A'],
    ['c0 80', '└Ç'],
    ['ed a0 80', 'φáÇ'],
    ['f4 90 80 80', '⌠ÉÇÇ'],
    ['e2 82', 'Γé'],
    ['f0 9f 98 80', '😀'],
    ['ef bb bf 41', '\ufeffA'],
    ['ff fe', '\u00a0■'],
  ])('%s', (hex, text) => {
    expect(decodeText(bytesOf(hex), 'utf8')).toBe(text);
  });

  test('any bytes make a text, and good ones in between stay', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const charset of CHARSETS) expect(typeof decodeText(bytes, charset)).toBe('string');
        const between = Uint8Array.from([
          ...bytes.filter((byte) => byte < 0x80),
          ...encodeText('ə₼', 'utf8'),
        ]);
        expect(decodeText(between, 'utf8').endsWith('ə₼')).toBe(true);
      }),
    );
  });

  test('any text survives UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(through(text, 'utf8')).toBe(text);
      }),
    );
  });
});

describe('card numbers in a line', () => {
  test.each([
    ['4169730000010018', '416973******0018'],
    ['Kart 4169 7300 0001 0018', 'Kart 4169 73** **** 0018'],
    ['Kart 4169-7300-0001-0018.', 'Kart 4169-73**-****-0018.'],
    ['676200000001001600 3', '676200********** 3'.slice(0, 6) + '*********60' + '0 3'],
    ['123456789012', '123456**9012'],
    ['000004169730000010018', '00000416973******0018'],
    ['12345678901', '12345678901'],
    ['Kart 4169  7300  0001  0018', 'Kart 4169  73**  ****  0018'],
    ['4169 - 7300 - 0001 - 0018', '4169 - 73** - **** - 0018'],
    ['4169.7300.0001.0018', '4169.73**.****.0018'],
    ['4169\u00a07300\u00a00001\u00a00018', '4169\u00a073**\u00a0****\u00a00018'],
    ['3782  822463  10005', '3782  82****  *0005'],
    ['0042  4169  7300  0001  0018', '0042  4169  ****  ****  0018'],
    ['4169  7300  0001  0018  12', '4169  73**  ****  **18  12'],
    ['TID 99000001  000123  0042', 'TID 99000001  000123  0042'],
    ['1250.00  12.2026', '1250.00  12.2026'],
    ['416973******0018', '416973******0018'],
    ['AID A0000000031010', 'AID A0000000031010'],
    ['27.11.2026 14:35:21', '27.11.2026 14:35:21'],
    ['', ''],
  ])('%s', (line, expected) => {
    expect(maskText(line)).toBe(expected);
  });

  test('no card number is left, wherever it stands and however it is spaced', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[1-9]\d{11,18}$/),
        fc.array(fc.constantFrom('', '', '', ' ', '-'), { minLength: 18, maxLength: 18 }),
        fc.string(),
        fc.string(),
        (number, gaps, before, after) => {
          const spaced = [...number]
            .map((digit, at) => digit + (at < number.length - 1 ? (gaps[at] ?? '') : ''))
            .join('');
          const masked = maskText(before + spaced + after);
          expect(masked.replace(/[ -]/g, '')).not.toContain(number);
          for (const run of masked.match(/\d(?:[ -]?\d)*/g) ?? [])
            expect(run.replace(/\D/g, '').replace(/^0+/, '').length).toBeLessThan(12);
          expect(masked).toHaveLength((before + spaced + after).length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
