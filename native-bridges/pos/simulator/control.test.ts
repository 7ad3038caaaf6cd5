import { afterEach, describe, expect, test } from 'vitest';
import { request } from 'node:http';
import { startSimulator, type Simulator, type SimulatorView } from './simulator.ts';

const open: Simulator[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});
async function start(): Promise<{ readonly simulator: Simulator; readonly at: string }> {
  const simulator = await startSimulator({ tcp: { port: 0 }, control: { port: 0 }, speed: 40, mode: 'hand' });
  open.push(simulator);
  return { simulator, at: `http://127.0.0.1:${String(simulator.controlPort)}` };
}
const post = (at: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${at}/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

/** With a Host header of one's own, which fetch does not send. */
const statusFor = (at: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((done, fail) => {
    const asked = request(`${at}/state`, { headers }, (response) => {
      response.resume();
      done(response.statusCode);
    });
    asked.on('error', fail);
    asked.end();
  });

describe('the page', () => {
  test('is served with a strict policy, and everything it loads is there', async () => {
    const { at } = await start();
    const page = await fetch(at);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    const files = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files).toEqual(['page.css', 'page.js']);
    for (const file of [...files, 'texts.js']) expect((await fetch(`${at}/${file}`)).status).toBe(200);
    expect((await fetch(`${at}/simulator.ts`)).status).toBe(404);
    expect((await fetch(`${at}/../main.ts`)).status).toBe(404);
  });

  test('its words are there in all three languages', async () => {
    const file = new URL('./page/texts.js', import.meta.url).href;
    const { TEXTS } = (await import(file)) as { TEXTS: Record<string, Record<string, string>> }; // no types there
    const keys = Object.keys(TEXTS['az'] ?? {}).sort();
    expect(keys.length).toBeGreaterThan(50);
    for (const language of ['en', 'ru']) expect(Object.keys(TEXTS[language] ?? {}).sort()).toEqual(keys);
    const html = await (await fetch((await start()).at)).text();
    for (const [, key] of html.matchAll(/data-(?:text|label)="([^"]+)"/g)) expect(keys).toContain(key);
  });
});

describe('commands', () => {
  test('only JSON that is a command, from this machine’s own page', async () => {
    const { at } = await start();
    expect((await post(at, '{"do":"mode","mode":"auto"}')).status).toBe(200);
    for (const body of ['', 'hello', '{}', '{"do":"act","act":{"act":"present","card":"gold"}}', '[1]'])
      expect((await post(at, body)).status).toBe(400);
    expect((await post(at, '{"do":"mode","mode":"auto"}', { 'content-type': 'text/plain' })).status).toBe(
      415,
    );
    expect((await post(at, '{"do":"mode","mode":"auto"}', { origin: 'http://evil.example' })).status).toBe(
      403,
    );
    expect(await statusFor(at, { host: 'evil.example' })).toBe(403);
    expect(await statusFor(at, { host: '127.0.0.1:1' })).toBe(200);
    expect((await post(at, JSON.stringify({ do: 'x', pad: 'y'.repeat(100_000) }))).status).toBe(400);
  });

  test('answer what is now; the events say it, too', async () => {
    const { simulator, at } = await start();
    const events = await fetch(`${at}/events`);
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    const view = async (): Promise<SimulatorView> => {
      const { value = '' } = (await reader?.read()) ?? {};
      return JSON.parse(value.replace(/^data: /, '')) as SimulatorView; // as the server writes it
    };
    expect(await view()).toMatchObject({ mode: 'hand', isOn: true, softwareVersion: 'KOMIS SIMULATOR 1.0' });
    const answered = await post(at, '{"do":"conditions","conditions":{"hostAway":true}}');
    expect(await answered.json()).toMatchObject({ conditions: { hostAway: true } });
    expect(await view()).toMatchObject({ conditions: { hostAway: true } });
    simulator.keypadSale(250);
    expect(await view()).toMatchObject({ net: 250 });
    expect(await (await fetch(`${at}/bank`)).json()).toMatchObject({ net: 250, charges: [{ amount: 250 }] });
    expect(await (await fetch(`${at}/transcript`)).json()).toEqual([]);
    await reader?.cancel();
  });
});
