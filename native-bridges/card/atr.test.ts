import { describe, expect, test } from 'vitest';
import { parseAtr } from './atr.ts';
import { bytesOf } from './bytes.ts';

const parse = (text: string) => parseAtr(bytesOf(text));

describe('an ATR', () => {
  test('of a memory card: no interface bytes, T=0', () => {
    expect(parse('3B 04 A2 13 10 91')).toEqual({
      convention: 'direct',
      interfaceBytes: [],
      historical: bytesOf('A2 13 10 91'),
      protocols: [0],
    });
  });

  test('with a chain of interface bytes and a check byte', () => {
    // T0=DA: TA1, TC1, TD1; TD1=81: TD2, T=1; TD2=31: TA3, TB3, T=1.
    const chain = '3B DA 18 FF 81 31 FE 45 00 31 C1 73 C8 40 00 00 90 00';
    const check = bytesOf(chain)
      .subarray(1)
      .reduce((sum, byte) => sum ^ byte, 0);
    const atr = parseAtr(Uint8Array.from([...bytesOf(chain), check]));
    expect(atr?.interfaceBytes).toEqual([
      { ta: 0x18, tc: 0xff, td: 0x81 },
      { td: 0x31 },
      { ta: 0xfe, tb: 0x45 },
    ]);
    expect(atr?.protocols).toEqual([1]);
    expect(atr?.historical).toHaveLength(10);
    expect(parseAtr(Uint8Array.from([...bytesOf(chain), check ^ 1]))).toBeNull();
    expect(parse(chain)).toBeNull();
  });

  test('inverse convention; T=15 is no protocol; both protocols in their order', () => {
    expect(parse('3F 00')?.convention).toBe('inverse');
    expect(parse('3B 80 1F 01 9E')).toMatchObject({
      protocols: [0],
      interfaceBytes: [{ td: 0x1f }, { ta: 1 }],
    });
    expect(parse('3B 80 80 01 01')?.protocols).toEqual([0, 1]);
  });

  test.each([
    ['nothing', ''],
    ['TS alone', '3B'],
    ['another TS', '3A 00'],
    ['cut in its interface bytes', '3B F0 11 22'],
    ['cut in its historical bytes', '3B 04 A2 13 10'],
    ['longer than it says', '3B 04 A2 13 10 91 00'],
    ['a check byte where T=0 alone has none', '3B 80 00 80'],
    ['no check byte where T=1 has one', '3B 80 01'],
    ['endless interface bytes', `3B 80 ${'80 '.repeat(40)}`],
  ])('malformed: %s', (_, text) => {
    expect(parse(text)).toBeNull();
  });
});
