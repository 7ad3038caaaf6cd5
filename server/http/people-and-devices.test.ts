import { afterAll, beforeAll, expect, test } from 'vitest';
import { centreContract, type CentreMethod } from '../../contracts/centre.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { mintId } from '../registry/identity.ts';
import { addUser } from '../registry/users.ts';
import { issueEnrolmentCode } from '../registry/workstations.ts';
import { codeOf, detailOf, startTestCentre, type TestCentre } from '../testing/centre.ts';
import { testDeviceKey, testJournal, testPayment, testShift, type TestKey } from '../testing/device.ts';
import { addDevice, fillRegistry, type Fixture } from '../testing/fixture.ts';
import { RATE_LIMITS } from './limits.ts';

let database: Database;
let fixture: Fixture;
let centre: TestCentre;
let key: TestKey;
let token: string;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  ({ key } = await addDevice(database, fixture, 'WS01'));
  centre = await startTestCentre(database);
  token = await centre.session(key);
});
afterAll(async () => {
  await centre.stop();
  await database.close();
});

const enrolment = { code: 'AAAA-BBBB-CCCC', deviceId: mintId(), publicKey: 'A'.repeat(43) };
const guess = { username: 'nobody', password: 'x', purpose: 'login' };

test('open methods are limited per address, log-ins per device, and the answer says how long to wait', async () => {
  const limited = await startTestCentre(database, { rateLimits: { 'device.enrol': 3, 'auth.login': 2 } });
  try {
    const enrol = () => limited.call('device.enrol', enrolment);
    for (let i = 0; i < 3; i += 1) expect(codeOf(await enrol())).toBe('enrolmentCodeWrong');
    const refused = await enrol();
    expect([refused.status, codeOf(refused)]).toEqual([429, 'tooManyRequests']);
    expect(detailOf(refused)['seconds']).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBe(detailOf(refused)['seconds']);
    expect((await limited.call('device.challenge', { deviceId: key.deviceId })).status).toBe(200);
    const itsToken = await limited.session(key);
    const { key: otherKey } = await addDevice(database, fixture, 'WS04');
    const otherToken = await limited.session(otherKey);
    for (let i = 0; i < 2; i += 1)
      expect(codeOf(await limited.call('auth.login', guess, itsToken))).toBe('loginWrong');
    expect(codeOf(await limited.call('auth.login', guess, itsToken))).toBe('tooManyRequests');
    expect(codeOf(await limited.call('auth.login', guess, otherToken))).toBe('loginWrong');
  } finally {
    await limited.stop();
  }
});

test('a device cannot walk through all subscribers, or use up the registration codes', async () => {
  const limited = await startTestCentre(database, { rateLimits: RATE_LIMITS });
  try {
    const its = await limited.session(key);
    const until429 = async (method: CentreMethod, input: () => object): Promise<number> => {
      for (let calls = 0; calls < 400; calls += 1)
        if ((await limited.call(method, input(), its)).status === 429) return calls;
      return Infinity;
    };
    expect(await until429('codes.lease', () => ({ leaseId: mintId() }))).toBeLessThanOrEqual(30);
    expect(await until429('subscriber.fetch', () => ({ code: '4000000010' }))).toBeLessThanOrEqual(300);
  } finally {
    await limited.stop();
  }
});

