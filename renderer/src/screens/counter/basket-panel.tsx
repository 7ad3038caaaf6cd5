import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import { LANGUAGES, type Language } from '../../../../contracts/domain.ts';
import type { BasketLine, CounterState } from '../../../../contracts/ipw.ts';
import { formatAmount } from '../../../../contracts/money.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Message, useLanguage } from '../../components/message.tsx';
import { LoadOfLine } from '../../components/load-of-line.tsx';
import { Money } from '../../components/money.tsx';
import type { MoneyStopped } from './use-money-stopped.ts';
import { asFailure, failureText } from '../../format/failure-text.ts';

/** The ways to pay from here. Bank card (F3) and mixed (F4) join this table with the POS terminal. */
const TENDERS = [{ kind: 'cash', keyCap: 'F2 / Enter', primary: true }] as const;

type BasketPanelProps = {
  readonly counter: CounterState;
  /** Accounts offered that owe something and are not in the basket yet. */
  readonly waitingDebts: number;
  /** Why no money may be taken now, in words; null when it may. */
  readonly stopped: MoneyStopped | null;
  readonly busy: boolean;
  readonly onRemove: (line: BasketLine) => void;
  readonly onTakeDebts: () => void;
  readonly onTender: () => void;
  readonly onLanguage: (language: Language) => void;
};

/** What will be paid: lines, fees, the total, and the one next step. */
export function BasketPanel(props: BasketPanelProps) {
  const { counter, waitingDebts, stopped, busy, onRemove, onTakeDebts, onTender, onLanguage } = props;
  const { t } = useTranslation();
  const language = useLanguage();
  const { lines } = counter;
  const problem = lines.find((line) => line.problem !== null);
  return (
    <aside className="basket panel" aria-label={t('counter.basket')}>
      <header className="basket-head">
        <h2>{t('counter.basket')}</h2>
        <span className="quiet basket-language" aria-hidden="true">
          {t('counter.receiptLanguage')}
        </span>
        <Choice
          label={t('counter.receiptLanguage')}
          options={LANGUAGES.map((id) => ({ id, text: id.toUpperCase(), label: t(`app.languages.${id}`) }))}
          value={counter.language}
          onChange={onLanguage}
          compact
          testId="receipt-language"
        />
      </header>
      {lines.length === 0 ? (
        <div className="basket-empty">
          <p>{t('counter.basketEmpty')}</p>
          <p className="quiet">{t('counter.basketEmptyLead')}</p>
        </div>
      ) : (
        <ul className="basket-lines" data-testid="basket-lines">
          {lines.map((line) => (
            <li
              key={line.lineId}
              className={`basket-line${line.problem ? ' basket-line-problem' : ''}`}
              data-testid="basket-line"
            >
              <span className="basket-what">
                {line.billerName}
                <small>{line.account}</small>
                <LoadOfLine line={line} />
              </span>
              <span className="number">{formatAmount(line.amount)}</span>
              <AriaButton
                className="basket-remove"
                aria-label={t('counter.remove', { company: line.billerName, account: line.account })}
                onPress={() => onRemove(line)}
                data-testid="remove-line"
              >
                ×
              </AriaButton>
            </li>
          ))}
          <li className="basket-line basket-fees">
            <span>{t('counter.fees')}</span>
            <span className="number" data-testid="fees">
              {formatAmount(counter.fees)}
            </span>
          </li>
        </ul>
      )}
      <div className="basket-foot">
        <div className="basket-total" aria-live="polite">
          <span className="quiet">{t('counter.toPayTotal')}</span>
          <Money
            amount={counter.total}
            className={lines.length === 0 ? 'huge huge-none' : 'huge'}
            testId="total"
          />
        </div>
        <div className="basket-next">
          {stopped !== null ? (
            <Message tone={stopped.tone} text={stopped.text} testId="money-stopped" />
          ) : problem?.problem ? (
            <Message
              tone="warning"
              text={`${problem.billerName}: ${t('counter.mend')}`}
              next={failureText(asFailure(problem.problem), language).text}
              testId="basket-problem"
            />
          ) : lines.length > 0 ? (
            TENDERS.map(({ kind, keyCap, primary }) => (
              <Button
                key={kind}
                primary={primary}
                keyCap={keyCap}
                busy={busy}
                onPress={onTender}
                testId={`tender-${kind}`}
              >
                {t(`counter.${kind}`)}
              </Button>
            ))
          ) : waitingDebts > 0 ? (
            <Button primary keyCap="Enter" busy={busy} onPress={onTakeDebts} testId="take-debts">
              {waitingDebts === 1 ? t('counter.takeOne') : t('counter.takeDebts')}
            </Button>
          ) : null}
        </div>
      </div>
    </aside>
  );
}
