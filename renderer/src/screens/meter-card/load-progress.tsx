import { useTranslation } from 'react-i18next';
import type { LoadAtTill } from '../../../../contracts/ipw.ts';
import { loadSteps, type StepState } from './load-steps.ts';

/** The four steps of a load; each says in words how far it is. */
export function LoadProgress({ load }: { readonly load: LoadAtTill }) {
  const { t } = useTranslation();
  const [paid, allowed, written, checked] = loadSteps(load);
  const doing = load.doing === null ? '' : t(`meterCard.steps.doing.${load.doing}`);
  const said = (state: StepState): string =>
    state === 'doubt'
      ? doing || t('meterCard.steps.doubt')
      : state === 'now'
        ? doing
        : state === 'done'
          ? t('meterCard.steps.done')
          : '';
  const steps = [
    {
      id: 'paid',
      state: paid,
      name: t('meterCard.steps.paid'),
      words: load.receiptNo ?? t('meterCard.steps.paidElsewhere'),
    },
    {
      id: 'allowed',
      state: allowed,
      name: t(allowed === 'done' ? 'meterCard.steps.allowed' : 'meterCard.steps.allowing'),
      words: said(allowed),
    },
    {
      id: 'written',
      state: written,
      name: t(written === 'done' ? 'meterCard.steps.written' : 'meterCard.steps.writing'),
      words: said(written),
    },
    {
      id: 'checked',
      state: checked,
      name: t(checked === 'done' ? 'meterCard.steps.checked' : 'meterCard.steps.checking'),
      words: checked === 'now' ? t('meterCard.steps.confirming') : said(checked),
    },
  ];
  return (
    <ol
      className="load-steps"
      aria-label={t('meterCard.steps.label')}
      aria-live="polite"
      data-testid="load-steps"
    >
      {steps.map(({ id, state, name, words }) => (
        <li
          key={id}
          className={`load-step load-step-${state}`}
          data-testid={`load-step-${id}`}
          data-state={state}
          {...(state === 'now' || state === 'doubt' ? { 'aria-current': 'step' as const } : {})}
        >
          <span className="load-bar" aria-hidden="true" />
          <strong>{name}</strong>
          <small>{words}</small>
        </li>
      ))}
    </ol>
  );
}
