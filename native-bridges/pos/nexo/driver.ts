import { posReason } from '../../../contracts/pos-reasons.ts';
import {
  NO_RECEIPTS,
  type PosReason,
  type PosSnapshot,
  type TerminalReceipts,
} from '../../../contracts/pos.ts';
import type {
  HoldApproval,
  PosAnswer,
  PosAttempt,
  PosEvent,
  PosTotalsAnswer,
} from '../../../core/ports/pos.ts';
import type { DriverMachine, DriverOf, PosDriver, PosListener } from '../driver.ts';
import { checkTerminal } from './check.ts';
import type { NexoSettings } from './line.ts';
import {
  paymentResponseSchema,
  reversalResponseSchema,
  statusResponseSchema,
  type Parts,
} from './messages.ts';
import { readOutcome, receiptsOf, type Outcome } from './outcome.ts';
import { abortBody, attemptRequest, statusBody } from './requests.ts';
import { resolveAttempt } from './resolve.ts';
import { freshServiceId, serviceIdOf } from './service-id.ts';
import { nexoSession } from './session.ts';
import { NEXO_TIMINGS, type NexoTimings } from './timings.ts';
import { readTotals } from './totals.ts';

/** The driver of a nexo terminal; README.md says how it keeps its promises. */
export const createNexoDriver: DriverOf<'nexo'> = (settings, machine) =>
  nexoDriver(settings, machine, NEXO_TIMINGS);

