import { afterAll, beforeAll, expect, test } from 'vitest';
import { centreContract } from '../../contracts/centre.ts';
import type { Subscriber } from '../../contracts/domain.ts';
import { registrationCode } from '../../contracts/rules/damm.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { mintId } from '../registry/identity.ts';
import { leaseCodes } from '../registry/workstations.ts';
import { startTestCentre, type TestCentre } from '../testing/centre.ts';
import { testJournal } from '../testing/device.ts';
import { addDevice, fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { horizonPassed } from '../testing/horizon.ts';

let database: Database;
let fixture: Fixture;
let centre: TestCentre;
const by = { userId: mintId(), name: 'Aygün' };

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
  centre = await startTestCentre(database);
});
afterAll(async () => {
  await centre.stop();
  await database.close();
});

async function counter(code: string) {
  const { device, key } = await addDevice(database, fixture, code);
  const block = await leaseCodes(database.db, device.deviceId, mintId());
  const journal = testJournal(key);
  const token = await centre.session(key);
  const push = async (): Promise<readonly (readonly [string, string | null])[]> => {
    const state = (await centre.call('device.state', {}, token)).body as { acknowledgedThrough: number };
    const answer = (
      await centre.call('journal.push', { entries: journal.entries.slice(state.acknowledgedThrough) }, token)
    ).body;
    return (answer as { outcomes: { outcome: string; note: string | null }[] }).outcomes.map(
      ({ outcome, note }) => [outcome, note],
    );
  };
  return { device, journal, token, push, firstSerial: block?.firstSerial ?? 0 };
}

const person = (code: string, accounts: Subscriber['accounts'] = []): Subscriber => ({
  subscriberId: mintId(),
  code,
  name: 'Həsənova Nigar',
  address: 'Bakı',
  phone: '+994501234567',
  email: null,
  language: 'az',
  accounts,
});

test('registered offline with a leased code, bound and unbound later; the centre and the replicas know', async () => {
  const { journal, token, push, firstSerial } = await counter('WS01');
  const home = { billerId: fixture.electricity, account: '1', label: 'Ev' };
  const subscriber = person(registrationCode(firstSerial), [home, { ...home, account: '2', label: 'Bağ' }]);
  journal.append('subscriber.registered', { ...subscriber, by, workstation: 'WS01' });
  expect(await push()).toEqual([['recorded', null]]);
  const fetched = await centre.call('subscriber.fetch', { code: subscriber.code }, token);
  expect(fetched.body).toMatchObject({
    subscriber: { name: 'Həsənova Nigar', accounts: [{ account: '1' }, { account: '2' }] },
    accounts: [
      { account: '1', known: true },
      { account: '2', known: false },
    ],
  });

  await horizonPassed(database);
  const first = (await centre.call('replica.changes', { cursor: null, limit: 100 }, token)).body as {
    cursor: string;
    subscribers: Subscriber[];
  };
  expect(first.subscribers).toEqual([subscriber]);
  const binding = { subscriberId: subscriber.subscriberId, code: subscriber.code, by };
  journal.append('subscriber.accountBound', {
    ...binding,
    billerId: fixture.water,
    account: '91234567',
    label: 'Su',
  });
  journal.append('subscriber.accountUnbound', { ...binding, ...home, account: '2' });
  expect(await push()).toEqual([
    ['recorded', null],
    ['recorded', null],
  ]);
  await horizonPassed(database);
  const next = (await centre.call('replica.changes', { cursor: first.cursor, limit: 100 }, token)).body as {
    subscribers: Subscriber[];
  };
  expect(next.subscribers.map(({ accounts }) => accounts.map(({ account }) => account))).toEqual([
    ['1', '91234567'],
  ]);
});

