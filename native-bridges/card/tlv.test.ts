import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, spaced } from './bytes.ts';
import { parseTlv, valueOf, writeTlv } from './tlv.ts';

const parse = (text: string) => parseTlv(bytesOf(text));

describe('data objects', () => {
  test('nested, with tags and lengths of more than a byte, padding between', () => {
    const found = parse('00 6F 0A 84 02 01 02 9F 8A 01 02 AA BB FF 5A 00 C0 81 01 07');
    expect(found?.map(({ tag }) => tag)).toEqual([0x6f, 0x5a, 0xc0]);
    expect(found?.[0]?.children).toEqual([
      { tag: 0x84, value: bytesOf('01 02'), children: [] },
      { tag: 0x9f8a01, value: bytesOf('AA BB'), children: [] },
    ]);
    expect(found?.[2]?.value).toEqual(bytesOf('07'));
  });

  test.each([
    ['a length that passes the end', '84 02 01'],
    ['a length that is missing', '84'],
    ['an indefinite length', '6F 80 84 00 00 00'],
    ['a length of four bytes', '84 84 00 00 00 01 01'],
    ['a tag without end', '9F 81 82 83 01'],
    ['a tag that is cut', '9F'],
    ['an inner length that passes its object', '6F 03 84 02 01 02'],
    ['too deep', '61 12 61 10 61 0E 61 0C 61 0A 61 08 61 06 61 04 61 02 84 00'],
    ['too many', '84 00 '.repeat(257)],
  ])('refused: %s', (_, text) => {
    expect(parse(text)).toBeNull();
  });

  test('written and read', () => {
    const value = fc.uint8Array({ maxLength: 700 });
    const tag = fc.constantFrom(0x84, 0xc0, 0x5f24, 0x9f8a01);
    fc.assert(
      fc.property(tag, value, (one, bytes) => {
        expect(parseTlv(writeTlv(one, bytes))).toEqual([{ tag: one, value: bytes, children: [] }]);
      }),
    );
    expect(spaced(writeTlv(0x6f, writeTlv(0x84, bytesOf('01')), writeTlv(0xc3, bytesOf('02'))))).toBe(
      '6F 06 84 01 01 C3 01 02',
    );
  });

  test('one value of a tag: two are none', () => {
    expect(valueOf(parse('84 01 01') ?? [], 0x84)).toEqual(bytesOf('01'));
    expect(valueOf(parse('84 01 01 84 01 02') ?? [], 0x84)).toBeNull();
    expect(valueOf([], 0x84)).toBeNull();
  });
});
