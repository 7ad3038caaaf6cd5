import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesOf, hexOf } from '../bytes.ts';
import { cardKeys } from './card-keys.ts';
import { isMac, macOf } from './mac.ts';

const KEY = bytesOf('2B7E1516 28AED2A6 ABF71588 09CF4F3C');

/** NIST SP 800-38B, D.1; the first eight bytes. */
test.each([
  ['', 'BB1D6929E9593728'],
  ['6BC1BEE22E409F96E93D7E117393172A', '070A16B46B4D4144'],
  ['6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411', 'DFA66747DE9AE630'],
])('the MAC of %s', (message, mac) => {
  expect(hexOf(macOf(KEY, bytesOf(message)))).toBe(mac);
  expect(isMac(KEY, bytesOf(message), bytesOf(mac))).toBe(true);
  expect(isMac(KEY, bytesOf(message), bytesOf(mac).slice(0, 7))).toBe(false);
  expect(isMac(KEY, bytesOf(`${message}00`), bytesOf(mac))).toBe(false);
});

test('a card’s keys are one block each, of purpose, revision and card id', () => {
  const id = bytesOf('A100000000000001');
  const keys = cardKeys(KEY, 3, id);
  /** A cipher of its own for each block: ECB knows nothing of the block before. */
  const block = (purpose: string): string =>
    createCipheriv('aes-128-ecb', KEY, null)
      .setAutoPadding(false)
      .update(`${purpose}03A100000000000001000000000000`, 'hex', 'hex')
      .toUpperCase();
  for (const [purpose, key] of [
    ['01', keys.k1],
    ['02', keys.k2],
    ['03', keys.k3],
    ['04', keys.k4],
    ['05', keys.k5],
  ] as const)
    expect(hexOf(key), purpose).toBe(block(purpose));
  expect(hexOf(keys.psc)).toBe(block('06').slice(0, 6));
  expect(keys.psc).toHaveLength(3);
  const all = [keys.k1, keys.k2, keys.k3, keys.k4, keys.k5].map(hexOf);
  expect(new Set(all).size).toBe(5);
  expect(hexOf(cardKeys(KEY, 4, id).k1)).not.toBe(all[0]);
  expect(hexOf(cardKeys(KEY, 3, bytesOf('A100000000000002')).k1)).not.toBe(all[0]);
  expect(() => cardKeys(KEY, 3, id.slice(1))).toThrow();
  expect(() => cardKeys(KEY.slice(1), 3, id)).toThrow();
});
