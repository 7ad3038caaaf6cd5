import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CounterState } from '../../../../contracts/ipw.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import { Button } from '../../components/button.tsx';
import { Dialogue } from '../../components/dialogue.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { LiveWord } from '../../components/live-word.tsx';
import { AttemptStory } from './attempt-story.tsx';
import { UnknownView } from './unknown-view.tsx';

/**
 * A card at the terminal: how much, what the customer does, and one way to ask it to stop, after a question. Nothing here can charge again;
 * when nobody knows what became of it the story goes on in {@link UnknownView}.
 */
export function ChargingView({ counter }: { readonly counter: CounterState }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const terminal = useHostState((state) => state.terminal);
  const unknown = terminal?.open.find((one) => one.paymentId === counter.paymentId);
  const attempt = terminal?.attempt ?? null;
  const panel = useRef<HTMLElement>(null);
  const stopping = useAction();
  const [asking, setAsking] = useState(false);
  // Not the button: a focused button takes Enter before any layer of keys does.
  useHome(panel);
  useHint(t('cards.lead'));
  const attemptId = attempt?.attemptId ?? null;

  const stopAsked = attempt?.stopAsked ?? false;
  const mayStop = attemptId !== null && !stopAsked;

  const ask = (): void => {
    if (mayStop) setAsking(true);
  };
  const stop = (): void => {
    setAsking(false);
    if (attemptId !== null) stopping.run(() => client['card.cancel']({ attemptId }));
  };
  // Keys that mean money elsewhere mean nothing here.
  useKeys({ Escape: ask, Enter: () => undefined, F2: () => undefined, F4: () => undefined });

  if (unknown && attempt === null) {
    const next = (): void => stopping.run(() => client['basket.clear']({}));
    return <UnknownView attempt={unknown} onNext={next} />;
  }
  return (
    <main className="card-view">
      <section
        ref={panel}
        tabIndex={-1}
        className="panel card-panel"
        data-testid="charging"
        aria-labelledby="charging-title"
      >
        <header className="card-head">
          <div>
            <h1 id="charging-title">{t('cards.title')}</h1>
            <p className="quiet">{t('cards.lead')}</p>
          </div>
          <div className="card-amount">
            <span className="quiet">{t('cards.amount')}</span>
            <Money amount={attempt?.amount ?? counter.total} className="huge" testId="charging-amount" />
            {attempt && attempt.cashHeld > 0 ? (
              <small>{t('cards.cashHeld', { cash: formatMoney(attempt.cashHeld) })}</small>
            ) : null}
          </div>
        </header>
        <p className="card-live" aria-live="polite" data-testid="live-word">
          <LiveWord />
        </p>
        {attempt ? <AttemptStory attempt={attempt} /> : null}
        <NoticeArea />
        <div className="card-next">
          {attemptId === null ? null : stopAsked ? (
            <p className="warning-text" data-testid="cancelling" aria-live="polite">
              {t('cards.cancelling')}
            </p>
          ) : (
            <Button keyCap="Esc" onPress={ask} busy={stopping.busy} testId="cancel-card">
              {t('cards.cancel')}
            </Button>
          )}
        </div>
      </section>
      {asking && mayStop ? (
        <Dialogue
          title={t('cards.stopTitle')}
          action={t('cards.cancel')}
          back={t('cards.goOn')}
          onAct={stop}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </main>
  );
}
