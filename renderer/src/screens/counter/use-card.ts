import { useTranslation } from 'react-i18next';
import { formatMoney, qepik, type Qepik } from '../../../../contracts/money.ts';
import { newId } from '../../format/new-id.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { hush, notePrint } from '../../host/window-store.ts';
import type { CounterState } from '../../../../contracts/ipw.ts';
import type { Pieces } from '../../../../contracts/rules/denominations.ts';

const TOLD_ON_SCREEN: readonly string[] = ['cardDeclined', 'cardNotCharged', 'cardOutcomeUnknown'];

export type CardChoice = {
  /** What the button says; the cash typed is part of it. */
  readonly text: string;
  /** Why it cannot be chosen now, in words; null when it can. */
  readonly why: string | null;
  readonly busy: boolean;
  charge(): void;
};

/** Paying by card what the cash does not cover. Null where no terminal is set, or the cash covers everything. */
export function useCard(
  counter: CounterState,
  cash: { readonly received: Qepik; readonly pieces: Pieces | null } | null,
): CardChoice | null {
  const { t } = useTranslation();
  const { client } = useHost();
  const { busy, run } = useAction();
  const terminal = useHostState((state) => state.terminal);
  const { total, paymentId, revision } = counter;
  if (terminal === null || terminal.settings.kind === 'none') return null;
  if (cash !== null && cash.received >= total) return null;
  const rest = qepik(total - (cash?.received ?? 0));
  const text =
    cash === null
      ? t('cards.payAll', { amount: formatMoney(rest) })
      : t('cards.payRest', { cash: formatMoney(cash.received), amount: formatMoney(rest) });
  const why =
    terminal.open.length > 0
      ? t('cards.open')
      : terminal.state === 'ready'
        ? null
        : t(terminal.state === 'busy' ? 'cards.busy' : 'cards.away');
  return {
    text,
    why: why === null ? null : t('cards.notReady', { why }),
    busy,
    charge() {
      if (why !== null) return;
      const given = cash && { received: cash.received, receivedPieces: cash.pieces && [...cash.pieces] };
      run(
        () => client['card.pay']({ paymentId, revision, attemptId: newId(), cash: given }),
        ({ print }) => notePrint({ paymentId, ...print }),
        ({ code }) => {
          // The screen itself tells the story of these.
          if (TOLD_ON_SCREEN.includes(code)) hush();
        },
      );
    },
  };
}
