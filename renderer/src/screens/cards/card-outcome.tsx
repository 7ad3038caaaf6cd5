import { useTranslation } from 'react-i18next';
import type { CardRow } from '../../../../contracts/ipw.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import { posReasonText } from '../../../../contracts/pos-reasons.ts';
import { Chip } from '../../components/chip.tsx';
import { useLanguage } from '../../components/message.tsx';

type Outcome = NonNullable<CardRow['outcome']> | 'open';

const TONES = {
  done: 'ok',
  declined: 'quiet',
  notDone: 'quiet',
  manual: 'warning',
  open: 'warning',
} as const;

/** How an operation ended, in one word. */
export function OutcomeChip({ outcome }: { readonly outcome: CardRow['outcome'] }) {
  const { t } = useTranslation();
  const shown: Outcome = outcome ?? 'open';
  return <Chip tone={TONES[shown]}>{t(`cards.outcomes.${shown}`)}</Chip>;
}

/** How an operation ended, in a sentence that leaves no doubt whether money moved, and why. */
export function useOutcomeWords(): (row: Pick<CardRow, 'kind' | 'outcome' | 'amount' | 'reason'>) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  return ({ kind, outcome, amount, reason }) => {
    const said = t(`archive.said.${kind === 'sale' ? 'sale' : 'back'}.${outcome ?? 'open'}`, {
      amount: formatMoney(amount),
    });
    if (reason === null || outcome === 'done') return said;
    return `${said} ${t('archive.why', { reason: posReasonText(reason, language) })}`;
  };
}
