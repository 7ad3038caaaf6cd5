import { expect, test } from 'vitest';
import { failureWords } from './failure-words.ts';

test('a journal held elsewhere names its holder in each language, and what to do', () => {
  const words = failureWords({ code: 'journalInUse', detail: { holder: 'Electron, pid 77' } }).split('\n');
  expect(words).toHaveLength(3);
  for (const paragraph of words) expect(paragraph).toContain('Electron, pid 77');
  expect(words[1]).toBe('Another program holds this journal: Electron, pid 77. Close the other one.');
});

test('reasons are words, not codes', () => {
  const [az, en, ru] = failureWords({ code: 'journalUnwritable', detail: { reason: 'diskFull' } }).split(
    '\n',
  );
  expect(az).toContain('diskdə yer qalmayıb');
  expect(en).toContain('the disk is full');
  expect(ru).toContain('на диске нет места');
});
