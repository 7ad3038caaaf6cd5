import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClosedDay } from '../../../contracts/ipw-card.ts';
import type { CardRow, PosReason, PosTotals } from '../../../contracts/ipw.ts';
import { formatMoney, qepik } from '../../../contracts/money.ts';
import { posReasonText } from '../../../contracts/pos-reasons.ts';
import { Button } from '../components/button.tsx';
import { Money } from '../components/money.tsx';
import { useLanguage } from '../components/message.tsx';
import { useNow } from '../components/use-now.ts';
import { cardTail } from '../format/card-words.ts';
import { shortMoment } from '../format/moments.ts';
import { newId } from '../format/new-id.ts';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';
import { hush } from '../host/window-store.ts';
import { useHome } from '../keyboard/focus-home.ts';
import { useKeys } from '../keyboard/key-layers.ts';

type Day = {
  readonly terminal: PosTotals | null;
  readonly journal: PosTotals;
  readonly reason: PosReason | null;
  readonly suspects: readonly CardRow[];
};
type Asked = Day | 'asking' | 'failed';

/** The terminal's totals beside the journal's, the attempts that may explain a difference, the close, and the last one. */
export function TerminalDay({ onBack }: { readonly onBack: () => void }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const button = useRef<HTMLButtonElement>(null);
  useHome(button);
  const [day, setDay] = useState<Asked>('asking');
  const [last, setLast] = useState<ClosedDay | null>(null);
  const [justClosed, setJustClosed] = useState(false);
  // Minted once: pressing again after a lost answer is the same close.
  const [closingId] = useState(newId);
  const { run: runTotals, busy: asking } = useAction();
  const closing = useAction();

  const load = useCallback((): void => {
    runTotals(
      async () => {
        // What the journal keeps is seen also when the terminal cannot be asked.
        const closed = await client['terminal.closedDays']({ limit: 1 });
        if (!closed.ok) return closed;
        setLast(closed.value.days[0] ?? null);
        return client['terminal.totals']({});
      },
      ({ rows, suspects, ...figures }) =>
        setDay({ ...figures, suspects: rows.filter((row) => suspects.includes(row.attemptId)) }),
      () => setDay('failed'),
    );
  }, [client, runTotals]);
  useEffect(load, [load]);
  const ask = (): void => {
    setDay('asking');
    load();
  };

  const mayClose = typeof day !== 'string' && !justClosed;
  const close = (): void => {
    if (!mayClose) return;
    closing.run(
      () => client['terminal.endOfDay']({ closingId }),
      () => {
        setJustClosed(true);
        ask();
      },
    );
  };
  const back = (): void => {
    // What was said of the day is not said of the settings.
    hush();
    onBack();
  };
  useKeys({ F2: () => (day === 'failed' ? ask() : close()), Escape: back });
  return (
    <div className="settings-form" data-testid="terminal-totals">
      {day === 'asking' ? (
        <p className="quiet">{t('cards.day.loading')}</p>
      ) : day === 'failed' ? (
        <p data-testid="totals-failed">{t('cards.day.failed')}</p>
      ) : (
        <Figures day={day} />
      )}
      {last === null ? null : (
        <section className="closed-day" data-testid="closed-day">
          <strong>{t(justClosed ? 'cards.day.closed' : 'cards.day.last')}</strong>
          <ClosedBy day={last} />
          <Figures day={{ ...last.closed, suspects: last.suspects }} closed />
        </section>
      )}
      <div className="button-row">
        <Button onPress={back} keyCap="Esc">
          {t('cards.back')}
        </Button>
        {day === 'failed' ? (
          <Button ref={button} primary keyCap="F2" onPress={ask} busy={asking} testId="totals-again">
            {t('cards.day.again')}
          </Button>
        ) : mayClose ? (
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
        ) : null}
      </div>
    </div>
  );
}

function ClosedBy({ day: { at, closed } }: { readonly day: ClosedDay }) {
  const now = useNow();
  const about = [shortMoment(at, now), closed.by.name, closed.terminalId];
  return <p className="quiet">{about.filter((part) => part !== null).join(' · ')}</p>;
}

/** Both sides, what lies between them, and what may explain it. */
function Figures({ day, closed = false }: { readonly day: Day; readonly closed?: boolean }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { terminal, journal, reason, suspects } = day;
  const difference = terminal === null ? null : qepik(terminal.sum - journal.sum);
  const why = reason === null ? null : posReasonText(reason, language);
  return (
    <>
      <dl className="figures figures-row">
        <Totals name={t('cards.day.terminal')} totals={terminal} why={why} />
        <Totals name={t('cards.day.journal')} totals={journal} why={null} />
        <div>
          <dt>{t('cards.day.difference')}</dt>
          <dd data-testid={closed ? 'closed-difference' : 'day-difference'}>
            {difference === null ? (
              <span className="figure-words">{t('cards.day.unknown')}</span>
            ) : difference === 0 ? (
              <span className="figure-words">{t('cards.day.even')}</span>
            ) : (
              <Money amount={difference} />
            )}
          </dd>
        </div>
      </dl>
      {suspects.length === 0 ? null : (
        <>
          <p className="quiet">{t('cards.day.suspects')}</p>
          <ul className="findings">
            {suspects.map((row) => (
              <li key={row.attemptId} data-testid="day-suspect">
                {t(`cards.kinds.${row.kind}`)} {formatMoney(row.amount)} ·{' '}
                {row.result?.maskedPan ? `${cardTail(row.result.maskedPan)} · ` : ''}
                {t(`cards.outcomes.${row.outcome ?? 'open'}`)} · {row.teller}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
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
            <Money amount={totals.sum} />
            <small className="quiet block">{t('cards.day.count', { count: totals.count })}</small>
          </>
        )}
      </dd>
    </div>
  );
}
