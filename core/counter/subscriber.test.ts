import { expect, test } from 'vitest';
import { fail, ok } from '../../contracts/result.ts';
import { registrationCode, registrationCodeValid } from '../../contracts/rules/damm.ts';
import { GAS, POWER, sampleId, SUBSCRIBER, WATER } from '../testing/samples.ts';
import { openCounter, type Workbench } from '../testing/workbench.ts';
import { toBase64 } from './base64.ts';

const person = (bench: Workbench, name = 'Əliyeva Günel') => ({
  subscriberId: bench.machine.mintId(),
  name,
  address: 'Bakı, Nizami küç. 3',
  phone: '+994 55 777 88 99',
  email: null,
  language: 'az' as const,
  accounts: [{ billerId: POWER.id, account: '1104552019', label: '' }],
});
const register = (bench: Workbench, who = person(bench)) =>
  bench.answer(bench.client['subscriber.register'](who));
const cutOff = async (bench: Workbench): Promise<void> => {
  bench.wire.up = false;
  await bench.machine.advance(10_000);
};

test('a subscriber registered here is found at once, and at the centre when the line is there', async () => {
  const bench = await openCounter();
  const registered = await register(bench);
  const code = registered.ok ? registered.value.subscriber.code : '';
  expect(registrationCodeValid(code)).toBe(true);
  expect(await bench.client['find.search']({ text: 'gunel', limit: 5 })).toMatchObject({
    value: { hits: [{ code }] },
  });
  await bench.machine.advance(1000);
  expect(bench.centre.subscribers.get(code)).toMatchObject({ name: 'Əliyeva Günel' });
  expect(bench.seen.status?.freeCodes).toBe(19);
});

test('registering works alone; no code is given twice, and a registration asked again gets its first answer', async () => {
  const bench = await openCounter();
  await cutOff(bench);
  const first = person(bench);
  const one = await register(bench, first);
  expect(await register(bench, first)).toEqual(one);
  await bench.restart();
  await bench.answer(bench.client['session.login']({ username: 'aygun', password: 'parol-1234' }));
  expect(await register(bench, first)).toEqual(one);
  expect(await register(bench, { ...first, name: 'Başqa Adam' })).toEqual(fail('idempotencyConflict'));
  const two = await register(bench);
  expect(one.ok && two.ok && one.value.subscriber.code !== two.value.subscriber.code).toBe(true);
});

test('a leased block runs out alone, and another comes with the line; a lost lease costs no block', async () => {
  const bench = await openCounter();
  await cutOff(bench);
  const codes = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    const registered = await register(bench);
    if (registered.ok) codes.add(registered.value.subscriber.code);
  }
  expect(codes.size).toBe(20);
  expect(await register(bench)).toEqual(fail('codesExhausted'));
  expect(bench.seen.status?.freeCodes).toBe(0);
  bench.wire.act = (method) => ({ kind: method === 'codes.lease' ? 'cutAnswer' : 'pass' });
  bench.wire.up = true;
  await bench.answer(bench.client['sync.now']({}));
  expect(bench.centre.leases.size).toBe(2);
  await bench.restart();
  bench.wire.act = () => ({ kind: 'pass' });
  await bench.machine.advance(5000);
  expect(bench.centre.leases.size).toBe(2);
  expect(bench.seen.status?.freeCodes).toBe(20);
  await bench.answer(bench.client['session.login']({ username: 'aygun', password: 'parol-1234' }));
  const next = await register(bench);
  expect(next.ok && !codes.has(next.value.subscriber.code)).toBe(true);
});

test('accounts that cannot be of their company, or are named twice, are refused before a code is used', async () => {
  const bench = await openCounter();
  const wants = (accounts: { billerId: string; account: string; label: string }[]) =>
    register(bench, { ...person(bench), accounts });
  const one = { billerId: WATER.id, account: '30881204', label: '' };
  expect(await wants([{ ...one, account: 'AB' }])).toEqual(
    fail('accountNotInMask', { example: '1104552018' }),
  );
  expect(await wants([{ ...one, billerId: SUBSCRIBER.subscriberId }])).toEqual(fail('billerUnknown'));
  expect(await wants([one, one])).toEqual(fail('accountAlreadyBound'));
  expect(await wants([one, { ...one, account: '30904117' }])).toMatchObject({ ok: true });
  expect(bench.seen.status?.freeCodes).toBe(19);
});

