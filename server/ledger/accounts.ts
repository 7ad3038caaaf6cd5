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
