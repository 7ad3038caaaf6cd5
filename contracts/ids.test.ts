import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idSchema, uuidv7 } from './ids.ts';

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const ms = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('every id is a UUIDv7 with the time in its first 48 bits', () => {
  fc.assert(
    fc.property(ms, random, (time, bytes) => {
      const id = uuidv7(time, bytes);
      expect(idSchema.safeParse(id).success).toBe(true);
      expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(time);
    }),
  );
});

test('RFC 9562, appendix A.6: the fields stand where the standard puts them', () => {
  // 017F22E2-79B0-7CC3-98C4-DC0C0C07398F: rand_a CC3, variant 10, rand_b 18C4DC0C0C07398F
  const bytes = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuidv7(0x017f22e279b0, bytes)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('ids differ when their random bits do', () => {
  fc.assert(
    fc.property(ms, random, random, (time, a, b) => {
      // 74 of the 80 bits are used: four give way to the version, two to the variant.
      const used = (bytes: Uint8Array): number[] => [
        (bytes[0] ?? 0) & 0x0f,
        bytes[1] ?? 0,
        (bytes[2] ?? 0) & 0x3f,
        ...bytes.slice(3),
      ];
      expect(uuidv7(time, a) === uuidv7(time, b)).toBe(String(used(a)) === String(used(b)));
    }),
  );
});

test.each([
  [-1, 10],
  [0.5, 10],
  [2 ** 48, 10],
  [0, 9],
  [0, 11],
])('time %s with %s random bytes is a bug', (time, length) => {
  expect(() => uuidv7(time, new Uint8Array(length))).toThrow('uuidv7 wants');
});
