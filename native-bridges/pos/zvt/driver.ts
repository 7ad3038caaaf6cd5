import type { Id } from '../../../contracts/ids.ts';
import type { LiveCode, PosCapabilities, PosReason, PosResult, PosSettings } from '../../../contracts/pos.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type {
  HoldApproval,
  PosAnswer,
  PosAttempt,
  PosEvent,
  PosTotalsAnswer,
  Resolution,
} from '../../../core/ports/pos.ts';
import type { DriverMachine, PosDriver, PosListener } from '../driver.ts';
import { checkTerminal } from './check.ts';
import { isReady, keepConnected, type Ready } from './connection.ts';
import { approvalKey } from './dialogue.ts';
import { maskFrame } from './mask.ts';
import type { Fields } from './message.ts';
import {
  closeDay,
  commandOf,
  lastHeld,
  moveMoney,
  printAgain,
  readDay,
  readTotals,
  snapshotFrom,
  untilReady,
} from './operations.ts';
import { receiptsOf } from './papers.ts';
import { judge, judgeEmpty } from './recovery.ts';
import { maskText } from './text.ts';
import { serialTransport } from './transport/serial.ts';
import { tcpTransport } from './transport/tcp.ts';
import type { OpenTransport } from './transport/transport.ts';

export type ZvtSettings = Extract<PosSettings, { readonly kind: 'zvtSerial' | 'zvtTcp' }>;

/** How long a terminal that lost its answer may take to finish before its last transaction is asked for. */
export const FINISH_MS = 20_000;

const CAPABILITIES: PosCapabilities = {
  queriesLast: true,
  queriesById: false,
  reversesOnlyLast: false,
  refunds: true,
  holdsCommit: true,
  printsItself: false,
  readsTotals: true,
  reprints: true,
  aborts: true,
};

type Gone = { readonly kind: 'gone'; readonly reason: PosReason };
const isGone = (answer: unknown): answer is Gone =>
  typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'gone';
const failed = (reason: PosReason): { readonly kind: 'failed'; readonly reason: PosReason } => ({
  kind: 'failed',
  reason,
});

export const transportFor = (settings: ZvtSettings, machine: DriverMachine): OpenTransport =>
  settings.kind === 'zvtSerial' ? serialTransport(settings) : tcpTransport(settings, machine);

/**
 * A terminal that speaks ZVT (PA00P015, PA00P016) over a serial line or TCP. What was asked of it once is not asked again;
 * what became of it is found out by its last transaction (06 20).
 */
