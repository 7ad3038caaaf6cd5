import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CENTRE_ACCESS, centreContract, type CentreMethod } from '../../contracts/centre.ts';
import { ERRORS } from '../../contracts/errors.ts';
import { centreSecret } from '../db/centre-meta.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { addUser } from '../registry/users.ts';
import {
  issueEnrolmentCode,
  quarantineDevice,
  releaseDevice,
  type Device,
} from '../registry/workstations.ts';
import { startTestCentre, type Answer, type TestCentre } from '../testing/centre.ts';
import { testDeviceKey, type TestKey } from '../testing/device.ts';
import { addDevice, fillRegistry, type Fixture } from '../testing/fixture.ts';
import { mintId } from '../registry/identity.ts';

let database: Database;
let fixture: Fixture;
let centre: TestCentre;
let device: Device;
let key: TestKey;
let token: string;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  ({ device, key } = await addDevice(database, fixture, 'WS01'));
  centre = await startTestCentre(database);
  token = await centre.session(key);
});
afterAll(async () => {
  await centre.stop();
  await database.close();
});

const methods = Object.keys(centreContract) as CentreMethod[];
const codeOf = (answer: Answer): string => (answer.body as { error: { code: string } }).error.code;
const detailOf = (answer: Answer): Record<string, unknown> =>
  (answer.body as { error: { detail?: Record<string, unknown> } }).error.detail ?? {};

/** The least that each method's schema takes. */
const inputs: Record<CentreMethod, unknown> = {
  'device.enrol': { code: 'AAAA-BBBB-CCCC', deviceId: mintId(), publicKey: 'A'.repeat(43) },
  'device.challenge': { deviceId: mintId() },
  'device.session': { deviceId: mintId(), nonce: 'x', signature: 'A'.repeat(86) },
  'device.state': {},
  'auth.login': { username: 'nobody', password: 'x', purpose: 'login' },
  'journal.push': {
    entries: [
      { seq: 5, prevHash: '0'.repeat(64), hash: '0'.repeat(64), signature: 'A'.repeat(86), body: '{}' },
    ],
  },
  'replica.changes': { cursor: null, limit: 10 },
  'replica.billers': {},
  'account.fetch': { billerId: mintId(), account: '1' },
  'subscriber.fetch': { code: '4000000011' },
  'codes.lease': { leaseId: mintId() },
  'payments.accept': {
    paymentId: mintId(),
    channel: 'kiosk',
    reference: 'r',
    takenAt: '2026-11-23T10:00:00Z',
    businessDate: '2026-11-23',
    currency: 'AZN',
    subscriberCode: null,
    lines: [{ lineId: mintId(), billerId: mintId(), account: '1', billNo: null, amount: 1, fee: 0 }],
    total: 1,
  },
  'receipts.verify': { code: 'x'.repeat(30) },
};

test('the access table holds: a device’s methods want its token, the open ones none', async () => {
  for (const method of methods) {
    const anonymous = await centre.call(method, inputs[method]);
    if (CENTRE_ACCESS[method] === 'device')
      expect([method, anonymous.status, codeOf(anonymous)]).toEqual([method, 401, 'unauthorised']);
    // device.session of an unknown device is told so, and no open method asks for a token.
    else
      expect([method, anonymous.status === 200 || codeOf(anonymous) !== 'unauthorised']).toEqual([
        method,
        true,
      ]);
    const known = await centre.call(method, inputs[method], token);
    if (known.status !== 200) {
      expect([...centreContract[method].errors, 'inputInvalid'], method).toContain(codeOf(known));
      expect(Object.keys(ERRORS)).toContain(codeOf(known));
    } else centreContract[method].output.parse(known.body);
  }
});