/** The driver with waiting times of one's own. */
export function nexoDriver(settings: NexoSettings, machine: DriverMachine, timings: NexoTimings): PosDriver {
  const parties = { saleId: settings.saleId, poiId: settings.poiId };
  const listeners = new Set<PosListener>();
  /** What the terminal works on, as far as we know: being done, or being asked for. */
  let inHand: PosAttempt | null = null;
  let busy = false;
  let abortRefused: () => void = () => undefined;
  let last: PosSnapshot | null = null;
  /** Sent by this driver, so that no request leaves twice whatever is asked of it. */
  const sent = new Set<string>();

  const tellAll = (event: PosEvent): void => {
    for (const heard of listeners) heard(event);
  };

  const session = nexoSession(settings, machine, timings, {
    health: () => {
      if (session.health().state !== 'ready') last = null;
      tellHealth();
    },
    live: ({ code, text }) => tellAll({ kind: 'live', attemptId: inHand?.attemptId ?? null, code, text }),
    rejected: (message) => {
      if (message.includes('AbortRequest')) abortRefused();
    },
    frame: tellAll,
  });

  const health = (): ReturnType<PosDriver['health']> => {
    const known = session.health();
    return busy && known.state === 'ready' ? { ...known, state: 'busy' } : known;
  };
  const tellHealth = (): void => tellAll({ kind: 'health', health: health() });

  /** Runs one thing as the only one; `attempt` is what an abort would name meanwhile. */
  async function alone<T>(attempt: PosAttempt | null, run: () => Promise<T>): Promise<T> {
    busy = true;
    inHand = attempt;
    tellHealth();
    try {
      return await run();
    } finally {
      busy = false;
      inHand = null;
      tellHealth();
    }
  }

  function papers(attemptId: string | null, receipts: TerminalReceipts): void {
    if (receipts.customer.length + receipts.merchant.length === 0) return;
    tellAll({ kind: 'receipt', attemptId, receipts });
  }

  async function operate(attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer> {
    if (busy) return { kind: 'notSent', reason: posReason('busy') };
    if (sent.has(attempt.attemptId)) {
      return { kind: 'unknown', reason: posReason('answerUnclear', 'sent before') };
    }
    const request = attemptRequest(attempt, new Date(machine.nowMs()).toISOString());
    if (request === null) return { kind: 'notSent', reason: posReason('reversalImpossible') };
    return alone(attempt, async () => {
      if (session.health().state === 'ready') sent.add(attempt.attemptId);
      const answer = await session.ask(request, { ms: timings.answerMs, longestMs: timings.longestMs });
      if (answer.kind === 'notSent') return { kind: 'notSent', reason: answer.reason };
      last = null;
      if (answer.kind === 'lost') return { kind: 'unknown', reason: answer.reason };
      const outcome = readOutcome(attempt, session.identity()?.terminalId ?? null, answer.parts);
      return concluded(attempt, outcome, hold);
    });
  }

  async function concluded(attempt: PosAttempt, outcome: Outcome, hold: HoldApproval): Promise<PosAnswer> {
    switch (outcome.kind) {
      case 'unclear':
        return { kind: 'unknown', reason: outcome.reason };
      case 'refused':
        papers(attempt.attemptId, outcome.receipts);
        return { kind: 'declined', reason: outcome.reason, receipts: outcome.receipts };
      case 'made': {
        const { result, receipts } = outcome;
        // The money has moved already. Paid is what the journal has: without it, resolving must find the charge.
        if (!(await isHeld(hold, result, receipts))) {
          return { kind: 'unknown', reason: posReason('notStored') };
        }
        last = snapshotOf(result);
        papers(attempt.attemptId, receipts);
        return { kind: 'confirmed', result, receipts };
      }
    }
  }

  async function isHeld(hold: HoldApproval, ...approval: Parameters<HoldApproval>): Promise<boolean> {
    try {
      return await hold(...approval);
    } catch (error) {
      machine.log('error', 'pos.nexo.holdFailed', { error: error instanceof Error ? error.name : 'unknown' });
      return false;
    }
  }

  /** The answer that the terminal gave to its last transaction. */
  async function askForLast(): Promise<
    | { readonly kind: 'last'; readonly parts: Parts | null }
    | { readonly kind: 'failed'; readonly reason: PosReason }
  > {
    const answer = await session.ask(
      { category: 'TransactionStatus', serviceId: freshServiceId(), body: statusBody(parties, null) },
      { ms: timings.shortMs },
    );
    if (answer.kind !== 'answer') return { kind: 'failed', reason: answer.reason };
    const read = statusResponseSchema.safeParse(answer.parts.TransactionStatusResponse);
    if (!read.success) return { kind: 'failed', reason: posReason('answerUnclear') };
    return { kind: 'last', parts: read.data.RepeatedMessageResponse?.RepeatedResponseMessageBody ?? null };
  }

  async function endOfDay(type: 'SaleReconciliation' | 'AcquirerReconciliation'): Promise<PosTotalsAnswer> {
    const answer = await session.ask(
      { category: 'Reconciliation', serviceId: freshServiceId(), body: { ReconciliationType: type } },
      { ms: timings.totalsMs, longestMs: timings.longestMs },
    );
    if (answer.kind === 'notSent') return { kind: 'failed', reason: answer.reason };
    if (answer.kind === 'lost') return { kind: 'unknown', reason: answer.reason };
    const totals = readTotals('ReconciliationResponse', answer.parts);
    // What a terminal does not offer has closed nothing: the other type may be asked for.
    const notOffered = totals.kind === 'failed' && totals.reason.code === 'functionImpossible';
    return notOffered && type === 'SaleReconciliation' ? endOfDay('AcquirerReconciliation') : totals;
  }

  return {
    capabilities: () => ({
      queriesLast: true,
      queriesById: true,
      reversesOnlyLast: false,
      refunds: true,
      holdsCommit: false,
      printsItself: session.identity()?.printsItself ?? false,
      readsTotals: true,
      reprints: true,
      aborts: true,
    }),
    health,
    open: session.open,
    close: session.close,
    watch(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },

    async snapshot() {
      if (last !== null) return { kind: 'snapshot', snapshot: last };
      const terminalId = session.identity()?.terminalId ?? null;
      if (terminalId === null || busy) {
        return {
          kind: 'failed',
          reason: busy ? posReason('busy') : (health().reason ?? posReason('unreachable')),
        };
      }
      const answer = await alone(null, askForLast);
      if (answer.kind === 'failed') return answer;
      last = { terminalId, receiptNo: null, trace: null, reference: null, ...namesIn(answer.parts) };
      return { kind: 'snapshot', snapshot: last };
    },

    pay: operate,
    reverse: operate,
    refund: operate,

    async abort() {
      const attempt = inHand;
      if (attempt === null) return 'idle';
      const refused = new Promise<'tooLate'>((resolve) => {
        abortRefused = () => resolve('tooLate');
      });
      const told = session.tell({
        category: 'Abort',
        serviceId: freshServiceId(),
        body: abortBody(parties, attempt),
      });
      if (!told) return 'idle';
      let stop = (): void => undefined;
      const taken = new Promise<'asked'>((resolve) => {
        stop = machine.after(timings.abortMs, () => resolve('asked'));
      });
      const said = await Promise.race([refused, taken]);
      stop();
      return said;
    },

    async resolve(attempt) {
      if (busy) return { kind: 'stillUnknown', reason: posReason('busy') };
      return alone(attempt, async () => {
        tellAll({ kind: 'live', attemptId: attempt.attemptId, code: 'asking', text: null });
        const resolution = await resolveAttempt(attempt, parties, session, machine, timings);
        if (resolution.kind === 'charged') papers(attempt.attemptId, resolution.receipts);
        machine.log('info', 'pos.nexo.resolved', {
          serviceId: serviceIdOf(attempt.attemptId),
          outcome: resolution.kind,
        });
        return resolution;
      });
    },

    async totals() {
      if (busy) return { kind: 'failed', reason: posReason('busy') };
      return alone(null, async () => {
        const answer = await session.ask(
          { category: 'GetTotals', serviceId: freshServiceId(), body: {} },
          { ms: timings.totalsMs },
        );
        if (answer.kind === 'answer') return readTotals('GetTotalsResponse', answer.parts);
        return { kind: 'failed', reason: answer.reason };
      });
    },

    async endOfDay() {
      if (busy) return { kind: 'failed', reason: posReason('busy') };
      return alone(null, () => {
        tellAll({ kind: 'live', attemptId: null, code: 'endOfDay', text: null });
        return endOfDay('SaleReconciliation');
      });
    },

    async reprint() {
      if (busy) return { kind: 'failed', reason: posReason('busy') };
      const answer = await alone(null, askForLast);
      if (answer.kind === 'failed') return answer;
      const receipts = receiptsOf(answered(answer.parts)?.PaymentReceipt);
      return receipts === NO_RECEIPTS
        ? { kind: 'failed', reason: posReason('nothingHeld') }
        : { kind: 'receipts', receipts };
    },

    check: (done) => checkTerminal(parties, session, timings, done),
  };
}

const snapshotOf = ({ terminalId, receiptNo, trace, reference }: PosSnapshot): PosSnapshot => ({
  terminalId,
  receiptNo,
  trace,
  reference,
});

/** The answer to a payment or to a reversal, whichever is there. */
function answered(parts: Parts | null) {
  if (parts === null) return null;
  const payment = paymentResponseSchema.safeParse(parts.PaymentResponse);
  if (payment.success) return payment.data;
  return reversalResponseSchema.safeParse(parts.ReversalResponse).data ?? null;
}

/** Names of the transaction in an answer, as a snapshot keeps them. */
function namesIn(parts: Parts | null): Partial<PosSnapshot> {
  const answer = answered(parts);
  const poi = answer?.POIData?.POITransactionID;
  return {
    receiptNo: poi?.TransactionID.slice(0, 80) ?? null,
    trace: poi?.TimeStamp?.slice(0, 40) ?? null,
    reference: answer?.SaleData?.SaleTransactionID?.TransactionID.slice(0, 120) ?? null,
  };
}
