import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCardProcess, type CardProcess } from '../testing/card-process.ts';
import { MASTERS } from '../testing/centre.ts';
import { loadOnce, nonce, readAgain, SPECS } from '../testing/conformance.ts';
import { openVpcdReader, type VpcdReader } from '../testing/vpcd-reader.ts';

let folder = '';
let reader: VpcdReader;
const running: CardProcess[] = [];
const file = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'virtual-cards-'));
  writeFileSync(file('keys.json'), JSON.stringify(MASTERS));
  writeFileSync(file('cards.json'), JSON.stringify([SPECS.purse, SPECS.memory]));
  reader = await openVpcdReader();
});
afterEach(async () => {
  for (const one of running.splice(0))
    if (one.child.exitCode === null && one.child.signalCode === null) await one.kill();
  await reader.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(...args: readonly string[]): Promise<CardProcess> {
  const files = ['--keys', file('keys.json'), '--cards', file('cards.json'), '--state', file('state.json')];
  const one = await startCardProcess([...files, '--vpcd', String(reader.port), '--slots', '1', ...args]);
  running.push(one);
  return one;
}

describe.each(['purse', 'memory'])('killed: the %s card', (key) => {
  test('holds what it held, and no load is half there', { timeout: 300_000 }, async () => {
    let loads = 0;
    for (const [at, moment] of [
      ['load', 'after'],
      ['write', 'after'],
      ['write', 'during'],
    ] as const) {
      const one = await start('--insert', key);
      const card = await reader.card();
      expect((await readAgain(card)).state.counter, `${at} ${moment}`).toBe(loads);
      expect(await loadOnce(card, 500, nonce())).toBe('loaded');
      loads += 1;
      await one.command({ do: 'tear', tear: { apdu: at, moment, bytes: 9 } });
      const said = await loadOnce(card, 500, nonce());
      await one.kill();
      const again = await start('--insert', key);
      const { state } = await readAgain(await reader.card());
      if (said === 'loaded') expect(state.counter).toBe(loads + 1);
      loads = state.counter;
      await again.kill();
    }
    expect(loads).toBeGreaterThanOrEqual(3);
  });

  test(
    'at any moment: every load that was answered is there, and at most one more',
    { timeout: 300_000 },
    async () => {
      let answered = 0;
      for (let round = 0; round < 4; round += 1) {
        const one = await start('--insert', key);
        const card = await reader.card();
        expect(await loadOnce(card, 100, nonce())).toBe('loaded');
        answered = (await readAgain(card)).state.counter;
        const killed = new Promise<void>((done) => {
          setTimeout(() => void one.kill().then(done), round * 29);
        });
        while ((await loadOnce(card, 100, nonce())) === 'loaded') answered += 1;
        await killed;
        const again = await start('--insert', key);
        const { state } = await readAgain(await reader.card());
        expect(state.counter).toBeGreaterThanOrEqual(answered);
        expect(state.counter).toBeLessThanOrEqual(answered + 1);
        await again.kill();
      }
      expect(answered).toBeGreaterThanOrEqual(4);
    },
  );
});

describe('the program', { timeout: 300_000 }, () => {
  test('puts a card in and takes it out as it is told, and ends on SIGTERM', async () => {
    const one = await start();
    expect(one.ready).toEqual({ ready: true, control: expect.any(Number) });
    expect((await one.command({ do: 'insert', card: 'purse' })).status).toBe(200);
    const card = await reader.card();
    expect((await readAgain(card)).card.identity.meter).toBe('GM104233');
    await one.command({ do: 'pull' });
    await card.gone;
    expect(await card.transmit(new Uint8Array(4), { deadlineMs: 1 })).toMatchObject({ ok: false });
    expect(await one.term()).toBe(0);
  });

  test('ends when its standard input does, where it was told so', async () => {
    const one = await start('--exit-with-parent');
    const exited = once(one.child, 'exit');
    one.child.stdin?.end();
    expect((await exited)[0]).toBe(0);
  });

  test('waits for a daemon that is not there, and comes back to one that was away', async () => {
    const { port } = reader;
    await reader.close();
    const one = await start('--insert', 'purse');
    reader = await openVpcdReader(port);
    expect((await readAgain(await reader.card())).state.counter).toBe(0);
    await reader.close();
    reader = await openVpcdReader(port);
    expect((await readAgain(await reader.card())).state.counter).toBe(0);
    expect(await one.term()).toBe(0);
  });

  test('a state file of something else is no reason to begin from nothing', async () => {
    writeFileSync(file('state.json'), '{"hello":1}');
    const one = await start();
    expect(one.ready).toMatchObject({ ready: false });
    await once(one.child, 'exit');
    expect(one.child.exitCode).toBe(1);
    expect(readFileSync(file('state.json'), 'utf8')).toBe('{"hello":1}');
  });

  test('what it cannot use it refuses in words, and repeats no key', async () => {
    const refused = async (...args: readonly string[]): Promise<string> => {
      const one = await startCardProcess(args);
      running.push(one);
      expect(one.ready).toMatchObject({ ready: false });
      return String(one.ready['message']);
    };
    expect(await refused('--nonsense')).toContain('nonsense');
    expect(await refused('--keys', file('none.json'))).toContain('none.json');
    writeFileSync(file('bad.json'), '{"201:1": "000102030405060708090A0B0C0D0E0FF"');
    const words = await refused('--keys', file('bad.json'));
    expect(words).toContain('is no JSON');
    expect(words).not.toContain('0405');
    writeFileSync(file('few.json'), '{}');
    expect(await refused('--keys', file('few.json'), '--cards', file('cards.json'))).toContain('201:1');
    expect(await refused('--keys', file('keys.json'), '--insert', 'nobody')).toContain('nobody');
  });
});
