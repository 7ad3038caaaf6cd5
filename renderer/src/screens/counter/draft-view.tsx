import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Language } from '../../../../contracts/domain.ts';
import type { CounterState } from '../../../../contracts/ipw.ts';
import { formatRegistrationCode } from '../../../../contracts/rules/damm.ts';
import { ok } from '../../../../contracts/result.ts';
import { NoticeArea } from '../../components/message.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, hush, say, useWindow } from '../../host/window-store.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useScans } from '../../keyboard/scans.ts';
import { BasketPanel } from './basket-panel.tsx';
import { FindField } from './find-field.tsx';
import { OfferedTable, type OfferedTableHandle } from './offered-table.tsx';
import { offeredRows, type OfferedRow } from './offered-rows.ts';
import type { FindOption } from './use-find.ts';
import { useMoneyStopped } from './use-money-stopped.ts';
import { useNoTerminal } from './use-no-terminal.ts';

/** The counter while the basket is being made: find on top, the accounts, the basket beside them. */
export function DraftView({ counter }: { readonly counter: CounterState }) {
  const { t } = useTranslation();
  const { client } = useHost();
  const table = useRef<OfferedTableHandle>(null);
  const opening = useAction();
  const changing = useAction({ stay: true });
  const tendering = useAction();
  const stopped = useMoneyStopped();

  const rows = offeredRows(counter);
  const waiting = rows.filter((row) => row.line === null && row.owed > 0);
  // A single account without a debt is there to be paid in advance.
  const takeable =
    waiting.length === 0 && rows.length === 1 ? rows.filter((row) => row.line === null) : waiting;

  const confirm = (text: string): void =>
    opening.run(
      () => client['basket.scan']({ text }),
      ({ found }) => {
        if (found === 'nothing') say('warning', t('find.nothing', { text }), t('find.nothingNext'));
      },
    );
  const choose = (option: FindOption): void =>
    opening.run(() => {
      if (option.kind === 'unlisted')
        return client['basket.open']({ billerId: option.biller.id, account: option.account });
      const { code, billerId, account } = option.hit;
      if (code !== null) return client['basket.open']({ code });
      return client['basket.open']({ billerId: billerId ?? '', account: account ?? '' });
    });
  const toggle = (row: OfferedRow): void => {
    if (row.line === null && row.owed <= 0) table.current?.editWhenAdded(row.key);
    changing.run<unknown>(() =>
      row.line
        ? client['basket.remove']({ lineId: row.line.lineId })
        : client['basket.add']({ billerId: row.billerId, account: row.account }),
    );
  };
  const takeDebts = (): void => {
    const [only] = takeable;
    if (only && only.owed <= 0) table.current?.editWhenAdded(only.key);
    (only && only.owed <= 0 ? changing : opening).run(async () => {
      const asked = takeable.map(({ billerId, account }) => client['basket.add']({ billerId, account }));
      const answers = await Promise.all(asked);
      return answers.find((answer) => !answer.ok) ?? ok(null);
    });
  };
  const tender = (): void => tendering.run(() => client['basket.tender']({ back: false }));
  // Enter right behind a scan is meant for what the scan brings: it waits for that.
  const early = useRef(false);
  const next = (): void => {
    if (opening.busy) early.current = true;
    else if (counter.lines.length > 0) {
      const wrong = rows.find((row) => row.line?.problem);
      if (wrong) table.current?.edit(wrong.key);
      else if (stopped === null) tender();
    } else if (takeable.length > 0) takeDebts();
  };
  useEffect(() => {
    if (opening.busy || !early.current) return;
    early.current = false;
    if (useWindow.getState().notice === null) next();
  });
  const back = (): void => {
    if (counter.lines.length === 0) {
      hush();
      if (counter.offered.length > 0 || counter.subscriber) opening.run(() => client['basket.clear']({}));
      return;
    }
    const asked = useWindow.getState().notice;
    if (asked?.kind === 'said' && asked.text === t('counter.clearAsk'))
      opening.run(() => client['basket.clear']({}));
    else say('warning', t('counter.clearAsk'), t('counter.clearAskNext'));
  };

  const setLanguage = (language: Language): void => {
    // Arrows walk through the languages: the focus leaves them only after a click.
    const byKeyboard = document.activeElement?.matches(':focus-visible') ?? false;
    (byKeyboard ? changing : opening).run(() => client['basket.language']({ language }));
  };

  // Before the money it means nothing where a terminal is set; where none is, a teller who looks for it is told.
  const noTerminal = useNoTerminal();
  useHint(t('keys.counterHint'));
  useScans(confirm);
  useKeys({ F2: next, F4: noTerminal, Escape: back });

  return (
    <main className="counter">
      <div className="counter-main">
        <FindField
          onNext={next}
          onDown={() => table.current?.focusFirst()}
          onChoose={choose}
          onConfirm={confirm}
        />
        <NoticeArea />
        <Whose counter={counter} rows={rows} />
        {rows.length === 0 ? (
          <Empty />
        ) : (
          <OfferedTable
            ref={table}
            rows={rows}
            holders={counter.subscriber === null && rows.length > 1}
            onToggle={toggle}
            onAmount={(lineId, amount) => changing.run(() => client['basket.amount']({ lineId, amount }))}
          />
        )}
      </div>
      <BasketPanel
        counter={counter}
        waitingDebts={takeable.length}
        stopped={stopped}
        busy={tendering.busy}
        onRemove={(line) => opening.run(() => client['basket.remove']({ lineId: line.lineId }))}
        onTakeDebts={takeDebts}
        onTender={tender}
        onLanguage={setLanguage}
      />
    </main>
  );
}

/** Whose accounts these are: the subscriber with the code, or the holder of the one account on screen. */
function Whose({ counter, rows }: { readonly counter: CounterState; readonly rows: readonly OfferedRow[] }) {
  const { t } = useTranslation();
  const { subscriber } = counter;
  const [only, ...others] = rows;
  const billerName = useHostState((state) => (only ? state.billers.get(only.billerId)?.name : undefined));
  if (subscriber) {
    return (
      <section className="whose panel" data-testid="whose">
        <div>
          <span className="whose-code">{formatRegistrationCode(subscriber.code)}</span>
          <span className="quiet">{t('counter.registrationCode')}</span>
        </div>
        <div className="whose-who">
          <strong>{subscriber.name}</strong>
          <span className="quiet">
            {[subscriber.address, t('counter.accounts', { count: subscriber.accounts.length })]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </div>
        <AriaButton className="chip chip-brand chip-button" onPress={() => goTo('subscriber')}>
          {t('counter.addAccount')}
        </AriaButton>
      </section>
    );
  }
  if (!only || others.length > 0) return null;
  return (
    <section className="whose panel" data-testid="whose">
      <div>
        <span className="whose-code">{only.account}</span>
        <span className="quiet">{billerName ?? only.line?.billerName}</span>
      </div>
      <div className="whose-who">
        <strong>{only.known ? only.holder : t('counter.unlisted')}</strong>
        <span className="quiet">{[only.view?.address, only.view?.phone].filter(Boolean).join(' · ')}</span>
      </div>
    </section>
  );
}

function Empty() {
  const { t } = useTranslation();
  const replica = useHostState((state) => state.status?.replica.state);
  return (
    <section className="counter-empty panel">
      <h1>{t('counter.emptyTitle')}</h1>
      <p>{t('counter.emptyLead')}</p>
      {replica === 'ready' ? null : <p className="quiet">{t('counter.loadingDebts')}</p>}
    </section>
  );
}
