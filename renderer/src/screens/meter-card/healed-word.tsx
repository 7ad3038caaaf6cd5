import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../../contracts/ipw.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Message, useLanguage } from '../../components/message.tsx';

/** What healed, in a sentence over whatever comes next. */
export function HealedWord({ load }: { readonly load: LoadAtTill | null }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (load === null) return null;
  const units = formatUnits(load.units, load.unit, language);
  return <Message tone="ok" text={t('meterCard.done.healed', { units })} testId="load-healed" />;
}
