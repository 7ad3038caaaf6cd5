import { expect, test } from 'vitest';
import type { PaymentAccepted } from '../../contracts/journal.ts';
import { paymentReceipt } from './payment-receipt.ts';
import { sampleId, samplePayment, sampleWorkstation, TAKEN_AT, THREE_LINES } from './testing/samples.ts';

const loadId = sampleId(900);
const [line] = THREE_LINES;
if (!line) throw new Error('a sample has lines');
const payment: PaymentAccepted = {
  ...samplePayment('az', [line]),
  lines: [
    {
      ...line,
      load: {
        loadId,
        cardId: '7730014108022617',
        cardClass: 'A',
        meter: '4418207',
        units: 75_000,
        unit: 'litres',
      },
    },
  ],
};
const textOf = (stage?: 'owed' | 'unknown' | 'written' | 'confirmed' | 'cancelled'): string =>
  JSON.stringify(
    paymentReceipt({
      payment,
      takenAt: TAKEN_AT,
      workstation: sampleWorkstation,
      verifyAddress: 'https://komis.example.az/q/1',
      copy: 0,
      ...(stage ? { loads: new Map([[loadId, stage]]) } : {}),
    }).blocks,
  );

test('a load on its card is said with card, meter and what was loaded', () => {
  for (const stage of ['written', 'confirmed'] as const) {
    const text = textOf(stage);
    for (const words of ['7730 0141 0802 2617', '4418207', 'Karta yükləndi', '75,0 m³'])
      expect(text).toContain(words);
    expect(text).not.toContain('YÜKLƏNMƏYİB');
  }
});

test('a load that is owed is said large, with what the holder does; so is one whose outcome is not known', () => {
  for (const stage of [undefined, 'owed', 'unknown'] as const) {
    const text = textOf(stage);
    expect(text).toContain('KARTA HƏLƏ YÜKLƏNMƏYİB');
    expect(text).toContain('istənilən KÖMİS kassasında');
  }
});

test('a cancelled load is said to be cancelled', () => {
  expect(textOf('cancelled')).toContain('Yükləmə ləğv edildi');
});
