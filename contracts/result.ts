import type { ErrorCode } from './errors.ts';

/** An expected failure: a code with its text in `errors.ts`, and the figures the text needs. */
export type Failure<C extends ErrorCode = ErrorCode> = {
  readonly code: C;
  readonly detail?: Readonly<Record<string, string | number>>;
};

/** The outcome of whatever can fail in an expected way. Bugs throw instead. */
export type Result<T, C extends ErrorCode = ErrorCode> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure<C> };

/** Wraps a success. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** Wraps an expected failure. */
export const fail = <C extends ErrorCode>(
  code: C,
  detail?: Readonly<Record<string, string | number>>,
): { readonly ok: false; readonly error: Failure<C> } => ({
  ok: false,
  error: detail ? { code, detail } : { code },
});
