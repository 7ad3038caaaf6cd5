import { expect, test } from 'vitest';
import { MAX_QEPIK } from '../../contracts/money.ts';
import { BILLERS, POWER } from '../testing/samples.ts';
import { openCounter, pay } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };

test('a shift whose sums would leave all bounds takes no more: nothing is written that no start could read', async () => {
  const bench = await openCounter();
  bench.centre.billers = BILLERS.map((biller) => ({ ...biller, maxAmount: MAX_QEPIK as never }));
  await bench.machine.advance(120_000);
  expect(await pay(bench, LIGHT, MAX_QEPIK - 20_000)).toMatchObject({ ok: true });
  expect(await pay(bench, LIGHT, 20_000)).toMatchObject({ ok: false, error: { code: 'amountTooBig' } });
  await bench.client['basket.clear']({});
  expect(bench.faults).toEqual([]);
  await bench.restart();
  expect(bench.faults).toEqual([]);
  expect(bench.journal.headSeq()).toBeGreaterThan(3);
});
