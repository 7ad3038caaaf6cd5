import { useTranslation } from 'react-i18next';
import type { PaymentRow } from '../../../contracts/ipw.ts';

/** How a payment was paid, in words; of a card the last digits. */
export function PaidBy({ row }: { readonly row: Pick<PaymentRow, 'byCard' | 'cardEnds' | 'total'> }) {
  const { t } = useTranslation();
  const { byCard, cardEnds, total } = row;
  const how = byCard === 0 ? 'cash' : byCard === total ? 'card' : 'mixed';
  return (
    <small className={`block nowrap${byCard === 0 ? ' quiet' : ''}`} data-testid="paid-by">
      {t(`archive.paidBy.${how}`)}
      {cardEnds === null ? null : <span className="tabular"> •••• {cardEnds}</span>}
    </small>
  );
}
