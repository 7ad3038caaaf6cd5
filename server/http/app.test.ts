import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CENTRE_ACCESS, centreContract, type CentreMethod } from '../../contracts/centre.ts';
import { ERRORS } from '../../contracts/errors.ts';
import { centreSecret } from '../db/centre-meta.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { quarantineDevice, releaseDevice, type Device } from '../registry/workstations.ts';
import { codeOf, detailOf, startTestCentre, type Answer, type TestCentre } from '../testing/centre.ts';
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
  'meterCard.nonce': {},
  'meterCard.read': { cardClass: 'A', nonce: 'A'.repeat(22), evidence: 'A'.repeat(116) },
  'load.quote': { loadId: mintId(), cardId: 'A'.repeat(16), amount: 1 },
  'load.authorise': {
    cardClass: 'B',
    loadId: mintId(),
    nonce: 'A'.repeat(22),
    image: 'A'.repeat(342),
  },
  'load.confirm': {
    loadId: mintId(),
    evidence: { kind: 's3', answer: 'A'.repeat(11), s3: 'A'.repeat(11) },
  },
  'load.cancel': { loadId: mintId(), evidence: null, supervisor: null },
  'load.writeOff': {
    loadId: mintId(),
    reason: 'cardLost',
    note: 'itib',
    supervisor: { username: 'nobody', password: 'x' },
  },
  'load.list': { cardId: null, account: null, loadIds: null, open: true },
  'health.board': {},
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
    ['bad escape in path', centre.send('POST', '/v1/%zz', '{}', json), 404, 'methodUnknown'],
    ['bad escape in a receipt’s code', centre.send('GET', '/q/%zz', undefined), 400, 'inputInvalid'],
    ['other letters', centre.send('POST', '/v1/Device.State', '{}', json), 404, 'methodUnknown'],
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

test('callers behind a proxy of ours are told apart by its word; a caller’s own word is not believed', async () => {
  const direct = await startTestCentre(database, { rateLimits: { 'device.challenge': 1 } });
  const proxied = await startTestCentre(database, { rateLimits: { 'device.challenge': 1 }, proxies: 1 });
  const from = (one: TestCentre, address: string) =>
    one.send('POST', '/v1/device.challenge', JSON.stringify({ deviceId: mintId() }), {
      'x-forwarded-for': address,
    });
  try {
    expect([(await from(direct, '10.0.0.1')).status, (await from(direct, '10.0.0.2')).status]).toEqual([
      404, 429,
    ]);
    expect([
      (await from(proxied, '10.0.0.1')).status,
      (await from(proxied, '10.0.0.2')).status,
      (await from(proxied, '10.0.0.1')).status,
    ]).toEqual([404, 404, 429]);
  } finally {
    await direct.stop();
    await proxied.stop();
  }
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
