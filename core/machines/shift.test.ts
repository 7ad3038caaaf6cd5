import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ShiftClosed } from '../../contracts/journal.ts';
import { qepik, subtract } from '../../contracts/money.ts';
import { worth } from '../../contracts/rules/denominations.ts';
import { sampleId } from '../testing/samples.ts';
import { countStep, missingFor, shiftOpen, type CountState } from './shift.ts';

const EXPECTED = qepik(10_000);
const closing = (notes: number, coins: number, reason: string | null): ShiftClosed => {
  const counted = [
    { denomination: 1000 as const, count: notes },
    { denomination: 10 as const, count: coins },
  ];
  return {
    shiftId: sampleId(1),
    shiftNo: 1,
    businessDate: '2026-11-23',
    workstation: 'WS07',
    teller: { userId: sampleId(2), name: 'Aygün' },
    zNo: 1,
    counted,
    countedTotal: worth(counted),
    expectedTotal: EXPECTED,
    difference: subtract(worth(counted), EXPECTED),
    reason,
    payments: { count: 0, total: qepik(0), fees: qepik(0) },
    stornos: { count: 0, total: qepik(0) },
  };
};
const counting: CountState = { stage: 'counting', firstCount: null };
const count = (state: CountState, record: ShiftClosed, tolerance = 0) =>
  countStep(state, { kind: 'counted', record, tolerance: qepik(tolerance) });

test('a drawer that holds what it should closes at the first count', () => {
  const right = closing(10, 0, null);
  expect(count(counting, right)).toEqual({
    state: { stage: 'closing', firstCount: null, record: right },
    effects: [{ kind: 'append', record: right }],
  });
});

test('within the tolerance it closes, beyond it the first count is only remembered', () => {
  expect(count(counting, closing(10, 5, null), 50).effects).toMatchObject([{ kind: 'append' }]);
  expect(count(counting, closing(10, 6, 'artıq pul'), 50)).toEqual({
    state: { stage: 'counting', firstCount: closing(10, 6, null).counted },
    effects: [{ kind: 'countAgain' }],
  });
});

test('the same count again with a reason closes; without one, or counted otherwise, it does not', () => {
  const once = count(counting, closing(9, 0, null)).state;
  expect(count(once, closing(9, 0, 'əskik pul')).effects).toMatchObject([{ kind: 'append' }]);
  expect(count(once, closing(9, 0, null)).effects).toEqual([{ kind: 'countAgain' }]);
  expect(count(once, closing(9, 0, '  ')).effects).toEqual([{ kind: 'countAgain' }]);
  const otherwise = count(once, closing(8, 0, 'əskik pul'));
  expect(otherwise.effects).toEqual([{ kind: 'countAgain' }]);
  expect(count(otherwise.state, closing(9, 0, 'əskik pul')).effects).toEqual([{ kind: 'countAgain' }]);
  // The same sum in other pieces is another count.
  expect(count(once, closing(8, 100, 'əskik pul')).effects).toEqual([{ kind: 'countAgain' }]);
});

test('what could not be written down leaves the count as it was; once closed nothing more happens', () => {
  const closingState = count(count(counting, closing(9, 0, null)).state, closing(9, 0, 'səbəb')).state;
  expect(countStep(closingState, { kind: 'notRecorded' }).state).toEqual({
    stage: 'counting',
    firstCount: closing(9, 0, null).counted,
  });
  const closed = countStep(closingState, { kind: 'recorded' }).state;
  for (const event of [
    { kind: 'countBegun' },
    { kind: 'countCancelled' },
    { kind: 'notRecorded' },
  ] as const) {
    expect(countStep(closed, event).state).toBe(closed);
  }
  expect(count(closed, closing(10, 0, null)).effects).toEqual([]);
});

test('whatever is done, a shift is written closed once, and never on a difference nobody gave a reason for', () => {
  const event = fc.oneof(
    fc
      .record({
        notes: fc.integer({ min: 8, max: 11 }),
        coins: fc.nat(2),
        reason: fc.constantFrom(null, 'səbəb'),
      })
      .map(({ notes, coins, reason }) => ({
        kind: 'counted' as const,
        record: closing(notes, coins, reason),
        tolerance: qepik(10),
      })),
    fc.constantFrom(
      { kind: 'countBegun' as const },
      { kind: 'countCancelled' as const },
      { kind: 'recorded' as const },
      { kind: 'notRecorded' as const },
    ),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state: CountState = shiftOpen;
      let closed = 0;
      let open: ShiftClosed | undefined;
      for (const one of events) {
        const { state: after, effects } = countStep(state, one);
        for (const effect of effects) if (effect.kind === 'append') open = effect.record;
        if (after.stage === 'closed' && state.stage !== 'closed') {
          closed += 1;
          expect(Math.abs(open?.difference ?? 0) <= 10 || open?.reason === 'səbəb').toBe(true);
        }
        state = after;
      }
      expect(closed).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test('what is missing to give money back', () => {
  expect(missingFor(qepik(500), qepik(500))).toBe(0);
  expect(missingFor(qepik(500), qepik(620))).toBe(120);
  expect(missingFor(qepik(-100), qepik(20))).toBe(120);
});
