import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { CardInReader, CounterState, ipwContract } from '../../../../contracts/ipw.ts';
import { formatMoney } from '../../../../contracts/money.ts';
import { formatUnits } from '../../../../contracts/rules/meter-card/units.ts';
import { Chip } from '../../components/chip.tsx';
import { useLanguage } from '../../components/message.tsx';
import { Money } from '../../components/money.tsx';
import { formatPrice, tierNow, unitName } from '../../format/tariff.ts';

export type Ordered = z.output<(typeof ipwContract)['meterCard.order']['output']>;

type Rules = NonNullable<NonNullable<CardInReader['centre']>['rules']>;
type Unit = NonNullable<CardInReader['identity']>['unit'];

/** The step of the tariff that the card's owner is in this year; nothing for a card that counts money. */
export function TierNow({ rules, unit }: { readonly rules: Rules; readonly unit: Unit }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const tier = tierNow(rules.tiers, rules.usedThisYear);
  if (tier === null) return null;
  const words = { no: tier.no, unit: unitName(unit, language), price: formatPrice(tier.price, language) };
  return (
    <Chip tone="brand" testId="tier-now">
      {tier.left === null
        ? t('meterCard.amount.tierLast', words)
        : t('meterCard.amount.tier', { ...words, left: formatUnits(tier.left, unit, language) })}
    </Chip>
  );
}

type QuoteProps = {
  readonly line: CounterState['lines'][number];
  /** How the amount falls into the tariff; null when the window was opened after it was asked. */
  readonly ordered: Ordered | null;
  readonly counter: CounterState;
};

/** What the centre says the amount buys: units, tariff steps, the credit taken off, the fee beside it. */
export function Quote({ line, ordered, counter }: QuoteProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const load = line.load;
  if (!load) return null;
  const units = (count: number): string => formatUnits(count, load.unit, language);
  const credit = ordered?.creditDeducted ?? 0;
  const tiers = (ordered?.tiers ?? []).filter((tier) => tier.units > 0);
  const others = counter.lines.length - 1;
  return (
    <div className="meter-quote" data-testid="quote">
      <div className="meter-figures">
        <div>
          <span className="quiet">{t('meterCard.amount.paying')}</span>
          <Money amount={line.amount} className="huge" testId="quote-amount" />
        </div>
        <span className="meter-arrow" aria-hidden="true">
          →
        </span>
        <div>
          <span className="quiet">{t('meterCard.amount.onCard')}</span>
          <span className="huge nowrap" data-testid="quote-units">
            {units(load.units)}
          </span>
        </div>
        {credit > 0 ? (
          <span className="meter-credit" data-testid="quote-credit">
            {t('meterCard.amount.credit', { bought: units(load.units + credit), credit: units(credit) })}
          </span>
        ) : null}
      </div>
      {tiers.length > 0 ? (
        <table
          className="meter-tiers"
          aria-label={t('meterCard.amount.stepsTitle')}
          data-testid="quote-tiers"
        >
          <tbody>
            {tiers.map((tier) => (
              <tr key={tier.price}>
                <th scope="row">
                  {t('meterCard.amount.step', {
                    units: units(tier.units),
                    price: formatPrice(tier.price, language),
                  })}
                </th>
                <td className="number">{formatMoney(tier.amount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {line.fee > 0 ? (
        <p className="quiet" data-testid="quote-fee">
          {t('meterCard.amount.fee', { fee: formatMoney(line.fee), total: formatMoney(counter.total) })}
        </p>
      ) : null}
      {others > 0 ? (
        <p className="quiet" data-testid="quote-others">
          {t('meterCard.amount.others', { count: others, total: formatMoney(counter.total) })}
        </p>
      ) : null}
    </div>
  );
}
