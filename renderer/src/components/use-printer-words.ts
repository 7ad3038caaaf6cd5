import { useTranslation } from 'react-i18next';
import type { StatusState } from '../../../contracts/ipw.ts';
import { printerReasonText } from '../../../contracts/printer-reasons.ts';
import { useLanguage } from './message.tsx';

/** The state of the printer in words, for the strip and the settings. */
export function usePrinterWords(): (printer: StatusState['printer']) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  return ({ kind, state, reason }) => {
    if (kind === 'none') return t('strip.printerNone');
    if (state === 'ready') return t('strip.printerReady');
    if (state === 'notSet') return t('strip.printerNotSet');
    return reason === null
      ? t('strip.printerAwaySilent')
      : t('strip.printerAway', { reason: printerReasonText(reason, language) });
  };
}
