import { useTranslation } from 'react-i18next';
import type { JournalRow } from '../../../contracts/ipw.ts';
import { useHostState } from '../host/host-context.ts';
import { Chip } from './chip.tsx';

/** Where a journal entry stands: here, on its way, or what the centre made of it. */
export function SyncChip({ sync, outcome }: Pick<JournalRow, 'sync' | 'outcome'>) {
  const { t } = useTranslation();
  const online = useHostState((state) => state.status?.centre.link === 'online');
  // What was sent when the line broke is sent again.
  if (sync === 'recorded' || (sync === 'sent' && !online))
    return <Chip tone="warning">{t('sync.recorded')}</Chip>;
  if (sync === 'sent') return <Chip tone="brand">{t('sync.sent')}</Chip>;
  switch (outcome) {
    case null:
      return <Chip tone="ok">{t('sync.acknowledged')}</Chip>;
    case 'posted':
      return <Chip tone="ok">{t('sync.posted')}</Chip>;
    case 'unallocated':
      return <Chip tone="warning">{t('sync.unallocated')}</Chip>;
    case 'case':
      return <Chip tone="warning">{t('sync.case')}</Chip>;
    case 'recorded':
      return <Chip tone="quiet">{t('sync.outcomeRecorded')}</Chip>;
  }
}
