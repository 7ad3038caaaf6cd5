import { useEffect, useImperativeHandle, useRef, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardRow } from '../../../../contracts/ipw.ts';
import { formatAmount } from '../../../../contracts/money.ts';
import { useNow } from '../../components/use-now.ts';
import { shortMoment } from '../../format/moments.ts';
import { focusHome } from '../../keyboard/focus-home.ts';
import { OutcomeChip } from './card-outcome.tsx';

export type CardTableHandle = { focusFirst(): void };

type CardTableProps = {
  readonly rows: readonly CardRow[];
  /** The one opened last; the focus returns to it. */
  readonly chosen: string | null;
  readonly onOpen: (row: CardRow) => void;
  readonly ref: Ref<CardTableHandle>;
};

/** Card operations as rows: arrows move, Enter opens. */
export function CardTable({ rows, chosen, onOpen, ref }: CardTableProps) {
  const { t } = useTranslation();
  const now = useNow();
  const body = useRef<HTMLTableSectionElement>(null);
  const focusRow = (index: number): void => {
    if (index < 0) return focusHome();
    body.current?.querySelectorAll<HTMLElement>('tr')[Math.min(index, rows.length - 1)]?.focus();
  };
  useImperativeHandle(ref, () => ({ focusFirst: () => focusRow(0) }));
  // Only on return from an opened one: later the focus is where the person put it.
  useEffect(() => {
    body.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const row = rows[index];
    if (!row) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focusRow(index + 1),
      ArrowUp: () => focusRow(index - 1),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      Enter: () => onOpen(row),
      ' ': () => onOpen(row),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div className="list-scroll">
      <table className="list" role="grid" aria-label={t('archive.list')}>
        <thead>
          <tr>
            <th scope="col">{t('archive.time')}</th>
            <th scope="col">{t('archive.what')}</th>
            <th scope="col">{t('archive.card')}</th>
            <th scope="col" className="number">
              {t('archive.amount')}
            </th>
            <th scope="col">{t('archive.outcome')}</th>
            <th scope="col">{t('archive.receipt')}</th>
            <th scope="col">{t('archive.numbers')}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, index) => (
            <tr
              key={row.attemptId}
              className={`list-row${row.attemptId === chosen ? ' list-row-chosen' : ''}`}
              data-attempt={row.attemptId}
              data-testid="card-row"
              aria-selected={row.attemptId === chosen}
              tabIndex={row.attemptId === chosen || (chosen === null && index === 0) ? 0 : -1}
              onKeyDown={(event) => onKeyDown(event, index)}
              onClick={() => onOpen(row)}
            >
              <td className="nowrap">
                {shortMoment(row.since, now)}
                <small className="quiet block">{row.teller}</small>
              </td>
              <td>{t(`cards.kinds.${row.kind}`)}</td>
              <td>
                <span className="tabular nowrap">{row.result?.maskedPan ?? '—'}</span>
                <small className="quiet block">{row.result?.cardName ?? ''}</small>
              </td>
              <td className="number strong">{formatAmount(row.amount)}</td>
              <td>
                <OutcomeChip outcome={row.outcome} />
              </td>
              <td className="tabular nowrap">{row.receiptNo ?? '—'}</td>
              <td className="tabular nowrap">
                {row.result === null ? '—' : <TerminalNumbers result={row.result} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the terminal's own paper calls it by. */
function TerminalNumbers({ result }: { readonly result: NonNullable<CardRow['result']> }) {
  const { t } = useTranslation();
  const { receiptNo, trace, authCode } = result;
  const parts = [
    receiptNo === null ? null : `№ ${receiptNo}`,
    trace === null ? null : `${t('archive.trace')} ${trace}`,
  ].filter((part) => part !== null);
  return (
    <>
      {parts.join(' · ')}
      {authCode === null ? null : (
        <small className="quiet block">
          {t('archive.authCode')} {authCode}
        </small>
      )}
    </>
  );
}
