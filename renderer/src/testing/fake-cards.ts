import type { IpwContract, PosAttemptView, TerminalState } from '../../../contracts/ipw.ts';
import type { Tender } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import { posReason } from '../../../contracts/pos-reasons.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { HandlerOf } from '../../../contracts/rpc/definition.ts';
import { archiveHandlers } from './fake-archive.ts';
import { emptyCounter, type FakeState } from './fake-state.ts';
import { fakeAttempt, terminalHandlers } from './fake-terminal.ts';
import { PASSWORD, sampleId } from './sample-data.ts';

type CardMethods = Extract<keyof IpwContract, 'terminal' | `card.${string}` | `terminal.${string}`>;
type Finish = (
  paymentId: string,
  tenders: readonly Tender[],
) => Extract<Awaited<ReturnType<HandlerOf<IpwContract['basket.accept']>>>, { readonly ok: true }>;

const STEP_MS = 150;

/** The card's part of the core host in memory. */
export function cardHandlers(
  state: FakeState,
  instant: () => string,
  finish: Finish,
): { readonly [K in CardMethods]: HandlerOf<IpwContract[K]> } {
  const { terminal, counter } = state;
  let stopped = false;
  const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
  const live = (code: NonNullable<TerminalState['live']>['code']): void =>
    terminal.set({ live: { code, text: null, at: instant() } });
  const openOne = (attemptId: string): PosAttemptView | undefined =>
    terminal.current().open.find((one) => one.attemptId === attemptId);

  const refuse = (amount: number, cashHeld: number): Result<never, 'cardDeclined'> => {
    const reason = posReason(stopped ? 'cancelled' : 'insufficientFunds');
    counter.set({
      stage: 'tendering',
      revision: counter.current().revision + 1,
      cardRefused: { reason, amount: qepik(amount), cashHeld: qepik(cashHeld) },
    });
    terminal.set({ attempt: null, live: null });
    return fail('cardDeclined', { reason: 'kartda kifayət qədər vəsait yoxdur' });
  };

  return {
    terminal,
    'card.pay': async ({ paymentId, attemptId, cash }) => {
      stopped = false;
      const { total } = counter.current();
      const amount = qepik(total - (cash?.received ?? 0));
      const attempt = fakeAttempt(instant(), {
        attemptId,
        amount,
        paymentId,
        payerName: counter.current().lines[0]?.holder ?? null,
        cashHeld: qepik(cash?.received ?? 0),
      });
      counter.set({ stage: 'charging', revision: counter.current().revision + 1, cardRefused: null });
      terminal.set({ attempt });
      live('insertCard');
      await later(STEP_MS);
      while (state.card === 'wait' && !stopped) await later(STEP_MS);
      if (state.card === 'decline' || stopped) return refuse(amount, cash?.received ?? 0);
      live('enterPin');
      await later(STEP_MS);
      if (state.card === 'lose') {
        terminal.set({
          attempt: null,
          live: null,
          state: 'away',
          open: [
            {
              ...attempt,
              stage: 'unknown',
              nextAskAt: new Date(Date.parse(instant()) + 8000).toISOString(),
              asks: 2,
              steps: [
                ...attempt.steps,
                { at: instant(), what: 'lost', live: null, reason: posReason('lineLost') },
              ],
            },
          ],
        });
        return fail('cardOutcomeUnknown');
      }
      terminal.set({ attempt: null, live: null });
      const inCash = cash && {
        kind: 'cash' as const,
        tenderId: sampleId(),
        amount: cash.received,
        received: cash.received,
        change: qepik(0),
        receivedPieces: cash.receivedPieces,
        changePieces: null,
      };
      return finish(paymentId, [
        ...(inCash ? [inCash] : []),
        {
          kind: 'card',
          tenderId: sampleId(),
          attemptId,
          amount,
          terminalId: '52001234',
          receiptNo: '0042',
          trace: '000042',
          authCode: '123456',
          cardName: 'VISA',
          maskedPan: '416973******0018',
          terminalText: [],
        },
      ]);
    },
    'card.cancel': async ({ attemptId }) => {
      const { attempt } = terminal.current();
      if (attempt?.attemptId !== attemptId) return fail('cardAttemptUnknown');
      terminal.set({ attempt: { ...attempt, stopAsked: true } });
      // The terminal takes its time over it.
      void later(4 * STEP_MS).then(() => (stopped = true));
      return ok({});
    },
    'card.ask': async ({ attemptId }) => {
      const attempt = openOne(attemptId);
      if (!attempt) return fail('cardAttemptUnknown');
      await later(STEP_MS);
      const asked = { ...attempt, asks: attempt.asks + 1 };
      terminal.set({ open: [asked] });
      return ok({ attempt: asked });
    },
    'card.decide': async ({ attemptId, supervisor, password }) => {
      const attempt = openOne(attemptId);
      if (!attempt) return fail('cardAttemptUnknown');
      if (supervisor !== 'rauf' || password !== PASSWORD) return fail('loginWrong');
      terminal.set({ open: [{ ...attempt, decided: true }] });
      if (counter.current().stage === 'charging') counter.set(emptyCounter());
      return ok({});
    },
    'card.seen': async ({ attemptId }) => {
      const { ended } = terminal.current();
      const left = ended.filter((one) => one.attemptId !== attemptId);
      if (left.length === ended.length) return fail('cardAttemptUnknown');
      terminal.set({ ended: left });
      return ok({});
    },
    ...archiveHandlers(state),
    ...terminalHandlers(state, instant),
  };
}
