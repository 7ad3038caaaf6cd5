import type { Language } from '../../../contracts/domain.ts';
import { AMOUNT_DETAILS, ERRORS, type ErrorCode } from '../../../contracts/errors.ts';
import { formatMoney, qepik } from '../../../contracts/money.ts';
import { journalReasonText } from '../../../contracts/journal-reasons.ts';
import { printerReasonText } from '../../../contracts/printer-reasons.ts';
import type { Failure } from '../../../contracts/result.ts';

export type FailureText = { readonly text: string; readonly action: string };

/** A failure in a person's words, with what to do next. Amounts in its detail are qəpik and come out as manat. */
export function failureText(failure: Failure, language: Language): FailureText {
  const entry = ERRORS[failure.code];
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'reason' ? reasonText(failure, language) : detailText(name, failure.detail?.[name]),
    );
  return { text: fill(entry.text[language]), action: fill(entry.action[language]) };
}

/** A line's problem as it travels: its code is checked here, because a newer core host may know more codes. */
export const asFailure = (problem: {
  readonly code: string;
  readonly detail?: Failure['detail'] | undefined;
}): Failure => {
  const code: ErrorCode = isErrorCode(problem.code) ? problem.code : 'inputInvalid';
  const detail = code === problem.code ? problem.detail : { reason: problem.code };
  return detail ? { code, detail } : { code };
};

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** Why a device failed: bridges give codes, and these have words. */
function reasonText({ code, detail }: Failure, language: Language): string {
  const reason = detailText('reason', detail?.['reason']);
  return code === 'printerAway' ? printerReasonText(reason, language) : journalReasonText(reason, language);
}

function detailText(name: string, value: string | number | undefined): string {
  if (value === undefined) return '—';
  return typeof value === 'number' && AMOUNT_DETAILS.includes(name)
    ? formatMoney(qepik(value))
    : String(value);
}
