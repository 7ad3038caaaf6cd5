import { useTranslation } from 'react-i18next';
import { posReasonText } from '../../../contracts/pos-reasons.ts';
import { sinceClock } from '../format/card-words.ts';
import { shortMoment } from '../format/moments.ts';
import { useHostState } from '../host/host-context.ts';
import { useLanguage } from './message.tsx';
import { useNow } from './use-now.ts';

const LIGHTS = {
  notSet: 'quiet',
  connecting: 'warning',
  away: 'warning',
  refused: 'bad',
  ready: 'ok',
  busy: 'ok',
} as const;

/** The POS terminal on the strip: nothing where none is set; a simulator says so. */
export function TerminalOnStrip() {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  const terminal = useHostState((state) => state.terminal);
  if (terminal === null || terminal.settings.kind === 'none') return null;
  const light = LIGHTS[terminal.state];
  const since = sinceClock(shortMoment(terminal.since, now), language);
  const reason = terminal.reason === null ? '' : posReasonText(terminal.reason, language);
  return (
    <li
      className={`state state-device state-${light}`}
      data-testid="terminal-chip"
      data-state={terminal.state}
    >
      <span className={`dot dot-${light}`} aria-hidden="true" />
      <span className="state-text">
        {t(`cards.state.${terminal.attempt === null ? terminal.state : 'busy'}`, { reason, since })}
      </span>
      {terminal.simulator ? <strong className="state-mark">· {t('cards.simulator')}</strong> : null}
    </li>
  );
}
