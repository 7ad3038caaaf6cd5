import type { PosResult, TerminalReceipts } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosAnswer } from '../../../core/ports/pos.ts';
import type { DialogueEnd } from './dialogue.ts';
import { reasonOfError } from './reasons.ts';

/**
 * What a dialogue that was to move money proves. `declined` is said only where the terminal refused before any approval of
 * its own; whatever came after an approval and is not its completion is `unknown`, and the terminal is asked.
 */
export function answerOfMoney(end: DialogueEnd, receipts: TerminalReceipts): PosAnswer {
  switch (end.how) {
    case 'notSent':
      return { kind: 'notSent', reason: end.reason ?? posReason('lineLost') };
    case 'lost':
      return { kind: 'unknown', reason: end.reason ?? posReason('lineLost') };
    case 'refused':
      // 84 xx to the command itself: nothing was begun.
      return { kind: 'declined', reason: reasonOfError(end.error), receipts };
    case 'completed':
      return completed(end, receipts);
    case 'aborted':
      return aborted(end, receipts);
  }
}

const doubt = (end: DialogueEnd): PosAnswer => ({
  kind: 'unknown',
  reason: end.refusal ?? posReason(end.takenBack ? 'autoReversed' : 'answerUnclear'),
});

const refusedBy = (end: DialogueEnd): number | null => {
  const result = end.status?.result;
  return result === undefined || result === 0 ? null : result;
};

function completed(end: DialogueEnd, receipts: TerminalReceipts): PosAnswer {
  if (end.approval === 'told' && !end.takenBack && end.result !== null)
    return { kind: 'confirmed', result: end.result, receipts };
  const error = refusedBy(end);
  if (end.approval === 'none' && error !== null)
    return { kind: 'declined', reason: reasonOfError(error), receipts };
  return doubt(end);
}

function aborted(end: DialogueEnd, receipts: TerminalReceipts): PosAnswer {
  const error = end.error ?? refusedBy(end);
  // An abort that gives no reason, or gives "all is well", proves nothing.
  if (end.approval !== 'none') return doubt({ ...end, takenBack: true });
  if (error === null || error === 0) return doubt(end);
  return { kind: 'declined', reason: reasonOfError(error), receipts };
}

/** B4: the sale is reversed already, so what was asked for is the case. */
const ALREADY_REVERSED = 0xb4;

export const isAlreadyReversed = (end: DialogueEnd): boolean =>
  end.approval === 'none' &&
  ((['refused', 'aborted'].includes(end.how) && end.error === ALREADY_REVERSED) ||
    (end.how !== 'lost' && end.status?.result === ALREADY_REVERSED));

/** The reversed sale in place of a reversal that the terminal will not state again. */
export const resultOfOriginal = (
  original: Pick<PosResult, 'receiptNo' | 'trace' | 'reference' | 'terminalId'>,
  amount: PosResult['amount'],
): PosResult => ({
  ...original,
  amount,
  currency: 'AZN',
  authCode: null,
  cardName: null,
  maskedPan: null,
  terminalTime: null,
});
