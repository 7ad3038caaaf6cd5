import { expect, test } from 'vitest';
import { cardNumber, formatPrice, tierNow, unitName } from './tariff.ts';

test('a tariff’s price is qəpik for one m³ or kWh, as people say it', () => {
  expect(formatPrice(12_500, 'az')).toBe('12,5');
  expect(formatPrice(12_500, 'en')).toBe('12.5');
  expect(formatPrice(20_000, 'ru')).toBe('20');
  expect(formatPrice(8_450, 'az')).toBe('8,45');
  expect(formatPrice(1, 'az')).toBe('0');
});

test('units have a name of their own in each language, money has none', () => {
  expect([unitName('litres', 'az'), unitName('litres', 'ru')]).toEqual(['m³', 'м³']);
  expect([unitName('wattHours', 'az'), unitName('wattHours', 'en')]).toEqual(['kVt·saat', 'kWh']);
  expect(unitName('money', 'az')).toBe('');
});

test('the step is that of the next unit, and the last one has no end', () => {
  const tiers = [
    { through: 1_200_000, price: 12_500 },
    { through: 2_500_000, price: 20_000 },
    { through: null, price: 25_000 },
  ];
  expect(tierNow(tiers, 0)).toEqual({ no: 1, price: 12_500, left: 1_200_000 });
  expect(tierNow(tiers, 1_199_999)).toEqual({ no: 1, price: 12_500, left: 1 });
  expect(tierNow(tiers, 1_200_000)).toEqual({ no: 2, price: 20_000, left: 1_300_000 });
  expect(tierNow(tiers, 9_000_000)).toEqual({ no: 3, price: 25_000, left: null });
  expect(tierNow([], 0)).toBeNull();
});

test('a card’s number is read in fours', () => {
  expect(cardNumber('7730014108022617')).toBe('7730 0141 0802 2617');
});
