import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldPhone, foldText } from './fold-text.ts';

test.each([
  ['İLQAR', 'ilqar'],
  ['ilqar', 'ilqar'],
  ['ILQAR', 'ilqar'],
  ['ılqar', 'ilqar'],
  ['Məmmədov Elşən İlqar oğlu', 'memmedov elsen ilqar oglu'],
  ['MƏMMƏDOV', 'memmedov'],
  ['Çiçək Gözəlova', 'cicek gozelova'],
  ['Şükürlü, Ü.', 'sukurlu u'],
  ['Təbriz küç. 41, m. 18', 'tebriz kuc 41 m 18'],
  ['  a--b\t c ', 'a b c'],
  ['Naïve Łukasz', 'naive łukasz'],
  ['Александр Ёлкин', 'александр елкин'],
  ['i\u0307lqar', 'ilqar'],
  ['', ''],
  ['!!!', ''],
])('%j folds to %j', (text, folded) => {
  expect(foldText(text)).toBe(folded);
});

test('folding is done once: folded text stays as it is, whatever the case it came in', () => {
  const words = fc.string({
    unit: fc.constantFrom(...'abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ 0159-.'),
  });
  fc.assert(
    fc.property(fc.oneof(words, fc.string({ unit: 'grapheme' })), (text) => {
      expect(foldText(foldText(text))).toBe(foldText(text));
    }),
  );
  fc.assert(
    fc.property(words, (text) => {
      expect(foldText(text.toLocaleUpperCase('az'))).toBe(foldText(text));
      expect(foldText(text.toLocaleLowerCase('az'))).toBe(foldText(text));
      expect(foldText(text)).toMatch(/^([a-z0-9]+( [a-z0-9]+)*)?$/);
    }),
  );
});

test.each([
  ['+994 (12) 565-41-08', '125654108'],
  ['012 565 41 08', '125654108'],
  ['00994125654108', '125654108'],
  ['994 50 123 45 67', '501234567'],
  ['565-41-08', '5654108'],
  ['', ''],
])('the phone %j folds to %j', (text, folded) => {
  expect(foldPhone(text)).toBe(folded);
});
