import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardInReader, LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatAmount, formatMoney, parseAmount, qepik, type Qepik } from '../../../../contracts/money.ts';
import { Button } from '../../components/button.tsx';
import { Message, NoticeArea } from '../../components/message.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, hush, say, showLoad } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { PROPOSAL_KEYS } from '../../keyboard/key-map.ts';
import { useKeys } from '../../keyboard/key-layers.ts';
import { useMoneyStopped } from '../counter/use-money-stopped.ts';
import { lineOfCard } from './card-case.ts';
import { HealedWord } from './healed-word.tsx';
import { Quote, TierNow, type Ordered } from './quote.tsx';

const QUICK = [500, 1000, 2000, 5000].map(qepik);

type AmountPanelProps = {
  readonly card: CardInReader;
  readonly open: readonly LoadAtTill[];
  readonly healed: LoadAtTill | null;
};

/** How much is to be loaded: the first Enter asks the centre what it buys, the second leads to the money. */
export function AmountPanel({ card, open, healed }: AmountPanelProps) {
  const { t } = useTranslation();
  const { client } = useHost();
  const field = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLElement>(null);
  const counter = useHostState((state) => state.counter);
  const line = lineOfCard(counter, card);
  const [typed, setTyped] = useState(() => (line ? formatAmount(line.amount) : ''));
  const [ordered, setOrdered] = useState<Ordered | null>(null);
  const ordering = useAction();
  const going = useAction();
  const stop = useStop();
  useHome(stop === null ? field : panel);
  useHint(t('meterCard.hint'));

  const rules = card.centre?.rules ?? null;
  const quick = QUICK.filter((sum) => rules !== null && sum >= rules.min && sum <= rules.max);
  const amount = typed.trim() === '' ? undefined : parseAmount(typed);
  const priced = line !== undefined && line.amount === amount;

  const order = (sum: Qepik): void =>
    ordering.run(
      () => client['meterCard.order']({ amount: sum }),
      (answer) => {
        setOrdered(answer);
        // The next digit begins another amount.
        field.current?.select();
      },
    );
  const take = (sum: Qepik): void => {
    hush();
    setTyped(formatAmount(sum));
    order(sum);
  };
  const next = (): void => {
    if (stop !== null) return;
    if (priced)
      going.run(
        () => client['basket.tender']({ back: false }),
        () => goTo('counter'),
      );
    else if (amount !== undefined && amount > 0) order(amount);
    else say('warning', t(typed.trim() === '' ? 'meterCard.amount.empty' : 'counter.amountWrong'));
  };
  const back = (): void => {
    if (line === undefined) return goTo('counter');
    going.run(
      () => client['basket.remove']({ lineId: line.lineId }),
      () => setOrdered(null),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const sum = quick[PROPOSAL_KEYS.findIndex((key) => key === event.key)];
    if (sum !== undefined) take(sum);
    else if (event.key === 'Enter') {
      if (!event.repeat) next();
    } else return;
    event.preventDefault();
  };
  useKeys({
    F2: next,
    Enter: next,
    Escape: back,
    ...(open.length > 0 ? { F4: () => showLoad() } : {}),
  });

  return (
    <section
      ref={panel}
      tabIndex={-1}
      className="panel meter-panel"
      aria-labelledby="meter-title"
      data-testid="card-panel"
      data-case="ready"
    >
      <header className="meter-head">
        <h1 id="meter-title">{t('meterCard.loadTitle')}</h1>
        {rules && card.identity ? <TierNow rules={rules} unit={card.identity.unit} /> : null}
      </header>
      <HealedWord load={healed} />
      {stop === null ? (
        <>
          <div className="meter-amounts" role="group" aria-label={t('meterCard.amount.quick')}>
            {quick.map((sum, index) => (
              <Button
                key={sum}
                keyCap={PROPOSAL_KEYS[index] ?? ''}
                onPress={() => take(sum)}
                testId={`quick-${sum}`}
              >
                {formatMoney(sum).replace(',00', '')}
              </Button>
            ))}
            <label className="amount-box amount-box-huge meter-amount">
              <input
                ref={field}
                className="amount-field"
                data-testid="load-amount-field"
                data-scan="amount"
                inputMode="decimal"
                autoComplete="off"
                aria-label={t('meterCard.amount.label')}
                aria-describedby="load-limits"
                placeholder={t('meterCard.amount.other')}
                value={typed}
                onChange={(event) => {
                  hush();
                  setTyped(event.target.value.replace(/[^\d.,\s]/g, ''));
                }}
                onFocus={(event) => event.currentTarget.select()}
                onKeyDown={onKeyDown}
              />
              <span aria-hidden="true">₼</span>
            </label>
            {rules ? (
              <span className="quiet meter-limits" id="load-limits">
                {`${formatMoney(rules.min)} – ${formatMoney(rules.max)}`}
              </span>
            ) : null}
          </div>
          <div className="meter-quote" aria-live="polite" data-testid="quote-place">
            {priced && counter ? (
              <Quote
                line={line}
                ordered={ordered?.lineId === line.lineId ? ordered : null}
                counter={counter}
              />
            ) : (
              <p className="quiet">
                {t(ordering.busy ? 'meterCard.amount.asking' : 'meterCard.amount.empty')}
              </p>
            )}
          </div>
        </>
      ) : (
        <Message tone={stop.tone} text={stop.title} next={stop.next} testId="load-stopped" />
      )}
      <NoticeArea />
      <div className="meter-next">
        {open.length > 0 ? (
          <Button keyCap="F4" onPress={() => showLoad()} testId="to-loads">
            {t('meterCard.loads.open', { count: open.length })}
          </Button>
        ) : null}
        <Button keyCap="Esc" onPress={back} busy={going.busy} testId="leave-meter-card">
          {t(line === undefined ? 'meterCard.amount.back' : 'meterCard.amount.change')}
        </Button>
        {stop === null ? (
          <Button
            primary
            keyCap="Enter"
            onPress={next}
            busy={ordering.busy || going.busy}
            testId={priced ? 'to-tender' : 'ask-price'}
          >
            {t(
              ordering.busy
                ? 'meterCard.amount.asking'
                : priced
                  ? 'meterCard.amount.toTender'
                  : 'meterCard.amount.ask',
            )}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

/** Why no load can be begun now whatever the card says; null when it can. */
function useStop(): {
  readonly tone: 'warning' | 'bad';
  readonly title: string;
  readonly next: string;
} | null {
  const { t } = useTranslation();
  const stopped = useMoneyStopped();
  const shift = useHostState((state) => state.session?.shift ?? null);
  const stage = useHostState((state) => state.counter?.stage ?? 'draft');
  if (stopped) return { tone: stopped.tone, title: stopped.text, next: '' };
  if (shift?.state !== 'open')
    return { tone: 'warning', title: t('meterCard.noShift.title'), next: t('meterCard.noShift.next') };
  if (stage === 'tendering' || stage === 'charging')
    return {
      tone: 'warning',
      title: t('meterCard.otherPayment.title'),
      next: t('meterCard.otherPayment.next'),
    };
  return null;
}
