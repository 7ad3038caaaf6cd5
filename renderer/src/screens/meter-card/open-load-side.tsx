import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import { loadReasonText } from '../../../../contracts/load-reasons.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Button } from '../../components/button.tsx';
import { Message, useLanguage } from '../../components/message.tsx';
import { cardNumber } from '../../format/tariff.ts';
import type { EndKind } from './end-load-form.tsx';

type OpenLoadSideProps = {
  readonly load: LoadAtTill;
  /** Its card is in the reader. */
  readonly cardIn: boolean;
  readonly busy: boolean;
  /** On its card, or cancelled: there is nothing to do. */
  readonly over: boolean;
  readonly onFinish: () => void;
  readonly onEnd: (kind: EndKind) => void;
};

/** One load that is open: what is owed to whom, and the three ways it can end. */
export function OpenLoadSide({ load, cardIn, busy, over, onFinish, onEnd }: OpenLoadSideProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <div className="open-load" data-testid="open-load-side">
      <header className="storno-what">
        <div>
          <strong>{load.billerName}</strong>
          <span className="quiet">{load.account}</span>
        </div>
        <span className="amount nowrap">{formatUnits(load.units, load.unit, language)}</span>
      </header>
      <dl className="facts">
        <div>
          <dt>{t('meterCard.loads.card')}</dt>
          <dd className="tabular">{cardNumber(load.cardId)}</dd>
        </div>
        <div>
          <dt>{t('meterCard.loads.paid')}</dt>
          <dd>{load.amount === null ? '—' : formatMoney(load.amount)}</dd>
        </div>
        <div>
          <dt>{t('receipts.no')}</dt>
          <dd className="tabular">{load.receiptNo ?? t('meterCard.loads.elsewhere')}</dd>
        </div>
        <div>
          <dt>{t('meterCard.loads.state')}</dt>
          <dd>
            {t(`meterCard.loads.stages.${load.stage}`)}
            {load.reason === null ? null : (
              <small className="block">{loadReasonText(load.reason, language)}</small>
            )}
          </dd>
        </div>
      </dl>
      {over ? (
        <Message tone="ok" text={t('meterCard.loads.written')} />
      ) : (
        <div className="open-load-acts">
          {cardIn ? null : (
            <p className="quiet" data-testid="finish-needs-card">
              {t('meterCard.loads.finishNeedsCard')}
            </p>
          )}
          <Button primary={cardIn} keyCap="Enter" onPress={onFinish} busy={busy} testId="finish-load">
            {t('meterCard.loads.finish')}
          </Button>
          <Button keyCap="F3" onPress={() => onEnd('cancel')} testId="cancel-load">
            {t('meterCard.loads.cancel')}
          </Button>
          <Button keyCap="F4" onPress={() => onEnd('writeOff')} testId="write-off-load">
            {t('meterCard.loads.writeOff')}
          </Button>
        </div>
      )}
    </div>
  );
}
