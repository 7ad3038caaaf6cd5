import { afterAll, beforeAll, expect, test } from 'vitest';
import { meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { mintId } from '../registry/identity.ts';
import { authoriseLoad } from './authorise.ts';
import { cancelLoad, writeOffLoad } from './cancel.ts';
import { confirmByCard } from './confirm.ts';
import { readCard } from './read-card.ts';
import {
  casesOf,
  codeOf,
  SUPERVISOR,
  testVending,
  valueOf,
  type TestTill,
  type TestVending,
} from './testing/counter.ts';
import { loading, s2Of, wrote } from './testing/loading.ts';
import type { ModelPurse } from './testing/model-cards.ts';

let v: TestVending;
let a: TestTill;
let b: TestTill;
beforeAll(async () => {
  v = await testVending();
  a = await v.till('WS01');
  b = await v.till('WS02');
});
afterAll(() => v.close());

const { confirm, cancel, stateOf, paidLoad, loaded } = loading(() => v);

test('a load: read, priced, paid, ordered, written, confirmed; the answers are the contract’s', async () => {
  const card = await v.purse();
  const loadId = mintId();
  const first = valueOf(await a.read(card));
  meterCardCentreContract['meterCard.read'].output.parse(first);
  expect(first).toMatchObject({
    card: {
      cardId: card.spec.cardId,
      holder: 'Əliyev Vüqar',
      state: 'active',
      counter: 0,
      balance: 0,
      last: null,
    },
    warnings: [],
    rules: { min: 100, max: 100_000 },
    open: null,
    resolved: null,
  });
  const price = valueOf(await a.quote(card, 2_000, loadId));
  meterCardCentreContract['load.quote'].output.parse(price);
  expect(price).toMatchObject({ unit: 'money', units: 2_000, tiers: [], creditDeducted: 0, fee: 20 });
  expect(codeOf(await a.authorise(card, loadId, 2_000))).toBe('loadNotPaid');
  await a.pay(card, loadId, 2_000);
  const s3 = card.load(s2Of(await a.authorise(card, loadId, 2_000)));
  expect(valueOf(await confirm(a, loadId, wrote(s3)))).toEqual({ result: 'confirmed' });
  expect(valueOf(await confirm(a, loadId, wrote(s3)))).toEqual({ result: 'already' });
  const after = valueOf(await b.read(card));
  expect(after).toMatchObject({
    card: { counter: 1, balance: 2_000, last: { loadId, units: 2_000, amount: 2_000 } },
    warnings: ['previousLoadNotTaken'],
    open: null,
    resolved: null,
  });
  expect(codeOf(await a.authorise(card, loadId, 2_000))).toBe('loadWritten');
  expect(codeOf(await cancel(a, loadId, null))).toBe('loadWritten');
  expect(await stateOf(loadId)).toMatchObject({ state: 'confirmed', atWorkstation: 'WS01', stornoed: false });
  expect((await verifyLedger(v.database)).checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
});

test('torn after the card’s commit: any till that reads the card heals it', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card);
  card.load(s2Of(await a.authorise(card, loadId, 2_000)));
  const healed = valueOf(await b.read(card));
  expect(healed).toMatchObject({
    open: null,
    resolved: { loadId, outcome: 'applied' },
    card: { counter: 1 },
  });
  expect((await stateOf(loadId))?.state).toBe('confirmed');
  expect(card.state.balance).toBe(2_000);
});

test('torn before the card’s commit: the load is open, said to be not on it, and finished at another till', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card);
  const lost = s2Of(await a.authorise(card, loadId, 2_000));
  card.reset();
  const seen = valueOf(await b.read(card));
  expect(seen).toMatchObject({
    open: {
      loadId,
      amount: 2_000,
      units: 2_000,
      state: 'authorised',
      atWorkstation: 'WS01',
      sayable: 'notLoaded',
    },
    resolved: { loadId, outcome: 'notApplied' },
  });
  expect(codeOf(await b.quote(card, 500))).toBe('loadOpenOnCard');
  const again = s2Of(await b.authorise(card, loadId, 2_000));
  expect(card.load(lost)).toBeNull();
  // The old order killed the challenge; a third is given at the same counter.
  expect(card.load(again)).toBeNull();
  const s3 = card.load(s2Of(await b.authorise(card, loadId, 2_000)));
  expect(valueOf(await confirm(b, loadId, wrote(s3)))).toEqual({ result: 'confirmed' });
  expect([card.state.balance, card.state.counter]).toEqual([2_000, 1]);
});

