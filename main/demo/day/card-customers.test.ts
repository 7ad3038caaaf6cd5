import { expect, test } from 'vitest';
import { cardCustomers, losesAnswer, type CardCustomer } from './card-customers.ts';
import { bagOf, seededRandom } from './random.ts';

const drawn = (seed: number, which: 'next' | 'unlucky' | 'powerless', count: number): CardCustomer[] => {
  const customers = cardCustomers(seededRandom(seed));
  return Array.from({ length: count }, () => customers[which]());
};

test('a bag gives everything once before it gives anything again', () => {
  const draw = bagOf(seededRandom(5), [1, 2, 3]);
  for (let round = 0; round < 20; round += 1) expect(new Set([draw(), draw(), draw()]).size).toBe(3);
  expect(() => bagOf(seededRandom(5), [])()).toThrow(RangeError);
});

test.each(['next', 'unlucky', 'powerless'] as const)(
  'the same seed sends the same customers: %s',
  (which) => {
    expect(drawn(7, which, 40)).toEqual(drawn(7, which, 40));
    expect(drawn(7, which, 40)).not.toEqual(drawn(8, which, 40));
  },
);

test('whoever comes next has no trouble; some pay a part in cash, some are declined', () => {
  const all = drawn(3, 'next', 40);
  expect(all.every(({ trouble }) => trouble === null)).toBe(true);
  expect(all.filter(({ declined }) => declined)).toHaveLength(10);
  expect(all.filter(({ mixed, declined }) => mixed && !declined)).toHaveLength(10);
});

test('each trouble comes up, and tells whether the answer is lost', () => {
  const lost = drawn(1, 'unlucky', 10).map(({ trouble }) => JSON.stringify(trouble));
  expect(new Set(lost).size).toBe(10);
  expect(drawn(1, 'unlucky', 40).every(({ trouble }) => losesAnswer(trouble))).toBe(true);
  const killed = drawn(1, 'powerless', 6).map(({ trouble }) => trouble);
  expect(new Set(killed.map((trouble) => JSON.stringify(trouble))).size).toBe(6);
  expect(killed.filter((trouble) => !losesAnswer(trouble))).toHaveLength(2);
  expect(losesAnswer(null)).toBe(false);
});

test('nobody goes on at the terminal before it has seen that the counter is dead', () => {
  for (const { trouble, person } of drawn(2, 'powerless', 12)) {
    if (trouble?.kind !== 'killedAt') continue;
    if (trouble.at === 'card') expect(person.breaksOff).toEqual({ at: 'card', by: 'walkAway' });
    else expect(person.hostMs).toBeGreaterThan(1000);
  }
});
