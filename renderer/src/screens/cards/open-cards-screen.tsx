import { useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { PosAttemptView } from '../../../../contracts/ipw.ts';
import { formatAmount, formatMoney } from '../../../../contracts/money.ts';
import { NoticeArea } from '../../components/message.tsx';
import { doingOf, openCard } from '../../components/open-card.ts';
import { useHint } from '../../components/use-hint.ts';
import { useNow } from '../../components/use-now.ts';
import { useSpan } from '../../components/use-span.ts';
import { shortMoment } from '../../format/moments.ts';
import { useHostState } from '../../host/host-context.ts';
import { goTo } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';

const NONE: readonly PosAttemptView[] = [];

/** Every card whose outcome is awaited: what is being done about it, and what the teller may do. */
export function OpenCardsScreen() {
  const { t } = useTranslation();
  const now = useNow();
  const span = useSpan();
  const first = useRef<HTMLTableRowElement>(null);
  const lead = useRef<HTMLElement>(null);
  const open = useHostState((state) => state.terminal?.open ?? NONE);
  useHome(open.length > 0 ? first : lead);
  useKeys({ Escape: () => goTo('counter') });
  useHint(t('archive.hint'));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, attempt: PosAttemptView): void => {
    const beside = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' } as const;
    if (event.key === 'Enter' || event.key === ' ') openCard(attempt);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const row = event.currentTarget[beside[event.key]];
      if (row instanceof HTMLElement) row.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <main className="list-screen list-screen-wide" ref={lead} tabIndex={-1}>
      <section className="panel list-panel" aria-labelledby="open-cards-title" data-testid="open-cards">
        <header className="list-head list-head-words">
          <h1 id="open-cards-title">{t('archive.openTitle')}</h1>
          <p className="quiet">{t('archive.openLead')}</p>
        </header>
        <NoticeArea />
        {open.length === 0 ? (
          <p className="quiet list-none" role="status">
            {t('archive.openNone')}
          </p>
        ) : (
          <div className="list-scroll">
            <table className="list" role="grid" aria-label={t('archive.openTitle')}>
              <thead>
                <tr>
                  <th scope="col" className="number">
                    {t('archive.amount')}
                  </th>
                  <th scope="col">{t('archive.what')}</th>
                  <th scope="col">{t('archive.since')}</th>
                  <th scope="col">{t('archive.doing')}</th>
                  <th scope="col">{t('archive.may')}</th>
                </tr>
              </thead>
              <tbody>
                {open.map((attempt, index) => (
                  <tr
                    key={attempt.attemptId}
                    ref={index === 0 ? first : null}
                    className="list-row"
                    data-testid="open-card"
                    data-attempt={attempt.attemptId}
                    aria-selected={false}
                    tabIndex={0}
                    onKeyDown={(event) => onKeyDown(event, attempt)}
                    onClick={() => openCard(attempt)}
                  >
                    <td className="number strong">{formatAmount(attempt.amount)}</td>
                    <td>
                      {t(`cards.kinds.${attempt.kind}`)}
                      <small className="quiet block">{attempt.payerName ?? ''}</small>
                      {attempt.cashHeld > 0 ? (
                        <small className="block">
                          {t('cards.cashHeld', { cash: formatMoney(attempt.cashHeld) })}
                        </small>
                      ) : null}
                    </td>
                    <td className="nowrap">
                      {t('archive.sinceAgo', {
                        time: shortMoment(attempt.since, now),
                        ago: span(attempt.since, now),
                      })}
                      <small className="quiet block">{attempt.teller}</small>
                    </td>
                    <td>{t(`archive.doings.${doingOf(attempt)}`)}</td>
                    <td>{t(`archive.mays.${mayOf(attempt)}`)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </main>
  );
}

const mayOf = (attempt: PosAttemptView): 'unknown' | 'decided' | 'wait' =>
  doingOf(attempt) !== 'asking' ? 'wait' : attempt.decided ? 'decided' : 'unknown';
