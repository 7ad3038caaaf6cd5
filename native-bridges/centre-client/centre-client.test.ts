import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createCentreClient } from './centre-client.ts';
import { testAuthority, type TestAuthority } from './testing/certificates.ts';
import {
  answers,
  refuses,
  scriptedCentre,
  type Act,
  type ScriptedCentre,
} from './testing/scripted-centre.ts';

const deviceId = '01933333-3333-7333-8333-333333333333';
const billerId = '01944444-4444-7444-8444-444444444444';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const centreTime = '2026-11-23T10:00:00.000Z';
const lost = { ok: false, error: { code: 'connectionLost' } };

let authority: TestAuthority;
let certificate: { key: string; cert: string };
beforeAll(async () => {
  authority = await testAuthority();
  certificate = await authority.issue();
});

/** Grants `token-1`, `token-2` … to whoever signs the nonce. */
function sessions(): { script: Record<string, Act>; latest: () => string } {
  let granted = 0;
  return {
    latest: () => `Bearer token-${granted}`,
    script: {
      'device.challenge': answers({ nonce: 'nonce-1' }),
      'device.session': (response, request, body) => {
        const { signature } = body as { signature: string };
        const genuine = verify(null, Buffer.from('nonce-1'), publicKey, Buffer.from(signature, 'base64url'));
        if (!genuine) return refuses(403, 'deviceUnknown')(response, request, body);
        granted += 1;
        return answers({ token: `token-${granted}`, validForSeconds: 900, centreTime })(
          response,
          request,
          body,
        );
      },
    },
  };
}

async function centreThat(script: Record<string, Act>): Promise<ScriptedCentre> {
  const centre = await scriptedCentre(certificate, { ...sessions().script, ...script });
  onTestFinished(() => centre.close());
  return centre;
}

type Logged = { event: string; fields: Readonly<Record<string, unknown>> | undefined };

