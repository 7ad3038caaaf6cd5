import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { NoticeArea } from '../components/message.tsx';
import { PaymentList, type PaymentListHandle } from '../components/payment-list.tsx';
import { ReceiptPaper } from '../components/receipt-paper.tsx';
import { savePdf } from '../components/save-pdf.ts';
import { SearchField } from '../components/search-field.tsx';
import { usePayments } from '../components/use-payments.ts';
import { useReceipt } from '../components/use-receipt.ts';
import { useHint } from '../components/use-hint.ts';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { goTo, say } from '../host/window-store.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { useScans } from '../keyboard/scans.ts';

/** F7: payments of this workstation, each with its receipt; copies on paper and as PDF. */
export function ReceiptsScreen() {
  const { t } = useTranslation();
  const { client } = useHost();
  const list = useRef<PaymentListHandle>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [which, setWhich] = useState<'payment' | 'storno'>('payment');
  const { rows, refresh } = usePayments(text);
  const row = rows?.find((one) => one.paymentId === chosen) ?? rows?.[0] ?? null;
  const receipt = useReceipt(row?.paymentId ?? null, `${row?.copies}${row?.stornoed}`);
  const printing = useAction();
  const saving = useAction();
  const shown = receipt?.stornoDocument && which === 'storno' ? 'storno' : 'payment';
  const document = receipt && (shown === 'storno' ? receipt.stornoDocument : receipt.document);

  const print = (): void => {
    if (!row) return;
    printing.run(
      () => client['receipts.print']({ paymentId: row.paymentId, which: shown }),
      ({ copy }) => {
        refresh();
        say('ok', t('receipts.printed', { copy }));
      },
    );
  };
  const pdf = (): void => {
    if (!row) return;
    saving.run(
      () => client['receipts.pdf']({ paymentId: row.paymentId, which: shown }),
      ({ pdfBase64, copy }) => {
        savePdf(window, pdfBase64, document?.receiptNo ?? row.receiptNo);
        refresh();
        say('ok', t('receipts.saved', { copy }));
      },
    );
  };
  useKeys({ F2: print, Escape: () => goTo('counter') });
  useHint(t('keys.listHint'));
  useScans(setText);

  return (
    <main className="list-screen">
      <section className="panel list-panel" aria-label={t('receipts.title')}>
        <header className="list-head">
          <h1>{t('receipts.title')}</h1>
          <SearchField
            label={t('receipts.search')}
            hint={t('receipts.searchHint')}
            value={text}
            onChange={setText}
            onDown={() => list.current?.focusFirst()}
            onEnter={() => list.current?.focusFirst()}
            testId="receipt-search"
          />
        </header>
        <NoticeArea />
        {rows === null ? (
          <p className="quiet list-none">{t('app.loading')}</p>
        ) : rows.length === 0 ? (
          <p className="quiet list-none">{t('receipts.none')}</p>
        ) : (
          <PaymentList
            ref={list}
            rows={rows}
            chosen={row?.paymentId ?? null}
            onChoose={(one) => setChosen(one.paymentId)}
            onConfirm={print}
          />
        )}
      </section>
      <section className="paper-side">
        <div className="paper-well" aria-live="polite">
          {document ? (
            <ReceiptPaper document={document} label={t('receipt.paper', { no: document.receiptNo })} />
          ) : (
            <p className="quiet">{row === null ? t('receipts.choose') : t('receipt.loading')}</p>
          )}
        </div>
        {document ? (
          <div className="paper-actions">
            {receipt?.stornoDocument ? (
              <Choice
                compact
                label={t('receipts.no')}
                options={[
                  { id: 'payment', text: t('receipts.original') },
                  { id: 'storno', text: t('receipts.stornoSlip') },
                ]}
                value={shown}
                onChange={setWhich}
              />
            ) : null}
            <div className="paper-buttons">
              <Button onPress={pdf} busy={saving.busy} testId="receipt-pdf">
                {t('receipts.pdf')}
              </Button>
              <Button primary keyCap="F2" onPress={print} busy={printing.busy} testId="receipt-print">
                {t('receipts.print')}
              </Button>
            </div>
          </div>
        ) : null}
      </section>
    </main>
  );
}
