import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BillerRules } from '../domain.ts';
import { qepik } from '../money.ts';
import { checkAmount, proposedAmount } from './amount-rule.ts';

const rules = (
  exactness: BillerRules['exactness'],
  advanceAllowed: boolean,
  min = 100,
  max = 50_000,
): BillerRules => ({
  exactness,
  advanceAllowed,
  minAmount: qepik(min),
  maxAmount: qepik(max),
});
const verdict = (r: BillerRules, owed: number, amount: number): string => {
  const result = checkAmount(r, qepik(owed), qepik(amount));
  return result.ok ? 'ok' : result.error.code;
};

// debt 3840; what becomes of less, the debt, more; then with nothing owed, and on an advance
test.each([
  ['any', true, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['any', false, 'ok', 'ok', 'amountOverDebt', 'advanceNotAllowed', 'advanceNotAllowed'],
  ['exact', true, 'amountMustBeExact', 'ok', 'amountMustBeExact', 'ok', 'ok'],
  ['exact', false, 'amountMustBeExact', 'ok', 'amountOverDebt', 'advanceNotAllowed', 'advanceNotAllowed'],
  ['up', true, 'amountMustCoverDebt', 'ok', 'ok', 'ok', 'ok'],
  ['up', false, 'amountMustCoverDebt', 'ok', 'amountOverDebt', 'advanceNotAllowed', 'advanceNotAllowed'],
  ['down', true, 'ok', 'ok', 'amountOverDebt', 'ok', 'ok'],
  ['down', false, 'ok', 'ok', 'amountOverDebt', 'advanceNotAllowed', 'advanceNotAllowed'],
] as const)(
  '%s, advance %s: less %s, the debt %s, more %s, nothing owed %s, ahead %s',
  (exactness, advance, ...expected) => {
    const r = rules(exactness, advance);
    expect([
      verdict(r, 3840, 3000),
      verdict(r, 3840, 3840),
      verdict(r, 3840, 5000),
      verdict(r, 0, 1000),
      verdict(r, -500, 1000),
    ]).toEqual(expected);
  },
);

test('the maximum holds always, the minimum but for the whole debt', () => {
  expect(verdict(rules('any', true), 90_000, 50_001)).toBe('amountTooBig');
  expect(verdict(rules('any', true), 3840, 99)).toBe('amountTooSmall');
  expect(verdict(rules('any', true), 40, 40)).toBe('ok');
  expect(verdict(rules('any', true), 40, 39)).toBe('amountTooSmall');
  expect(verdict(rules('any', true, 0), 3840, 0)).toBe('amountTooSmall');
});

test('the amount proposed is accepted whenever a debt within the maximum can be paid at all', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('any', 'exact', 'up', 'down' as const),
      fc.boolean(),
      fc.integer({ min: 1, max: 50_000 }),
      (exactness, advance, owed) => {
        const r = rules(exactness, advance);
        expect(verdict(r, owed, proposedAmount(r, qepik(owed)))).toBe('ok');
      },
    ),
  );
  expect(proposedAmount(rules('any', true), qepik(-10))).toBe(0);
});

test('a failure names the figure its text needs', () => {
  expect(checkAmount(rules('exact', true), qepik(3840), qepik(1))).toMatchObject({
    error: { detail: { owed: 3840 } },
  });
  expect(checkAmount(rules('any', true), qepik(0), qepik(1))).toMatchObject({
    error: { detail: { min: 100 } },
  });
  expect(checkAmount(rules('any', true), qepik(0), qepik(60_000))).toMatchObject({
    error: { detail: { max: 50_000 } },
  });
});
