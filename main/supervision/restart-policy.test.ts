import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterDeath, RESTART_WINDOW_MS, RESTARTS_MAX } from './restart-policy.ts';

const play = (times: readonly number[]): boolean[] => {
  let deaths: readonly number[] = [];
  return times.map((at) => {
    const decision = afterDeath(deaths, at);
    deaths = decision.deaths;
    return decision.restart;
  });
};

test('three restarts in five minutes, then no more', () => {
  expect(play([0, 1000, 2000, 3000])).toEqual([true, true, true, false]);
});

test('deaths far apart are forgiven', () => {
  expect(play([0, 1, 2, 2 + RESTART_WINDOW_MS])).toEqual([true, true, true, true]);
});

test('in no five minutes are there more than three restarts', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: RESTART_WINDOW_MS }), { maxLength: 40 }), (gaps) => {
      let now = 0;
      const times = gaps.map((gap) => (now += gap));
      const restarted = times.filter((_, index) => play(times)[index]);
      for (const from of restarted) {
        const near = restarted.filter((at) => at >= from && at - from < RESTART_WINDOW_MS);
        expect(near.length).toBeLessThanOrEqual(RESTARTS_MAX);
      }
    }),
  );
});
