import { expect, test } from 'vitest';
import { qepik } from '../../contracts/money.ts';
import { fail, ok } from '../../contracts/result.ts';
import { billBarcode, billQr, subscriberBarcode } from '../../contracts/rules/bill-code.ts';
import { account, AS_OF, GAS, PHONE, POWER, SUBSCRIBER, WATER } from '../testing/samples.ts';
import { openCounter, pay, type Workbench } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const SCANNED = billBarcode({ billerNo: '001', account: '1104552018', amount: qepik(9999) });
const scan = (bench: Workbench, text: string) => bench.answer(bench.client['basket.scan']({ text }));
const search = async (bench: Workbench, text: string, limit = 10) => {
  const found = await bench.client['find.search']({ text, limit });
  return found.ok ? found.value.hits.map((hit) => hit.account ?? hit.code) : found.error.code;
};

test('a scanned bill is one line at once, by the figures here and not those on the paper', async () => {
  const bench = await openCounter();
  expect(await scan(bench, SCANNED)).toEqual(ok({ found: 'bill' }));
  expect(bench.seen.counter).toMatchObject({
    stage: 'draft',
    total: 3840,
    lines: [
      {
        account: '1104552018',
        owed: 3840,
        amount: 3840,
        billNo: 'B-1104552018',
        period: '2026-10',
        asOf: AS_OF,
        known: true,
        problem: null,
      },
    ],
  });
  expect(await scan(bench, billQr({ billerNo: '001', account: '1104552018' }))).toEqual(
    fail('accountInBasket'),
  );
  expect(await scan(bench, SCANNED.replace('9999', '9998'))).toEqual(fail('codeDamaged'));
  expect(await scan(bench, billBarcode({ billerNo: '009', account: '1104552018' }))).toEqual(
    fail('billerUnknown'),
  );
  expect(bench.seen.counter?.lines).toHaveLength(1);
});

test('a registration code opens its subscriber, in the subscriber’s language', async () => {
  const bench = await openCounter();
  expect(await scan(bench, subscriberBarcode(SUBSCRIBER.code))).toEqual(ok({ found: 'subscriber' }));
  expect(bench.seen.counter).toMatchObject({ subscriber: { name: SUBSCRIBER.name }, language: 'ru' });
  expect(bench.seen.counter?.offered.map((view) => [view.account, view.owed])).toEqual([
    ['1104552018', 3840],
    ['0801417730', 2175],
    ['30881204', 910],
    ['30904117', 0],
  ]);
  expect(await scan(bench, '4071882364')).toEqual(fail('codeDamaged'));
  expect(await scan(bench, 'KR1407188236')).toEqual(fail('codeDamaged'));
});

test('ten digits that are an account are not taken for a mistyped code', async () => {
  const bench = await openCounter();
  expect(await scan(bench, '1104552018')).toEqual(ok({ found: 'account' }));
  expect(bench.seen.counter?.offered).toMatchObject([{ account: '1104552018', owed: 3840 }]);
  expect(await scan(bench, 'məmmədov')).toEqual(ok({ found: 'nothing' }));
});

test('one field finds by code, account, company and account, phone, name and address', async () => {
  const bench = await openCounter();
  expect(await search(bench, SCANNED)).toEqual(['1104552018']);
  expect(await search(bench, SUBSCRIBER.code)).toEqual([SUBSCRIBER.code]);
  expect(await search(bench, '11045520')).toEqual(['1104552018', '1104552019']);
  expect(await search(bench, '001 1104552018')).toEqual(['1104552018']);
  expect(await search(bench, 'qaz 0801417730')).toEqual(['0801417730']);
  expect(await search(bench, 'QAZ 99887766')).toEqual(['99887766']);
  expect(await search(bench, '(050) 123-45-67')).toEqual([SUBSCRIBER.code]);
  expect(await search(bench, 'NƏRGİZ')).toEqual(['1104552019']);
  expect(await search(bench, 'nergiz ataturk')).toEqual(['1104552019']);
  expect(await search(bench, 'mammadov')).toEqual([]);
  expect(await search(bench, 'elşən')).toContain(SUBSCRIBER.code);
  expect(await search(bench, '4071882364')).toEqual('codeDamaged');
  expect(await search(bench, '   ')).toEqual([]);
  const some = await bench.client['find.search']({ text: 'tebriz', limit: 2 });
  expect(some).toMatchObject({ value: { more: true, hits: [{}, {}] } });
});

test('what a subscriber owes is the sum of debts; a hit shows what was paid a moment ago', async () => {
  const bench = await openCounter();
  const owed = async () => {
    const found = await bench.client['find.search']({ text: SUBSCRIBER.code, limit: 1 });
    return found.ok ? found.value.hits[0]?.owed : undefined;
  };
  expect(await owed()).toBe(3840 + 2175 + 910);
  bench.wire.up = false;
  await pay(bench, LIGHT);
  expect(await owed()).toBe(2175 + 910);
});

