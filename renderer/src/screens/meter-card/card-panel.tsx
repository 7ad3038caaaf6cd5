import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { loadReasonText } from '../../../../contracts/load-reasons.ts';
import type { CardInReader, LoadAtTill, MeterCardState } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Button } from '../../components/button.tsx';
import { NoticeArea, useLanguage } from '../../components/message.tsx';
import { useHint } from '../../components/use-hint.ts';
import { useNow } from '../../components/use-now.ts';
import { useSpan } from '../../components/use-span.ts';
import { asFailure, failureText } from '../../format/failure-text.ts';
import { useHost } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { goTo, showBoard, showLoad } from '../../host/window-store.ts';
import { useHome } from '../../keyboard/focus-home.ts';
import { HEALTH_KEY } from '../../keyboard/key-map.ts';
import { useKeys, type KeyLayer } from '../../keyboard/key-layers.ts';
import { AmountPanel } from './amount-panel.tsx';
import { cardCase, type CardCase } from './card-case.ts';
import { FoundLoad } from './found-load.tsx';
import { HealedWord } from './healed-word.tsx';
import { LoadProgress } from './load-progress.tsx';

/** What is to be said and done about the card in the reader. */
export function CardPanel({ state }: { readonly state: MeterCardState }) {
  const { card } = state;
  const what = cardCase(state);
  const healed = useHealed(state.open, card);
  if (card && what.kind === 'ready') return <AmountPanel card={card} open={state.open} healed={healed} />;
  if (what.kind === 'found') return <FoundLoad found={what.found} open={state.open} />;
  if (what.kind === 'healing') return <Healing load={what.load} />;
  return <Said state={state} what={what} healed={healed} />;
}

/** The load of this card that was open here and is on the card now: it healed while the teller watched. */
function useHealed(open: readonly LoadAtTill[], card: CardInReader | null): LoadAtTill | null {
  const cardId = card?.identity?.cardId ?? null;
  const mine = open.find((load) => load.cardId === cardId) ?? null;
  const watched = useRef<LoadAtTill | null>(null);
  const [healed, setHealed] = useState<LoadAtTill | null>(null);
  const onCard = card?.centre?.card.last?.loadId ?? null;
  useEffect(() => {
    const before = watched.current;
    const done = mine !== null && (mine.stage === 'written' || mine.stage === 'confirmed');
    if (mine !== null && !done) watched.current = mine;
    else if (before !== null && (done || onCard === before.loadId)) {
      watched.current = null;
      setHealed(before);
    }
  }, [mine, onCard]);
  return healed?.cardId === cardId ? healed : null;
}

/** A load of this card is being settled: nobody has to do anything but leave the card where it is. */
function Healing({ load }: { readonly load: LoadAtTill }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const panel = useRef<HTMLElement>(null);
  useHome(panel);
  useHint(t('meterCard.wait'));
  useKeys({ Enter: () => undefined, Escape: () => undefined });
  return (
    <section
      ref={panel}
      tabIndex={-1}
      className="panel meter-panel"
      aria-labelledby="meter-title"
      data-testid="card-panel"
      data-case="healing"
    >
      <h1 id="meter-title">{t('meterCard.torn.reading')}</h1>
      <p>{t('meterCard.torn.readingLead')}</p>
      <dl className="meter-owed">
        <dt>{t('meterCard.torn.atStake')}</dt>
        <dd>{formatUnits(load.units, load.unit, language)}</dd>
      </dl>
      <LoadProgress load={load} />
      <div className="meter-keep" role="status">
        <strong>{t('meterCard.keep')}</strong> <span>{t('meterCard.keepWhy')}</span>
      </div>
    </section>
  );
}

type Words = {
  readonly tone: 'plain' | 'warning' | 'bad';
  readonly title: string;
  readonly lead: ReactNode;
  readonly next?: string;
  readonly support?: string | null;
  /** Whether reading once more may help. */
  readonly again?: boolean;
};

