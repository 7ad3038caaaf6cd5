import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { PaymentStornoed } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import { Button } from '../components/button.tsx';
import { NoticeArea } from '../components/message.tsx';
import { PrintFailed } from '../components/print-failed.tsx';
import { Money } from '../components/money.tsx';
import { PieceNotes } from '../components/piece-notes.tsx';
import { ReceiptPaper } from '../components/receipt-paper.tsx';
import { PaperWell } from '../components/paper-well.tsx';
import { useReceipt } from '../components/use-receipt.ts';
import { cardTail } from '../format/card-words.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';

/** The storno stands: what to give back, and the slip. */
export function StornoDone({
  storno,
  onNext,
}: {
  readonly storno: PaymentStornoed;
  readonly onNext: () => void;
}) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  useKeys({ F2: onNext, Escape: onNext, Enter: onNext });
  const receipt = useReceipt(storno.paymentId, storno.stornoId);
  const pieces = storno.tenders.flatMap((tender) =>
    tender.kind === 'cash' ? (tender.receivedPieces ?? []) : [],
  );
  const card = storno.tenders.find((tender) => tender.kind === 'card');
  const cash = qepik(storno.total - (card?.amount ?? 0));
  return (
    <main className="accepted">
      <section className="accepted-main panel" aria-labelledby="storno-done">
        <header>
          <h1 id="storno-done" className="accepted-title">
            <span aria-hidden="true" className="accepted-mark">
              ✓
            </span>
            {t('storno.done')}
          </h1>
          <p className="quiet">{t('storno.slip', { no: storno.receiptNo })}</p>
        </header>
        <div className="accepted-change storno-back" data-testid="storno-back">
          {cash > 0 ? (
            <div>
              <span>{t(card ? 'cards.stornoBackInCash' : 'storno.giveBack')}</span>
              <Money amount={cash} className="enormous block" testId="storno-total" />
              {pieces.length > 0 ? <PieceNotes pieces={pieces} /> : null}
            </div>
          ) : null}
          {card ? (
            <div>
              <span>{t('cards.stornoBackToCard')}</span>
              <Money amount={card.amount} className="enormous block" testId="storno-card" />
              <strong className="tabular">
                {card.cardName ?? ''} {card.maskedPan === null ? '' : cardTail(card.maskedPan)}
              </strong>
            </div>
          ) : null}
          {cash > 0 ? null : <strong className="accepted-none">{t('cards.stornoNoCash')}</strong>}
        </div>
        <p className="quiet">
          {t(storno.approvedOffline ? 'storno.approvedOffline' : 'storno.approvedBy', {
            name: storno.approvedBy.name,
          })}
        </p>
        <PrintFailed of={storno.stornoId} />
        <NoticeArea />
        <div className="accepted-next">
          <Button ref={button} primary keyCap="Enter" onPress={onNext} testId="storno-next">
            {t('storno.doneNext')}
          </Button>
        </div>
      </section>
      <PaperWell label={t('receipts.no')}>
        {receipt?.stornoDocument ? (
          <ReceiptPaper
            document={receipt.stornoDocument}
            label={t('storno.slip', { no: storno.receiptNo })}
          />
        ) : (
          <p className="quiet">{t('receipt.loading')}</p>
        )}
      </PaperWell>
    </main>
  );
}