test('the same request again gets the same order, though its nonce is spent; with another MAC it is refused', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card);
  const init = card.initLoad({ loadId, units: 2_000, deviceId: a.device.deviceId, nonce: await a.nonce() });
  const ask = (input: typeof init, till = a) =>
    authoriseLoad(v, till.device, { cardClass: 'A', loadId, ...input });
  const both = await Promise.all([ask(init), ask(init)]);
  expect(both[0]).toEqual(both[1]);
  expect(await ask(init)).toEqual(both[0]);
  expect(codeOf(await ask({ ...init, s1: 'AAAAAAAAAAA' }))).toBe('evidenceWrong');
  expect(codeOf(await ask(init, b))).toBe('evidenceWrong');
});

test('lies: another till’s request, an altered amount, another card’s, an old nonce, a replayed reading', async () => {
  const card = await v.purse();
  const other = await v.purse();
  const loadId = await paidLoad(a, card);
  const order = { loadId, units: 2_000, deviceId: a.device.deviceId };
  const ask = (till: TestTill, input: ReturnType<ModelPurse['initLoad']>) =>
    authoriseLoad(v, till.device, { cardClass: 'A', loadId, ...input });
  // A till that passes on what a card said to another.
  expect(codeOf(await ask(b, card.initLoad({ ...order, nonce: await b.nonce() })))).toBe('evidenceWrong');
  // A nonce of another till.
  expect(codeOf(await ask(a, card.initLoad({ ...order, nonce: await b.nonce() })))).toBe('nonceStale');
  // More than was paid for.
  expect(codeOf(await ask(a, card.initLoad({ ...order, units: 9_000, nonce: await a.nonce() })))).toBe(
    'meterCardReadFirst',
  );
  // Another card than the one it was paid for.
  expect(codeOf(await ask(a, other.initLoad({ ...order, nonce: await a.nonce() })))).toBe('evidenceWrong');
  // A nonce that an authorisation may not be that old with.
  const old = await a.nonce();
  await v.database.pool.query(
    `update meter_nonce set issued_at = issued_at - interval '121 seconds' where nonce = $1`,
    [Buffer.from(old, 'base64url')],
  );
  expect(codeOf(await ask(a, card.initLoad({ ...order, nonce: old })))).toBe('nonceStale');
  // A reading is good once, for one till.
  const nonce = await a.nonce();
  const evidence = card.status(nonce);
  const read = (till: TestTill) => readCard(v, till.device, { cardClass: 'A', nonce, evidence });
  expect(codeOf(await read(b))).toBe('nonceStale');
  expect(codeOf(await read(a))).toBe('ok');
  expect(codeOf(await read(a))).toBe('nonceStale');
  const altered = Buffer.from(evidence, 'base64url');
  altered[18] = (altered[18] ?? 0) ^ 1;
  expect(
    codeOf(await readCard(v, a.device, { cardClass: 'A', nonce, evidence: altered.toString('base64url') })),
  ).toBe('evidenceWrong');
  // An S3 that is none changes nothing.
  const s2 = s2Of(await a.authorise(card, loadId, 2_000));
  expect(codeOf(await confirm(a, loadId, { answer: 'AAAAAAAAAAA', s3: 'AAAAAAAAAAA' }))).toBe(
    'evidenceWrong',
  );
  expect((await stateOf(loadId))?.state).toBe('authorised');
  expect(card.load(s2)).not.toBeNull();
});

