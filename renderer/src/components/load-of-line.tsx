import { useTranslation } from 'react-i18next';
import type { BasketLine, PaymentRow } from '../../../contracts/ipw.ts';
import { formatUnits } from '../../../contracts/rules/meter-card/units.ts';
import { useLanguage } from './message.tsx';

/** That a line pays for a load of a meter card, and how much goes onto it. Nothing for any other line. */
export function LoadOfLine({ line }: { readonly line: Pick<BasketLine, 'load'> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { load } = line;
  if (!load) return null;
  return (
    <small className="load-mark" data-testid="load-of-line">
      {t('meterCard.paidFor', { units: formatUnits(load.units, load.unit, language) })}
    </small>
  );
}

/** The same of a payment that was made, and whether its loads have reached their cards. */
export function LoadsOfPayment({ loads }: Pick<PaymentRow, 'loads'>) {
  const { t } = useTranslation();
  const language = useLanguage();
  return loads.map((load, index) => (
    <small
      // Loads of one payment have no other name in a row.
      key={index}
      className={`block nowrap load-mark${load.state === 'owed' ? ' load-mark-owed' : ''}`}
      data-testid="load-of-payment"
      data-state={load.state}
    >
      {t(load.state === 'owed' ? 'meterCard.paidForOwed' : 'meterCard.paidFor', {
        units: formatUnits(load.units, load.unit, language),
      })}
      {load.state === 'cancelled' ? ` · ${t('meterCard.loads.stages.cancelled')}` : ''}
    </small>
  ));
}
