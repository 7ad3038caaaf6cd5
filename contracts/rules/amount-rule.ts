import type { BillerRules } from '../domain.ts';
import type { Qepik } from '../money.ts';
import { fail, ok, type Result } from '../result.ts';

export type AmountCode =
  | 'amountTooSmall'
  | 'amountTooBig'
  | 'amountMustBeExact'
  | 'amountMustCoverDebt'
  | 'amountOverDebt'
  | 'advanceNotAllowed';

/**
 * May this amount be paid on an account that owes `owed`? By the company's rules (exactness as in bill-payment
 * hubs: `exact`, `up` = the debt or more, `down` = the debt or less, `any`), its minimum and maximum, and whether
 * it takes money in advance. With nothing owed every payment is an advance, and exactness says nothing about it.
 * The minimum does not stop a payment of the whole debt.
 */
export function checkAmount(rules: BillerRules, owed: Qepik, amount: Qepik): Result<null, AmountCode> {
  const debt = Math.max(owed, 0);
  if (amount <= 0) return fail('amountTooSmall', { min: Math.max(rules.minAmount, 1) });
  if (amount > rules.maxAmount) return fail('amountTooBig', { max: rules.maxAmount });
  if (amount > debt && !rules.advanceAllowed) {
    return debt === 0 ? fail('advanceNotAllowed') : fail('amountOverDebt', { owed: debt });
  }
  if (debt > 0) {
    if (rules.exactness === 'exact' && amount !== debt) return fail('amountMustBeExact', { owed: debt });
    if (rules.exactness === 'up' && amount < debt) return fail('amountMustCoverDebt', { owed: debt });
    if (rules.exactness === 'down' && amount > debt) return fail('amountOverDebt', { owed: debt });
  }
  if (amount < rules.minAmount && amount !== debt) return fail('amountTooSmall', { min: rules.minAmount });
  return ok(null);
}

/** The amount proposed when an account enters a basket: the debt, or nothing when there is none. */
export const proposedAmount = (rules: BillerRules, owed: Qepik): Qepik =>
  (owed > 0 ? Math.min(owed, rules.maxAmount) : 0) as Qepik;