test('a status read before the last order proves nothing: no cancellation, no refund, nothing sayable', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card);
  const nonce = await a.nonce();
  const before = card.status(nonce);
  const s2 = s2Of(await a.authorise(card, loadId, 2_000));
  expect(card.load(s2)).not.toBeNull();
  const lie = { loadId, evidence: { kind: 'status' as const, nonce, bytes: before }, supervisor: SUPERVISOR };
  expect(codeOf(await cancelLoad(v, a.device, lie))).toBe('evidenceTooOld');
  const other = await a.nonce();
  const held = card.clone();
  held.state.counter = 0;
  expect((await stateOf(loadId))?.state).toBe('authorised');
  // With a fresh one the card itself says that it is loaded.
  expect(codeOf(await cancel(a, loadId, card, other))).toBe('loadWritten');
  expect((await stateOf(loadId))?.state).toBe('confirmed');

  // The same lie as a reading: the centre does not say "not loaded" on it.
  const second = await v.purse();
  const secondId = await paidLoad(a, second);
  const early = await a.nonce();
  const taken = second.status(early);
  second.load(s2Of(await a.authorise(second, secondId, 2_000)));
  const read = valueOf(await readCard(v, a.device, { cardClass: 'A', nonce: early, evidence: taken }));
  expect(read).toMatchObject({ open: { loadId: secondId, sayable: 'unknown' }, resolved: null });
});

