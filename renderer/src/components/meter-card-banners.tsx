import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../contracts/ipw.ts';
import { useHostState } from '../host/host-context.ts';
import { goTo, showLoad, useWindow } from '../host/window-store.ts';
import { Button } from './button.tsx';

const NONE: readonly LoadAtTill[] = [];

/** A meter card that is in and not looked at, and the paid loads that are not on their card. */
export function MeterCardBanners() {
  const { t } = useTranslation();
  const screen = useWindow((state) => state.screen);
  const seen = useWindow((state) => state.insertionSeen);
  const working = useHostState((state) => (state.session?.user ?? null) !== null);
  const card = useHostState((state) => state.meterCard?.card ?? null);
  const open = useHostState((state) => state.meterCard?.open ?? NONE);
  if (!working || screen === 'meterCard' || screen === 'openLoads') return null;
  // What is on its card already ends by itself: nobody has to do anything.
  const waiting = open.filter(({ stage }) => stage !== 'written' && stage !== 'confirmed');
  return (
    <>
      {card && card.insertion !== seen ? (
        <div className="banner banner-calm" role="status" data-testid="banner-meter-card">
          <strong>{t('meterCard.banner.title')}</strong> ·{' '}
          <span>
            {card.identity
              ? t('meterCard.banner.company', {
                  company: card.identity.billerName,
                  meter: card.identity.meter,
                })
              : t(card.stage === 'failed' ? 'meterCard.banner.failed' : 'meterCard.banner.reading')}
            {card.virtual ? ` · ${t('meterCard.virtual')}` : ''}
          </span>{' '}
          <Button small onPress={() => goTo('meterCard')} testId="see-meter-card">
            {t('screens.meterCard')}
          </Button>
        </div>
      ) : null}
      {waiting.length > 0 ? (
        <div className="banner banner-calm" role="status" data-testid="banner-open-loads">
          <strong>{t('meterCard.banner.openLoads', { count: waiting.length })}</strong> ·{' '}
          <span>{t('meterCard.banner.openLoadsWhy')}</span>{' '}
          <Button small onPress={() => showLoad()} testId="see-open-loads">
            {t('meterCard.banner.see')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
