import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instant } from '../../../contracts/time.ts';
import { spanSince } from '../format/moments.ts';

/** `6 dəq.`: how long ago, in words. */
export function useSpan(): (since: Instant, nowMs: number) => string {
  const { t } = useTranslation();
  return useCallback(
    (since, nowMs) => {
      const span = spanSince(since, nowMs);
      switch (span.unit) {
        case 'moment':
          return t('strip.moment');
        case 'minutes':
          return t('strip.minutes', { count: span.count });
        case 'hours':
          return t('strip.hours', { hours: span.hours, minutes: span.minutes });
        case 'days':
          return t('strip.days', { count: span.count });
      }
    },
    [t],
  );
}
