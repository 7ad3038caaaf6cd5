import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PosCheck } from '../../../contracts/pos.ts';
import { posReasonText } from '../../../contracts/pos-reasons.ts';
import { Chip } from '../components/chip.tsx';
import { useLanguage } from '../components/message.tsx';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';

const MARKS = {
  right: { tone: 'ok', text: 'cards.settings.right' },
  wrong: { tone: 'bad', text: 'cards.settings.wrongMark' },
  unsure: { tone: 'quiet', text: 'cards.settings.unsure' },
} as const;

/** Checks the terminal that is set, step by step. */
export function useChecks() {
  const { client } = useHost();
  const [checks, setChecks] = useState<readonly PosCheck[]>([]);
  const { busy, run } = useAction({ stay: true });
  const begin = (): void => {
    setChecks([]);
    const checking = client['terminal.check']({}, ({ check }) => setChecks((before) => [...before, check]));
    run(
      () => checking.result,
      ({ checks: all }) => setChecks(all),
    );
  };
  return { checks, busy, begin, clear: () => setChecks([]) };
}

/** Whether the terminal is set up as it must be. */
export function Checks({ checks }: { readonly checks: readonly PosCheck[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <ul className="findings" aria-live="polite" data-testid="checks">
      {checks.map(({ what, state, reason }) => (
        <li key={what}>
          {t(`cards.settings.checks.${what}`)} <Chip tone={MARKS[state].tone}>{t(MARKS[state].text)}</Chip>{' '}
          {reason === null ? null : <span className="quiet">{posReasonText(reason, language)}</span>}
        </li>
      ))}
    </ul>
  );
}