test('tokens that are altered, expired, of another centre or of nobody are refused', async () => {
  const secret = await centreSecret(database.db, 'tokenSecret');
  const jwt = (claims: {
    exp?: number;
    aud?: string;
    sub?: string;
    key?: Uint8Array;
    alg?: string;
  }): Promise<string> =>
    new SignJWT()
      .setProtectedHeader({ alg: claims.alg ?? 'HS256' })
      .setIssuer('komis')
      .setAudience(claims.aud ?? 'device')
      .setSubject(claims.sub ?? key.deviceId)
      .setExpirationTime(claims.exp ?? Math.floor(Date.now() / 1000) + 60)
      .sign(claims.key ?? secret);
  expect((await centre.call('device.state', {}, await jwt({}))).status).toBe(200);
  const [head, payload] = token.split('.');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  const wrong = {
    expired: await jwt({ exp: Math.floor(Date.now() / 1000) - 1 }),
    audience: await jwt({ aud: 'person' }),
    nobody: await jwt({ sub: mintId() }),
    otherKey: await jwt({ key: new Uint8Array(32) }),
    none,
    altered: `${head}.${payload}.${'A'.repeat(43)}`,
    text: 'hello',
  };
  for (const [what, bad] of Object.entries(wrong))
    expect((await centre.call('device.state', {}, bad)).status, what).toBe(401);
});

test('a session needs the device’s own signature over a fresh nonce, once', async () => {
  const { nonce } = (await centre.call('device.challenge', { deviceId: key.deviceId })).body as {
    nonce: string;
  };
  const other = testDeviceKey();
  expect(
    codeOf(
      await centre.call('device.session', {
        deviceId: key.deviceId,
        nonce,
        signature: other.signText(nonce),
      }),
    ),
  ).toBe('unauthorised');
  expect(
    (await centre.call('device.session', { deviceId: key.deviceId, nonce, signature: key.signText(nonce) }))
      .status,
  ).toBe(200);
  expect(
    codeOf(
      await centre.call('device.session', { deviceId: key.deviceId, nonce, signature: key.signText(nonce) }),
    ),
  ).toBe('unauthorised');
  const own = 'c29tZXRoaW5nIG9mIG15IG93bg';
  expect(
    codeOf(
      await centre.call('device.session', {
        deviceId: key.deviceId,
        nonce: own,
        signature: key.signText(own),
      }),
    ),
  ).toBe('unauthorised');
  const { key: second } = await addDevice(database, fixture, 'WS02');
  const foreign = (await centre.call('device.challenge', { deviceId: second.deviceId })).body as {
    nonce: string;
  };
  expect(
    codeOf(
      await centre.call('device.session', {
        deviceId: key.deviceId,
        nonce: foreign.nonce,
        signature: key.signText(foreign.nonce),
      }),
    ),
  ).toBe('unauthorised');
  expect(codeOf(await centre.call('device.challenge', { deviceId: mintId() }))).toBe('deviceUnknown');
});

test('a quarantined device is told so, and let in again after release', async () => {
  const { device: stopped, key: stoppedKey } = await addDevice(database, fixture, 'WS03');
  const itsToken = await centre.session(stoppedKey);
  await quarantineDevice(database.db, stopped.deviceId, 'test', 'test');
  expect(codeOf(await centre.call('device.challenge', { deviceId: stopped.deviceId }))).toBe(
    'deviceQuarantined',
  );
  expect(codeOf(await centre.call('device.state', {}, itsToken))).toBe('deviceQuarantined');
  await releaseDevice(database.db, stopped.deviceId, 'test');
  expect((await centre.call('device.challenge', { deviceId: stopped.deviceId })).status).toBe(200);
});

