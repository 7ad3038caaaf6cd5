import { useEffect, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { Qepik } from '../../../../contracts/money.ts';
import { bakuDate } from '../../../../contracts/time.ts';
import { AmountField } from '../../components/amount-field.tsx';
import { Chip } from '../../components/chip.tsx';
import { LoadOfLine } from '../../components/load-of-line.tsx';
import { Money } from '../../components/money.tsx';
import { useLanguage } from '../../components/message.tsx';
import { useNow } from '../../components/use-now.ts';
import { asFailure, failureText } from '../../format/failure-text.ts';
import { shortMoment } from '../../format/moments.ts';
import { useHostState } from '../../host/host-context.ts';
import { focusHome } from '../../keyboard/focus-home.ts';
import { debtTimes, owedText, rowPeriod, ruleWord, type OfferedRow } from './offered-rows.ts';

export type OfferedTableHandle = {
  focusFirst(): void;
  /** The account about to be added has nothing to propose: its amount is to be typed. */
  editWhenAdded(key: string): void;
  /** The amount of this account has to be corrected. */
  edit(key: string): void;
};

type OfferedTableProps = {
  readonly rows: readonly OfferedRow[];
  /** Accounts of several people are on screen: each row names its holder. */
  readonly holders: boolean;
  /** Puts the account into the basket, or takes it out. */
  readonly onToggle: (row: OfferedRow) => void;
  readonly onAmount: (lineId: string, amount: Qepik) => void;
  readonly ref: Ref<OfferedTableHandle>;
};

/** The accounts on screen: arrows move, Space or Enter puts one into the basket or out, digits change its amount. */
export function OfferedTable({ rows, holders, onToggle, onAmount, ref }: OfferedTableProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = useState(0);
  const last = rows.length - 1;

  const rowElement = (index: number): HTMLElement | null | undefined =>
    body.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
  const focusRow = (index: number): void => {
    if (index < 0) return focusHome();
    const next = Math.min(index, last);
    setCurrent(next);
    rowElement(next)?.focus();
  };
  const wanted = useRef<string | null>(null);
  useImperativeHandle(ref, () => ({
    focusFirst: () => focusRow(0),
    editWhenAdded: (key) => {
      wanted.current = key;
    },
    edit: (key) => {
      const index = rows.findIndex((row) => row.key === key);
      setCurrent(index);
      rowElement(index)?.querySelector('input')?.focus();
    },
  }));
  useEffect(() => {
    const index = rows.findIndex((row) => row.key === wanted.current && row.line !== null);
    if (index < 0) return;
    wanted.current = null;
    setCurrent(index);
    body.current?.querySelector<HTMLElement>(`[data-index="${index}"] input`)?.focus();
  }, [rows]);

  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const row = rows[index];
    if (!row || event.target !== event.currentTarget) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focusRow(index + 1),
      ArrowUp: () => focusRow(index - 1),
      Home: () => focusRow(0),
      End: () => focusRow(last),
      ' ': () => onToggle(row),
      Enter: () => {
        onToggle(row);
        focusHome();
      },
    };
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (/^\d$/.test(event.key) && row.line) {
      // The digit itself lands in the field, over the selected amount.
      rowElement(index)?.querySelector('input')?.focus();
    } else if (/^\p{L}$/u.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      focusHome();
    }
  };

  return (
    <div className="offered panel">
      <table
        className="offered-table"
        role="grid"
        aria-label={t('counter.offered')}
        aria-multiselectable="true"
      >
        <thead>
          <tr>
            <th aria-hidden="true" />
            <th scope="col">{t('counter.company')}</th>
            <th scope="col">{t('counter.account')}</th>
            <th scope="col">{t('counter.period')}</th>
            <th scope="col" className="number">
              {t('counter.debt')}
            </th>
            <th scope="col" className="number">
              {t('counter.paying')}
            </th>
            <th scope="col">{t('counter.rule')}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, index) => (
            <Row
              key={row.key}
              row={row}
              holder={holders ? row.holder : ''}
              index={index}
              current={index === Math.min(current, last)}
              onKeyDown={(event) => onKeyDown(event, index)}
              onFocus={() => setCurrent(index)}
              onToggle={() => onToggle(row)}
              onAmount={onAmount}
              onLeave={(by) =>
                by === 'escape' ? focusRow(index) : focusRow(by === 'up' ? index - 1 : index + 1)
              }
            />
          ))}
        </tbody>
      </table>
      <DebtTimes rows={rows} />
    </div>
  );
}