export function createZvtDriver(settings: ZvtSettings, machine: DriverMachine): PosDriver {
  const { password } = settings;
  const listeners = new Set<PosListener>();
  /** Attempts whose command may have left. */
  const sent = new Set<Id>();
  /** Approvals that were stored, until it is known what became of them. */
  const stored = new Map<Id, PosResult>();
  /** The last statement that was said no to (another amount, another currency), and the attempt it was made for. */
  let refused: { readonly attemptId: Id; readonly fields: Fields } | null = null;
  let current: Id | null = null;
  let moving = false;
  let storedKey: string | null = null;

  const tell = (event: PosEvent): void => {
    for (const heard of listeners) {
      try {
        heard(event);
      } catch (error) {
        // Whoever looks on must not cost a payment.
        machine.log('error', 'pos.zvt.listener', { error: String(error) });
      }
    }
  };
  const live = (code: LiveCode, text: string | null = null): void => {
    const masked = text === null ? null : maskText(text).slice(0, 200);
    tell({ kind: 'live', attemptId: current, code, text: masked });
  };
  const frame = (direction: 'toTerminal' | 'fromTerminal', hex: string): void =>
    tell({ kind: 'frame', direction, atMs: machine.nowMs(), hex });

  const connection = keepConnected(
    { open: transportFor(settings, machine), framed: settings.kind === 'zvtSerial', password },
    machine,
    {
      health: (health) => tell({ kind: 'health', health }),
      live,
      frame: (direction, apdu) => frame(direction, maskFrame(apdu)),
      beside: (direction, what) => {
        if (what !== 'unreadable') frame(direction, what === 'ack' ? '06' : '15');
        else machine.log('warn', 'pos.zvt.unreadable');
      },
      storedBefore: () => storedKey,
    },
  );

  /** One operation after the other; `current` names whose live events these are. */
  const operate = <T>(
    attemptId: Id | null,
    reconnect: boolean,
    work: (ready: Ready) => Promise<T>,
    without: (reason: PosReason) => T,
  ): Promise<T> =>
    connection.inLine(reconnect, async (ready) => {
      if (!isReady(ready)) return without(ready);
      current = attemptId;
      connection.setBusy(true);
      try {
        return await work(ready);
      } finally {
        connection.setBusy(false);
        current = null;
      }
    });

  /**
   * A question that changes nothing at the terminal: when the line breaks under it, it is asked once more over a new one.
   */
  async function ask<T>(
    question: (ready: Ready) => Promise<T | Gone>,
    without: (reason: PosReason) => T,
  ): Promise<T> {
    const once = (): Promise<T | Gone> =>
      operate<T | Gone>(
        null,
        true,
        async (ready) => {
          const answer = await question(ready);
          if (isGone(answer)) await connection.drop(ready.session, answer.reason);
          return answer;
        },
        without,
      );
    const first = await once();
    const answer = isGone(first) ? await once() : first;
    return isGone(answer) ? without(answer.reason) : answer;
  }

  const move = (attempt: PosAttempt, hold: HoldApproval): Promise<PosAnswer> => {
    const { attemptId } = attempt;
    // It was asked for once; what became of that is found out, not asked for again.
    if (sent.has(attemptId))
      return Promise.resolve({ kind: 'unknown', reason: posReason('answerUnclear', 'sent before') });
    const command = commandOf(attempt, password);
    if (command === null)
      return Promise.resolve({
        kind: 'notSent',
        reason: posReason('reversalImpossible', 'no receipt number'),
      });
    sent.add(attemptId);
    return operate<PosAnswer>(
      attemptId,
      false,
      async ({ session }) => {
        moving = true;
        try {
          const moved = await moveMoney(session, attempt, command, async (result, papers) => {
            const isStored = await hold(result, receiptsOf(papers, maskText));
            if (isStored) remember(attemptId, result);
            return isStored;
          });
          const { answer, gone } = moved;
          if (moved.refused !== null) refused = { attemptId, fields: moved.refused };
          if (gone !== null) await connection.drop(session, gone);
          settle(attemptId, answer);
          return answer;
        } finally {
          moving = false;
        }
      },
      (reason) => {
        sent.delete(attemptId);
        return { kind: 'notSent', reason };
      },
    );
  };

  function remember(attemptId: Id, result: PosResult): void {
    stored.set(attemptId, result);
    storedKey = approvalKey(result);
  }

  function forget(attemptId: Id): void {
    const result = stored.get(attemptId);
    stored.delete(attemptId);
    if (result !== undefined && storedKey === approvalKey(result)) storedKey = null;
  }

  function settle(attemptId: Id, answer: PosAnswer): void {
    if (answer.kind === 'notSent') sent.delete(attemptId);
    if (answer.kind !== 'unknown') forget(attemptId);
    if (answer.kind === 'confirmed' || answer.kind === 'declined')
      tell({ kind: 'receipt', attemptId, receipts: answer.receipts });
  }

  async function findOut(attempt: PosAttempt, ready: Ready): Promise<Resolution> {
    const { session, registration } = ready;
    live('asking');
    const unknown = async (reason: PosReason, gone: boolean): Promise<Resolution> => {
      if (gone) await connection.drop(session, reason);
      return { kind: 'stillUnknown', reason };
    };
    const readiness = await untilReady(session, password, FINISH_MS, machine);
    if (readiness.kind !== 'ready') return unknown(readiness.reason, readiness.kind === 'gone');
    const last = await lastHeld(session, password);
    if (last.kind === 'failed' || last.kind === 'gone') return unknown(last.reason, last.kind === 'gone');
    const heard = {
      approved: stored.get(attempt.attemptId) ?? null,
      refused: refused?.attemptId === attempt.attemptId ? refused.fields : null,
    };
    const year = new Date(machine.nowMs()).getFullYear();
    const verdict = judge(attempt, last, registration.terminalId, heard, year);
    if (last.kind === 'nothing' && verdict.kind === 'stillUnknown' && verdict.reason.code === 'nothingHeld') {
      const totals = await readTotals(session, password);
      if (totals.kind === 'gone') return unknown(totals.reason, true);
      return judgeEmpty(attempt, totals.kind === 'totals' ? totals.totals : null);
    }
    if (verdict.kind !== 'charged') return verdict;
    const papers = await printAgain(session, password);
    return papers.kind === 'receipts' ? { ...verdict, receipts: papers.receipts } : verdict;
  }

  return {
    capabilities: () => CAPABILITIES,
    health: () => connection.health(),
    open: () => connection.start(),
    close: () => connection.stop(),
    watch(heard) {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },

    snapshot: () =>
      ask(async ({ session, registration }) => {
        const last = await lastHeld(session, password);
        if (last.kind === 'gone' || last.kind === 'failed') return last;
        return { kind: 'snapshot', snapshot: snapshotFrom(last, registration.terminalId) };
      }, failed),
    pay: move,
    reverse: move,
    refund: move,
    abort: () =>
      moving ? (connection.current()?.abort() ?? Promise.resolve('idle')) : Promise.resolve('idle'),
    async resolve(attempt) {
      const resolution = await operate<Resolution>(
        attempt.attemptId,
        true,
        (ready) => findOut(attempt, ready),
        (reason) => ({ kind: 'stillUnknown', reason }),
      );
      if (resolution.kind !== 'stillUnknown') forget(attempt.attemptId);
      return resolution;
    },
    totals: () => ask<PosTotalsAnswer>(({ session }) => readDay(session, password), failed),
    async endOfDay() {
      // Sent once only: whether the terminal hears and knows us is found out by a question that may be asked again.
      const alive = await ask<{ readonly kind: 'alive' } | ReturnType<typeof failed>>(async ({ session }) => {
        const last = await lastHeld(session, password);
        return last.kind === 'gone' ? last : { kind: 'alive' };
      }, failed);
      if (alive.kind === 'failed') return alive;
      return operate<PosTotalsAnswer>(
        null,
        false,
        async ({ session }) => {
          live('endOfDay');
          const answer = await closeDay(session, password);
          const forgotten = answer.kind === 'failed' && answer.reason.code === 'notRegistered';
          if (answer.kind === 'unknown' || forgotten) await connection.drop(session, answer.reason);
          if (answer.kind === 'totals') tell({ kind: 'receipt', attemptId: null, receipts: answer.receipts });
          return answer;
        },
        failed,
      );
    },
    reprint: () => ask(({ session }) => printAgain(session, password), failed),
    check: (done) =>
      connection.inLine(true, (ready) =>
        checkTerminal(isReady(ready) ? ready : null, connection.health(), password, machine, done),
      ),
  };
}
