import { useTranslation } from 'react-i18next';
import { useHostState } from '../../host/host-context.ts';

export type MoneyStopped = { readonly tone: 'warning' | 'bad'; readonly text: string };

/** Why no money may be taken now, in words; null when it may. The core host refuses it too: this is told before. */
export function useMoneyStopped(): MoneyStopped | null {
  const { t } = useTranslation();
  const journal = useHostState((state) => state.status?.journal.state ?? 'ready');
  const link = useHostState((state) => state.link);
  if (journal !== 'ready') return { tone: 'bad', text: `${t('app.noMoney')}. ${t('app.journalNext')}` };
  if (link === 'lost') return { tone: 'warning', text: t('app.reconnecting') };
  return null;
}
