import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { useHint } from '../../components/use-hint.ts';
import { dayText } from '../../format/moments.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, showLoad } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import type { FoundHere } from './card-case.ts';

/** A paid load, of this till or another, that is not on the card in the reader: one key finishes it. */
export function FoundLoad({
  found,
  open,
}: {
  readonly found: FoundHere;
  readonly open: readonly LoadAtTill[];
}) {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useLanguage();
  const panel = useRef<HTMLElement>(null);
  const finishing = useAction();
  useHome(panel);
  useHint(t('meterCard.hint'));
  const { loadId, units, unit, amount, paid, unsure, stornoed, waiting } = found;
  const finish = (): void => {
    if (!stornoed) finishing.run(() => client['load.finish']({ loadId }));
  };
  const toLoads = (): void => showLoad(loadId);
  useKeys({
    Enter: finish,
    F2: finish,
    Escape: () => goTo('counter'),
    ...(open.length > 0 ? { F4: toLoads } : {}),
  });
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
        {amount === null ? null : (
          <>
            <div>
              <span className="quiet">{t('meterCard.found.paid')}</span>
              <Money amount={amount} className="huge" testId="load-amount" />
            </div>
            <span className="meter-arrow" aria-hidden="true">
              →
            </span>
          </>
        )}
        <div>
          <span className="quiet">{t('meterCard.found.owed')}</span>
          <span className="huge nowrap" data-testid="load-units">
            {formatUnits(units, unit, language)}
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
            {paid === null
              ? t('meterCard.found.here')
              : t('meterCard.found.lead', { workstation: paid.workstation, date: dayText(paid.date) })}
            {unsure ? <span className="block">{t('meterCard.found.unsure')}</span> : null}
            {waiting > 0 ? <b className="block">{t('meterCard.found.more', { count: waiting })}</b> : null}
          </span>
        )}
      </div>
      <NoticeArea />
      <div className="meter-next">
        {open.length > 0 ? (
          <Button keyCap="F4" onPress={toLoads} testId="to-loads">
            {t('meterCard.loads.open', { count: open.length })}
          </Button>
        ) : null}
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