function Said({
  state,
  what,
  healed,
}: {
  readonly state: MeterCardState;
  readonly what: CardCase;
  readonly healed: LoadAtTill | null;
}) {
  const { t } = useTranslation();
  const { client } = useHost();
  const panel = useRef<HTMLElement>(null);
  const reading = useAction();
  const words = useWords(state, what);
  useHome(panel);
  useHint(t('meterCard.hint'));
  const again = (): void => reading.run(() => client['meterCard.again']({}));
  const able = words.again === true;
  const toLoads = (): void => showLoad();
  const keys: KeyLayer = {
    Escape: () => goTo('counter'),
    Enter: () => (able ? again() : undefined),
    F2: () => (able ? again() : undefined),
    ...(state.open.length > 0 ? { F4: toLoads } : {}),
  };
  useKeys(keys);
  return (
    <section
      ref={panel}
      tabIndex={-1}
      className="panel meter-panel"
      aria-labelledby="meter-title"
      data-testid="card-panel"
      data-case={what.kind === 'nobody' ? what.why : what.kind}
    >
      <HealedWord load={healed} />
      <div className={`meter-said meter-said-${words.tone}`} aria-live="polite">
        <h1 id="meter-title">{words.title}</h1>
        <p>{words.lead}</p>
        {words.next === undefined ? null : (
          <p className="meter-instead" data-testid="card-instead">
            {words.next}
          </p>
        )}
        {words.support ? (
          <p className="quiet">{t('meterCard.failed.support', { detail: words.support })}</p>
        ) : null}
      </div>
      <NoticeArea />
      <div className="meter-next">
        {state.open.length > 0 ? (
          <Button keyCap="F4" onPress={toLoads} testId="to-loads">
            {t('meterCard.loads.open', { count: state.open.length })}
          </Button>
        ) : null}
        {words.tone === 'plain' ? null : (
          <Button keyCap={HEALTH_KEY} onPress={() => showBoard(true)} testId="who-stopped">
            {t('meterCard.health.open')}
          </Button>
        )}
        <Button keyCap="Esc" onPress={() => goTo('counter')} testId="leave-meter-card">
          {t('meterCard.amount.back')}
        </Button>
        {able ? (
          <Button primary keyCap="Enter" onPress={again} busy={reading.busy} testId="read-again">
            {t('meterCard.failed.again')}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

const OWN_ADVICE = ['foreign', 'mute', 'worn', 'codeTries', 'readerCannot'] as const;

/** Every case in words: what it is, and what the teller may do instead. */
function useWords(state: MeterCardState, what: CardCase): Words {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  const span = useSpan();
  const { card } = state;
  const company = card?.identity?.billerName ?? '';
  switch (what.kind) {
    case 'nobody': {
      if (what.why === 'putIn')
        return { tone: 'plain', title: t('meterCard.nobody.title'), lead: t('meterCard.nobody.lead') };
      const since = span(state.since, now);
      return {
        tone: 'warning',
        title: t(`meterCard.nobody.${what.why}`, { since }),
        lead: t(`meterCard.nobody.${what.why}Next`),
      };
    }
    case 'reading':
      return { tone: 'plain', title: t('meterCard.reading'), lead: t('meterCard.readingNext') };
    case 'failed': {
      const reason = card?.reason ?? 'unreadable';
      const advice = OWN_ADVICE.find((one) => one === reason) ?? 'other';
      return {
        tone: 'warning',
        title: t('meterCard.failed.title', { reason: loadReasonText(reason, language) }),
        lead: t(`meterCard.failed.next.${advice}`),
        support: card?.detail ?? null,
        // What was not recognised is read again when it is put in again, and not before.
        again: card?.identity !== null,
      };
    }
    case 'refused': {
      const told = failureText(asFailure(card?.refused ?? { code: 'meterCardUnknown' }), language);
      const strange = card?.identity?.billerId === null;
      return {
        tone: card?.refused?.code === 'meterCardIncident' ? 'bad' : 'warning',
        title: told.text,
        lead: told.action,
        next: [
          strange ? t('meterCard.here.foreignCompany', { company }) : '',
          t('meterCard.here.instead'),
        ].join(' '),
        again: true,
      };
    }
    case 'here':
      return {
        tone: 'warning',
        title: t('meterCard.here.title'),
        lead: t('meterCard.here.lead'),
        next: t('meterCard.here.next'),
        again: true,
      };
    case 'blocked': {
      const because = card?.centre?.card.blockedBecause ?? 'office';
      return {
        tone: 'bad',
        title: t('meterCard.blocked.title'),
        lead: t(`meterCard.blocked.${because}`),
        next: t('meterCard.blocked.next'),
      };
    }
    case 'noLoads':
      return {
        tone: 'warning',
        title: t('meterCard.noLoads.title', { company }),
        lead: t('meterCard.noLoads.next'),
      };
    case 'healing':
    case 'found':
    case 'ready':
      return { tone: 'plain', title: t('meterCard.title'), lead: '' };
  }
}
