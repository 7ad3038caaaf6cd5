/**
 * JSON in which money is never a float: an amount is written as the decimal it is (`10.10`), and read as the text that
 * stood there.
 */

const DECIMAL: unique symbol = Symbol('decimal');

/** A number given by its digits. */
export type Decimal = { readonly [DECIMAL]: string };
export const decimal = (digits: string): Decimal => ({ [DECIMAL]: digits });

export type Json =
  | string
  | number
  | boolean
  | Decimal
  | readonly Json[]
  | { readonly [key: string]: Json | undefined; readonly [DECIMAL]?: never };

const isDecimal = (value: object): value is Decimal => DECIMAL in value;

/** The text of a value; fields that are undefined are left out. */
export function jsonText(value: Json): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isDecimal(value)) return value[DECIMAL];
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  return `{${Object.entries(value)
    .flatMap(([key, field]) => (field === undefined ? [] : [`${JSON.stringify(key)}:${jsonText(field)}`]))
    .join(',')}}`;
}

/** What a text says, numbers in fields named `…Amount` as the digits that stood there; undefined when it is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (key: string, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' && key.endsWith('Amount') ? (context?.source ?? String(value)) : value,
    );
  } catch (error) {
    // RangeError: nested deeper than the stack.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
