import { useTranslation } from 'react-i18next';
import { useHost, useHostState } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { say } from '../host/window-store.ts';
import { savePdf } from './save-file.ts';

type Paper = { readonly paymentId: string; readonly which: 'payment' | 'storno'; readonly receiptNo: string };

/** Copies of a receipt on paper and as PDF; both are marked and counted by the core host. */
export function useCopies(paper: Paper | null, made: () => void = () => undefined) {
  const { t } = useTranslation();
  const { client } = useHost();
  const printing = useAction();
  const saving = useAction();
  /** Without a printer there is no button for it. */
  const hasPrinter = useHostState((state) => state.status?.printer.kind !== 'none');
  const print = (): void => {
    if (!paper) return;
    const { paymentId, which } = paper;
    printing.run(
      () => client['receipts.print']({ paymentId, which }),
      ({ copy }) => {
        made();
        say('ok', t('receipts.printed', { copy }));
      },
    );
  };
  const pdf = (): void => {
    if (!paper) return;
    const { paymentId, which, receiptNo } = paper;
    saving.run(
      () => client['receipts.pdf']({ paymentId, which }),
      ({ pdfBase64, copy }) => {
        savePdf(window, pdfBase64, receiptNo);
        made();
        say('ok', t('receipts.saved', { copy }));
      },
    );
  };
  return { hasPrinter, print, pdf, printing: printing.busy, saving: saving.busy };
}
