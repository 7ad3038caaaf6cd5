import type { Qepik } from '../../contracts/money.ts';
import type { StatedBill } from '../../contracts/rules/owed.ts';
import type { Instant } from '../../contracts/time.ts';
import { LIST_NAMESPACE } from './list-format.ts';

/** Writes lists as docs/formats/list.md says: one record to a line, attributes in the order of the schema. */

export type ListHead = {
  readonly company: string;
  readonly kind: 'full' | 'delta';
  readonly seq: number;
  readonly asOf: Instant;
  readonly paymentsThrough?: Instant;
  readonly records: number;
};

export type ListAccount = {
  readonly account: string;
  readonly holder: string;
  readonly address: string;
  readonly district: string;
  readonly phone: string | null;
  readonly bills: readonly StatedBill[];
};

/** Escapes a text for an attribute in double quotes; white space other than blanks goes as character references. */
export function attributeText(text: string): string {
  return /[&<>"\t\n\r]/.test(text) ? text.replace(/[&<>"\t\n\r]/g, (c) => ESCAPES[c] ?? c) : text;
}
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** `3840` → `38.40`, `-5` → `-0.05`: manat with two decimals, as amounts stand in every file. */
export function decimalAmount(amount: Qepik): string {
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function listStart(head: ListHead): string {
  const through = head.paymentsThrough === undefined ? '' : ` paymentsThrough="${head.paymentsThrough}"`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<list xmlns="${LIST_NAMESPACE}" version="1.0" company="${attributeText(head.company)}"` +
    ` kind="${head.kind}" seq="${head.seq}" asOf="${head.asOf}"${through} records="${head.records}">\n`
  );
}

export const listEnd = (): string => '</list>\n';

export const removedElement = (account: string): string => `<removed no="${attributeText(account)}"/>\n`;

export function accountElement(account: ListAccount): string {
  const phone = account.phone === null ? '' : ` phone="${attributeText(account.phone)}"`;
  const open =
    `<account no="${attributeText(account.account)}" holder="${attributeText(account.holder)}"` +
    ` address="${attributeText(account.address)}" district="${attributeText(account.district)}"${phone}`;
  if (account.bills.length === 0) return `${open}/>\n`;
  const bills = account.bills.map(
    (bill) =>
      `<bill no="${attributeText(bill.billNo)}" period="${bill.period}" amount="${decimalAmount(bill.amount)}" due="${bill.dueDate}"/>`,
  );
  return `${open}>${bills.join('')}</account>\n`;
}
