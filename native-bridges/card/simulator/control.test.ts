import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { MASTERS } from '../testing/centre.ts';
import { loadOnce, nonce, SPECS } from '../testing/conformance.ts';
import { connectTo } from '../testing/deck-connection.ts';
import { startVirtualCards, type VirtualCards } from './virtual-cards.ts';

const running: VirtualCards[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

/** No daemon listens on port 9 (discard). */
async function start(): Promise<VirtualCards> {
  const cards = await startVirtualCards({
    vpcd: { port: 9 },
    control: { port: 0 },
    keys: MASTERS,
    cards: [SPECS.purse, SPECS.memory, SPECS.foreign],
    nowMs: () => Date.UTC(2026, 10, 27),
  });
  running.push(cards);
  return cards;
}
const url = ({ controlPort }: VirtualCards, path: string): string =>
  `http://127.0.0.1:${String(controlPort)}${path}`;
const post = (cards: VirtualCards, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url(cards, '/commands'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('shows what the cards hold, as virtual, and no key', async () => {
  const cards = await start();
  cards.deck.insert('purse', 0);
  await loadOnce(connectTo(cards.deck), 700, nonce());
  const text = await (await fetch(url(cards, '/state'))).text();
  expect(JSON.parse(text)).toMatchObject({
    virtual: true,
    slots: [
      { card: 'purse', state: 'waiting' },
      { card: null, state: 'empty' },
    ],
    cards: [
      { key: 'purse', kind: 'purse', slot: 0, holds: { counter: 1, balance: 700, last: { amount: 700 } } },
      { key: 'memory', kind: 'memory', slot: null, holds: { counter: 0, balance: 0, tries: 7 } },
      { key: 'foreign', kind: 'foreign', holds: null },
    ],
  });
  for (const master of Object.values(MASTERS)) expect(text).not.toContain(master);
});

test('does what it is told: in, out, at the meter, faults, copies', async () => {
  const cards = await start();
  const done = async (body: object): Promise<void> => expect((await post(cards, body)).status).toBe(200);
  await done({ do: 'insert', card: 'purse', slot: 1 });
  await loadOnce(connectTo(cards.deck, 1), 700, nonce());
  await done({ do: 'keep', card: 'purse' });
  await done({ do: 'pull', slot: 1 });
  await done({ do: 'meter', meter: 'GM104233', changes: { batteryLow: true } });
  await done({ do: 'useAtMeter', card: 'purse', used: 0 });
  await done({ do: 'useAtMeter', card: 'purse', used: 200 });
  await done({ do: 'condition', card: 'purse', changes: { worn: true } });
  await done({ do: 'clone', card: 'purse', as: 'purse-2' });
  await done({ do: 'tear', tear: { apdu: 'load', moment: 'after' } });
  const { cards: shown, tears, meters } = cards.view();
  expect(shown.find(({ key }) => key === 'purse')).toMatchObject({
    conditions: { worn: true },
    hasKept: true,
    holds: {
      balance: 0,
      area: { known: true, batteryLow: true, takenThrough: 1, remaining: 500, consumption: 200 },
    },
  });
  expect(shown.map(({ key }) => key)).toContain('purse-2');
  expect(tears).toEqual([{ apdu: 'load', nth: 1, moment: 'after', bytes: 0 }]);
  expect(meters['GM104233']).toMatchObject({ remaining: 500, takenThrough: 1 });
  await done({ do: 'rollBack', card: 'purse' });
  await done({ do: 'calm' });
  const after = cards.view();
  expect(after.tears).toEqual([]);
  expect(after.cards[0]).toMatchObject({
    key: 'purse',
    holds: { balance: 700 },
    conditions: { worn: false },
  });
  await done({ do: 'add', card: { ...SPECS.purse, key: 'new', cardId: 'A1000000000000FF' } });
  expect(cards.deck.card('new').state.kind).toBe('purse');
});

test('what cannot be done is refused in words and changes nothing', async () => {
  const cards = await start();
  cards.deck.insert('purse', 0);
  const before = cards.view();
  for (const [body, status] of [
    [{ do: 'insert', card: 'nobody' }, 409],
    [{ do: 'insert', card: 'memory', slot: 0 }, 409],
    [{ do: 'insert', card: 'purse', slot: 1 }, 409],
    [{ do: 'insert', card: 'memory', slot: 5 }, 409],
    [{ do: 'useAtMeter', card: 'purse' }, 409],
    [{ do: 'useAtMeter', card: 'foreign' }, 409],
    [{ do: 'rollBack', card: 'memory' }, 409],
    [{ do: 'clone', card: 'purse', as: 'memory' }, 409],
    [{ do: 'meter', meter: 'NONE', changes: {} }, 409],
    [{ do: 'fly' }, 400],
    ['{', 400],
    ['x'.repeat(100_000), 400],
  ] as const) {
    const response = await post(cards, body);
    expect(response.status, JSON.stringify(body)).toBe(status);
    expect(await response.json()).toMatchObject({ error: expect.any(String) });
  }
  expect(cards.view()).toEqual(before);
});

test('answers this machine’s own page and nobody else', async () => {
  const cards = await start();
  expect((await post(cards, { do: 'calm' }, { origin: 'http://evil.example' })).status).toBe(403);
  expect((await post(cards, { do: 'calm' }, { 'content-type': 'text/plain' })).status).toBe(415);
  const status = await new Promise<number | undefined>((done, failed) => {
    const asked = request(
      { host: '127.0.0.1', port: cards.controlPort, path: '/state', headers: { host: 'evil.example' } },
      (response) => {
        response.resume();
        done(response.statusCode);
      },
    );
    asked.on('error', failed);
    asked.end();
  });
  expect(status).toBe(403);
  expect((await fetch(url(cards, '/nothing'))).status).toBe(404);
  for (const path of ['/', '/page.js', '/texts.js', '/page.css']) {
    const response = await fetch(url(cards, path));
    expect(response.status, path).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});

test('tells every change as it happens', async () => {
  const cards = await start();
  const response = await fetch(url(cards, '/events'));
  const events = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (events === undefined) throw new Error('no events');
  expect((await events.read()).value).toContain('"card":null');
  cards.deck.insert('memory', 0);
  let told = '';
  while (!told.includes('"card":"memory"')) told = (await events.read()).value ?? '';
  await events.cancel();
});
