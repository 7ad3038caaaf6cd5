import { useTranslation } from 'react-i18next';
import { printerReasonText } from '../../../contracts/printer-reasons.ts';
import { useHostState } from '../host/host-context.ts';
import { useWindow } from '../host/window-store.ts';
import { Message, useLanguage } from './message.tsx';

/** Says that the paper did not come out, and that the money stands. Without a printer nobody expects paper. */
export function PrintFailed({ of }: { readonly of: string }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const print = useWindow((state) => (state.print?.paymentId === of ? state.print : null));
  const hasPrinter = useHostState((state) => state.status?.printer.kind !== 'none');
  if (print === null || print.printed || !hasPrinter) return null;
  const reason = print.reason === null ? '—' : printerReasonText(print.reason, language);
  return (
    <Message
      tone="warning"
      testId="print-failed"
      text={t('accepted.printFailed', { reason })}
      next={t('accepted.printFailedNext')}
    />
  );
}
