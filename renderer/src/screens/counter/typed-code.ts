import type { Biller } from '../../../../contracts/domain.ts';
import type { FindHit } from '../../../../contracts/ipw.ts';
import { parseBillCode, parseRegistrationCode } from '../../../../contracts/rules/bill-code.ts';

/** What the text in the find field is by its own form, judged while it is typed. */
export type TypedCode = 'code' | 'codeDamaged' | 'bill' | 'billDamaged' | 'text';

/** Judges typed or scanned text: our bill codes and registration codes carry a Damm digit. */
export function typedCode(text: string): TypedCode {
  const bill = parseBillCode(text);
  if (bill !== undefined) return bill === 'damaged' ? 'billDamaged' : 'bill';
  const code = parseRegistrationCode(text);
  if (code !== undefined) return code === 'damaged' ? 'codeDamaged' : 'code';
  return 'text';
}

/** Has the text one of our own marks: then it is nothing else, whatever the hits say. */
export const isOwnCode = (text: string): boolean => /^\s*(?:KM1|KR1|komis:)/.test(text);

/** An account number without the spaces it is printed with. */
export const accountOf = (text: string): string => text.replace(/[\s\u00a0]/g, '');

/** Does a number look like an account of this company. */
export const fitsMask = (biller: Biller, account: string): boolean =>
  /^[A-Za-z0-9/-]{1,20}$/.test(account) && new RegExp(biller.accountMask).test(account);

/** The live companies whose accounts look like this number and that no hit names already: payable by number alone. */
export function unlistedAt(
  text: string,
  billers: Iterable<Biller>,
  hits: readonly FindHit[],
): readonly Biller[] {
  const account = accountOf(text);
  // A subscriber's own code is no account, though it may look like one.
  if (!/\d/.test(account) || hits.some((hit) => hit.code === account)) return [];
  const named = new Set(hits.filter((hit) => hit.account === account).map((hit) => hit.billerId));
  return [...billers].filter(
    (biller) => biller.status === 'live' && !named.has(biller.id) && fitsMask(biller, account),
  );
}