test('what does not fit is kept and waits for a person: a code of another block, taken, an unknown subscriber or company', async () => {
  const { device, journal, push, firstSerial } = await counter('WS02');
  const other = await counter('WS03');
  const taken = person(registrationCode(firstSerial));
  journal.append('subscriber.registered', {
    ...person(registrationCode(other.firstSerial)),
    by,
    workstation: 'WS02',
  });
  journal.append('subscriber.registered', { ...taken, by, workstation: 'WS02' });
  journal.append('subscriber.registered', { ...person(taken.code), by, workstation: 'WS02' });
  journal.append('subscriber.registered', { ...taken, by, workstation: 'WS02' });
  const binding = { billerId: fixture.electricity, account: '1', label: '', by };
  journal.append('subscriber.accountBound', { ...binding, subscriberId: mintId(), code: taken.code });
  journal.append('subscriber.accountBound', {
    ...binding,
    subscriberId: taken.subscriberId,
    code: taken.code,
    billerId: mintId(),
  });
  journal.append('subscriber.registered', {
    ...person(registrationCode(firstSerial + 1)),
    name: 'ad \0 NUL',
    by,
    workstation: 'WS02',
  });
  journal.append('subscriber.registered', {
    ...person(registrationCode(firstSerial + 2)),
    by,
    workstation: 'WS02',
  });
  expect(await push()).toEqual([
    ['case', 'codeNotLeased'],
    ['recorded', null],
    ['case', 'codeTaken'],
    ['recorded', null],
    ['case', 'subscriberUnknown'],
    ['case', 'billerUnknown'],
    ['case', 'notPostable'],
    ['recorded', null],
  ]);
  const cases = await database.db
    .selectFrom('case_file')
    .select('kind')
    .where('device_id', '=', device.deviceId)
    .execute();
  expect(cases).toHaveLength(5);
});

test('an account asked for by itself: on the list, only fitting the mask, unknown, of a closed or unknown company', async () => {
  const { token } = await counter('WS04');
  const fetch = async (billerId: string, account: string) =>
    (await centre.call('account.fetch', { billerId, account }, token)).body;
  expect(await fetch(fixture.electricity, '1')).toMatchObject({ known: true, source: 'centre' });
  expect(await fetch(fixture.water, '91234567')).toMatchObject({ known: false, owed: 0, asOf: null });
  expect(await fetch(fixture.water, '5')).toMatchObject({ error: { code: 'accountUnknown' } });
  expect(await fetch(fixture.electricity, '5')).toMatchObject({ error: { code: 'accountUnknown' } });
  expect(await fetch(fixture.closed, '12345')).toMatchObject({ error: { code: 'billerNotLive' } });
  expect(await fetch(mintId(), '1')).toMatchObject({ error: { code: 'billerUnknown' } });
  expect(await centre.call('subscriber.fetch', { code: '0000000000' }, token)).toMatchObject({
    status: 404,
    body: { error: { code: 'subscriberUnknown' } },
  });
  expect((await centre.call('replica.billers', {}, token)).body).toMatchObject({
    billers: [{ code: 'ELEKTRIK1', fees: [{ basisPoints: 100 }] }, {}, {}],
  });
});

test('a code that several counters fill up holds a hundred accounts, and every replica can still read it', async () => {
  const [one, other] = [await counter('WS31'), await counter('WS32')];
  const accounts = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      billerId: fixture.electricity,
      account: String(from + i),
      label: '',
    }));
  const subscriber = person(registrationCode(one.firstSerial), accounts(1000, 98));
  one.journal.append('subscriber.registered', { ...subscriber, by, workstation: 'WS31' });
  expect(await one.push()).toEqual([['recorded', null]]);
  const binding = { subscriberId: subscriber.subscriberId, code: subscriber.code, by };
  // Each counter, alone, sees room for two more.
  for (const [at, from] of [
    [one, 2000],
    [other, 3000],
  ] as const)
    for (const account of accounts(from, 2))
      at.journal.append('subscriber.accountBound', { ...binding, ...account });
  expect(await one.push()).toEqual([
    ['recorded', null],
    ['recorded', null],
  ]);
  expect(await other.push()).toEqual([
    ['case', 'tooManyAccounts'],
    ['case', 'tooManyAccounts'],
  ]);
  // What hangs there already is told again without harm.
  one.journal.append('subscriber.accountBound', {
    ...binding,
    billerId: fixture.electricity,
    account: '2000',
    label: 'Bağ',
  });
  expect(await one.push()).toEqual([['recorded', null]]);
  const page = (await centre.call('replica.changes', { cursor: null, limit: 100 }, one.token)).body;
  expect(centreContract['replica.changes'].output.safeParse(page).error).toBeUndefined();
  expect((await centre.call('subscriber.fetch', { code: subscriber.code }, one.token)).status).toBe(200);
});
