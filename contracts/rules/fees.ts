import { assert } from '../assert.ts';
import type { Channel, FeeRule } from '../domain.ts';
import { qepik, type Qepik } from '../money.ts';
import type { CalendarDate } from '../time.ts';

export type Fee = { readonly feeRuleId: string | null; readonly amount: Qepik };

/**
 * The payer's fee on one line: the rule of the channel valid on the business date (the latest `validFrom` wins,
 * then the id), fixed plus basis points of the amount rounded half up to the qəpik, within its floor and cap.
 * Rules borne by the company cost the payer nothing.
 */
export function feeFor(rules: readonly FeeRule[], channel: Channel, date: CalendarDate, amount: Qepik): Fee {
  assert(amount >= 0, 'a fee is on an amount paid');
  const valid = rules
    .filter((r) => r.channel === channel && r.borneBy === 'payer')
    .filter((r) => r.validFrom <= date && (r.validTo === null || date <= r.validTo))
    .sort((a, b) =>
      a.validFrom === b.validFrom ? (a.id < b.id ? 1 : -1) : a.validFrom < b.validFrom ? 1 : -1,
    );
  const rule = valid[0];
  if (!rule || amount === 0) return { feeRuleId: null, amount: qepik(0) };
  // BigInt keeps amount × basis points exact whatever the amount.
  const proportional = Number((BigInt(amount) * BigInt(rule.basisPoints) + 5_000n) / 10_000n);
  const fee = Math.min(Math.max(rule.fixed + proportional, rule.floor), rule.cap ?? Number.MAX_SAFE_INTEGER);
  return { feeRuleId: rule.id, amount: qepik(fee) };
}
