import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PosAttemptView } from '../../../../contracts/ipw.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import { Button } from '../../components/button.tsx';
import { Chip } from '../../components/chip.tsx';
import { NoticeArea } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { AttemptStory } from './attempt-story.tsx';
import { DecisionForm } from './decision-form.tsx';

type UnknownProps = {
  readonly attempt: PosAttemptView;
  /** Serves the next customer; the asking goes on. Absent where the desk is free already. */
  readonly onNext?: () => void;
  /** Puts the story away. Absent where it is the payment in hand. */
  readonly onBack?: () => void;
};

/**
 * A card whose outcome nobody knows: what happened, what we do, what not to do. Enter asks the terminal; there is nothing
 * here that charges.
 */
export function UnknownView({ attempt, onNext, onBack }: UnknownProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const button = useRef<HTMLButtonElement>(null);
  const asking = useAction();
  const [deciding, setDeciding] = useState(false);
  useHome(button);
  useHint(t('cards.nextCustomerWhy'));
  const { attemptId } = attempt;
  const ask = (): void => asking.run(() => client['card.ask']({ attemptId }));
  const away = onNext ?? onBack;
  useKeys({
    Enter: ask,
    F2: ask,
    F3: () => setDeciding(true),
    F4: () => undefined,
    ...(onNext === undefined ? {} : { F1: onNext }),
    Escape: () => (deciding ? setDeciding(false) : onBack?.()),
  });
  return (
    <main className="card-view">
      <section className="panel card-panel" data-testid="unknown-attempt" aria-labelledby="unknown-title">
        <header className="card-head">
          <div>
            <div className="card-title">
              <h1 id="unknown-title">{t('cards.unknownTitle')}</h1>
              <Chip tone="warning">{t('cards.unknownChip')}</Chip>
            </div>
            {deciding ? null : <p className="quiet">{t('cards.unknownLead')}</p>}
          </div>
          <div className="card-amount">
            <span className="quiet">{t(`cards.kinds.${attempt.kind}`)}</span>
            <Money amount={attempt.amount} className="huge" testId="charging-amount" />
            {attempt.cashHeld > 0 ? (
              <small>{t('cards.cashHeld', { cash: formatMoney(attempt.cashHeld) })}</small>
            ) : null}
          </div>
        </header>
        {deciding ? (
          <DecisionForm attempt={attempt} onBack={() => setDeciding(false)} />
        ) : (
          <>
            <AttemptStory attempt={attempt} />
            <p className="quiet" aria-live="polite" data-testid="next-ask">
              <Countdown attempt={attempt} busy={asking.busy} />
            </p>
            <NoticeArea />
            <div className="card-next card-next-three">
              <Button ref={button} primary keyCap="Enter" onPress={ask} busy={asking.busy} testId="ask-now">
                {t('cards.ask')}
              </Button>
              <Button keyCap="F3" onPress={() => setDeciding(true)} testId="decide">
                {t('cards.decide')}
              </Button>
              {away ? (
                <Button keyCap={onNext ? 'F1' : 'Esc'} onPress={away} testId="leave-unknown">
                  {t(onNext ? 'cards.nextCustomer' : 'cards.back')}
                </Button>
              ) : null}
            </div>
          </>
        )}
      </section>
    </main>
  );
}

/** When the terminal is asked again by itself. */
function Countdown({ attempt, busy }: { readonly attempt: PosAttemptView; readonly busy: boolean }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (busy || attempt.nextAskAt === null) return <>{t('cards.asking')}</>;
  const seconds = Math.max(0, Math.ceil((Date.parse(attempt.nextAskAt) - now) / 1000));
  return <>{t('cards.nextAsk', { seconds, asks: attempt.asks })}</>;
}