test('an amount against the company’s rule stays on the screen with its reason, and stops the tender', async () => {
  const bench = await openCounter();
  const water = await bench.answer(bench.client['basket.add']({ billerId: WATER.id, account: '30881204' }));
  const lineId = water.ok ? water.value.lineId : '';
  expect(bench.seen.counter).toMatchObject({ fees: 29, total: 939 });
  await bench.client['basket.amount']({ lineId, amount: 500 });
  await bench.machine.settle();
  expect(bench.seen.counter?.lines).toMatchObject([
    { amount: 500, fee: 25, problem: { code: 'amountMustBeExact', detail: { owed: 910 } } },
  ]);
  expect(await bench.client['basket.tender']({ back: false })).toEqual(
    fail('amountMustBeExact', { owed: 910 }),
  );
  await bench.client['basket.amount']({ lineId, amount: 910 });
  expect(await bench.client['basket.tender']({ back: false })).toEqual(ok({}));
});

test.each([
  [PHONE, '5654108', 421, 'amountOverDebt'],
  [GAS, '0801417730', 2174, 'amountMustCoverDebt'],
  [POWER, '1104552018', 0, 'amountTooSmall'],
  [POWER, '1104552018', 10_000_001, 'amountTooBig'],
] as const)('%# the rule of %j is held at the tender', async (biller, number, amount, code) => {
  const bench = await openCounter();
  expect(await pay(bench, { billerId: biller.id, account: number }, amount)).toMatchObject({
    error: { code },
  });
  expect(bench.seen.counter?.stage).toBe('draft');
});

test('nothing owed: an advance is typed where the company takes one, refused where it does not', async () => {
  const bench = await openCounter();
  bench.centre.change({ kind: 'account', row: account(PHONE, '5654108', 0) });
  await bench.machine.advance(4000);
  await bench.answer(bench.client['basket.add']({ billerId: PHONE.id, account: '5654108' }));
  expect(bench.seen.counter?.lines).toMatchObject([{ amount: 0, problem: { code: 'advanceNotAllowed' } }]);
  await bench.client['basket.clear']({});
  expect(await pay(bench, { billerId: POWER.id, account: '1104552019' }, 2000)).toMatchObject({ ok: true });
});

test('the basket is frozen while money is asked for, and free again when the teller goes back', async () => {
  const bench = await openCounter();
  await scan(bench, SCANNED);
  const lineId = bench.seen.counter?.lines[0]?.lineId ?? '';
  await bench.client['basket.tender']({ back: false });
  expect(await bench.answer(bench.client['basket.add']({ billerId: GAS.id, account: '0801417730' }))).toEqual(
    fail('basketChanged'),
  );
  expect(await scan(bench, SCANNED)).toEqual(fail('basketChanged'));
  expect(await bench.client['basket.amount']({ lineId, amount: 1 })).toEqual(fail('basketChanged'));
  expect(await bench.client['basket.remove']({ lineId })).toEqual(fail('basketChanged'));
  expect(await bench.client['basket.tender']({ back: true })).toEqual(ok({}));
  expect(await bench.client['basket.remove']({ lineId })).toEqual(ok({}));
  expect(await bench.client['basket.remove']({ lineId })).toEqual(fail('lineUnknown'));
  expect(await bench.client['basket.tender']({ back: false })).toEqual(fail('basketEmpty'));
});

test('what was paid begins the next customer’s basket with the next thing put into it', async () => {
  const bench = await openCounter();
  await pay(bench, LIGHT);
  const paid = bench.seen.counter?.paymentId;
  expect(bench.seen.counter?.stage).toBe('accepted');
  await scan(bench, billBarcode({ billerNo: '003', account: '30881204' }));
  expect(bench.seen.counter).toMatchObject({
    stage: 'draft',
    accepted: null,
    lines: [{ account: '30881204' }],
  });
  expect(bench.seen.counter?.paymentId).not.toBe(paid);
});

test('an account outside the district is asked of the centre; one nobody knows is refused while the centre says so', async () => {
  const bench = await openCounter();
  bench.centre.accounts.set(`${POWER.id} 7777777777`, account(POWER, '7777777777', 555));
  await bench.answer(bench.client['basket.add']({ billerId: POWER.id, account: '7777777777' }));
  expect(bench.seen.counter?.lines).toMatchObject([{ account: '7777777777', owed: 555, known: true }]);
  const add = (billerId: string, number: string) =>
    bench.answer(bench.client['basket.add']({ billerId, account: number }));
  expect(await add(POWER.id, '8888888888')).toEqual(fail('accountUnknown'));
  expect(await add(POWER.id, 'AB')).toEqual(fail('accountNotInMask', { example: '1104552018' }));
  expect(await add(SUBSCRIBER.subscriberId, '8888888888')).toEqual(fail('billerUnknown'));
});

