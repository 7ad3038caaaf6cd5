import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardInReader } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { useHint } from '../../components/use-hint.ts';
import { dayText } from '../../format/moments.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';

/** A paid load, of this till or another, that is not on the card in the reader: one key finishes it. */
export function FoundLoad({
  card,
  stornoed,
}: {
  readonly card: CardInReader;
  /** Its payment was taken back: it must not be written. */
  readonly stornoed: boolean;
}) {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useLanguage();
  const panel = useRef<HTMLElement>(null);
  const finishing = useAction();
  useHome(panel);
  useHint(t('keys.hint'));
  const open = card.centre?.open;
  const finish = (): void => {
    if (open && !stornoed) finishing.run(() => client['load.finish']({ loadId: open.loadId }));
  };
  useKeys({ Enter: finish, F2: finish, Escape: () => goTo('counter') });
  if (!open || !card.centre) return null;
  const { waiting } = card.centre;
  return (
    <section
      ref={panel}
      tabIndex={-1}
      className="panel meter-panel"
      aria-labelledby="meter-title"
      data-testid="card-panel"
      data-case="found"
    >
      <h1 id="meter-title">{t('meterCard.found.title')}</h1>
      <div className="meter-figures">
        <div>
          <span className="quiet">{t('meterCard.found.paid')}</span>
          <Money amount={open.amount} className="huge" testId="load-amount" />
        </div>
        <span className="meter-arrow" aria-hidden="true">
          →
        </span>
        <div>
          <span className="quiet">{t('meterCard.found.owed')}</span>
          <span className="huge nowrap" data-testid="load-units">
            {formatUnits(open.units, card.centre.card.unit, language)}
          </span>
        </div>
      </div>
      <div
        className={`meter-word meter-word-${stornoed ? 'bad' : 'warning'}`}
        role="status"
        data-testid="found-word"
      >
        {stornoed ? (
          <strong>{t('meterCard.found.stornoed')}</strong>
        ) : (
          <span>
            {t('meterCard.found.lead', {
              workstation: open.atWorkstation,
              date: dayText(open.businessDate),
            })}
            {waiting > 0 ? <b className="block">{t('meterCard.found.more', { count: waiting })}</b> : null}
          </span>
        )}
      </div>
      <NoticeArea />
      <div className="meter-next">
        <Button keyCap="Esc" onPress={() => goTo('counter')} testId="leave-meter-card">
          {t('meterCard.amount.back')}
        </Button>
        {stornoed ? null : (
          <Button primary keyCap="Enter" onPress={finish} busy={finishing.busy} testId="finish-found">
            {t(finishing.busy ? 'meterCard.found.finishing' : 'meterCard.found.finish')}
          </Button>
        )}
      </div>
    </section>
  );
}