test('enrolment: the code works once, for one device; its own repetition gets the first answer', async () => {
  await database.db
    .insertInto('org_unit')
    .values({
      unit_id: mintId(),
      participant_id: fixture.bankId,
      parent_id: fixture.branchId,
      kind: 'workstation',
      code: 'WS09',
      name: 'WS09',
      district: null,
    })
    .execute();
  const issued = await issueEnrolmentCode(database.db, 'WS09', 10, 'test');
  const fresh = testDeviceKey();
  const enrol = (other: object) =>
    centre.call('device.enrol', {
      code: issued?.code,
      deviceId: fresh.deviceId,
      publicKey: fresh.publicKey,
      ...other,
    });
  expect(codeOf(await enrol({ publicKey: `${'A'.repeat(42)}B` }))).toBe('enrolmentCodeWrong');
  const first = await enrol({});
  expect(first.body).toMatchObject({
    workstation: { code: 'WS09', district: 'Nərimanov', participantName: 'Bank' },
  });
  expect((await enrol({})).body).toEqual(first.body);
  expect(codeOf(await enrol({ publicKey: testDeviceKey().publicKey }))).toBe('idempotencyConflict');
  expect(codeOf(await enrol({ deviceId: mintId() }))).toBe('enrolmentCodeWrong');
  const second = await issueEnrolmentCode(database.db, 'WS09', 10, 'test');
  expect(codeOf(await enrol({ code: second?.code }))).toBe('idempotencyConflict');
  const expired = await issueEnrolmentCode(database.db, 'WS09', 10, 'test');
  await database.pool.query(
    `update enrolment_code set expires_at = now() - interval '1 second' where used_at is null`,
  );
  expect(codeOf(await enrol({ code: expired?.code, deviceId: mintId() }))).toBe('enrolmentCodeWrong');
  const { rows } = await database.pool.query<{ text: string }>(
    'select string_agg(e::text, chr(10)) as text from enrolment_code e',
  );
  expect(rows[0]?.text).not.toContain(issued?.code);
  await centre.session(fresh);
});

test('log-in: lock-out grows, survives a restart, and counts guesses made at once', async () => {
  const person = {
    name: 'Aygün',
    role: 'teller',
    password: 'doğru parol',
    participantId: fixture.bankId,
  } as const;
  await addUser(database.db, { ...person, username: 'aygun' }, 'test');
  const login = (username: string, password: string, purpose = 'login') =>
    centre.call('auth.login', { username, password, purpose }, token);
  expect((await login('AyGun', 'doğru parol')).body).toMatchObject({ username: 'aygun', role: 'teller' });
  expect(codeOf(await login('aygun', 'doğru parol', 'approval'))).toBe('notAllowed');
  const guesses = await Promise.all(Array.from({ length: 12 }, () => login('aygun', 'səhv')));
  const codes = guesses.map(codeOf);
  expect(codes.filter((code) => code === 'loginWrong')).toHaveLength(5);
  expect(codes.filter((code) => code === 'loginLocked')).toHaveLength(7);
  const locked = await login('aygun', 'doğru parol');
  expect([codeOf(locked), detailOf(locked)['minutes']]).toEqual(['loginLocked', 1]);
  const again = await startTestCentre(database);
  expect(
    codeOf(
      await again.call(
        'auth.login',
        { username: 'aygun', password: 'doğru parol', purpose: 'login' },
        await again.session(key),
      ),
    ),
  ).toBe('loginLocked');
  await again.stop();
  const expire = () =>
    database.pool.query(
      `update app_user set locked_until = now() - interval '1 second' where username = 'aygun'`,
    );
  for (const minutes of [2, 4, 8]) {
    await expire();
    expect(codeOf(await login('aygun', 'səhv'))).toBe('loginWrong');
    expect(detailOf(await login('aygun', 'doğru parol'))['minutes']).toBe(minutes);
  }
  await expire();
  expect((await login('aygun', 'doğru parol')).status).toBe(200);
  for (let i = 0; i < 4; i += 1) expect(codeOf(await login('aygun', 'səhv'))).toBe('loginWrong');
  expect((await login('aygun', 'doğru parol')).status).toBe(200);
});

test('log-in: blocked people, other banks’ people and other roles are told why', async () => {
  const base = { name: 'X', password: 'bir parol', participantId: fixture.bankId } as const;
  await addUser(database.db, { ...base, username: 'bloklu', role: 'teller' }, 'test');
  await addUser(database.db, { ...base, username: 'auditor', role: 'auditor' }, 'test');
  await addUser(database.db, { ...base, username: 'rauf', role: 'supervisor' }, 'test');
  const elsewhere = await fillRegistry(database, '2', 'Yasamal');
  await addUser(
    database.db,
    { ...base, username: 'ozge', role: 'teller', participantId: elsewhere.bankId },
    'test',
  );
  await database.db
    .updateTable('app_user')
    .set({ status: 'blocked' })
    .where('username', '=', 'bloklu')
    .execute();
  const login = async (username: string, purpose: string) =>
    (await centre.call('auth.login', { username, password: 'bir parol', purpose }, token)).body;
  expect(await login('bloklu', 'login')).toMatchObject({ error: { code: 'userBlocked' } });
  expect(await login('auditor', 'login')).toMatchObject({ error: { code: 'notAllowed' } });
  expect(await login('ozge', 'login')).toMatchObject({ error: { code: 'notAllowed' } });
  expect(await login('rauf', 'approval')).toMatchObject({ role: 'supervisor' });
});

