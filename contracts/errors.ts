import { BOUNDARY_ERRORS } from './error-texts/boundary.ts';
import { CARD_ERRORS } from './error-texts/card.ts';
import { DEVICE_ERRORS } from './error-texts/device.ts';
import { EXCHANGE_ERRORS } from './error-texts/exchange.ts';
import { METER_CARD_ERRORS } from './error-texts/meter-card.ts';
import { LOAD_ERRORS } from './error-texts/load.ts';
import { PAPER_ERRORS } from './error-texts/papers.ts';
import { PAYING_ERRORS } from './error-texts/paying.ts';
import { PEOPLE_ERRORS } from './error-texts/people.ts';
import type { ErrorText } from './error-texts/error-text.ts';

/** Details of failures that are amounts in qəpik. */
export const AMOUNT_DETAILS: readonly string[] = ['owed', 'min', 'max', 'missing', 'cap'];

/** Every expected failure of the system (error-texts/, by area). */
export const ERRORS = {
  ...PAYING_ERRORS,
  ...PEOPLE_ERRORS,
  ...PAPER_ERRORS,
  ...DEVICE_ERRORS,
  ...CARD_ERRORS,
  ...METER_CARD_ERRORS,
  ...LOAD_ERRORS,
  ...BOUNDARY_ERRORS,
  ...EXCHANGE_ERRORS,
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERRORS;
