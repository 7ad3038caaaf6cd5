import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CounterState } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { PrintFailed } from '../../components/print-failed.tsx';
import { Money } from '../../components/money.tsx';
import { PieceNotes } from '../../components/piece-notes.tsx';
import { ReceiptPaper } from '../../components/receipt-paper.tsx';
import { PaperWell } from '../../components/paper-well.tsx';
import { useCopies } from '../../components/use-copies.ts';
import { useReceipt } from '../../components/use-receipt.ts';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';
import { useScanAtCounter } from './use-scan-at-counter.ts';

type AcceptedProps = { readonly paymentId: string; readonly accepted: NonNullable<CounterState['accepted']> };

/** The money is in: what to give back, the receipt on screen, and on to the next customer. A scan does that too. */
export function AcceptedView({ paymentId, accepted }: AcceptedProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const next = useRef<HTMLButtonElement>(null);
  useHome(next);
  const going = useAction();
  const receipt = useReceipt(paymentId);
  const copies = useCopies({ paymentId, which: 'payment', receiptNo: accepted.receiptNo });
  const centre = useHostState((state) => state.status?.centre);

  const language = useLanguage();
  const meterCard = useHostState((state) => state.meterCard);
  const loads = receipt?.payment.lines.flatMap(({ load }) => load ?? []) ?? [];
  const isOwed = (loadId: string): boolean =>
    [...(meterCard?.open ?? []), meterCard?.load].some(
      (one) => one?.loadId === loadId && one.stage !== 'written' && one.stage !== 'confirmed',
    );

  const goOn = (): void => going.run(() => client['basket.clear']({}));
  useScans(useScanAtCounter());
  useHint(t('keys.acceptedHint'));
  useKeys({ F2: goOn, Enter: goOn, Escape: goOn });

  return (
    <main className="accepted">
      <section className="accepted-main panel" aria-labelledby="accepted-title">
        <header>
          <h1 id="accepted-title" className="accepted-title">
            <span aria-hidden="true" className="accepted-mark">
              ✓
            </span>
            {t('accepted.title')}
          </h1>
          <p className="quiet" data-testid="receipt-no">
            {t('accepted.receiptNo')} {accepted.receiptNo}
          </p>
        </header>
        <div
          className={`accepted-change${accepted.change > 0 ? '' : ' accepted-change-none'}`}
          data-testid="accepted-change"
        >
          {accepted.change > 0 ? (
            <>
              <span>{t('accepted.change')}</span>
              <Money amount={accepted.change} className="enormous" />
              {accepted.changePieces ? <PieceNotes pieces={accepted.changePieces} /> : null}
            </>
          ) : (
            <span className="accepted-none">{t('accepted.noChange')}</span>
          )}
        </div>
        <dl className="figures figures-row">
          <div>
            <dt>{t('accepted.paid')}</dt>
            <dd>
              <Money amount={accepted.total} testId="accepted-total" />
            </dd>
          </div>
          {accepted.byCard > 0 ? (
            <div>
              <dt>{t('cards.byCard')}</dt>
              <dd>
                <Money amount={accepted.byCard} testId="accepted-by-card" />{' '}
                <span className="quiet">{accepted.cardName ?? ''}</span>
              </dd>
            </div>
          ) : null}
          {loads.map((load) => (
            <div key={load.loadId} data-testid="accepted-load">
              <dt>{t(isOwed(load.loadId) ? 'meterCard.acceptedOwed' : 'meterCard.accepted')}</dt>
              <dd>{formatUnits(load.units, load.unit, language)}</dd>
            </div>
          ))}
          <div>
            <dt>{t('journal.state')}</dt>
            <dd className="figure-words">
              {centre?.link !== 'online'
                ? t('accepted.waiting')
                : t(centre.waiting === 0 ? 'accepted.sent' : 'accepted.sending')}
            </dd>
          </div>
        </dl>
        <PrintFailed of={paymentId} />
        <NoticeArea />
        <div className="accepted-next">
          {copies.hasPrinter ? (
            <Button onPress={copies.print} busy={copies.printing} testId="print-copy">
              {t('accepted.copy')}
            </Button>
          ) : (
            <Button onPress={copies.pdf} busy={copies.saving} testId="receipt-pdf">
              {t('receipts.pdf')}
            </Button>
          )}
          <Button ref={next} primary keyCap="Enter" onPress={goOn} busy={going.busy} testId="next-customer">
            {t('accepted.next')}
          </Button>
        </div>
      </section>
      <PaperWell label={t('receipts.no')}>
        {receipt ? (
          <ReceiptPaper document={receipt.document} label={t('receipt.paper', { no: accepted.receiptNo })} />
        ) : (
          <p className="quiet">{t('receipt.loading')}</p>
        )}
      </PaperWell>
    </main>
  );
}
