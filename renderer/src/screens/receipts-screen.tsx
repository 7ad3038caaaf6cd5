import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parseReceiptCode } from '../../../contracts/rules/receipt-code.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { NoticeArea } from '../components/message.tsx';
import { PaymentList, type PaymentListHandle } from '../components/payment-list.tsx';
import { ReceiptPaper } from '../components/receipt-paper.tsx';
import { SearchField } from '../components/search-field.tsx';
import { PaperWell } from '../components/paper-well.tsx';
import { useCopies } from '../components/use-copies.ts';
import { usePayments } from '../components/use-payments.ts';
import { useReceipt } from '../components/use-receipt.ts';
import { useHint } from '../components/use-hint.ts';
import { goTo, showCard, useWindow } from '../host/window-store.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { useScans } from '../keyboard/scans.ts';

/** F7: payments of this workstation, each with its receipt; copies on paper and as PDF. */
export function ReceiptsScreen() {
  const { t } = useTranslation();
  const list = useRef<PaymentListHandle>(null);
  const linked = useWindow((state) => state.receiptNo);
  const [text, setText] = useState(linked ?? '');
  const [chosen, setChosen] = useState<string | null>(null);
  const [which, setWhich] = useState<'payment' | 'storno'>('payment');
  const { rows, refresh } = usePayments(text);
  const row = rows?.find((one) => one.paymentId === chosen) ?? rows?.[0] ?? null;
  const receipt = useReceipt(row?.paymentId ?? null, `${row?.copies}${row?.stornoed}`);
  const shown = receipt?.stornoDocument && which === 'storno' ? 'storno' : 'payment';
  const document = receipt && (shown === 'storno' ? receipt.stornoDocument : receipt.document);

  const receiptNo = document?.receiptNo ?? row?.receiptNo ?? '';
  const copies = useCopies(row && { paymentId: row.paymentId, which: shown, receiptNo }, refresh);
  const act = copies.hasPrinter ? copies.print : copies.pdf;
  const card = receipt?.payment.tenders.find((tender) => tender.kind === 'card') ?? null;
  const toCard = (): void => {
    if (card !== null && row !== null) showCard(card.attemptId, row.receiptNo);
  };
  const toCards = (): void => goTo('cards');
  useKeys({ F2: act, F3: toCards, F4: toCard, Escape: () => goTo('counter') });
  useHint(t('keys.listHint'));
  useScans((scanned) => setText(parseReceiptCode(scanned)?.facts.receiptNo ?? scanned));

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
          <Button small keyCap="F3" onPress={toCards} testId="to-cards">
            {t('archive.title')}
          </Button>
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
            onConfirm={act}
          />
        )}
      </section>
      <section className="paper-side">
        <PaperWell label={t('receipts.no')}>
          {document ? (
            <ReceiptPaper document={document} label={t('receipt.paper', { no: document.receiptNo })} />
          ) : (
            <p className="quiet">{row === null ? t('receipts.choose') : t('receipt.loading')}</p>
          )}
        </PaperWell>
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
            {card === null ? null : (
              <Button small keyCap="F4" onPress={toCard} testId="to-card">
                {t('archive.toCard')}
              </Button>
            )}
            <div className={copies.hasPrinter ? 'paper-buttons' : ''}>
              <Button
                primary={!copies.hasPrinter}
                {...(copies.hasPrinter ? {} : { keyCap: 'F2' })}
                onPress={copies.pdf}
                busy={copies.saving}
                testId="receipt-pdf"
              >
                {t('receipts.pdf')}
              </Button>
              {copies.hasPrinter ? (
                <Button
                  primary
                  keyCap="F2"
                  onPress={copies.print}
                  busy={copies.printing}
                  testId="receipt-print"
                >
                  {t('receipts.print')}
                </Button>
              ) : null}
            </div>
          </div>
        ) : null}
      </section>
    </main>
  );
}
