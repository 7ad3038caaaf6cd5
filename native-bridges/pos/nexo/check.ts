import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosCheck } from '../../../contracts/pos.ts';
import { diagnosisResponseSchema, statusResponseSchema } from './messages.ts';
import type { Parties } from './requests.ts';
import { freshServiceId, serviceIdOf } from './service-id.ts';
import type { Session } from './session.ts';
import { readTotals } from './totals.ts';
import type { NexoTimings } from './timings.ts';

const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Whether a terminal is set up as it must be, one step after the other. nexo has no password, and names no currencies
 * before a payment: the totals show one when there is any.
 */
export async function checkTerminal(
  parties: Parties,
  session: Session,
  timings: NexoTimings,
  done: (check: PosCheck) => void,
): Promise<void> {
  const say = (what: PosCheck['what'], state: PosCheck['state'], reason: PosCheck['reason'] = null): void =>
    done({ what, state, reason });
  if (!(await session.ready(timings.shortMs))) {
    return say('connection', 'wrong', session.health().reason ?? posReason('unreachable'));
  }
  const ask = (
    category: 'Diagnosis' | 'GetTotals' | 'TransactionStatus',
    body: Parameters<Session['ask']>[0]['body'],
  ) => session.ask({ category, serviceId: freshServiceId(), body }, { ms: timings.shortMs });

  const diagnosis = await ask('Diagnosis', { HostDiagnosisFlag: true });
  if (diagnosis.kind !== 'answer') return say('connection', 'wrong', diagnosis.reason);
  const read = diagnosisResponseSchema.safeParse(diagnosis.parts.DiagnosisResponse).data;
  const hostAway = read?.HostStatus?.some(({ IsReachableFlag }) => IsReachableFlag === false) ?? false;
  say('connection', hostAway ? 'wrong' : 'right', hostAway ? posReason('hostAway') : null);

  const skew = session.identity()?.clockSkewMs ?? null;
  if (skew === null) say('clock', 'unsure');
  else if (Math.abs(skew) <= CLOCK_TOLERANCE_MS) say('clock', 'right');
  else say('clock', 'wrong', posReason('clockWrong', `${Math.round(skew / 60_000)} min`));

  const totals = await ask('GetTotals', {});
  const sums = totals.kind === 'answer' ? readTotals('GetTotalsResponse', totals.parts) : totals;
  if (sums.kind === 'totals') {
    say('currency', sums.totals.count > 0 ? 'right' : 'unsure');
    say('endOfDay', 'right');
  } else {
    say('currency', sums.reason.code === 'currencyWrong' ? 'wrong' : 'unsure', sums.reason);
    say('endOfDay', 'unsure', sums.reason);
  }

  // A name that was never used: a terminal that does not say "not found" cannot tell a lost request from a charge.
  const unused = serviceIdOf(freshServiceId());
  const status = await ask('TransactionStatus', {
    MessageReference: {
      MessageCategory: 'Payment',
      ServiceID: unused,
      SaleID: parties.saleId,
      POIID: parties.poiId,
    },
  });
  const found =
    status.kind === 'answer'
      ? statusResponseSchema.safeParse(status.parts.TransactionStatusResponse).data?.Response
      : undefined;
  if (found?.ErrorCondition === 'NotFound') say('recovery', 'right');
  else say('recovery', 'wrong', posReason('functionImpossible', found?.ErrorCondition ?? ''));

  const paperOut = ['PaperOut', 'PaperJam', 'OutOfOrder'].includes(read?.POIStatus?.PrinterStatus ?? '');
  say('receipts', paperOut ? 'wrong' : 'right', paperOut ? posReason('printerTrouble') : null);
}
