import { expect, test } from 'vitest';
import { account, AYGUN, GAS, POWER, RAUF } from '../testing/samples.ts';
import { logIn, openCounter, openShift, pay, workbench } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };

test('a workstation is enrolled, loads the district, and shows it', async () => {
  const bench = await workbench();
  expect(bench.faults).toEqual([]);
  expect(bench.seen.session).toMatchObject({
    enrolled: true,
    workstation: { code: 'WS07' },
    user: null,
    shift: null,
  });
  expect(bench.seen.status).toMatchObject({
    centre: { link: 'online', waiting: 0 },
    replica: { state: 'ready', accounts: 6 },
    journal: { state: 'ready', entries: 1 },
    freeCodes: 20,
  });
});

test('one bill in cash: journal, receipt, change, and the payment is at the centre', async () => {
  const bench = await openCounter();
  const paid = await pay(bench, LIGHT, undefined, 5000);
  expect(bench.faults).toEqual([]);
  expect(paid).toMatchObject({ ok: true, value: { print: { printed: true } } });
  expect(bench.seen.counter).toMatchObject({
    stage: 'accepted',
    accepted: { receiptNo: 'WS07-20261123-0001', change: 1160, total: 3840 },
  });
  expect(bench.ports.printer.printed).toHaveLength(1);
  expect(bench.ports.printer.printed[0]).toMatchObject({ openDrawer: true, document: { copy: 0 } });
  await bench.machine.advance(1000);
  expect([...bench.centre.posted.values()]).toEqual([1]);
  expect(bench.seen.status?.centre).toMatchObject({ link: 'online', waiting: 0 });
  void [account, AYGUN, GAS, RAUF, logIn, openShift];
});
