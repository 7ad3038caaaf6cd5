import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Channel } from '../../contracts/rpc/channel.ts';
import { FRAME_MAX_BYTES } from '../../contracts/shell.ts';
import { startLoopback, type Loopback } from './loopback.ts';

let folder = '';
let shell: Loopback;
let cookie = '';
const attached: { channel: Channel; frames: unknown[]; closed: boolean }[] = [];

function attach(channel: Channel): void {
  const window = { channel, frames: new Array<unknown>(), closed: false };
  channel.onFrame((frame) => {
    window.frames.push(frame);
    if (!Array.isArray(frame)) channel.send({ kind: 'answer', id: 1, ok: true, value: frame });
  });
  channel.onClose(() => {
    window.closed = true;
  });
  attached.push(window);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'komis-loopback-'));
  const screenFolder = join(folder, 'renderer');
  await mkdir(join(screenFolder, 'assets'), { recursive: true });
  await writeFile(join(screenFolder, 'index.html'), '<!doctype html><title>ipw</title>');
  await writeFile(join(screenFolder, 'assets', 'index.js'), 'export {}');
  await writeFile(join(screenFolder, 'notes.txt'), 'not of the page');
  await writeFile(join(folder, 'secret.js'), 'outside');
  const started = await startLoopback({ port: 0, screenFolder, attach, report: () => undefined });
  if (!started.ok) throw new Error(started.error);
  shell = started.value;
  const entered = await get('/enter' + new URL(shell.url).search);
  cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
});

afterAll(async () => {
  await shell.stop();
  await rm(folder, { recursive: true });
});

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** A raw request: fetch would tidy the path and forbid the Host header. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port: shell.port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', fail);
    sent.end();
  });
}

/** Opens a line; resolves with the open socket or the HTTP status of the refusal. */
function open(headers: Record<string, string>, path = '/channel'): Promise<WebSocket | number> {
  return new Promise((done) => {
    const socket = new WebSocket(`ws://127.0.0.1:${shell.port}${path}`, {
      headers,
      perMessageDeflate: false,
    });
    socket.on('open', () => done(socket));
    socket.on('unexpected-response', (sent, response) => {
      done(response.statusCode ?? 0);
      sent.destroy();
    });
    socket.on('error', () => undefined);
  });
}

const own = (): Record<string, string> => ({ origin: `http://127.0.0.1:${shell.port}`, cookie });

