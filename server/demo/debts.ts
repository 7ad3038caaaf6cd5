import { assert } from '../../contracts/assert.ts';
import { qepik, type Qepik } from '../../contracts/money.ts';
import type { StatedBill } from '../../contracts/rules/owed.ts';
import type { CalendarDate } from '../../contracts/time.ts';
import type { DemoCompany } from './companies.ts';
import { chance, type Chance } from './random.ts';

/**
 * What a company says is owed on an account in the given version of its figures (they change from list to list).
 * About a quarter owe nothing, some are in advance (a negative bill), every eighth is months behind.
 */
export function debtsOf(
  company: DemoCompany,
  seed: string,
  ordinal: number,
  account: string,
  month: string,
  version: number,
): StatedBill[] {
  const fixed = version === 1 ? FIXED[account] : undefined;
  if (fixed !== undefined) {
    return fixed === 0
      ? []
      : [bill(company, account, shift(month, account === '5654108' ? -2 : -1), qepik(fixed))];
  }
  const from = chance(seed, 'debts', company.code, ordinal, version);
  const latest = shift(month, -company.bills.monthsBack);
  const roll = from.unit();
  if (roll < 0.24) return [];
  if (roll < 0.29)
    return [
      { ...bill(company, account, latest, qepik(-amountOf(company, from))), billNo: `AVANS-${latest}` },
    ];
  const months = roll < 0.85 ? 1 : roll < 0.94 ? 2 : 3;
  const bills: StatedBill[] = [];
  for (let back = months - 1; back >= 0; back -= 1)
    bills.push(bill(company, account, shift(latest, -back), amountOf(company, from)));
  return bills;
}

/** The debts of the first household, in qəpik. */
const FIXED: Readonly<Record<string, number>> = {
  '1104552018': 3_840,
  '0801417730': 2_175,
  '30881204': 910,
  '30904117': 0,
  '5654108': 420,
};

function bill(company: DemoCompany, account: string, period: string, amount: Qepik): StatedBill {
  return { billNo: `${period}-${account.slice(-6)}`, period, amount, dueDate: dueDate(company, period) };
}

function amountOf(company: DemoCompany, from: Chance): Qepik {
  const { usual, spread, largest, tariffs } = company.bills;
  const tariff = tariffs[from.int(tariffs.length)];
  if (tariff !== undefined) return from.odds(0.7) ? tariff : qepik(tariff + from.int(300));
  // A normal variate from twelve uniform ones: simple, and the same on every machine.
  let normal = -6;
  for (let i = 0; i < 12; i += 1) normal += from.unit();
  return qepik(Math.min(Math.max(Math.round(usual * 2 ** (normal * spread * 1.4427)), 40), largest));
}

const dueDate = (company: DemoCompany, period: string): CalendarDate =>
  `${shift(period, company.bills.due.monthsAfterPeriod)}-${String(company.bills.due.day).padStart(2, '0')}`;

/** A month some months later: `2026-11`, −1 → `2026-10`. */
export function shift(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number);
  assert(year !== undefined && number !== undefined, 'a month is YYYY-MM');
  const total = year * 12 + number - 1 + by;
  return `${Math.floor(total / 12)}-${String((total % 12) + 1).padStart(2, '0')}`;
}
