import { z } from 'zod';

/** Inputs and failures that many methods of the counter share. */

export const password = z.string().min(1).max(200);
export const counted = { errors: ['shiftNotOpen', 'notLoggedIn', 'shiftCounting'] } as const;

/** A supervisor's name and password, beside the teller. */
export const approval = { supervisor: z.string().trim().min(1).max(60), password } as const;
export const APPROVAL_CODES = [
  'ownApproval',
  'notAllowed',
  'loginWrong',
  'loginLocked',
  'userBlocked',
  'loginNeedsCentre',
] as const;

/** What stops a card operation before a byte leaves, and how it may end without the money. */
export const CARD_CODES = [
  'terminalNotSet',
  'terminalAway',
  'terminalBusy',
  'cardOutcomeUnknown',
  'cardAttemptOpen',
] as const;

/** What stops money from being recorded; every method that appends to the journal can answer these. */
export const JOURNAL_CODES = ['journalUnwritable', 'journalDamaged'] as const;
