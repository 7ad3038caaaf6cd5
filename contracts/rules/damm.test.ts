import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dammDigit,
  dammValid,
  formatRegistrationCode,
  registrationCode,
  registrationCodeValid,
} from './damm.ts';

const digits = fc.stringMatching(/^\d{1,20}$/);
const serial = fc.integer({ min: 0, max: 999_999_999 });
const replaceAt = (text: string, at: number, letters: string): string =>
  text.slice(0, at) + letters + text.slice(at + letters.length);

test('the worked example of the thesis: 572 has check digit 4', () => {
  expect(dammDigit('572')).toBe('4');
  expect(dammValid('5724')).toBe(true);
});

test('digits with their check digit are valid', () => {
  fc.assert(
    fc.property(digits, (text) => {
      expect(dammValid(text + dammDigit(text))).toBe(true);
    }),
  );
});

test('every single wrong digit is found', () => {
  fc.assert(
    fc.property(digits, (text) => {
      const code = text + dammDigit(text);
      for (let at = 0; at < code.length; at += 1) {
        for (const digit of '0123456789') {
          if (digit !== code[at]) expect(dammValid(replaceAt(code, at, digit))).toBe(false);
        }
      }
    }),
  );
});

test('every swap of neighbours is found', () => {
  fc.assert(
    fc.property(digits, (text) => {
      const code = text + dammDigit(text);
      for (let at = 0; at + 1 < code.length; at += 1) {
        const [a = '', b = ''] = [code[at], code[at + 1]];
        if (a !== b) expect(dammValid(replaceAt(code, at, b + a))).toBe(false);
      }
    }),
  );
});

test('the same, exhaustively, for every code of two digits and its check digit', () => {
  for (let value = 0; value < 100; value += 1) {
    const code = String(value).padStart(2, '0') + dammDigit(String(value).padStart(2, '0'));
    const valid = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0')).filter((other) => {
      const differing = [...other].filter((digit, at) => digit !== code[at]).length;
      const [a, b, c] = code;
      const swapped = other === `${b}${a}${c}` || other === `${a}${c}${b}`;
      return other !== code && (differing === 1 || swapped) && dammValid(other);
    });
    expect(valid).toEqual([]);
  }
});

test.each(['', ' ', '12a4', '١٢٣', '12.4', '-572'])('%j is not a valid code', (text) => {
  expect(dammValid(text)).toBe(false);
});

test('a registration code is ten digits, one per serial, shown in groups', () => {
  fc.assert(
    fc.property(serial, serial, (a, b) => {
      expect(registrationCode(a)).toMatch(/^\d{10}$/);
      expect(registrationCodeValid(registrationCode(a))).toBe(true);
      if (a !== b) expect(registrationCode(a)).not.toBe(registrationCode(b));
    }),
  );
  expect(registrationCodeValid('572' + dammDigit('572'))).toBe(false);
  expect(formatRegistrationCode('4071882365')).toBe('4071 8823 65');
});