test('accounts are bound and unbound, shown at once, and outlive pages that do not know of it yet', async () => {
  const bench = await openCounter();
  const { code } = SUBSCRIBER;
  await bench.answer(bench.client['basket.open']({ code }));
  await cutOff(bench);
  const account = { billerId: POWER.id, account: '1104552019', label: 'Bağ evi' };
  expect(await bench.client['subscriber.bind']({ code, account })).toMatchObject({ ok: true });
  expect(await bench.client['subscriber.bind']({ code, account })).toEqual(fail('accountAlreadyBound'));
  const gas = { code, billerId: GAS.id, account: '0801417730' };
  expect(await bench.client['subscriber.unbind'](gas)).toMatchObject({ ok: true });
  expect(await bench.client['subscriber.unbind'](gas)).toEqual(fail('accountNotBound'));
  await bench.machine.settle();
  const accounts = ['1104552018', '30881204', '30904117', '1104552019'];
  expect(bench.seen.counter?.offered.map((view) => view.account)).toEqual(accounts);
  expect(bench.seen.counter?.subscriber?.accounts.map((bound) => bound.account)).toEqual(accounts);

  // The centre's row arrives before our entries reach it.
  bench.wire.act = (method) => ({ kind: method === 'journal.push' ? 'drop' : 'pass' });
  bench.wire.up = true;
  bench.centre.change({ kind: 'subscriber', row: { ...SUBSCRIBER, phone: '+994 50 000 00 00' } });
  await bench.machine.advance(30_000);
  const open = async () => {
    await bench.answer(bench.client['basket.open']({ code }));
    return bench.seen.counter?.subscriber;
  };
  expect((await open())?.phone).toBe('+994 50 000 00 00');
  expect((await open())?.accounts.map((bound) => bound.account)).toEqual(accounts);
  bench.wire.act = () => ({ kind: 'pass' });
  await bench.machine.advance(30_000);
  expect(bench.centre.subscribers.get(code)?.accounts.map((bound) => bound.account)).toEqual(accounts);
  expect((await open())?.accounts.map((bound) => bound.account)).toEqual(accounts);
});

test('a subscriber of another district is asked of the centre; without it nobody can say', async () => {
  const bench = await openCounter();
  const code = '0000000000';
  bench.centre.subscribers.set(code, { ...SUBSCRIBER, code, name: 'Uzaq Abunəçi' });
  const account = { billerId: POWER.id, account: '1104552019', label: '' };
  expect(await bench.answer(bench.client['basket.open']({ code }))).toEqual(ok({}));
  expect(bench.seen.counter?.subscriber?.name).toBe('Uzaq Abunəçi');
  expect(await bench.answer(bench.client['subscriber.bind']({ code, account }))).toMatchObject({
    value: { subscriber: { name: 'Uzaq Abunəçi' } },
  });
  const nobody = '0000000017';
  expect(await bench.answer(bench.client['subscriber.bind']({ code: nobody, account }))).toEqual(
    fail('subscriberUnknown'),
  );
  await cutOff(bench);
  expect(await bench.client['subscriber.bind']({ code: nobody, account })).toEqual(fail('centreAway'));
});

test('the card bears the code and the companies, on paper and as PDF', async () => {
  const bench = await openCounter();
  const card = await bench.answer(bench.client['subscriber.card']({ code: SUBSCRIBER.code }));
  expect(card).toMatchObject({ ok: true, value: { print: { printed: true }, document: { paper: 'card' } } });
  expect(JSON.stringify(card)).toContain(POWER.name);
  expect(card.ok && card.value.pdfBase64).toBe(Buffer.from(SUBSCRIBER.code).toString('base64'));
});

test('the journal as people read it: newest first, what each entry was, and how far it has come', async () => {
  const bench = await openCounter();
  await cutOff(bench);
  await register(bench);
  const rows = async (waitingOnly: boolean, before: number | null = null) => {
    const list = await bench.client['journal.list']({ before, limit: 3, waitingOnly });
    return list.ok ? list.value.rows.map(({ seq, type, sync, subject }) => [seq, type, sync, subject]) : list;
  };
  expect(await rows(true)).toEqual([[4, 'subscriber.registered', 'recorded', '0000 0100 08']]);
  expect(await rows(false)).toEqual([
    [4, 'subscriber.registered', 'recorded', '0000 0100 08'],
    [3, 'shift.opened', 'acknowledged', '№ 1'],
    [2, 'user.loggedIn', 'acknowledged', 'Aygün Məmmədova'],
  ]);
  expect(await rows(false, 2)).toEqual([[1, 'device.enrolled', 'acknowledged', 'WS07']]);
});

test('base64 as everyone else writes it', () => {
  for (let length = 0; length < 40; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + length * 7) % 256);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  }
});

test('a code with a hundred accounts takes no more, and says so', async () => {
  const bench = await openCounter();
  const accounts = Array.from({ length: 100 }, (_, i) => ({
    billerId: POWER.id,
    account: String(1_000_000 + i),
    label: '',
  }));
  const full = { ...SUBSCRIBER, subscriberId: sampleId(900), code: registrationCode(407_188_240), accounts };
  bench.centre.change({ kind: 'subscriber', row: full });
  await bench.machine.advance(10_000);
  const one = { billerId: POWER.id, account: '1104552018', label: '' };
  const bind = () => bench.answer(bench.client['subscriber.bind']({ code: full.code, account: one }));
  expect(await bind()).toEqual(fail('tooManyAccounts', { accounts: 100 }));
  const unbound = { code: full.code, billerId: POWER.id, account: '1000000' };
  expect(await bench.answer(bench.client['subscriber.unbind'](unbound))).toMatchObject({ ok: true });
  expect(await bind()).toMatchObject({ ok: true });
  expect(bench.faults).toEqual([]);
});
