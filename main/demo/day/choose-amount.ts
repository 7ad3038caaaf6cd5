import type { BillerRules } from '../../../contracts/domain.ts';
import { qepik, type Qepik } from '../../../contracts/money.ts';
import { checkAmount } from '../../../contracts/rules/amount-rule.ts';
import type { Random } from './random.ts';

const NOTE = 500;

/**
 * What a payer might pay on an account: mostly the debt, now and then less, more or in advance, always within the
 * company's rules. `undefined` when the company takes nothing now.
 */
export function chooseAmount(random: Random, rules: BillerRules, owed: Qepik): Qepik | undefined {
  const debt = Math.max(owed, 0);
  const roundedUp = Math.ceil(debt / NOTE) * NOTE;
  const whims = [
    debt,
    debt,
    debt,
    Math.floor(debt / 2),
    roundedUp,
    debt + NOTE * random.integer(1, 4),
    rules.minAmount,
    NOTE * random.integer(1, 6),
  ];
  const fitting = whims
    .filter((amount) => Number.isSafeInteger(amount) && amount > 0)
    .map(qepik)
    .filter((amount) => checkAmount(rules, owed, amount).ok);
  return fitting.length === 0 ? undefined : random.pick(fitting);
}

/** What the payer lays on the counter for a total: the sum itself, or the next round sum of notes. */
export function chooseCash(random: Random, total: Qepik): Qepik {
  const step = random.pick([1, 1, 100, 500, 1000, 5000]);
  return qepik(Math.ceil(total / step) * step);
}
