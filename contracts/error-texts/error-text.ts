import type { Localized } from '../domain.ts';

/**
 * Every expected failure of the system, with what to tell the person and what they do next. `{name}` in a text is
 * replaced by the failure's detail; amounts in detail are qəpik and shown as manat where the name is in AMOUNT_DETAILS.
 */
export type ErrorText = { readonly text: Localized; readonly action: Localized };

/** The text in three languages, then the next action in three. */
export const errorText = (
  az: string,
  en: string,
  ru: string,
  azAction: string,
  enAction: string,
  ruAction: string,
): ErrorText => ({ text: { az, en, ru }, action: { az: azAction, en: enAction, ru: ruAction } });
