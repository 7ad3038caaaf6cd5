import type { Language } from '../../../contracts/domain.ts';
import type { MeterCardView } from '../../../contracts/centre-meter-card.ts';
import { formatUnits } from '../../../contracts/rules/meter-card/units.ts';

type CardUnit = MeterCardView['unit'];
type Tier = { readonly through: number | null; readonly price: number };

/** `12,5` qəpik for one m³ or kWh, from a tariff's qəpik for 1 000 000 units; two decimals at most. */
export function formatPrice(price: number, language: Language): string {
  const text = String(Math.round(price / 10) / 100);
  return language === 'en' ? text : text.replace('.', ',');
}

/** `m³`: what a tariff's price is for one of. Empty for a card that counts money. */
export const unitName = (unit: CardUnit, language: Language): string =>
  unit === 'money' ? '' : formatUnits(0, unit, language).replace(/^[\d.,\s]+/, '');

export type TierNow = {
  /** The first step is 1. */
  readonly no: number;
  readonly price: number;
  /** Units until the next step; null in the last one. */
  readonly left: number | null;
};

/** The step of the tariff that the next unit falls into; null where there are none (a card that counts money). */
export function tierNow(tiers: readonly Tier[], usedThisYear: number): TierNow | null {
  const index = tiers.findIndex(({ through }) => through === null || usedThisYear < through);
  const tier = tiers[index];
  if (!tier) return null;
  return {
    no: index + 1,
    price: tier.price,
    left: tier.through === null ? null : tier.through - usedThisYear,
  };
}

/** `7730 0141 0802 2617`: a card's id as its holder reads it. */
export const cardNumber = (cardId: string): string => cardId.replace(/(.{4})(?=.)/g, '$1 ');
