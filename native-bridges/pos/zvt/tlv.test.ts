import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTlv, encodeTlv, findTlv, isConstructed, readLength } from './tlv.ts';
import { bytesOf, hexOf } from './testing/wire.ts';

describe('TLV', () => {
  test('lengths are high byte first, the opposite of an APDU', () => {
    const value = (length: number): Uint8Array => new Uint8Array(length);
    expect(hexOf(encodeTlv([{ tag: 0x07, value: value(0x7f) }])).slice(0, 4)).toBe('077f');
    expect(hexOf(encodeTlv([{ tag: 0x07, value: value(0x80) }])).slice(0, 6)).toBe('078180');
    expect(hexOf(encodeTlv([{ tag: 0x07, value: value(0x1234) }])).slice(0, 8)).toBe('07821234');
    expect(() => encodeTlv([{ tag: 0x07, value: value(0x10000) }])).toThrow(RangeError);
    expect(readLength(bytesOf('80'), 0)).toBeNull();
    expect(readLength(bytesOf('83000001'), 0)).toBeNull();
    expect(readLength(bytesOf('8201'), 0)).toBeNull();
    expect(readLength(bytesOf('810a'), 0)).toEqual({ length: 10, next: 2 });
  });

  test('tags of one byte and of more', () => {
    const { objects, rest } = decodeTlv(bytesOf('1f2b020001' + '0700' + 'df81010155' + '2603' + '0a0155'));
    expect(objects.map(({ tag }) => tag)).toEqual([0x1f2b, 0x07, 0xdf8101, 0x26]);
    expect(rest).toHaveLength(0);
    expect(hexOf(findTlv(objects, 0x1f2b)?.value ?? new Uint8Array())).toBe('0001');
    expect(findTlv(objects, 0x0a)).toBeUndefined();
    expect([0x26, 0x1f2b, 0x60, 0x3f01, 0x9f6b, 0xff8101].map(isConstructed)).toEqual([
      true,
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  test.each(['1f', '1fff', '1fffffffff0100', '07', '0702aa', '078101', '0780'])(
    'what cannot be read is the rest: %s',
    (hex) => {
      const { objects, rest } = decodeTlv(bytesOf(`070141${hex}`));
      expect(objects).toHaveLength(1);
      expect(hexOf(rest)).toBe(hex);
    },
  );

  test('any objects, there and back', () => {
    const tag = fc.oneof(
      fc.integer({ min: 1, max: 0xff }).filter((byte) => (byte & 0x1f) !== 0x1f),
      fc.integer({ min: 0, max: 0x7f }).map((low) => 0x1f00 + low),
      fc.integer({ min: 0, max: 0x7f }).map((low) => 0xdf8100 + low),
    );
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.uint8Array({ minLength: 120, maxLength: 300 }),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ tag, value }), { maxLength: 6 }), (objects) => {
        expect(decodeTlv(encodeTlv(objects))).toEqual({ objects, rest: new Uint8Array() });
      }),
    );
  });

  test('any bytes: objects and the rest are all of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const { objects, rest } = decodeTlv(bytes);
        const size = objects.reduce((sum, { value }) => sum + value.length, rest.length);
        expect(size).toBeLessThanOrEqual(bytes.length);
        expect(hexOf(bytes).endsWith(hexOf(rest))).toBe(true);
      }),
    );
  });
});
