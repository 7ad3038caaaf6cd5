import { expect, test } from 'vitest';
import { cardTail, sinceClock } from './card-words.ts';

test('a card by its last four digits', () => {
  expect(cardTail('416973******0018')).toBe('****0018');
  expect(cardTail('************18')).toBe('****18');
});

test.each([
  ['14:35', '14:35-dən'],
  ['14:36', '14:36-dan'],
  ['14:39', '14:39-dan'],
  ['14:30', '14:30-dan'],
  ['14:20', '14:20-dən'],
  ['14:50', '14:50-dən'],
  ['14:10', '14:10-dan'],
  ['14:40', '14:40-dan'],
  ['14:08', '14:08-dən'],
  ['14:06', '14:06-dan'],
  ['14:00', '14:00-dən'],
  ['16:00', '16:00-dan'],
  ['00:00', '00:00-dan'],
  ['20:00', '20:00-dən'],
  ['26.11 19:00', '26.11 19:00-dan'],
])('since when in Azerbaijani: %s', (clock, said) => {
  expect(sinceClock(clock, 'az')).toBe(said);
  expect(sinceClock(clock, 'ru')).toBe(clock);
});
