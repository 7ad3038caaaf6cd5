import { expect, test } from 'vitest';
import { formatUnits } from './units.ts';

test.each([
  [75_000, 'litres', 'az', '75,0 m³'],
  [75_500, 'litres', 'ru', '75,5 м³'],
  [125, 'litres', 'en', '0.125 m³'],
  [0, 'litres', 'az', '0,0 m³'],
  [1_234_567_010, 'wattHours', 'az', '1\u00a0234\u00a0567,01 kVt·saat'],
  [12_500, 'wattHours', 'en', '12.5 kWh'],
] as const)('%i %s in %s: %s', (units, unit, language, text) => {
  expect(formatUnits(units, unit, language)).toBe(text);
});

test('a card that counts money says money', () => {
  expect(formatUnits(1050, 'money', 'az')).toContain('10,50');
});