function clientOf(
  url: string | null,
  options: {
    caPem?: string;
    timeoutMs?: number;
    enrolled?: boolean;
    folder?: string;
    nowMs?: () => number;
  } = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'komis-centre-'));
  const logged: Logged[] = [];
  const client = createCentreClient({
    addressFile: join(folder, 'centre.json'),
    caPem: options.caPem ?? authority.caPem,
    deviceKey: {
      identity: () => (options.enrolled === false ? null : { deviceId, publicKey: 'x' }),
      signText: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    },
    machine: {
      monotonicMs: options.nowMs ?? (() => performance.now()),
      log: (_level, event, fields) => void logged.push({ event, fields }),
    },
    timeoutMs: options.timeoutMs ?? 5_000,
  });
  onTestFinished(() => {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  if (url !== null) client.configure(url);
  return { client, logged };
}

const counted = ({ asked }: ScriptedCentre, method: string): number =>
  asked.filter((one) => one === method).length;

test('many calls share one session and one connection', async () => {
  const { script, latest } = sessions();
  const tokens: (string | undefined)[] = [];
  const centre = await centreThat({
    ...script,
    'replica.billers': (response, request, body) => {
      tokens.push(request.headers.authorization);
      answers({ billers: [] })(response, request, body);
    },
  });
  const { client } = clientOf(centre.url);
  const first = await Promise.all([1, 2, 3, 4].map(() => client['replica.billers']({})));
  for (let n = 0; n < 10; n++) first.push(await client['replica.billers']({}));
  expect(first).toEqual(first.map(() => ({ ok: true, value: { billers: [] } })));
  expect(new Set(tokens)).toEqual(new Set([latest()]));
  expect(counted(centre, 'device.session')).toBe(1);
  expect(centre.connections()).toBeLessThanOrEqual(4);
});

test('a session is renewed before it ends, by the monotonic clock', async () => {
  const centre = await centreThat({ 'replica.billers': answers({ billers: [] }) });
  let nowMs = 1_000;
  const { client } = clientOf(centre.url, { nowMs: () => nowMs });
  await client['replica.billers']({});
  nowMs += 600_000;
  await client['replica.billers']({});
  expect(counted(centre, 'device.session')).toBe(1);
  nowMs += 200_000;
  await client['replica.billers']({});
  expect(counted(centre, 'device.session')).toBe(2);
});

test('a session that is no longer accepted is opened anew, once for all who are waiting', async () => {
  let accepted = 'Bearer token-1';
  const guarded: Act = (response, request, body) =>
    request.headers.authorization === accepted
      ? answers({ billers: [] })(response, request, body)
      : refuses(401, 'unauthorised')(response, request, body);
  const centre = await centreThat({ 'replica.billers': guarded });
  const { client } = clientOf(centre.url);
  expect(await client['replica.billers']({})).toMatchObject({ ok: true });
  accepted = 'Bearer token-2';
  const all = await Promise.all([1, 2, 3].map(() => client['replica.billers']({})));
  expect(all).toEqual(all.map(() => ({ ok: true, value: { billers: [] } })));
  expect(counted(centre, 'device.session')).toBe(2);
});

test('a centre that never accepts is asked twice and no more', async () => {
  const centre = await centreThat({ 'replica.billers': refuses(401, 'unauthorised') });
  const { client } = clientOf(centre.url);
  expect(await client['replica.billers']({})).toEqual({ ok: false, error: { code: 'unauthorised' } });
  expect(counted(centre, 'replica.billers')).toBe(2);
});

test('a refused session is told in the method’s own codes', async () => {
  const centre = await centreThat({ 'device.challenge': refuses(403, 'deviceQuarantined') });
  const { client } = clientOf(centre.url);
  expect(await client['device.state']({})).toEqual({ ok: false, error: { code: 'deviceQuarantined' } });
  expect(await client['account.fetch']({ billerId, account: '1' })).toEqual({
    ok: false,
    error: { code: 'unauthorised' },
  });
  const stranger = clientOf(centre.url, { enrolled: false });
  expect(await stranger.client['device.state']({})).toEqual({ ok: false, error: { code: 'unauthorised' } });
});

test('a refusal comes with its figures; a code that the method cannot have is no answer', async () => {
  const centre = await centreThat({
    'journal.push': refuses(409, 'journalGap', { expectedSeq: 7 }),
    'account.fetch': refuses(409, 'journalGap'),
    'subscriber.fetch': refuses(418, 'teapot'),
  });
  const { client } = clientOf(centre.url);
  const entries = [
    { seq: 1, prevHash: '0'.repeat(64), hash: '1'.repeat(64), signature: 'x'.repeat(86), body: '{}' },
  ];
  expect(await client['journal.push']({ entries })).toEqual({
    ok: false,
    error: { code: 'journalGap', detail: { expectedSeq: 7 } },
  });
  expect(await client['account.fetch']({ billerId, account: '1' })).toEqual(lost);
  expect(await client['subscriber.fetch']({ code: '1234567890' })).toEqual(lost);
});

const drip: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};
const cut: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"billers":');
  setTimeout(() => response.socket?.destroy(), 20);
};
const flood: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const piece = Buffer.alloc(1024 * 1024, 0x20);
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
};
const bomb: Act = (response) =>
  void response
    .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    .end(gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x20)));
const text =
  (status: number, type: string, body: string): Act =>
  (response) =>
    void response.writeHead(status, { 'content-type': type, location: '/v1/elsewhere' }).end(body);

