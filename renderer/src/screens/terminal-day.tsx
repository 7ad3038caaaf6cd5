import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardRow, PosTotals } from '../../../contracts/ipw.ts';
import { formatMoney, qepik } from '../../../contracts/money.ts';
import { posReasonText } from '../../../contracts/pos-reasons.ts';
import { Button } from '../components/button.tsx';
import { Money } from '../components/money.tsx';
import { useLanguage } from '../components/message.tsx';
import { newId } from '../format/new-id.ts';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';

type Day = {
  readonly terminal: PosTotals | null;
  readonly journal: PosTotals;
  readonly why: string | null;
  readonly suspects: readonly CardRow[];
  readonly closed: boolean;
};

/** The terminal's totals beside the journal's, the attempts that may explain a difference, and the close. */
export function TerminalDay({ onBack }: { readonly onBack: () => void }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const language = useLanguage();
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const [day, setDay] = useState<Day | null>(null);
  // Minted once: pressing again after a lost answer is the same close.
  const [closingId] = useState(newId);
  const { run } = useAction();
  const closing = useAction();
  useEffect(() => {
    run(
      () => client['terminal.totals']({}),
      ({ terminal, journal, reason, rows, suspects }) =>
        setDay({
          terminal,
          journal,
          why: reason === null ? null : posReasonText(reason, language),
          suspects: rows.filter((row) => suspects.includes(row.attemptId)),
          closed: false,
        }),
    );
  }, [client, language, run]);
  const close = (): void => {
    if (day === null || day.closed) return;
    closing.run(
      () => client['terminal.endOfDay']({ closingId }),
      ({ closed: { terminal, journal } }) => setDay({ ...day, terminal, journal, closed: true }),
    );
  };
  useKeys({ F2: close, Escape: onBack });
  const difference = day?.terminal ? qepik(day.terminal.sum - day.journal.sum) : null;
  return (
    <div className="settings-form" data-testid="terminal-totals">
      {day === null ? (
        <p className="quiet">{t('cards.day.loading')}</p>
      ) : (
        <>
          {day.closed ? <strong>{t('cards.day.closed')}</strong> : null}
          <dl className="figures figures-row">
            <Totals name={t('cards.day.terminal')} totals={day.terminal} why={day.why} />
            <Totals name={t('cards.day.journal')} totals={day.journal} why={null} />
          </dl>
          <dl className="figures">
            <div>
              <dt>{t('cards.day.difference')}</dt>
              <dd data-testid="day-difference">
                {difference === null ? (
                  t('cards.day.unknown')
                ) : difference === 0 ? (
                  t('cards.day.even')
                ) : (
                  <Money amount={difference} />
                )}
              </dd>
            </div>
          </dl>
          {day.suspects.length === 0 ? null : (
            <>
              <p className="quiet">{t('cards.day.suspects')}</p>
              <ul className="findings">
                {day.suspects.map((row) => (
                  <li key={row.attemptId}>
                    {t(`cards.kinds.${row.kind}`)} {formatMoney(row.amount)} · {row.result?.maskedPan ?? ''} ·{' '}
                    {t(`cards.outcomes.${row.outcome ?? 'open'}`)} · {row.teller}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
      <Button onPress={onBack} keyCap="Esc">
        {t('cards.back')}
      </Button>
      {day === null || day.closed ? null : (
        <Button
          ref={button}
          primary
          keyCap="F2"
          onPress={close}
          busy={closing.busy}
          testId="close-terminal-day"
        >
          {t(closing.busy ? 'cards.day.closing' : 'cards.day.close')}
        </Button>
      )}
    </div>
  );
}

function Totals({
  name,
  totals,
  why,
}: {
  readonly name: string;
  readonly totals: PosTotals | null;
  readonly why: string | null;
}) {
  const { t } = useTranslation();
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {totals === null ? (
          <span className="figure-words">{why ?? t('cards.day.unknown')}</span>
        ) : (
          <>
            <Money amount={totals.sum} />{' '}
            <span className="quiet">{t('cards.day.count', { count: totals.count })}</span>
          </>
        )}
      </dd>
    </div>
  );
}
