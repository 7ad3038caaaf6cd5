import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { descendants, isAlive } from './processes.ts';
import { stateWhere } from './watch.ts';
import { openWindow } from './window.ts';

/** `npm start` as a newcomer gives it, but for the installing of packages (scripts/). */

const START = join(import.meta.dirname, 'start.ts');
const LIMIT_MS = 120_000;

let dataDir = '';
const begun: Begun[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'komis-start-'));
});
afterEach(async () => {
  for (const one of begun.splice(0)) await one.interrupt();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

type Begun = {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  printed(): string;
  prints(what: RegExp): Promise<RegExpExecArray>;
  /** Ctrl-C, once. Answers the exit code. */
  interrupt(): Promise<number | null>;
};

function begin(...args: string[]): Begun {
  const child = spawn(process.execPath, [START, '--data-dir', dataDir, '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (words: string) => (text += words));
  child.stderr.setEncoding('utf8').on('data', (words: string) => (text += words));
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const one: Begun = {
    child,
    ended,
    printed: () => text,
    async prints(what) {
      await expect.poll(() => what.test(text) || child.exitCode !== null, { timeout: LIMIT_MS }).toBe(true);
      const found = what.exec(text);
      if (!found) throw new Error(`it ended with ${child.exitCode} and said:\n${text}`);
      return found;
    },
    interrupt() {
      if (child.exitCode === null) child.kill('SIGINT');
      return ended;
    },
  };
  begun.push(one);
  return one;
}

/** The child that runs one of our programs. The database's own children come and go meanwhile. */
function childRunning(parent: Begun, program: string): number {
  const found = descendants(parent.child.pid ?? 0).find((pid) => {
    const commandLine = `/proc/${pid}/cmdline`;
    return existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes(program);
  });
  if (found === undefined) throw new Error(`${program} is not running`);
  return found;
}

const ADDRESS = /Open {2}(http:\/\/127\.0\.0\.1:\d+\/enter\?token=\S+)/;
const PASSWORD = /Password: (\S+)/;

test(
  'from nothing to a workstation one can log in to, and away again',
  { timeout: LIMIT_MS * 2 },
  async () => {
    const first = begin('--port', '0');
    await first.prints(/Ctrl-C/);
    const [, url = ''] = await first.prints(ADDRESS);
    const [, password = ''] = await first.prints(PASSWORD);
    await first.prints(/opens in the browser: no window is opened \(--no-open\)/);
    expect(first.printed().match(/3000 subscribers and their debts/g)).toHaveLength(4);
    const [, barcode = ''] = await first.prints(/(KM1001\S+) /);

    const window = await openWindow(url);
    expect(await window.ask['session.login']({ username: 'leyla', password })).toEqual({
      ok: true,
      value: {},
    });
    const session = await stateWhere(window.ask.session, 'the session', ({ user }) => user !== null);
    expect(session).toMatchObject({ demo: true, workstation: { code: 'WS07' } });
    const found = await window.ask['find.search']({ text: barcode, limit: 5 });
    expect(found).toMatchObject({ ok: true, value: { hits: [{ billerName: 'Elektrik Şəbəkəsi' }] } });
    window.close();

    // A second one on the same data is turned away in words, and harms nothing.
    const second = begin('--port', '0');
    expect(await second.ended).toBe(1);
    expect(second.printed()).toContain(`KÖMİS runs on this data folder already (${dataDir})`);

    const family = descendants(first.child.pid ?? 0);
    expect(family.length).toBeGreaterThanOrEqual(3); // centre, its database, workstation
    expect(await first.interrupt()).toBe(0);
    expect(first.printed()).toContain('Nothing was left running');
    expect(family.filter(isAlive)).toEqual([]);
  },
);

test('the second start keeps the data, and brings back what dies', { timeout: LIMIT_MS }, async () => {
  const again = begin('--port', '0');
  await again.prints(/Ctrl-C/);
  expect(again.printed()).not.toContain('subscribers and their debts');
  const [, url = ''] = await again.prints(ADDRESS);
  const [, password = ''] = await again.prints(PASSWORD);

  const window = await openWindow(url);
  expect(await window.ask['session.login']({ username: 'orxan', password })).toMatchObject({ ok: true });
  window.close();

  process.kill(childRunning(again, 'server/main.ts'), 'SIGKILL');
  await again.prints(/The centre ended by itself \(signal SIGKILL\); it is started again/);
  process.kill(childRunning(again, 'loopback/main.ts'), 'SIGKILL');
  const [, address = ''] = await again.prints(/The workstation is back\. Open {2}(\S+)/);
  const back = await openWindow(address);
  await stateWhere(back.ask.status, 'the centre is back', ({ centre }) => centre.link === 'online');
  back.close();

  const family = descendants(again.child.pid ?? 0);
  expect(await again.interrupt()).toBe(0);
  expect(family.filter(isAlive)).toEqual([]);
});

test('a port that somebody else has is told in words', { timeout: LIMIT_MS }, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => other.on('listening', done));
  const { port } = other.address() as AddressInfo; // a listening TCP server has no other kind of address
  const refused = begin('--port', String(port));
  expect(await refused.ended).toBe(1);
  expect(refused.printed()).toContain('This port is taken by another program. Choose another one: --port N.');
  await new Promise((done) => other.close(done));
});
