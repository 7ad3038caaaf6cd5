import type { Language } from '../../../contracts/domain.ts';

/** `****0018`: what a person compares with the card in hand. */
export const cardTail = (maskedPan: string): string => `****${maskedPan.slice(-4).replaceAll('*', '')}`;

/** Numbers whose last spoken word has back vowels: sıfır, altı, doqquz, on, otuz, qırx. */
const BACK_VOWELS = /(^0?0|6|9|[134]0)$/;

/** `14:35-dən`, `14:30-dan`: in Azerbaijani the suffix follows the last word said; elsewhere a word before it says so. */
export function sinceClock(clock: string, language: Language): string {
  if (language !== 'az') return clock;
  const [hours = '', minutes = ''] = clock.slice(-5).split(':');
  const lastSaid = minutes === '00' ? hours : minutes;
  return `${clock}-${BACK_VOWELS.test(lastSaid) ? 'dan' : 'dən'}`;
}
