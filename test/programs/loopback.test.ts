import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startProcess, type Running } from '../../main/demo/processes.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { openWindow } from '../../main/demo/window.ts';

let root = '';
const running: Running[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'komis-loopback-main-'));
  await mkdir(join(root, 'screen'));
  await writeFile(join(root, 'screen', 'index.html'), '<title>ipw</title>');
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});
afterAll(() => rm(root, { recursive: true, force: true }));

function start(dataDir: string, ...more: string[]): Running {
  const args = ['--data-dir', join(root, dataDir), '--screen', join(root, 'screen'), ...more];
  const one = startProcess({ name: 'workstation', file: 'main/loopback/main.ts', args });
  running.push(one);
  return one;
}

test('it says where it serves, serves, and ends in good order when asked to', async () => {
  const shell = start('one', '--demo');
  const { url, port, pid } = await shell.ready;
  expect(pid).toBe(shell.pid);
  expect(new URL(String(url)).port).toBe(String(port));
  const window = await openWindow(String(url));
  const state = await stateWhere(window.ask.session, 'the session', () => true);
  expect(state).toMatchObject({ enrolled: false, demo: true });
  expect(await window.ask['basket.clear']({})).toMatchObject({ ok: false, error: { code: 'notLoggedIn' } });
  expect(await shell.stop()).toEqual([]);
  expect(await shell.exited).toEqual({ code: 0, signal: null });
  window.close();
});

test('a second one on the same data is refused in words, in three languages, and says who holds it', async () => {
  const first = start('two');
  await first.ready;
  const second = start('two');
  await expect(second.ready).rejects.toMatchObject({
    name: 'ProcessEndedError',
    code: 1,
    said: { ready: false, code: 'journalInUse' },
  });
  const words = await second.ready.catch((error: unknown) => String(error));
  expect(words).toContain(`pid ${first.pid}`);
  for (const language of ['Bu jurnalı', 'Another program', 'Журнал занят']) expect(words).toContain(language);
});

test('a taken port is told in words, and the journal is given back', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => other.on('listening', done));
  const { port } = other.address() as AddressInfo; // a listening TCP server has no other kind of address
  const refused = start('three', '--port', String(port));
  await expect(refused.ready).rejects.toMatchObject({ said: { ready: false, code: 'portTaken' } });
  await new Promise((done) => other.close(done));
  await start('three', '--port', String(port)).ready;
});

test('killed hard it leaves a journal that the next start opens', async () => {
  const first = start('four');
  await first.ready;
  await first.kill();
  const second = start('four');
  expect(await second.ready).toMatchObject({ ready: true });
});
