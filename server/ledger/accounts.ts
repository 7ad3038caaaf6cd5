import type { Channel } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';

/** Codes of ledger accounts. Debit positive, credit negative; `payable` and `commission` are written by intake_post. */

/** The cash in the drawer of one shift. */
export const cashOfShift = (shiftId: Id): string => `cash:shift:${shiftId}`;
/** The branch's vault: floats come from it, counted drawers go to it. */
export const vaultOf = (branchId: Id): string => `vault:${branchId}`;
/** Differences found at a branch's counts: a debit is short, a credit is over. */
export const overShortOf = (branchId: Id): string => `over-short:${branchId}`;
/** What a participant owes for money it took through a channel that is not a counter of ours. */
export const clearingOf = (channel: Channel, participantId: Id): string =>
  `clearing:${channel}:${participantId}`;

/** What the card centre owes for charges at one POS terminal. A terminal that does not say which it is shares one account. */
export const posClearingOf = (participantId: Id, terminalId: string | null): string =>
  `pos:${participantId}:${(terminalId ?? '').replace(/[^A-Za-z0-9._-]/g, '').slice(0, 40) || 'unknown'}`;
/** What is owed to payers whose card was charged and whose payment was made otherwise. */
export const refundsDueOf = (participantId: Id): string => `refunds-due:${participantId}`;
