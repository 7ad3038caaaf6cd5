import { CURRENCY, qepik } from '../../../contracts/money.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { MAX_QEPIK } from '../../../contracts/money.ts';
import type { PosTotals } from '../../../contracts/pos.ts';
import type { PosTotalsAnswer } from '../../../core/ports/pos.ts';
import { qepikOf } from './amount.ts';
import { totalsResponseSchema, type Parts } from './messages.ts';
import { reasonOf } from './reasons.ts';

/** What a type of transaction does to count and sum. Declined and failed ones move nothing. */
const SIGNS: Readonly<Record<string, { readonly count: 1 | -1; readonly sum: 1 | -1 }>> = {
  Debit: { count: 1, sum: 1 },
  ReverseDebit: { count: -1, sum: -1 },
  Credit: { count: 1, sum: -1 },
  ReverseCredit: { count: -1, sum: 1 },
};

/** Adds up the totals of a GetTotals or Reconciliation answer; reversals are taken off, refunds count and lower the sum. */
export function readTotals(
  part: 'GetTotalsResponse' | 'ReconciliationResponse',
  parts: Parts,
): PosTotalsAnswer {
  const read = totalsResponseSchema.safeParse(parts[part]);
  if (!read.success) return { kind: 'unknown', reason: posReason('answerUnclear', part) };
  const { Response: response, TransactionTotals: totals } = read.data;
  if (response.Result === 'Failure') return { kind: 'failed', reason: reasonOf(response) };
  if (response.Result !== 'Success')
    return { kind: 'unknown', reason: posReason('answerUnclear', response.Result) };
  let count = 0;
  let sum = 0;
  for (const { PaymentCurrency: currency, PaymentTotals: rows } of totals ?? []) {
    for (const row of rows ?? []) {
      const sign = SIGNS[row.TransactionType];
      if (sign === undefined) continue;
      const amount = qepikOf(row.TransactionAmount);
      if (amount === null || (currency ?? CURRENCY) !== CURRENCY) {
        return {
          kind: 'unknown',
          reason: posReason('currencyWrong', `${currency} ${row.TransactionAmount}`),
        };
      }
      count += sign.count * row.TransactionCount;
      sum += sign.sum * amount;
    }
  }
  // A reversal of what an earlier day counted may leave a day with less than nothing.
  const added: PosTotals | null =
    Math.abs(sum) <= MAX_QEPIK ? { count: Math.max(0, count), sum: qepik(sum + 0) } : null;
  return added === null
    ? { kind: 'unknown', reason: posReason('answerUnclear', part) }
    : { kind: 'totals', totals: added, receipts: { customer: [], merchant: [] } };
}
