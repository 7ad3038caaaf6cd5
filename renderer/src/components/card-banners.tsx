import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { PosAttemptView } from '../../../contracts/ipw.ts';
import { formatMoney } from '../../../contracts/money.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { goTo, useWindow } from '../host/window-store.ts';
import { doingOf, openCard } from './open-card.ts';
import { Button } from './button.tsx';

/** Cards that people must not forget: those nobody knows the outcome of, and those that ended behind the teller's back. */
export function CardBanners() {
  const { t } = useTranslation();
  const open = useHostState((state) => state.terminal?.open ?? NONE);
  const ended = useHostState((state) => state.terminal?.ended ?? NONE);
  const inHand = useHostState((state) =>
    state.counter?.stage === 'charging' ? state.counter.paymentId : null,
  );
  const looking = useWindow((state) => state.attempt !== null || state.screen === 'openCards');
  const waiting = open.filter((one) => one.paymentId !== inHand);
  const first = waiting[0];
  return (
    <>
      {first && !looking ? (
        <div className="banner banner-calm" role="status" data-testid="open-attempts">
          <strong>{t('cards.openAttempts', { count: waiting.length })}</strong> ·{' '}
          <span>
            {waiting.map((one) => formatMoney(one.amount)).join(', ')} · {t('cards.nextCustomerWhy')}
          </span>{' '}
          {waiting.length > 1 ? (
            <Button small onPress={() => goTo('openCards')} testId="see-attempts">
              {t('archive.openAll')}
            </Button>
          ) : (
            <Button small onPress={() => openCard(first)} testId="see-attempt">
              {t(doingOf(first) === 'asking' ? 'cards.decide' : 'archive.openOne')}
            </Button>
          )}
        </div>
      ) : null}
      {ended.slice(0, ENDED_SHOWN).map((one) => (
        <Ended
          key={one.attemptId}
          attempt={one}
          more={one === ended[ENDED_SHOWN - 1] ? ended.length - ENDED_SHOWN : 0}
        />
      ))}
    </>
  );
}

/** What became of an attempt while nobody looked, until somebody says that they have read it. */
function Ended({ attempt, more }: { readonly attempt: PosAttemptView; readonly more: number }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const { busy, run } = useAction();
  const { attemptId, payerName, receiptNo } = attempt;
  const about = [payerName, receiptNo === null ? null : t('cards.endedReceipt', { no: receiptNo })];
  return (
    <div className="banner banner-calm" role="status" data-testid="ended-attempt">
      <strong>{endText(attempt, t)}</strong> <span>{about.filter((part) => part !== null).join(' · ')}</span>{' '}
      <Button
        small
        busy={busy}
        onPress={() => run(() => client['card.seen']({ attemptId }))}
        testId="seen-attempt"
      >
        {t('cards.seen')}
      </Button>{' '}
      {more > 0 ? <span>{t('cards.endedMore', { count: more })}</span> : null}
    </div>
  );
}

/** The rest comes when these were read: the counter must be seen, too. */
const ENDED_SHOWN = 2;
const NONE: readonly PosAttemptView[] = [];

function endText(
  { outcome, kind, amount, cashHeld, receiptNo, decided }: PosAttemptView,
  t: TFunction,
): string {
  const shown = { amount: formatMoney(amount), cash: formatMoney(cashHeld) };
  if (outcome === 'manual') return t('cards.endedManual', shown);
  if (kind !== 'sale') return t(outcome === 'done' ? 'cards.endedReturned' : 'cards.endedNotReturned', shown);
  if (outcome === 'done') {
    if (decided) return t('cards.endedReversing', shown);
    return t(receiptNo === null ? 'cards.endedRecording' : 'cards.endedDone', shown);
  }
  return t(cashHeld > 0 ? 'cards.endedHeld' : 'cards.endedNotDone', shown);
}
