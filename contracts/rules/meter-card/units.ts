import type { Language } from '../../domain.ts';
import { formatMoney, qepik } from '../../money.ts';
import type { CardUnit } from './purse.ts';

const NAMES: Readonly<Record<Exclude<CardUnit, 'money'>, Readonly<Record<Language, string>>>> = {
  litres: { az: 'm³', en: 'm³', ru: 'м³' },
  wattHours: { az: 'kVt·saat', en: 'kWh', ru: 'кВт·ч' },
};

/**
 * What a card counts, as people say it: 75 000 litres are `75,0 m³`, qəpik are money. One decimal at least, three at most,
 * none dropped.
 */
export function formatUnits(units: number, unit: CardUnit, language: Language): string {
  if (unit === 'money') return formatMoney(qepik(units));
  const whole = Math.floor(units / 1000);
  const rest = String(units % 1000).padStart(3, '0');
  const decimals = rest.replace(/0{1,2}$/, '');
  const point = language === 'en' ? '.' : ',';
  return `${grouped(whole)}${point}${decimals} ${NAMES[unit][language]}`;
}

/** Groups of three, by a blank that does not break. */
const grouped = (whole: number): string => String(whole).replace(/\B(?=(\d{3})+$)/g, '\u00a0');
