import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PosFinding } from '../../../contracts/pos.ts';
import { posReasonText } from '../../../contracts/pos-reasons.ts';
import { Button } from '../components/button.tsx';
import { Message, useLanguage } from '../components/message.tsx';
import { useHost } from '../host/host-context.ts';
import { useAction } from '../host/use-action.ts';

type Found = Extract<PosFinding, { readonly kind: 'terminal' }>;

/** Looks at every port and address; what is at each is shown as it comes. `findings` is null before and when it failed. */
export function useSearch() {
  const { client } = useHost();
  const [findings, setFindings] = useState<readonly PosFinding[] | null>(null);
  const { busy, run } = useAction({ stay: true });
  const begin = (): void => {
    setFindings([]);
    const search = client['terminal.search']({}, ({ finding }) =>
      setFindings((before) => [...(before ?? []), finding]),
    );
    run(
      () => search.result,
      ({ findings: all }) => setFindings(all),
      () => setFindings(null),
    );
  };
  return { findings, busy, begin, clear: () => setFindings(null) };
}

/** Terminals to be chosen, the rest with the reason why it is none; and what to look at when there is none at all. */
export function Findings({
  findings,
  searching,
  onChoose,
}: {
  readonly findings: readonly PosFinding[] | null;
  readonly searching: boolean;
  readonly onChoose: (found: Found) => void;
}) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (findings === null) return null;
  const nothing = !searching && findings.every(({ kind }) => kind !== 'terminal');
  return (
    <div aria-live="polite">
      {nothing ? (
        <Message
          tone="warning"
          text={t('cards.settings.nothing')}
          next={t('cards.settings.nothingNext')}
          testId="search-nothing"
        />
      ) : null}
      <ul className="findings" data-testid="findings">
        {findings.map((finding) => (
          <li key={finding.label}>
            {finding.kind === 'terminal' ? (
              <>
                <strong>{t('cards.settings.found', { label: finding.label })}</strong>{' '}
                {finding.simulator ? <span>{t('cards.simulator')} </span> : null}
                <Button small onPress={() => onChoose(finding)} testId="choose-terminal">
                  {t('cards.settings.choose')}
                </Button>
              </>
            ) : (
              <span className="quiet">
                {finding.label}: {posReasonText(finding.reason, language)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