test.each<[string, Act]>([
  ['drops the connection', (response) => void response.socket?.destroy()],
  ['cuts the answer', cut],
  ['never answers', () => undefined],
  ['answers drop by drop for ever', drip],
  ['answers without end', flood],
  ['answers with a compressed bomb', bomb],
  ['answers with no JSON', text(200, 'text/html', '<h1>Gateway</h1>')],
  ['answers with half a JSON', text(200, 'application/json', '{"billers":[')],
  ['answers with another shape', answers({ billers: [{ id: 1 }] })],
  ['answers with nothing', text(200, 'application/json', '')],
  ['sends elsewhere', text(302, 'text/plain', '')],
  ['fails without words', text(502, 'text/html', 'Bad gateway')],
  ['refuses without a code', text(400, 'application/json', '{"error":"no"}')],
])('a centre that %s leaves the outcome unknown, and is asked once', async (_what, act) => {
  const centre = await centreThat({ 'replica.billers': act });
  const { client, logged } = clientOf(centre.url, { timeoutMs: 1_500 });
  expect(await client['replica.billers']({})).toEqual(lost);
  expect(centre.asked).toEqual(['device.challenge', 'device.session', 'replica.billers']);
  expect(logged.map(({ event }) => event)).toEqual([expect.stringMatching(/^centre\.(lost|unreadable)$/)]);
});

test('what a newer centre adds to an answer does no harm', async () => {
  const centre = await centreThat({ 'replica.billers': answers({ billers: [], colour: 'green' }) });
  expect(await clientOf(centre.url).client['replica.billers']({})).toEqual({
    ok: true,
    value: { billers: [] },
  });
});

test('nothing is said to a centre whose certificate is not the pinned authority’s, is over, or bears another name', async () => {
  const stranger = await testAuthority();
  for (const [wrong, code] of [
    [await stranger.issue(), /CERT_SIGNATURE_FAILURE/],
    [await authority.issue({ expired: true }), /CERT_HAS_EXPIRED/],
    [await authority.issue({ ip: '127.0.0.2' }), /ALTNAME_INVALID/],
  ] as const) {
    const centre = await scriptedCentre(wrong, sessions().script);
    onTestFinished(() => centre.close());
    const { client, logged } = clientOf(centre.url);
    expect(await client['device.state']({})).toEqual(lost);
    expect(centre.asked).toEqual([]);
    expect(logged[0]?.fields?.['code']).toMatch(code);
  }
});

test('a port where nobody speaks TLS, or nobody listens, is a lost answer', async () => {
  const plain = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .resume()
      .end('HTTP/1.1 200 OK\r\n\r\n'),
  );
  await new Promise<void>((listening) => plain.listen(0, '127.0.0.1', listening));
  const { port } = plain.address() as AddressInfo;
  const { client } = clientOf(`https://127.0.0.1:${port}`);
  expect(await client['device.state']({})).toEqual(lost);
  await new Promise((closed) => plain.close(closed));
  expect(await client['device.state']({})).toEqual(lost);
});

test('a centre that comes back is spoken to again without being told', async () => {
  const script = { ...sessions().script, 'replica.billers': answers({ billers: [] }) };
  const first = await scriptedCentre(certificate, script);
  const { client } = clientOf(first.url);
  expect(await client['replica.billers']({})).toMatchObject({ ok: true });
  await first.close();
  expect(await client['replica.billers']({})).toEqual(lost);
  const second = await scriptedCentre(certificate, script, first.port);
  onTestFinished(() => second.close());
  expect(await client['replica.billers']({})).toMatchObject({ ok: true });
});

test('the address is kept across a restart, and only a secure one is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'komis-centre-'));
  const first = clientOf(null, { folder });
  expect(first.client.configured()).toBe(false);
  expect(await first.client['device.challenge']({ deviceId })).toEqual(lost);
  first.client.configure('https://centre.example:8443//');
  expect(clientOf(null, { folder }).client.configured()).toBe(true);
  first.client.configure('http://centre.example');
  expect(first.client.configured()).toBe(false);
  expect(first.logged.at(-1)?.event).toBe('centre.addressRefused');

  writeFileSync(join(folder, 'centre.json'), '{"version":1,"url":');
  const damaged = clientOf(null, { folder });
  expect(damaged.client.configured()).toBe(false);
  expect(damaged.logged[0]?.event).toBe('file.unreadable');
});