test('wrong types, wrong shapes, unknown methods and huge bodies get a typed error', async () => {
  const json = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const cases: [string, Promise<Answer>, number, string][] = [
    ['unknown method', centre.send('POST', '/v1/money.make', '{}', json), 404, 'methodUnknown'],
    ['a name of the prototype', centre.send('POST', '/v1/toString', '{}', json), 404, 'methodUnknown'],
    ['__proto__', centre.send('POST', '/v1/__proto__', '{}', json), 404, 'methodUnknown'],
    ['GET', centre.send('GET', '/v1/device.state', undefined, json), 404, 'methodUnknown'],
    ['no path', centre.send('PUT', '/', '{}', json), 404, 'methodUnknown'],
    ['bad escape in path', centre.send('POST', '/v1/%zz', '{}', json), 400, 'inputInvalid'],
    ['no body', centre.send('POST', '/v1/account.fetch', undefined, json), 400, 'inputInvalid'],
    ['not JSON', centre.send('POST', '/v1/account.fetch', '{', json), 400, 'inputInvalid'],
    ['a bare value', centre.send('POST', '/v1/account.fetch', '"x"', json), 400, 'inputInvalid'],
    ['an array', centre.send('POST', '/v1/account.fetch', '[]', json), 400, 'inputInvalid'],
    [
      'a number for an id',
      centre.call('account.fetch', { billerId: 5, account: '1' }, token),
      400,
      'inputInvalid',
    ],
    [
      'an object for a text',
      centre.call('account.fetch', { billerId: mintId(), account: { $gt: '' } }, token),
      400,
      'inputInvalid',
    ],
    [
      'deep nesting',
      centre.send('POST', '/v1/account.fetch', '['.repeat(100_000), json),
      400,
      'inputInvalid',
    ],
    [
      'a float of money',
      centre.call('payments.accept', { ...(inputs['payments.accept'] as object), total: 1.5 }, token),
      400,
      'inputInvalid',
    ],
    [
      'money beyond all bounds',
      centre.call('payments.accept', { ...(inputs['payments.accept'] as object), total: 1e15 }, token),
      400,
      'inputInvalid',
    ],
    ['no entries', centre.call('journal.push', { entries: [] }, token), 400, 'inputInvalid'],
    [
      'too many entries',
      centre.call('journal.push', { entries: Array.from({ length: 1001 }, () => ({})) }, token),
      400,
      'inputInvalid',
    ],
    [
      'a huge body',
      centre.send('POST', '/v1/account.fetch', 'x'.repeat(300 * 1024), json),
      413,
      'inputTooLarge',
    ],
    [
      'a huge batch',
      centre.send('POST', '/v1/journal.push', Buffer.alloc(17 * 1024 * 1024, 0x20), json),
      413,
      'inputTooLarge',
    ],
    [
      'compressed',
      centre.send('POST', '/v1/account.fetch', Buffer.from('x'), { ...json, 'content-encoding': 'gzip' }),
      400,
      'inputInvalid',
    ],
    [
      'a body that is not UTF-8',
      centre.send('POST', '/v1/account.fetch', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), json),
      400,
      'inputInvalid',
    ],
    [
      'an odd charset',
      centre.send('POST', '/v1/account.fetch', '{}', {
        ...json,
        'content-type': 'application/json; charset=koi8-r',
      }),
      400,
      'inputInvalid',
    ],
  ];
  for (const [what, answer, status, code] of cases) {
    const got = await answer;
    expect([what, got.status, codeOf(got)]).toEqual([what, status, code]);
  }
});

test('huge bodies of strangers are not even read', async () => {
  const answer = await centre.send('POST', '/v1/journal.push', Buffer.alloc(1024 * 1024), {
    'content-type': 'application/json',
  });
  expect(answer.status).toBe(401);
});

