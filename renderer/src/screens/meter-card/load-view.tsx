import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardInReader, CounterState, LoadAtTill } from '../../../../contracts/ipw.ts';
import { loadReasonText } from '../../../../contracts/load-reasons.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { PieceNotes } from '../../components/piece-notes.tsx';
import { PrintFailed } from '../../components/print-failed.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, showLoad } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys, type KeyLayer } from '../../keyboard/key-layers.ts';
import { LoadProgress } from './load-progress.tsx';
import { loadPhase, type LoadPhase } from './load-steps.ts';

type LoadViewProps = { readonly load: LoadAtTill; readonly card: CardInReader | null };

/**
 * A load in front of the teller, from the money to the card: four steps, one large word on what to do with the card, and how
 * it ended. Nothing here takes money.
 */
export function LoadView({ load, card }: LoadViewProps) {
  const { t } = useTranslation();
  const { client, store } = useHost();
  const panel = useRef<HTMLElement>(null);
  const counter = useHostState((state) => state.counter);
  const finishing = useAction();
  const leaving = useAction();
  const { loadId } = load;
  const own = counter !== null && counter.paymentId === load.paymentId && counter.accepted !== null;
  const phase = loadPhase(load, own);
  const cardIsIn = card?.identity?.cardId === load.cardId && card.stage === 'known';
  useHome(panel);
  const wait = phase === 'working' || phase === 'reading';
  useHint(t(wait ? 'meterCard.wait' : 'meterCard.hint'));

  const finish = (): void => finishing.run(() => client['load.finish']({ loadId }));
  /** The load is put away; a payment that is done with it makes room for the next one. */
  const next = (): void =>
    leaving.run(
      async () => {
        const seen = await client['load.seen']({ loadId });
        const stage = store.getState().counter?.stage;
        return seen.ok && stage === 'accepted' ? client['basket.clear']({}) : seen;
      },
      () => goTo('counter'),
    );
  const toList = (): void => showLoad(loadId);
  useKeys(keysOf(phase, finish, next, toList));

  // What stands on the left is from before the load: the card is asked once more. Taken out by then, it has nothing to show.
  const stale = useRef(phase !== 'done');
  const asks = phase === 'done' && cardIsIn;
  useEffect(() => {
    if (!asks || !stale.current) return;
    stale.current = false;
    void client['meterCard.again']({});
  }, [asks, client]);

  return (
    <section
      ref={panel}
      tabIndex={-1}
      className="panel meter-panel"
      aria-labelledby="load-title"
      data-testid="load-view"
      data-phase={phase}
      data-load={loadId}
    >
      <LoadHead load={load} counter={own ? counter : null} />
      <LoadProgress load={load} />
      <LoadWord load={load} phase={phase} />
      {own ? <PrintFailed of={counter.paymentId} /> : null}
      <NoticeArea />
      <div className="meter-next">
        {phase === 'owed' || phase === 'torn' ? (
          <>
            <Button keyCap="F1" onPress={next} busy={leaving.busy} testId="load-next">
              {t('meterCard.owed.next')}
            </Button>
            <Button keyCap="F4" onPress={toList} testId="load-decide">
              {t('cards.decide')}
            </Button>
            <Button primary keyCap="Enter" onPress={finish} busy={finishing.busy} testId="load-finish">
              {t(
                !cardIsIn
                  ? 'meterCard.owed.putIn'
                  : phase === 'owed'
                    ? 'meterCard.owed.again'
                    : 'meterCard.torn.ask',
              )}
            </Button>
          </>
        ) : phase === 'done' || phase === 'cancelled' ? (
          <Button primary keyCap="Enter" onPress={next} busy={leaving.busy} testId="load-next">
            {t('meterCard.done.next')}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

const nothing = (): void => undefined;

/** While the card is being worked on no key leads away from it; F1 to F12 wait. */
function keysOf(phase: LoadPhase, finish: () => void, next: () => void, toList: () => void): KeyLayer {
  switch (phase) {
    case 'working':
    case 'reading':
      return {
        ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`F${index + 1}`, nothing])),
        Enter: nothing,
        Escape: nothing,
      };
    case 'torn':
    case 'owed':
      return { Enter: finish, F2: finish, F1: next, F4: toList, Escape: nothing };
    case 'done':
    case 'cancelled':
      return { Enter: next, F2: next, Escape: next };
  }
}

/** What was paid, what goes onto the card, and the change that is still to be given. */
function LoadHead({ load, counter }: { readonly load: LoadAtTill; readonly counter: CounterState | null }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const change = counter?.accepted?.change ?? 0;
  return (
    <header className="load-head">
      <h1 id="load-title">{t('meterCard.loadTitle')}</h1>
      <div className="meter-figures">
        {load.amount === null ? null : (
          <>
            <div>
              <span className="quiet">{t('meterCard.found.paid')}</span>
              <Money amount={load.amount} className="huge" testId="load-amount" />
            </div>
            <span className="meter-arrow" aria-hidden="true">
              →
            </span>
          </>
        )}
        <div>
          <span className="quiet">{t('meterCard.amount.onCard')}</span>
          <span className="huge nowrap" data-testid="load-units">
            {formatUnits(load.units, load.unit, language)}
          </span>
        </div>
        {counter?.accepted && change > 0 ? (
          <div className="load-change" data-testid="load-change">
            <span>{t('accepted.change')}</span>
            <strong>{formatMoney(counter.accepted.change)}</strong>
            {counter.accepted.changePieces ? <PieceNotes pieces={counter.accepted.changePieces} /> : null}
          </div>
        ) : null}
      </div>
    </header>
  );
}

/** The one large word: what to do with the card now. */
function LoadWord({ load, phase }: { readonly load: LoadAtTill; readonly phase: LoadPhase }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const reason = load.reason === null ? '—' : loadReasonText(load.reason, language);
  switch (phase) {
    case 'working':
      return (
        <Word tone="warning" title={t('meterCard.keep')}>
          {t('meterCard.keepWhy')}
        </Word>
      );
    case 'reading':
      return (
        <Word tone="warning" title={t('meterCard.torn.reading')}>
          {t('meterCard.torn.readingLead')}
        </Word>
      );
    case 'torn':
      return (
        <Word tone="bad" title={t('meterCard.torn.title', { reason })}>
          {t('meterCard.torn.lead')}
        </Word>
      );
    case 'owed':
      return (
        <Word tone="warning" title={t('meterCard.owed.title')}>
          {load.reason === null ? null : <b>{t('meterCard.owed.because', { reason })} </b>}
          {t('meterCard.owed.lead')} <span className="block quiet">{t('meterCard.owed.nextWhy')}</span>
        </Word>
      );
    case 'done':
      return (
        <Word tone="ok" title={t('meterCard.done.title')}>
          {t('meterCard.done.lead')}
          {load.stage === 'written' ? (
            <span className="block quiet">{t('meterCard.done.confirming')}</span>
          ) : null}
        </Word>
      );
    case 'cancelled':
      return (
        <Word tone="warning" title={t('meterCard.cancelled.title')}>
          {t('meterCard.cancelled.lead')}
        </Word>
      );
  }
}

function Word({
  tone,
  title,
  children,
}: {
  readonly tone: 'ok' | 'warning' | 'bad';
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={`meter-word meter-word-${tone}`} role="status" data-testid="load-word">
      <strong>{title}</strong> <span>{children}</span>
    </div>
  );
}
