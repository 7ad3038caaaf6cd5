import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64Url, idBytes, terminalBytes, toBase64Url } from './bytes.ts';

test('bytes travel there and back, as Node writes them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(text)).toEqual(bytes);
    }),
  );
  expect(() => fromBase64Url('a+b')).toThrow(TypeError);
});

test('an id as a card holds it, and the till by its last half', () => {
  const id = '0199c3a0-1234-7abc-8def-0123456789ab';
  expect(Buffer.from(idBytes(id)).toString('hex')).toBe('0199c3a012347abc8def0123456789ab');
  expect(Buffer.from(terminalBytes(id)).toString('hex')).toBe('8def0123456789ab');
});