test('open methods are limited per address, log-ins per device, and the answer says how long to wait', async () => {
  const limited = await startTestCentre(database, { rateLimits: { 'device.enrol': 3, 'auth.login': 2 } });
  try {
    const enrol = () => limited.call('device.enrol', inputs['device.enrol']);
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
      expect(codeOf(await limited.call('auth.login', inputs['auth.login'], itsToken))).toBe('loginWrong');
    expect(codeOf(await limited.call('auth.login', inputs['auth.login'], itsToken))).toBe('tooManyRequests');
    expect(codeOf(await limited.call('auth.login', inputs['auth.login'], otherToken))).toBe('loginWrong');
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

test('a fault of ours is told by its number only', async () => {
  const broken = await startTestCentre(database);
  try {
    await database.pool.query('alter table biller rename to biller_away');
    const answer = await broken.call('replica.billers', {}, await broken.session(key));
    expect([answer.status, codeOf(answer)]).toEqual([500, 'internalFault']);
    expect(detailOf(answer)['reference']).toBe(answer.headers['x-request-id']);
    expect(answer.text).not.toMatch(/biller|relation|select/);
  } finally {
    await database.pool.query('alter table biller_away rename to biller');
    await broken.stop();
  }
});

test('health, document and its page', async () => {
  expect((await centre.send('GET', '/health/live')).body).toEqual({ live: true });
  expect((await centre.send('GET', '/health/ready')).body).toEqual({ ready: true });
  const document = (await centre.send('GET', '/openapi.json')).body as {
    openapi: string;
    paths: Record<string, { post: { security: unknown[]; responses: object } }>;
  };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).sort()).toEqual(methods.map((method) => `/v1/${method}`).sort());
  for (const method of methods) {
    expect(document.paths[`/v1/${method}`]?.post.security).toHaveLength(
      CENTRE_ACCESS[method] === 'open' ? 0 : 1,
    );
    expect(JSON.stringify(document.paths[`/v1/${method}`]?.post.responses)).toContain('inputInvalid');
  }
  const page = await centre.send('GET', '/docs');
  expect(page.text).not.toMatch(/<script>|<style|style=/);
  expect(String(page.headers['content-security-policy'])).not.toContain('unsafe-inline');
  for (const asset of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
    expect((await centre.send('GET', asset[1] ?? '')).status, asset[1]).toBe(200);
  expect((await centre.send('GET', '/docs/assets/../../../package.json')).status).toBe(404);
  expect((await centre.send('GET', '/docs/assets/%2e%2e/%2e%2e/package.json')).status).toBe(404);
});

test('every answer carries an id, the caller’s own where it is a sane one, and no hint of what runs here', async () => {
  const given = await centre.send('GET', '/health/live', undefined, { 'x-request-id': 'abc-12345' });
  expect(given.headers['x-request-id']).toBe('abc-12345');
  const odd = await centre.send('GET', '/health/live', undefined, { 'x-request-id': 'a"b<script>' });
  expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(odd.headers['x-powered-by']).toBeUndefined();
  expect(odd.headers['strict-transport-security']).toMatch(/max-age/);
});

test('a client that sends its headers drop by drop is cut off; TLS 1.1 is refused', async () => {
  const strict = await startTestCentre(database, {
    timeouts: { headers: 200, request: 400, idle: 500, look: 50 },
  });
  try {
    const url = new URL(strict.url);
    const ca = readFileSync(strict.caFile);
    const line = connect({ host: url.hostname, port: Number(url.port), ca, servername: 'localhost' });
    const closed = new Promise<string>((done) => {
      let heard = '';
      line.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      line.on('error', () => done(heard));
      line.on('close', () => done(heard));
    });
    const drip = setInterval(() => line.write('X-Drop: 1\r\n'), 40);
    line.write('POST /v1/device.challenge HTTP/1.1\r\nHost: localhost\r\n');
    expect(await closed).toMatch(/^HTTP\/1\.1 408/);
    clearInterval(drip);
    const old = connect({
      host: url.hostname,
      port: Number(url.port),
      ca,
      servername: 'localhost',
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
    });
    await expect(
      new Promise((done, failed) => old.once('secureConnect', done).once('error', failed)),
    ).rejects.toThrow();
  } finally {
    await strict.stop();
  }
});

test('device.state says where the device stands', async () => {
  const state = (await centre.call('device.state', {}, token)).body;
  expect(state).toMatchObject({
    workstation: { code: device.workstation.code },
    acknowledgedThrough: 0,
    headHash: '0'.repeat(64),
    receiptVerifyUrl: `${centre.url}/q`,
  });
});
