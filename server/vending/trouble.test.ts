import { afterAll, beforeAll, expect, test } from 'vitest';
import { meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { inTransaction } from '../db/database.ts';
import { KeyStoreAway, type KeyStore } from '../keys/key-store.ts';
import { openWhenNeeded } from '../keys/open-key-store.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { setBillerStatus } from '../registry/participants.ts';
import { authoriseLoad } from './authorise.ts';
import { confirmByCard } from './confirm.ts';
import { healthBoard } from './health.ts';
import { listLoads } from './list.ts';
import { readCard, type Vending } from './read-card.ts';
import { acceptCounter } from './settle.ts';
import { codeOf, testVending, valueOf, type TestTill, type TestVending } from './testing/counter.ts';
import { loading, s2Of, wrote } from './testing/loading.ts';

let v: TestVending;
let a: TestTill;
const { paidLoad, loaded, stateOf, confirm } = loading(() => v);
beforeAll(async () => {
  v = await testVending();
  a = await v.till('WS01');
});
afterAll(() => v.close());

const away = (): never => {
  throw new KeyStoreAway('pulled');
};
const noKeys: KeyStore = {
  kind: 'software',
  mac: async () => away(),
  verify: async () => away(),
  psc: async () => away(),
  health: async () => ({ state: 'down', reason: 'pulled' }),
  generate: async () => away(),
  take: async () => away(),
  close: async () => undefined,
};

test('with the key store away every step says so, nothing changes, payments go on, and all goes on when it is back', async () => {
  const without: Vending = { ...v, keys: noKeys };
  const card = await v.purse();
  const loadId = mintId();
  valueOf(await a.read(card));
  valueOf(await a.quote(card, 900, loadId));
  await a.pay(card, loadId, 900);
  const nonce = await a.nonce();
  const evidence = card.status(nonce);
  expect(codeOf(await readCard(without, a.device, { cardClass: 'A', nonce, evidence }))).toBe('keyStoreAway');
  const init = card.initLoad({ loadId, units: 900, deviceId: a.device.deviceId, nonce: await a.nonce() });
  const request = { cardClass: 'A' as const, loadId, ...init };
  expect(codeOf(await authoriseLoad(without, a.device, request))).toBe('keyStoreAway');
  expect((await stateOf(loadId))?.state).toBe('paid');
  // The same request, nonce and challenge are good for as long as they live.
  const s3 = wrote(card.load(s2Of(await authoriseLoad(v, a.device, request))));
  const evidenceOf = { kind: 's3' as const, ...s3 };
  expect(codeOf(await confirmByCard(without, a.device, { loadId, evidence: evidenceOf }))).toBe(
    'keyStoreAway',
  );
  expect((await stateOf(loadId))?.state).toBe('authorised');
  expect(valueOf(await confirm(a, loadId, s3))).toEqual({ result: 'confirmed' });
  // A reading that was overtaken by the load is no rollback: it is asked for anew.
  expect(codeOf(await readCard(v, a.device, { cardClass: 'A', nonce, evidence }))).toBe('nonceStale');
  expect(valueOf(await a.read(card)).card).toMatchObject({ state: 'active', counter: 1 });
});

test('a store that does not open stops nothing else, is told once a try, and opens when it can', async () => {
  let broken = true;
  const faults: unknown[] = [];
  const store = openWhenNeeded(
    'software',
    async () => {
      if (broken) throw new Error('no passphrase');
      return { ...v.keys, close: async () => undefined };
    },
    (error) => faults.push(error),
  );
  const card = { company: '999', revision: 1, cardId: new Uint8Array(8) };
  const both = await Promise.allSettled([store.psc(card), store.psc(card)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(faults).toHaveLength(1);
  expect(await store.health()).toMatchObject({ state: 'down' });
  broken = false;
  await expect.poll(async () => (await store.health()).state, { timeout: 60_000, interval: 200 }).toBe('up');
  await store.close();
});

test('the board says whose side stopped, and since when; what does not change keeps its time', async () => {
  const card = await v.purse();
  const { rows } = await v.database.pool.query<{ biller_id: string; code: string }>(
    'select biller_id, code from biller join meter_card using (biller_id) where card_id = $1',
    [card.spec.cardId],
  );
  const [{ biller_id: billerId, code } = { biller_id: '', code: '' }] = rows;
  const board = async (keys = v.keys) => {
    const parts = await healthBoard({ ...v, keys });
    meterCardCentreContract['health.board'].output.parse({ parts });
    return {
      company: parts.find((part) => part.billerId === billerId),
      store: parts.find(({ part }) => part === 'keyStore'),
      closed: parts.find((part) => part.billerId === v.fixture.closed),
    };
  };
  const first = await board();
  expect(first).toMatchObject({
    company: { state: 'up', reason: null },
    store: { state: 'up' },
    closed: { state: 'down', reason: 'closed' },
  });
  expect(await board()).toEqual(first);
  await setBillerStatus(v.database.db, code, 'suspended', 'test');
  const second = await board(noKeys);
  expect(second).toMatchObject({
    company: { state: 'down', reason: 'suspended' },
    store: { state: 'down', reason: 'away' },
    closed: first.closed,
  });
  expect(Date.parse(second.company?.sinceWhen ?? '')).toBeGreaterThanOrEqual(
    Date.parse(first.company?.sinceWhen ?? ''),
  );
  expect(await board(noKeys)).toEqual(second);
  await setBillerStatus(v.database.db, code, 'live', 'test');
  await v.database.pool.query('update meter_card set key_revision = 9 where card_id = $1', [
    card.spec.cardId,
  ]);
  expect((await board()).company).toMatchObject({ state: 'down', reason: 'noCardKeys' });
  await v.database.pool.query('update meter_card set key_revision = 1 where card_id = $1', [
    card.spec.cardId,
  ]);
  expect((await board()).company).toMatchObject({ state: 'up', reason: null });
});

test('a company that was suspended after the payment still owes the load, and takes no new one', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card, 600);
  const { rows } = await v.database.pool.query<{ code: string }>(
    'select code from biller join meter_card using (biller_id) where card_id = $1',
    [card.spec.cardId],
  );
  const code = rows[0]?.code ?? '';
  await setBillerStatus(v.database.db, code, 'suspended', 'test');
  try {
    expect(codeOf(await a.quote(card, 600))).toBe('billerNotLive');
    expect(valueOf(await a.read(card)).rules).toBeNull();
    expect(card.load(s2Of(await a.authorise(card, loadId, 600)))).not.toBeNull();
  } finally {
    await setBillerStatus(v.database.db, code, 'live', 'test');
  }
});

test('books restored from a copy: cards that are ahead are blocked, and a person lets them go on; one that was rolled back never', async () => {
  const accept = (cardId: string) =>
    inTransaction(v.database, (transaction) => acceptCounter(transaction, cardId, 'test', 'bərpadan sonra'));
  // Two loads are on the card; the books have the second as paid and know of no order.
  const card = await v.purse();
  await loaded(a, card, 300);
  const second = await paidLoad(a, card, 400);
  const s3 = card.load(s2Of(await a.authorise(card, second, 400)));
  expect(s3).not.toBeNull();
  await v.database.pool.query(
    `update meter_load set state = 'paid', counter = null, authorised_at = null, authorised_turn = null, authorised_device = null where load_id = $1`,
    [second],
  );
  expect(await accept(card.spec.cardId)).toBe('notBlocked');
  expect(codeOf(await a.read(card))).toBe('meterCardIncident');
  expect(await accept(card.spec.cardId)).toEqual({ counter: 2 });
  expect((await stateOf(second))?.state).toBe('confirmed');
  expect(valueOf(await a.read(card))).toMatchObject({ open: null, card: { state: 'active', counter: 2 } });
  await loaded(a, card, 500);
  expect(card.state.balance).toBe(1_200);

  const rolled = await v.purse();
  const before = rolled.clone();
  await loaded(a, rolled, 300);
  expect(codeOf(await a.read(before))).toBe('meterCardIncident');
  expect(await accept(rolled.spec.cardId)).toBe('notAhead');

  const unclear = await v.purse();
  const owed = await paidLoad(a, unclear, 200);
  unclear.state.counter = 3;
  expect(codeOf(await a.read(unclear))).toBe('meterCardIncident');
  expect(await accept(unclear.spec.cardId)).toBe('loadOpen');
  expect((await stateOf(owed))?.state).toBe('paid');
  expect((await verifyLedger(v.database)).checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
});

test('loads are listed to whoever names card, account or load; without, each house sees its own', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card, 250);
  const list = (filter: Partial<Parameters<typeof listLoads>[1]>, house: string | null) =>
    listLoads(v.database.pool, { cardId: null, account: null, loadIds: null, open: true, ...filter }, house);
  const own = await list({}, v.fixture.bankId);
  meterCardCentreContract['load.list'].output.parse({ loads: own });
  expect(own.map((load) => load.loadId)).toContain(loadId);
  expect(await list({}, mintId())).toEqual([]);
  for (const named of [
    { cardId: card.spec.cardId },
    { loadIds: [loadId] },
    { account: { billerId: own[0]?.billerId ?? '', account: own[0]?.account ?? '' } },
  ])
    expect((await list(named, mintId())).map((load) => load.loadId)).toEqual([loadId]);
});
