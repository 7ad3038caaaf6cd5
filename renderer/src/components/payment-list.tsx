import { useImperativeHandle, useRef, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { PaymentRow } from '../../../contracts/ipw.ts';
import { formatAmount } from '../../../contracts/money.ts';
import { shortMoment } from '../format/moments.ts';
import { focusHome } from '../keyboard/focus-home.ts';
import { Chip } from './chip.tsx';
import { LoadsOfPayment } from './load-of-line.tsx';
import { PaidBy } from './paid-by.tsx';
import { SyncChip } from './sync-chip.tsx';
import { useNow } from './use-now.ts';

export type PaymentListHandle = { focusFirst(): void };

type PaymentListProps = {
  readonly rows: readonly PaymentRow[];
  readonly chosen: string | null;
  readonly onChoose: (row: PaymentRow) => void;
  /** Enter on a row: the screen's next step for it. */
  readonly onConfirm: (row: PaymentRow) => void;
  readonly ref: Ref<PaymentListHandle>;
};

/** Payments as rows: arrows move and show, Enter goes on. */
export function PaymentList({ rows, chosen, onChoose, onConfirm, ref }: PaymentListProps) {
  const { t } = useTranslation();
  const now = useNow();
  const list = useRef<HTMLTableSectionElement>(null);
  const focusRow = (index: number): void => {
    if (index < 0) return focusHome();
    const row = rows[Math.min(index, rows.length - 1)];
    if (!row) return;
    onChoose(row);
    list.current?.querySelector<HTMLElement>(`[data-payment="${row.paymentId}"]`)?.focus();
  };
  useImperativeHandle(ref, () => ({ focusFirst: () => focusRow(0) }));
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const row = rows[index];
    if (!row) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focusRow(index + 1),
      ArrowUp: () => focusRow(index - 1),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      Enter: () => onConfirm(row),
      ' ': () => onChoose(row),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div className="list-scroll">
      <table className="list" role="grid" aria-label={t('receipts.list')}>
        <thead>
          <tr>
            <th scope="col">{t('receipts.no')}</th>
            <th scope="col">{t('receipts.time')}</th>
            <th scope="col">{t('receipts.payer')}</th>
            <th scope="col" className="number">
              {t('receipts.total')}
            </th>
            <th scope="col">{t('receipts.state')}</th>
          </tr>
        </thead>
        <tbody ref={list}>
          {rows.map((row, index) => (
            <tr
              key={row.paymentId}
              className={`list-row${row.paymentId === chosen ? ' list-row-chosen' : ''}`}
              data-payment={row.paymentId}
              data-testid="payment-row"
              aria-selected={row.paymentId === chosen}
              tabIndex={row.paymentId === chosen || (chosen === null && index === 0) ? 0 : -1}
              onKeyDown={(event) => onKeyDown(event, index)}
              onClick={() => focusRow(index)}
            >
              <td>
                <span className="tabular nowrap">{row.receiptNo}</span>
                {row.copies > 0 ? (
                  <small className="quiet"> {t('receipts.copies', { count: row.copies })}</small>
                ) : null}
              </td>
              <td className="nowrap">
                {shortMoment(row.takenAt, now)}
                <small className="quiet block">{row.teller}</small>
              </td>
              <td>
                {row.payerName ?? row.accounts.join(', ')}
                {row.payerName === null ? null : (
                  <small className="quiet block">{row.accounts.join(', ')}</small>
                )}
                <LoadsOfPayment loads={row.loads} />
              </td>
              <td className="number">
                <span className="strong">{formatAmount(row.total)}</span>
                <PaidBy row={row} />
              </td>
              <td>
                {row.stornoed ? (
                  <Chip tone="bad">{t('receipts.stornoed')}</Chip>
                ) : (
                  <SyncChip sync={row.sync} outcome={row.outcome} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
