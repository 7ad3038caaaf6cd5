import Table from 'cli-table3';
import { ERRORS } from '../../contracts/errors.ts';
import { formatMoney, qepik } from '../../contracts/money.ts';
import type { Failure, Result } from '../../contracts/result.ts';
import { CommandError } from './session.ts';

/** One row as data: what `--json` prints, and what a table shows under these headings. */
export type Row = Readonly<Record<string, unknown>>;

/** Prints rows as a table, or as one JSON array. */
export function printRows(rows: readonly Row[], json: boolean, empty = 'Nothing found.'): void {
  if (json) return printJson(rows);
  const [first] = rows;
  if (!first) return console.log(empty);
  const headings = Object.keys(first);
  const table = new Table({ head: headings.map(inWords), style: { head: [], border: [] }, chars: PLAIN });
  for (const row of rows) table.push(headings.map((heading) => cell(heading, row[heading])));
  console.log(table.toString());
}

/** Prints one thing, a line per property. */
export function printOne(row: Row, json: boolean): void {
  if (json) return printJson(row);
  const width = Math.max(...Object.keys(row).map((name) => inWords(name).length));
  for (const [name, value] of Object.entries(row))
    console.log(`${inWords(name).padEnd(width)}  ${cell(name, value)}`);
}

export const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, 2));

/** Says that something was done; with `--json`, what. */
export const printDone = (sentence: string, row: Row, json: boolean): void =>
  json ? printJson(row) : console.log(sentence);

/** The value of a result, or the failure in words. */
export function orFail<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CommandError(inEnglish(result.error));
}

/** The text and next action of a failure. */
export function inEnglish({ code, detail = {} }: Failure): string {
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => String(detail[name] ?? whole));
  return `${fill(ERRORS[code].text.en)} ${fill(ERRORS[code].action.en)}`;
}

/** Properties that hold money, in qəpik; tables show manat. */
const MONEY = new Set([
  'amount',
  'total',
  'fees',
  'fee',
  'owed',
  'paidSince',
  'balance',
  'minAmount',
  'maxAmount',
  'terminalSum',
  'journalSum',
  'difference',
]);

function cell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (MONEY.has(name) && typeof value === 'number') return formatMoney(qepik(value));
  if (Array.isArray(value)) return value.map((one) => cell('', one)).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const inWords = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