async function openOwn(): Promise<WebSocket> {
  const socket = await open(own());
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

const closeCode = (socket: WebSocket): Promise<number> => new Promise((done) => socket.on('close', done));

test('the printed address is traded for a cookie and redirects to one without the secret', async () => {
  const entered = await get('/enter' + new URL(shell.url).search);
  expect(entered.status).toBe(303);
  expect(entered.headers.location).toBe('/');
  expect(String(entered.headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  expect(String(entered.headers['set-cookie'])).not.toContain(new URL(shell.url).searchParams.get('token'));
});

test('with the cookie the page is served under its policy, and nothing is offered to other origins', async () => {
  const page = await get('/', { cookie });
  expect(page.status).toBe(200);
  expect(page.body).toContain('<title>ipw</title>');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.headers['content-security-policy']).toContain(`ws://127.0.0.1:${shell.port}`);
  const foreign = await get('/assets/index.js', { cookie, origin: 'https://evil.example' });
  expect(Object.keys(foreign.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(foreign.headers['cross-origin-resource-policy']).toBe('same-origin');
});

test('without the cookie, or with a guessed one, nothing is served but words', async () => {
  for (const headers of [
    { cookie: '' },
    { cookie: `ipw-${shell.port}=${'A'.repeat(43)}` },
    { cookie: 'ipw=; x=y' },
  ]) {
    const answer = await get('/', headers);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('KÖMİS');
  }
  expect((await get('/enter?token=wrong')).status).toBe(403);
  expect((await get('/enter')).headers['set-cookie']).toBeUndefined();
});

test.each([
  'evil.example',
  'evil.example:PORT',
  '127.0.0.1',
  '127.0.0.1.evil.example:PORT',
  'localhost:1',
  '[::1]:PORT',
  '10.0.0.1:PORT',
])('a rebound host name %s is refused even with the cookie', async (name) => {
  const host = name.replace('PORT', String(shell.port));
  expect((await get('/', { cookie, host })).status).toBe(421);
  expect((await get('/enter' + new URL(shell.url).search, { host })).status).toBe(421);
  // The Origin agrees with the Host, as it does after rebinding.
  expect(await open({ ...own(), host, origin: `http://${host}` })).toBe(421);
});

test('only reading', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    expect((await get('/', { cookie }, method)).status).toBe(405);
  expect((await get('/', { cookie }, 'HEAD')).status).toBe(200);
});

test.each([
  '/../secret.js',
  '/assets/../../secret.js',
  '/%2e%2e/secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/assets\\..\\..\\secret.js',
  '//secret.js',
  '/notes.txt',
  '/assets',
  '/index.html/x.js',
])('%s leads nowhere', async (path) => {
  const answer = await get(path, { cookie });
  expect(answer.status).toBe(404);
  expect(answer.body).not.toContain('outside');
});

test('a line opens for our own page only', async () => {
  const socket = await openOwn();
  socket.close();
  for (const origin of [
    'https://evil.example',
    'null',
    `http://127.0.0.1:${shell.port + 1}`,
    `https://127.0.0.1:${shell.port}`,
    `http://localhost:${shell.port}`,
    `http://127.0.0.1:${shell.port}.evil.example`,
  ])
    expect(await open({ ...own(), origin })).toBe(403);
  expect(await open({ cookie })).toBe(403);
  expect(await open({ origin: `http://127.0.0.1:${shell.port}` })).toBe(403);
  expect(await open(own(), '/other')).toBe(404);
});

test('frames go both ways, and each window has its own line', async () => {
  const [one, two] = [await openOwn(), await openOwn()];
  const answers = [one, two].map(
    (socket) =>
      new Promise<string>((done) => socket.on('message', (data: Buffer) => done(data.toString('utf8')))),
  );
  one.send('{"kind":"cancel","id":1}');
  two.send('"ƏəİıĞğ₼"');
  expect(JSON.parse((await answers[0]) ?? '')).toEqual({
    kind: 'answer',
    id: 1,
    ok: true,
    value: { kind: 'cancel', id: 1 },
  });
  expect(JSON.parse((await answers[1]) ?? '')).toMatchObject({ value: 'ƏəİıĞğ₼' });
  one.close();
  two.close();
});

test('a huge frame, one that is no JSON, or a binary one closes that line and no other', async () => {
  const bystander = await openOwn();
  const huge = await openOwn();
  huge.send(`"${'x'.repeat(FRAME_MAX_BYTES)}"`);
  expect(await closeCode(huge)).toBe(1009);
  const garbage = await openOwn();
  garbage.send('{"kind":');
  expect(await closeCode(garbage)).toBe(1007);
  const binary = await openOwn();
  binary.send(Buffer.from([1, 2, 3]));
  expect(await closeCode(binary)).toBe(1003);
  const deep = await openOwn();
  const window = attached.at(-1);
  deep.send('['.repeat(200_000) + ']'.repeat(200_000));
  await expect.poll(() => window?.frames.length).toBe(1);
  deep.close();
  expect(bystander.readyState).toBe(WebSocket.OPEN);
  bystander.close();
});

test('a broken upgrade or half a request leaves the shell serving', async () => {
  const socket = connect(shell.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(
    'GET /channel HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\0\0\0',
  );
  await new Promise((done) => socket.on('close', done));
  expect((await get('/', { cookie })).status).toBe(200);
});

test('a page that runs wild gets no more than its share of windows', async () => {
  const opened = new Array<WebSocket>();
  let refused: WebSocket | number = 0;
  for (let n = 0; n < 20 && typeof refused === 'number' && refused === 0; n += 1) {
    const socket = await open(own());
    if (typeof socket === 'number') refused = socket;
    else opened.push(socket);
  }
  expect(refused).toBe(503);
  for (const socket of opened) socket.close();
  await Promise.all(opened.map(closeCode));
  const again = await openOwn();
  again.close();
});

test('a taken port is told, not thrown', async () => {
  const second = await startLoopback({
    port: shell.port,
    screenFolder: folder,
    attach,
    report: () => undefined,
  });
  expect(second).toEqual({ ok: false, error: 'portTaken' });
});

test('stopping closes the windows and the port', async () => {
  const started = await startLoopback({ port: 0, screenFolder: folder, attach, report: () => undefined });
  if (!started.ok) throw new Error(started.error);
  const { port, url } = started.value;
  const cookieOf = (await fetch(url, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? '';
  const socket = new WebSocket(`ws://127.0.0.1:${port}/channel`, {
    headers: { origin: `http://127.0.0.1:${port}`, cookie: cookieOf },
  });
  await new Promise((done) => socket.on('open', done));
  const closed = closeCode(socket);
  await started.value.stop();
  expect(await closed).toBe(1001);
  await expect.poll(() => attached.at(-1)?.closed).toBe(true);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});
