import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatAmount } from '../../../../contracts/money.ts';
import { loadReasonText } from '../../../../contracts/load-reasons.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Chip } from '../../components/chip.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useNow } from '../../components/use-now.ts';
import { useSpan } from '../../components/use-span.ts';
import { cardNumber } from '../../format/tariff.ts';
import { shortMoment } from '../../format/moments.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, showLoad, useWindow } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { EndLoadForm, type EndKind } from './end-load-form.tsx';
import { OpenLoadSide } from './open-load-side.tsx';

const NONE: readonly LoadAtTill[] = [];

/** Every paid load of this till that is not on its card: each is finished, cancelled or written off from here. */
export function OpenLoadsScreen() {
  const { t } = useTranslation();
  const { client } = useHost();
  const chosenRow = useRef<HTMLTableRowElement>(null);
  const lead = useRef<HTMLElement>(null);
  const wanted = useWindow((state) => state.load);
  const state = useHostState((host) => host.meterCard);
  const [ending, setEnding] = useState<EndKind | null>(null);
  const finishing = useAction();
  const open = [...(state?.load ? [state.load] : NONE), ...(state?.open ?? NONE)];
  const chosen = open.find(({ loadId }) => loadId === wanted) ?? open[0] ?? null;
  const cardIn = state?.card?.identity?.cardId ?? null;
  useHome(chosen === null ? lead : chosenRow);
  useHint(t('meterCard.loads.hint'));

  const finish = (): void => {
    if (chosen === null || isOver(chosen)) return;
    const { loadId } = chosen;
    finishing.run(() => client['load.finish']({ loadId }));
  };
  const end = (kind: EndKind): void => {
    if (chosen !== null && !isOver(chosen)) setEnding(kind);
  };
  const back = (): void => (ending === null ? goTo('meterCard') : setEnding(null));
  useKeys({
    Escape: back,
    ...(ending === null
      ? { Enter: finish, F2: finish, F3: () => end('cancel'), F4: () => end('writeOff') }
      : {}),
  });
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const beside = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' } as const;
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const row = event.currentTarget[beside[event.key]];
    if (!(row instanceof HTMLElement)) return;
    showLoad(row.dataset['load'] ?? null);
    row.focus();
  };

  return (
    <main className="list-screen" ref={lead} tabIndex={-1}>
      <section className="panel list-panel" aria-labelledby="open-loads-title" data-testid="open-loads">
        <header className="list-head list-head-words">
          <h1 id="open-loads-title">{t('meterCard.loads.title')}</h1>
          <p className="quiet">{t('meterCard.loads.lead')}</p>
        </header>
        {ending === null ? <NoticeArea /> : null}
        {open.length === 0 ? (
          <p className="quiet list-none" role="status" data-testid="no-open-loads">
            {t('meterCard.loads.none')}
          </p>
        ) : (
          <div className="list-scroll">
            <table className="list" role="grid" aria-label={t('meterCard.loads.title')}>
              <thead>
                <tr>
                  <th scope="col">{t('meterCard.loads.card')}</th>
                  <th scope="col" className="number">
                    {t('meterCard.loads.onCard')}
                  </th>
                  <th scope="col" className="number">
                    {t('meterCard.loads.paid')}
                  </th>
                  <th scope="col">{t('meterCard.loads.since')}</th>
                  <th scope="col">{t('meterCard.loads.state')}</th>
                </tr>
              </thead>
              <tbody>
                {open.map((load) => (
                  <tr
                    key={load.loadId}
                    ref={load === chosen ? chosenRow : null}
                    className={`list-row${load === chosen ? ' list-row-chosen' : ''}`}
                    data-testid="open-load"
                    data-load={load.loadId}
                    data-stage={load.stage}
                    aria-selected={load === chosen}
                    tabIndex={load === chosen ? 0 : -1}
                    onKeyDown={move}
                    onClick={(event) => {
                      showLoad(load.loadId);
                      event.currentTarget.focus();
                    }}
                  >
                    <LoadCells load={load} cardIn={load.cardId === cardIn} />
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section className="panel storno-side" aria-label={t('meterCard.loads.choose')}>
        {chosen === null ? (
          <p className="quiet">{t('meterCard.loads.none')}</p>
        ) : ending === null ? (
          <OpenLoadSide
            load={chosen}
            cardIn={chosen.cardId === cardIn}
            busy={finishing.busy}
            over={isOver(chosen)}
            onFinish={finish}
            onEnd={end}
          />
        ) : (
          <EndLoadForm
            key={chosen.loadId}
            load={chosen}
            kind={ending}
            onBack={() => setEnding(null)}
            onDone={() => setEnding(null)}
          />
        )}
      </section>
    </main>
  );
}

/** On its card already: it ends by itself when the centre has the proof. */
const isOver = ({ stage }: LoadAtTill): boolean =>
  stage === 'written' || stage === 'confirmed' || stage === 'cancelled';

function LoadCells({ load, cardIn }: { readonly load: LoadAtTill; readonly cardIn: boolean }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  const span = useSpan();
  return (
    <>
      <td>
        <span className="tabular nowrap">{cardNumber(load.cardId)}</span>
        <small className="quiet block">
          {load.billerName} · {load.account}
        </small>
      </td>
      <td className="number strong nowrap">{formatUnits(load.units, load.unit, language)}</td>
      <td className="number">
        {load.amount === null ? '—' : formatAmount(load.amount)}
        <small className="quiet block nowrap">{load.receiptNo ?? t('meterCard.steps.paidElsewhere')}</small>
      </td>
      <td className="nowrap">
        {shortMoment(load.since, now)}
        <small className="quiet block">{span(load.since, now)}</small>
      </td>
      <td>
        {t(`meterCard.loads.stages.${load.stage}`)}
        {load.reason === null ? null : (
          <small className="quiet block">{loadReasonText(load.reason, language)}</small>
        )}
        {cardIn ? <Chip tone="ok">{t('meterCard.loads.cardIn')}</Chip> : null}
      </td>
    </>
  );
}
