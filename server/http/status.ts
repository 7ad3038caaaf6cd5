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
  idempotencyConflict: 409,
  journalGap: 409,
  journalFork: 409,
  billerNotLive: 409,
  inputTooLarge: 413,
  journalForged: 422,
  loginLocked: 429,
  tooManyRequests: 429,
  internalFault: 500,
};

export const statusOf = (code: ErrorCode): number => STATUS[code] ?? 400;
