import { useTranslation } from 'react-i18next';
import { journalReasonText } from '../../../contracts/journal-reasons.ts';
import { CardBanners } from './card-banners.tsx';
import { MeterCardBanners } from './meter-card-banners.tsx';
import { useHostState } from '../host/host-context.ts';
import { useLanguage } from './message.tsx';

/** Full-width words for what concerns every screen: the core host away (calm), the journal unwritable (red). */
export function Banners() {
  const { t } = useTranslation();
  const language = useLanguage();
  const link = useHostState((state) => state.link);
  const journal = useHostState((state) => state.status?.journal);
  const centre = useHostState((state) => state.status?.centre.link);
  return (
    <>
      {link === 'lost' ? (
        <div className="banner banner-calm" role="status" data-testid="banner-reconnecting">
          <strong>{t('app.reconnecting')}</strong> <span>{t('app.reconnectingWhy')}</span>
        </div>
      ) : null}
      {journal && journal.state !== 'ready' ? (
        <div className="banner banner-bad" role="alert" data-testid="banner-journal">
          <strong>{t('app.noMoney')}</strong>{' '}
          <span>
            {t(journal.state === 'damaged' ? 'app.journalDamaged' : 'app.journalUnwritable', {
              reason: journal.reason === null ? '—' : journalReasonText(journal.reason, language),
            })}{' '}
            {t('app.journalNext')}
          </span>
        </div>
      ) : null}
      <CardBanners />
      <MeterCardBanners />
      {centre === 'quarantined' ? (
        <div className="banner banner-bad" role="alert" data-testid="banner-quarantined">
          <strong>{t('app.quarantined')}</strong> <span>{t('app.quarantinedNext')}</span>
        </div>
      ) : null}
    </>
  );
}