test('codes are leased in blocks that never overlap, and a lease asked again is the same', async () => {
  const { key: otherKey } = await addDevice(database, fixture, 'WS05');
  const otherToken = await centre.session(otherKey);
  const leaseIds = Array.from({ length: 10 }, () => mintId());
  const blocks = await Promise.all(
    leaseIds.map(
      async (leaseId, i) =>
        (await centre.call('codes.lease', { leaseId }, i % 2 ? token : otherToken)).body as {
          firstSerial: number;
          lastSerial: number;
        },
    ),
  );
  const serials = blocks.flatMap(({ firstSerial, lastSerial }) =>
    Array.from({ length: lastSerial - firstSerial + 1 }, (_, i) => firstSerial + i),
  );
  expect(new Set(serials).size).toBe(serials.length);
  expect((await centre.call('codes.lease', { leaseId: leaseIds[1] }, token)).body).toEqual(blocks[1]);
  expect(codeOf(await centre.call('codes.lease', { leaseId: leaseIds[1] }, otherToken))).toBe('inputInvalid');
});

test('a workstation that pushes over and over keeps nobody else waiting', async () => {
  const { device, key: pusher } = await addDevice(database, fixture, 'WS21');
  const itsToken = await centre.session(pusher);
  const journal = testJournal(pusher);
  const user = { userId: mintId(), name: 'Aygün' };
  journal.append('user.loggedOut', { user });
  const blocker = await database.pool.connect();
  await blocker.query('begin');
  await blocker.query('select from device where device_id = $1 for update', [device.deviceId]);
  try {
    const pushes = Array.from({ length: 40 }, () =>
      centre.call('journal.push', { entries: journal.entries }, itsToken),
    );
    const first = await Promise.race(pushes);
    expect(codeOf(first)).toBe('tooManyRequests');
    expect((await centre.call('device.state', {}, token)).status).toBe(200);
    await blocker.query('rollback');
    const answers = await Promise.all(pushes);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  } finally {
    blocker.release();
  }
});

test('a workstation that is enrolled again goes on counting where its earlier machine stopped', async () => {
  const { device, key: lost } = await addDevice(database, fixture, 'WS41');
  const itsToken = await centre.session(lost);
  const journal = testJournal(lost);
  const shift = testShift('WS41', '2026-11-20');
  const line = { billerId: fixture.electricity, account: '1', amount: 100 };
  journal.append('shift.opened', { ...shift.context, shiftNo: 7, float: [], floatTotal: 0 as never });
  for (let i = 0; i < 3; i += 1) journal.append('payment.accepted', testPayment(shift, [line]));
  journal.append('payment.accepted', { ...testPayment(shift, [line]), receiptNo: 'not a number' });
  expect((await centre.call('journal.push', { entries: journal.entries }, itsToken)).status).toBe(200);
  const enrol = async (workstation: string) => {
    const issued = await issueEnrolmentCode(database.db, workstation, 10, 'test');
    const { deviceId, publicKey } = testDeviceKey();
    return (await centre.call('device.enrol', { code: issued?.code, deviceId, publicKey })).body;
  };
  const answer = await enrol('WS41');
  expect(centreContract['device.enrol'].output.parse(answer)).toMatchObject({
    workstation: { workstationId: device.unitId },
    numbers: { receipts: [{ businessDate: '2026-11-20', serial: 3 }], shiftNo: 7, zNo: 0 },
  });
  expect(await enrol('WS21')).not.toHaveProperty('numbers');
});
