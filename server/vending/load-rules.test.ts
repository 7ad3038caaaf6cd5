import { afterAll, beforeAll, expect, test } from 'vitest';
import { viewAccount } from '../registry/accounts.ts';
import { readBillers } from '../registry/billers.ts';
import { mintId } from '../registry/identity.ts';
import { replicaChanges } from '../replica/changes.ts';
import { horizonPassed } from '../testing/horizon.ts';
import { openOverdueCases } from './watch.ts';
import { casesOf, codeOf, testVending, valueOf, type TestTill, type TestVending } from './testing/counter.ts';
import { loading, s2Of, wrote } from './testing/loading.ts';

let v: TestVending;
let a: TestTill;
let b: TestTill;
beforeAll(async () => {
  v = await testVending();
  a = await v.till('WS01');
  b = await v.till('WS02');
});
afterAll(() => v.close());

const { confirm, stateOf, paidLoad, loaded } = loading(() => v);

test('a company’s rules: the meter first, the load before taken, steps of the year, credit deducted, limits', async () => {
  const card = await v.purse('litres');
  card.state.area = { ...card.state.area, known: false };
  expect(valueOf(await a.read(card)).warnings).toContain('meterDoesNotKnowCard');
  expect(codeOf(await a.quote(card, 1_000))).toBe('firstLoadNeedsMeter');
  card.useAtMeter();
  await v.database.pool.query(
    'update meter_card set credit_owed = 5000, used_units = 1190000, used_year = extract(year from now()) where card_id = $1',
    [card.spec.cardId],
  );
  const seen = valueOf(await a.read(card));
  expect(seen).toMatchObject({
    warnings: ['creditOwed'],
    rules: { usedThisYear: 1_190_000, creditOwed: 5_000 },
  });
  expect(await a.quote(card, 99)).toMatchObject({
    error: { code: 'loadBelowMinimum', detail: { min: 100 } },
  });
  const loadId = mintId();
  // 10 m³ at 12,5 and the rest of the 1 000 qəpik, 875, at 22: 39 772,7 litres.
  const price = valueOf(await a.quote(card, 1_000, loadId));
  expect(price).toMatchObject({
    units: 44_772,
    creditDeducted: 5_000,
    tiers: [
      { units: 10_000, price: 12_500, amount: 125 },
      { units: 39_772, price: 22_000, amount: 875 },
    ],
  });
  const rival = mintId();
  expect(valueOf(await a.quote(card, 1_000, rival)).creditDeducted).toBe(5_000);
  await a.pay(card, loadId, 1_000);
  await a.pay(card, rival, 1_000);
  const s3 = card.load(s2Of(await a.authorise(card, loadId, 44_772)));
  valueOf(await confirm(a, loadId, wrote(s3)));
  // The credit was owed once: the other load has its full volume back.
  expect(valueOf(await a.read(card)).open).toMatchObject({ loadId: rival, units: 49_772 });
  expect(codeOf(await a.authorise(card, rival, 49_772))).toBe('previousLoadNotTaken');
  card.useAtMeter();
  expect(codeOf(await a.authorise(card, rival, 44_772))).toBe('meterCardReadFirst');
  const rest = card.load(s2Of(await a.authorise(card, rival, 49_772)));
  valueOf(await confirm(a, rival, wrote(rest)));
  expect(card.state.area.remaining + card.state.balance).toBe(44_772 + 49_772);
});

test('limits of the day: loads onto a card, amounts of a device; a paid load waits for tomorrow', async () => {
  const card = await v.purse();
  const { rows } = await v.database.pool.query<{ biller_id: string; rules: object }>(
    'select r.biller_id, r.rules from meter_rules r join meter_card c using (biller_id) where card_id = $1',
    [card.spec.cardId],
  );
  const set = (rules: object) =>
    v.database.pool.query('update meter_rules set rules = $2 where biller_id = $1', [
      rows[0]?.biller_id,
      JSON.stringify(rules),
    ]);
  try {
    await loaded(a, card, 100);
    const waiting = await paidLoad(a, card, 200);
    await set({ ...rows[0]?.rules, cardLoadsPerDay: 1 });
    expect(codeOf(await a.authorise(card, waiting, 200))).toBe('loadLimitReached');
    await set({ ...rows[0]?.rules, deviceAmountPerDay: 250 });
    expect(codeOf(await a.authorise(card, waiting, 200))).toBe('loadLimitReached');
    await set(rows[0]?.rules ?? {});
    expect(codeOf(await a.authorise(card, waiting, 200))).toBe('ok');
  } finally {
    await set(rows[0]?.rules ?? {});
  }
});

