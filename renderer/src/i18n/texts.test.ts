import { expect, test } from 'vitest';
import { LANGUAGES } from '../../../contracts/domain.ts';
import { createTexts, TEXTS } from './texts.ts';

/** `a.b.c` → text. */
function flat(texts: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [...flat(value, `${prefix}${key}.`)]
        : [[`${prefix}${key}`, String(value)] as const],
    ),
  );
}

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').toSorted();

test('the three languages have the same keys, none of them empty, with the same things to fill in', () => {
  const az = flat(TEXTS.az);
  expect(az.size).toBeGreaterThan(200);
  for (const language of LANGUAGES) {
    const texts = flat(TEXTS[language]);
    expect([...texts.keys()]).toEqual([...az.keys()]);
    for (const [key, text] of texts) {
      expect(text.trim(), `${language} ${key}`).not.toBe('');
      expect(placeholders(text), `${language} ${key}`).toEqual(placeholders(az.get(key) ?? ''));
    }
  }
});

test('Russian texts are Russian and Azerbaijani ones hold no Cyrillic', () => {
  const same = new Set([
    'app.name',
    'receipts.pdf',
    'settings.pathHint',
    'cards.settings.pathHint',
    'counter.periods',
    'counter.asOfItem',
    'keys.esc',
    'keys.enter',
  ]);
  const own = (texts: object): [string, string][] =>
    [...flat(texts)].filter(([key]) => !key.startsWith('app.languages'));
  expect(own(TEXTS.ru).filter(([key, text]) => !same.has(key) && !/[А-Яа-яЁё№]/.test(text))).toEqual([]);
  expect(own(TEXTS.az).filter(([, text]) => /[А-Яа-яЁё]/.test(text))).toEqual([]);
});

test('the screens start in Azerbaijani and change language at once', async () => {
  const texts = createTexts();
  expect(texts.t('counter.cash')).toBe('Nağd');
  await texts.changeLanguage('ru');
  expect(texts.t('counter.cash')).toBe('Наличные');
  expect(texts.t('find.nothing', { text: 'A&B <ş>' })).toBe('«A&B <ş>» не найдено');
});
