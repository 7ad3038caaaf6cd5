import type { ErrorCode } from '../../contracts/errors.ts';

/** The HTTP status of a failure. The code in the body is what programs read; the status is for proxies and people. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  inputInvalid: 400,
  unauthorised: 401,
  loginWrong: 401,
  notAllowed: 403,
  userBlocked: 403,
  deviceQuarantined: 403,
  enrolmentCodeWrong: 403,
  methodUnknown: 404,
  deviceUnknown: 404,
  billerUnknown: 404,
  accountUnknown: 404,
  subscriberUnknown: 404,
  meterCardUnknown: 404,
  loadUnknown: 404,
  idempotencyConflict: 409,
  journalGap: 409,
  journalFork: 409,
  billerNotLive: 409,
  meterCardBlocked: 409,
  meterCardIncident: 409,
  loadNotPaid: 409,
  loadWritten: 409,
  loadCancelled: 409,
  loadOpenOnCard: 409,
  inputTooLarge: 413,
  journalForged: 422,
  evidenceWrong: 422,
  loginLocked: 429,
  tooManyRequests: 429,
  internalFault: 500,
  keyStoreAway: 503,
};

export const statusOf = (code: ErrorCode): number => STATUS[code] ?? 400;