test('a price is asked of a card that this till has just read; the same question gets the same answer', async () => {
  const card = await v.purse();
  expect(codeOf(await a.quote(card, 500))).toBe('meterCardReadFirst');
  valueOf(await b.read(card));
  expect(codeOf(await a.quote(card, 500))).toBe('meterCardReadFirst');
  valueOf(await a.read(card));
  const loadId = mintId();
  const first = valueOf(await a.quote(card, 500, loadId));
  expect(valueOf(await a.quote(card, 500, loadId))).toEqual(first);
  expect(codeOf(await a.quote(card, 501, loadId))).toBe('idempotencyConflict');
  await v.database.pool.query(
    `update meter_load set expires_at = now() - interval '1 second' where load_id = $1`,
    [loadId],
  );
  expect(codeOf(await a.quote(card, 500, loadId))).toBe('loadQuoteExpired');
  // Money that comes late still buys what was promised.
  await a.pay(card, loadId, 500);
  expect((await stateOf(loadId))?.state).toBe('paid');
});

test('what is loaded onto a card is no payment of a bill: neither it nor its storno touches what is owed', async () => {
  const card = await v.purse();
  const { rows } = await v.database.pool.query<{ biller_id: string; account: string }>(
    'select biller_id, account from meter_card where card_id = $1',
    [card.spec.cardId],
  );
  const [{ biller_id: billerId, account } = { biller_id: '', account: '' }] = rows;
  const [biller] = await readBillers(v.database.db, billerId);
  if (!biller) throw new Error('a company of the fixture');
  const owed = async () => (await viewAccount(v.database.db, biller, account)).owed;
  const loadId = mintId();
  valueOf(await a.read(card));
  valueOf(await a.quote(card, 2_000, loadId));
  const payment = await a.pay(card, loadId, 2_000);
  expect(await owed()).toBe(0);
  await a.storno(payment);
  expect(await owed()).toBe(0);
  await horizonPassed(v.database);
  const page = await replicaChanges(v.database, 'epoch', v.fixture.district, null, 5_000);
  expect(page.more).toBe(false);
  expect(page.credits.filter((credit) => credit.account === account)).toEqual([]);
});

test('a load that is owed too long is a case, which closes when the load ends', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card);
  await v.database.pool.query(
    `update meter_load set paid_at = paid_at - interval '2 hours' where load_id = $1`,
    [loadId],
  );
  await openOverdueCases(v.database);
  await openOverdueCases(v.database);
  expect(await casesOf(v.database, loadId)).toEqual(['loadOwed']);
  const s3 = card.load(s2Of(await a.authorise(card, loadId, 2_000)));
  valueOf(await confirm(a, loadId, wrote(s3)));
  expect(await casesOf(v.database, loadId)).toEqual([]);
});

test('no key, code or order is in any row or log', async () => {
  const card = await v.memory();
  const loadId = await paidLoad(a, card, 1_000);
  const order = valueOf(await a.authoriseMemory(card, loadId));
  const purse = await v.purse();
  const purseLoad = await paidLoad(a, purse, 1_000);
  const s2 = s2Of(await a.authorise(purse, purseLoad, 1_000));
  const { rows: tables } = await v.database.pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  let everything = '';
  for (const { name } of tables) {
    const { rows } = await v.database.pool.query<{ row: string }>(`select t::text as row from "${name}" t`);
    everything += rows.map(({ row }) => row).join('\n');
  }
  if (order.cardClass !== 'B') throw new Error('class B');
  for (const secret of [
    Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex'),
    Buffer.from(s2, 'base64url'),
    Buffer.from(order.record, 'base64url').subarray(32),
  ]) {
    for (const form of ['hex', 'base64url', 'base64'] as const)
      expect(everything.toLowerCase().includes(secret.toString(form).toLowerCase())).toBe(false);
  }
  expect(everything).toContain(loadId);
});