type RowProps = {
  readonly row: OfferedRow;
  readonly holder: string;
  readonly index: number;
  readonly current: boolean;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocus: () => void;
  readonly onToggle: () => void;
  readonly onAmount: (lineId: string, amount: Qepik) => void;
  readonly onLeave: (by: 'up' | 'down' | 'escape') => void;
};

function Row({ row, holder, index, current, onKeyDown, onFocus, onToggle, onAmount, onLeave }: RowProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const biller = useHostState((state) => state.billers.get(row.billerId));
  const [wrong, setWrong] = useState(false);
  const { line } = row;
  const company = biller?.name ?? line?.billerName ?? '';
  const service = [biller?.service[language] ?? line?.service, row.label, holder].filter(Boolean).join(' · ');
  const period = rowPeriod(row);
  const rule = ruleWord(row, biller, bakuDate(useNow()));
  const problem = line?.problem ? failureText(asFailure(line.problem), language) : undefined;
  const tabIndex = current ? 0 : -1;
  return (
    <>
      <tr
        className={`offered-row${line ? ' offered-row-chosen' : ''}`}
        data-index={index}
        data-testid="offered-row"
        data-account={row.account}
        aria-selected={line !== null}
        tabIndex={tabIndex}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onClick={(event) => {
          if (!(event.target instanceof HTMLInputElement)) onToggle();
        }}
      >
        <td className="offered-box">
          <span className={`box${line ? ' box-checked' : ''}`} aria-hidden="true" />
        </td>
        <td>
          <span className="offered-company">{company}</span>
          <span className="offered-service">{service}</span>
        </td>
        <td className="offered-account">{row.account}</td>
        <td className="offered-period">
          {period === null
            ? '—'
            : period.more > 0
              ? t('counter.periods', { first: period.first, count: period.more })
              : period.first}
        </td>
        <td className="number">
          {!row.known && row.owed === 0 ? (
            // On no list: nobody here knows what is owed.
            '—'
          ) : row.owed < 0 ? (
            <span className="offered-advance">
              {t('counter.advanceHeld', { amount: owedText(row.owed) })}
            </span>
          ) : (
            owedText(row.owed)
          )}
        </td>
        <td className="number offered-paying">
          {line?.load ? (
            // Its amount was priced by the centre: another one is asked for where its card is.
            <Money amount={line.amount} className="strong" />
          ) : line ? (
            <span className="amount-box">
              <AmountField
                label={t('counter.toPay', { company, account: row.account })}
                value={line.amount}
                tabIndex={tabIndex}
                testId="line-amount"
                onCommit={(amount) => onAmount(line.lineId, amount)}
                onEnter={focusHome}
                onLeave={onLeave}
                onWrong={setWrong}
              />
              <span aria-hidden="true">₼</span>
            </span>
          ) : (
            <span className="offered-not">
              {row.owed > 0 ? '—' : rule === 'noAdvance' ? '' : t('counter.advance')}
            </span>
          )}
        </td>
        <td>
          {line?.load ? <LoadOfLine line={line} /> : rule === undefined ? null : <RuleChip rule={rule} />}
        </td>
      </tr>
      {problem || wrong ? (
        <tr className="offered-problem" data-testid="line-problem">
          <td />
          <td colSpan={6}>
            {problem && !wrong ? (
              <>
                <strong>{problem.text}</strong> {problem.action}
              </>
            ) : (
              <strong>{t('counter.amountWrong')}</strong>
            )}
          </td>
        </tr>
      ) : null}
    </>
  );
}

function RuleChip({ rule }: { readonly rule: NonNullable<ReturnType<typeof ruleWord>> }) {
  const { t } = useTranslation();
  const tone =
    rule === 'overdue' || rule === 'unlisted'
      ? 'warning'
      : rule === 'closed'
        ? 'bad'
        : rule === 'noAdvance'
          ? 'quiet'
          : 'brand';
  return <Chip tone={tone}>{rule === 'unlisted' ? t('counter.unlisted') : t(`rules.${rule}`)}</Chip>;
}

/** The line under the table: since when each company's figures are true. */
function DebtTimes({ rows }: { readonly rows: readonly OfferedRow[] }) {
  const { t } = useTranslation();
  const billers = useHostState((state) => state.billers);
  const now = useNow();
  const times = debtTimes(rows).map(({ billerId, asOf, live }) =>
    t(live ? 'counter.asOfLive' : 'counter.asOfItem', {
      company: billers.get(billerId)?.name ?? '',
      time: shortMoment(asOf, now),
    }),
  );
  if (times.length === 0) return null;
  return (
    <p className="offered-times" data-testid="debts-as-of">
      {t('counter.debtsAsOf', { list: times.join(' · ') })}
    </p>
  );
}