test('fresh figures are asked where the company wants it, and not waited for longer than a teller can', async () => {
  const bench = await openCounter();
  bench.centre.accounts.set(`${GAS.id} 0801417730`, account(GAS, '0801417730', 3000));
  const gas = { billerId: GAS.id, account: '0801417730' };
  await bench.answer(bench.client['basket.add'](gas));
  expect(bench.seen.counter?.lines).toMatchObject([{ owed: 3000 }]);
  await bench.client['basket.clear']({});
  bench.wire.act = (method) =>
    method === 'account.fetch' ? { kind: 'delay', ms: 60_000 } : { kind: 'pass' };
  const before = bench.machine.monotonicMs();
  await bench.answer(bench.client['basket.add'](gas));
  expect(bench.machine.monotonicMs() - before).toBeLessThan(2000);
  expect(bench.seen.counter?.lines).toMatchObject([{ owed: 2175 }]);
});

test('own payments are counted once, whether waiting, just posted, replicated, or known to a list', async () => {
  const bench = await openCounter();
  const owed = async (): Promise<number | undefined> => {
    await bench.client['basket.clear']({});
    await bench.answer(bench.client['basket.open'](LIGHT));
    return bench.seen.counter?.offered[0]?.owed;
  };
  bench.wire.up = false;
  await pay(bench, LIGHT, 1000);
  expect(await owed()).toBe(2840);
  // Acknowledged, before any page of the replica has it.
  bench.wire.act = (method) => ({ kind: method === 'replica.changes' ? 'drop' : 'pass' });
  bench.wire.up = true;
  await bench.answer(bench.client['sync.now']({}));
  expect(bench.centre.credits).toHaveLength(1);
  expect(await owed()).toBe(2840);
  bench.wire.act = () => ({ kind: 'pass' });
  await bench.answer(bench.client['sync.now']({}));
  expect(await owed()).toBe(2840);
  // A late list, true before the payment, does not bring the debt back.
  const stale = new Date(bench.machine.nowMs() - 3_600_000).toISOString();
  bench.centre.change({
    kind: 'account',
    row: account(POWER, '1104552018', 4000, { asOf: stale, paymentsThrough: stale }),
  });
  await bench.machine.advance(10_000);
  expect(await owed()).toBe(3000);
  // A list that knows the payment does not subtract it twice.
  const now = new Date(bench.machine.nowMs()).toISOString();
  bench.centre.change({
    kind: 'account',
    row: account(POWER, '1104552018', 2900, { asOf: now, paymentsThrough: now }),
  });
  await bench.machine.advance(10_000);
  expect(await owed()).toBe(2900);
});

test('the same holds for figures fetched from the centre', async () => {
  const bench = await openCounter();
  const gas = { billerId: GAS.id, account: '0801417730' };
  bench.wire.act = (method) => ({ kind: method === 'journal.push' ? 'cutAnswer' : 'pass' });
  await pay(bench, gas, 2500);
  await bench.machine.advance(500);
  // The centre has it, we do not know that yet.
  expect(bench.centre.credits).toHaveLength(1);
  await bench.client['basket.clear']({});
  await bench.answer(bench.client['basket.open'](gas));
  expect(bench.seen.counter?.offered).toMatchObject([{ owed: -325, paidSince: 2500 }]);
  bench.wire.act = () => ({ kind: 'pass' });
  await bench.answer(bench.client['sync.now']({}));
  await bench.answer(bench.client['basket.open'](gas));
  expect(bench.seen.counter?.offered).toMatchObject([{ owed: -325, source: 'centre' }]);
});

test('figures that come after the teller has gone on are dropped', async () => {
  const bench = await openCounter();
  bench.wire.act = (method) => (method === 'account.fetch' ? { kind: 'delay', ms: 800 } : { kind: 'pass' });
  const slow = bench.client['basket.add']({ billerId: GAS.id, account: '0801417730' });
  await bench.machine.settle();
  await bench.client['basket.clear']({});
  expect(await bench.answer(slow)).toEqual(fail('basketChanged'));
  expect(bench.seen.counter?.lines).toEqual([]);
});

test('a basket holds a hundred lines and says so', async () => {
  const bench = await openCounter();
  bench.wire.up = false;
  await bench.machine.advance(10_000);
  for (let n = 0; n < 101; n += 1) {
    const added = await bench.answer(
      bench.client['basket.add']({ billerId: GAS.id, account: String(70_000_000 + n) }),
    );
    expect(added.ok ? 'ok' : added).toEqual(n < 100 ? 'ok' : fail('basketFull', { lines: 100 }));
  }
});
