import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { useHostState } from '../host/host-context.ts';
import { showBoard } from '../host/window-store.ts';
import { HEALTH_KEY } from '../keyboard/key-map.ts';
import { isVirtual, readerState } from './reader-state.ts';
import { useNow } from './use-now.ts';
import { useSpan } from './use-span.ts';

const LIGHTS = {
  noService: 'warning',
  noReader: 'quiet',
  empty: 'ok',
  reading: 'ok',
  card: 'ok',
  company: 'ok',
  failed: 'warning',
  mute: 'warning',
  taken: 'warning',
} as const;

/** The meter cards' reader on the strip, in words with since when; a virtual one says so. */
export function ReaderOnStrip() {
  const { t } = useTranslation();
  const now = useNow();
  const span = useSpan();
  const meterCard = useHostState((state) => state.meterCard);
  const enrolled = useHostState((state) => state.session?.enrolled ?? false);
  if (meterCard === null || !enrolled) return null;
  const state = readerState(meterCard);
  const blocked = meterCard.readers.find((reader) => reader.state === state);
  const words = t(`meterCard.reader.${state}`, {
    company: meterCard.card?.identity?.billerName ?? '',
    since: span(blocked?.since ?? meterCard.since, now),
  });
  return (
    <li
      className={`state state-device state-${LIGHTS[state]}${meterCard.card ? ' state-told' : ''}`}
      data-testid="reader-chip"
      data-state={state}
    >
      <span className={`dot dot-${LIGHTS[state]}`} aria-hidden="true" />
      <span className="state-text">{words}</span>
      {isVirtual(meterCard) ? <strong className="state-virtual">{t('meterCard.virtual')}</strong> : null}
    </li>
  );
}

/** Opens the health board from the strip. */
export function HealthOnStrip() {
  const { t } = useTranslation();
  const user = useHostState((state) => state.session?.user ?? null);
  if (user === null) return null;
  return (
    <li>
      <Button
        className="state state-button"
        onPress={() => showBoard(true)}
        excludeFromTabOrder
        aria-label={t('meterCard.health.open')}
        data-testid="open-health"
      >
        <kbd className="key-cap">{HEALTH_KEY}</kbd>
        <span aria-hidden="true">?</span>
      </Button>
    </li>
  );
}
