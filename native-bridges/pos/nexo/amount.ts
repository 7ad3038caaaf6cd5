import { assert } from '../../../contracts/assert.ts';
import { MAX_QEPIK, qepik, type Qepik } from '../../../contracts/money.ts';

/** `1010` → `10.10`: the digits of the integer with a point among them. Never negative: nexo has types for directions. */
export function decimalOf(amount: Qepik): string {
  assert(amount >= 0, `a nexo amount has no sign: ${amount}`);
  const digits = String(amount).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `10.1`, `10.10`, `10` → 1010 or 1000 qəpik; null for anything finer than a qəpik, signed, or not a plain decimal. */
export function qepikOf(decimal: string): Qepik | null {
  const match = /^(\d{1,11})(?:\.(\d{1,2})0*)?$/.exec(decimal.trim());
  if (!match) return null;
  const value = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return value <= MAX_QEPIK ? qepik(value) : null;
}
