import { LANGUAGES } from '../../contracts/domain.ts';
import { ERRORS } from '../../contracts/errors.ts';
import { journalReasonText } from '../../contracts/journal-reasons.ts';
import type { Failure } from '../../contracts/result.ts';

/**
 * A failure before there is a window to show it in: one paragraph per language, each with the next action. For the
 * terminal and for a message box.
 */
export function failureWords(failure: Failure): string {
  const { text, action } = ERRORS[failure.code];
  return LANGUAGES.map((language) => {
    const fill = (template: string): string =>
      template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
        const value = String(failure.detail?.[name] ?? '—');
        return name === 'reason' ? journalReasonText(value, language) : value;
      });
    return `${fill(text[language])} ${fill(action[language])}`;
  }).join('\n');
}
