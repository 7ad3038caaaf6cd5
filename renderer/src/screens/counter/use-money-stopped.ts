import { useTranslation } from 'react-i18next';
import { useHostState } from '../../host/host-context.ts';

/** Why no money may be taken now, in words; null when it may. The core host refuses it too: this is told before. */
export function useMoneyStopped(): string | null {
  const { t } = useTranslation();
  const journal = useHostState((state) => state.status?.journal.state ?? 'ready');
  const link = useHostState((state) => state.link);
  if (journal !== 'ready') return `${t('app.noMoney')}. ${t('app.journalNext')}`;
  if (link === 'lost') return t('app.reconnecting');
  return null;
}