test('cancelled on evidence, then refunded: the order is dead, the card goes on', async () => {
  const card = await v.purse();
  const loadId = mintId();
  valueOf(await a.read(card));
  valueOf(await a.quote(card, 2_000, loadId));
  const payment = await a.pay(card, loadId, 2_000);
  const s2 = s2Of(await a.authorise(card, loadId, 2_000));
  expect(codeOf(await cancelLoad(v, a.device, { loadId, evidence: null, supervisor: SUPERVISOR }))).toBe(
    'evidenceNeeded',
  );
  const nonce = await a.nonce();
  const bytes = card.status(nonce);
  const ask = (supervisor: typeof SUPERVISOR | null) =>
    cancelLoad(v, a.device, { loadId, evidence: { kind: 'status', nonce, bytes }, supervisor });
  expect(codeOf(await ask(null))).toBe('notAllowed');
  expect(codeOf(await ask({ ...SUPERVISOR, username: 'aygun' }))).toBe('notAllowed');
  expect(codeOf(await ask({ ...SUPERVISOR, password: 'başqa' }))).toBe('loginWrong');
  expect(valueOf(await ask(SUPERVISOR))).toEqual({ state: 'cancelled' });
  expect(valueOf(await ask(SUPERVISOR))).toEqual({ state: 'cancelled' });
  expect(card.load(s2)).toBeNull();
  expect(codeOf(await a.authorise(card, loadId, 2_000))).toBe('loadCancelled');
  await a.storno(payment);
  expect(await casesOf(v.database, loadId)).toEqual([]);
  expect(await stateOf(loadId)).toMatchObject({ state: 'cancelled', stornoed: true });
  await loaded(b, card, 700);
  expect([card.state.balance, card.state.counter]).toEqual([700, 1]);
  expect((await verifyLedger(v.database)).checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
});

test('a load without an order is cancelled without the card; a storno of its payment does the same', async () => {
  const card = await v.purse();
  const quoted = mintId();
  valueOf(await a.read(card));
  valueOf(await a.quote(card, 500, quoted));
  expect(codeOf(await cancelLoad(v, a.device, { loadId: quoted, evidence: null, supervisor: null }))).toBe(
    'ok',
  );
  const paid = await paidLoad(a, card, 600);
  expect(codeOf(await cancelLoad(v, a.device, { loadId: paid, evidence: null, supervisor: null }))).toBe(
    'notAllowed',
  );
  expect(codeOf(await cancel(a, paid, null))).toBe('ok');
  const back = mintId();
  valueOf(await a.quote(card, 700, back));
  const payment = await a.pay(card, back, 700);
  await a.storno(payment);
  expect(await stateOf(back)).toMatchObject({ state: 'cancelled', stornoed: true });
  expect(codeOf(await a.authorise(card, back, 700))).toBe('loadCancelled');
  expect(await casesOf(v.database, back)).toEqual([]);
});

test('a payment taken back while its load is ordered, or written, is a case, and the card shows it', async () => {
  const card = await v.purse();
  const loadId = mintId();
  valueOf(await a.read(card));
  valueOf(await a.quote(card, 2_000, loadId));
  const payment = await a.pay(card, loadId, 2_000);
  const s2 = s2Of(await a.authorise(card, loadId, 2_000));
  await a.storno(payment);
  expect(await casesOf(v.database, loadId)).toEqual(['loadStornoedOpen']);
  expect(valueOf(await b.read(card)).open).toMatchObject({ loadId, stornoed: true });
  // No further order for money that went back.
  expect(codeOf(await a.authorise(card, loadId, 2_000))).toBe('loadCancelled');
  expect(card.load(s2)).toBeNull();
  expect(codeOf(await cancel(b, loadId, card))).toBe('ok');
  expect(await casesOf(v.database, loadId)).toEqual([]);

  const second = await v.purse();
  const secondId = mintId();
  valueOf(await a.read(second));
  valueOf(await a.quote(second, 300, secondId));
  const paid = await a.pay(second, secondId, 300);
  const s3 = second.load(s2Of(await a.authorise(second, secondId, 300)));
  await a.storno(paid);
  expect(valueOf(await confirm(a, secondId, wrote(s3)))).toEqual({ result: 'confirmed' });
  expect(await casesOf(v.database, secondId)).toEqual(['loadStornoedWritten']);
  expect(valueOf(await b.read(second)).warnings).toContain('loadStornoed');
  expect((await verifyLedger(v.database)).checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
});

test('money that fits no order is kept, and a person hears of it: unknown, other amount, other account, twice, ended', async () => {
  const card = await v.purse();
  const wrong = mintId();
  valueOf(await a.read(card));
  await a.pay(card, wrong, 900);
  expect(await casesOf(v.database, wrong)).toEqual(['loadPaymentStray']);
  const other = mintId();
  valueOf(await a.quote(card, 500, other));
  await a.pay(card, other, 400);
  await a.pay(card, other, 500, { account: '1000000999' });
  expect((await stateOf(other))?.state).toBe('quoted');
  const payment = await a.pay(card, other, 500);
  expect((await stateOf(other))?.state).toBe('paid');
  const twice = await a.pay(card, other, 500);
  expect(await casesOf(v.database, other)).toEqual([
    'loadPaymentStray',
    'loadPaymentStray',
    'loadPaymentStray',
  ]);
  await a.storno(twice);
  expect((await stateOf(other))?.state).toBe('paid');
  expect((await casesOf(v.database, other)).length).toBe(2);
  // The same entry again, as a device that lost the answer sends it, is no second payment.
  a.journal.append('payment.accepted', payment);
  await a.send();
  expect((await casesOf(v.database, other)).length).toBe(2);
  expect(codeOf(await cancel(a, other, null))).toBe('ok');
  const late = mintId();
  valueOf(await a.quote(card, 500, late));
  expect(codeOf(await cancelLoad(v, a.device, { loadId: late, evidence: null, supervisor: null }))).toBe(
    'ok',
  );
  await a.pay(card, late, 500);
  expect(await casesOf(v.database, late)).toEqual(['loadPaymentStray']);
  expect((await verifyLedger(v.database)).checks.filter(({ wrong: n }) => n > 0)).toEqual([]);
});

test('a cloned card, a card rolled back: the second counter is an incident, the card is blocked', async () => {
  const card = await v.purse();
  const clone = card.clone();
  await loaded(a, card, 800);
  expect(codeOf(await b.read(clone))).toBe('meterCardIncident');
  expect(await casesOf(v.database, card.spec.cardId)).toEqual(['meterCardIncident']);
  // Told twice, it is one case; the genuine card is readable and not loadable.
  expect(codeOf(await b.read(clone))).toBe('meterCardIncident');
  expect(await casesOf(v.database, card.spec.cardId)).toEqual(['meterCardIncident']);
  expect(valueOf(await a.read(card))).toMatchObject({
    card: { state: 'blocked', blockedBecause: 'incident' },
    rules: null,
  });
  expect(codeOf(await a.quote(card, 500))).toBe('meterCardBlocked');

  // Loaded onto the clone while the load was meant for the card: one of the two has it, never both.
  const second = await v.purse();
  const loadId = await paidLoad(a, second, 900);
  const twin = second.clone();
  twin.load(s2Of(await b.authorise(twin, loadId, 900)));
  expect(valueOf(await a.read(twin)).resolved).toEqual({ loadId, outcome: 'applied' });
  expect(codeOf(await a.read(second))).toBe('meterCardIncident');
  expect(codeOf(await a.authorise(second, loadId, 900))).toBe('loadWritten');
  expect(second.state.balance + twin.state.balance).toBe(900);
});

test('a memory card: the same record again, never two; what it shows confirms; it cannot prove the absence', async () => {
  const card = await v.memory();
  const loadId = await paidLoad(a, card, 1_500);
  const order = valueOf(await a.authoriseMemory(card, loadId));
  if (order.cardClass !== 'B') throw new Error('class B');
  expect([order.slot, order.counter]).toEqual(['a', 0]);
  const again = valueOf(await b.authoriseMemory(card, loadId));
  expect(again).toEqual(order);
  // Torn in the middle of writing: the record is not good, the card stands where it stood.
  card.write(
    'a',
    Buffer.concat([Buffer.from(order.record, 'base64url').subarray(0, 30), Buffer.alloc(10)]).toString(
      'base64url',
    ),
  );
  expect(valueOf(await b.read(card))).toMatchObject({
    open: { loadId, state: 'authorised', sayable: 'notLoaded' },
    card: { counter: 0, balance: 0 },
  });
  expect(
    codeOf(
      await cancelLoad(v, a.device, {
        loadId,
        evidence: { kind: 'status', nonce: await a.nonce(), bytes: card.evidence() },
        supervisor: SUPERVISOR,
      }),
    ),
  ).toBe('classBNeedsWriteOff');
  card.write(order.slot, order.record);
  const nonce = await a.nonce();
  const done = confirmByCard(v, a.device, {
    loadId,
    evidence: { kind: 'status', nonce, bytes: card.evidence() },
  });
  expect(valueOf(await done)).toEqual({ result: 'confirmed' });
  expect(valueOf(await b.read(card)).card).toMatchObject({ counter: 1, balance: 1_500 });
  const second = await paidLoad(b, card, 1_000);
  const next = valueOf(await b.authoriseMemory(card, second));
  if (next.cardClass !== 'B') throw new Error('class B');
  expect([next.slot, next.counter]).toEqual(['b', 1]);
  const copy = card.clone();
  card.write(next.slot, next.record);
  expect(card.credit()).toBe(2_500);
  expect(valueOf(await a.read(card)).resolved).toEqual({ loadId: second, outcome: 'applied' });
  expect(codeOf(await a.read(copy))).toBe('meterCardIncident');
  expect(codeOf(await a.quote(card, 90_000))).toBe('meterCardBlocked');
  const own = await v.memory();
  valueOf(await a.read(own));
  expect(await a.quote(own, 20_001)).toMatchObject({
    error: { code: 'loadAboveMaximum', detail: { max: 20_000 } },
  });
});

test('written off without the card: a supervisor, a case, a blocked card; if it turns up loaded, another case', async () => {
  const card = await v.purse();
  const loadId = await paidLoad(a, card, 2_500);
  const s2 = s2Of(await a.authorise(card, loadId, 2_500));
  const ask = (supervisor: typeof SUPERVISOR) =>
    writeOffLoad(v, a.device, { loadId, reason: 'cardLost', note: 'kart itib', supervisor });
  expect(codeOf(await ask({ ...SUPERVISOR, username: 'aygun' }))).toBe('notAllowed');
  expect(valueOf(await ask(SUPERVISOR))).toEqual({ state: 'writtenOff' });
  expect(valueOf(await ask(SUPERVISOR))).toEqual({ state: 'writtenOff' });
  expect(await casesOf(v.database, loadId)).toEqual(['loadWrittenOff']);
  expect(codeOf(await a.authorise(card, loadId, 2_500))).toBe('loadCancelled');
  const init = card.initLoad({ loadId, units: 2_500, deviceId: a.device.deviceId, nonce: await a.nonce() });
  expect(init.s1).not.toBe('');
  // The order had been used before the card was "lost".
  const lost = await v.purse();
  const lostId = await paidLoad(a, lost, 400);
  lost.load(s2Of(await a.authorise(lost, lostId, 400)));
  valueOf(
    await writeOffLoad(v, a.device, {
      loadId: lostId,
      reason: 'cardLost',
      note: 'kart itib',
      supervisor: SUPERVISOR,
    }),
  );
  expect(valueOf(await b.read(lost)).card).toMatchObject({
    state: 'blocked',
    blockedBecause: 'writtenOff',
    counter: 1,
  });
  expect(await casesOf(v.database, lostId)).toEqual(['loadWrittenOff', 'loadWrittenOffFound']);
  expect((await stateOf(lostId))?.state).toBe('writtenOff');
  expect(card.load(s2)).toBeNull();
  expect((await verifyLedger(v.database)).checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
});
