import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ipwContract, type SessionState } from '../../contracts/ipw.ts';
import { connect } from '../../contracts/rpc/client.ts';
import { memoryChannelPair } from '../../contracts/rpc/memory-channel.ts';
import { scriptedDrivers } from '../../native-bridges/pos/testing/scripted-drivers.ts';
import { startCoreHost, type CoreHost, type CoreHostOptions } from './core-host.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'komis-core-host-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const logFile = (): string => join(root, 'core-host.log');
const start = (dataDir: string, more: Partial<CoreHostOptions> = {}) =>
  startCoreHost({ dataDir, caFile: null, demo: true, holder: 'test', logFile: logFile(), ...more });

function started(dataDir: string, more: Partial<CoreHostOptions> = {}): CoreHost {
  const core = start(dataDir, more);
  if (!core.ok) throw new Error(core.error.code);
  return core.value;
}

const session = (core: CoreHost): Promise<SessionState> => {
  const [window, host] = memoryChannelPair();
  core.attach(host);
  return new Promise((done) => connect(ipwContract, window).session(done));
};

test('a fresh folder becomes a workstation that waits for its enrolment code', async () => {
  const dataDir = join(root, 'fresh');
  const core = started(dataDir);
  expect(await session(core)).toMatchObject({ enrolled: false, user: null, demo: true, language: 'az' });
  await core.stop();
  // Names and amounts will be in there: nobody else may look.
  expect((await stat(dataDir)).mode & 0o077).toBe(0);
  expect(await readdir(dataDir)).toContain('journal.sqlite');
});

test('several windows see the same counter, and what one sets the other is told', async () => {
  const core = started(join(root, 'windows'));
  const [first, firstHost] = memoryChannelPair();
  const [second, secondHost] = memoryChannelPair();
  core.attach(firstHost);
  core.attach(secondHost);
  const seen: string[] = [];
  connect(ipwContract, second).session(({ language }) => seen.push(language));
  expect(await connect(ipwContract, first)['session.language']({ language: 'ru' })).toEqual({
    ok: true,
    value: {},
  });
  await expect.poll(() => seen.at(-1)).toBe('ru');
  await core.stop();
});

test('one journal, one core host: the second is told who has it, and may have it afterwards', async () => {
  const dataDir = join(root, 'taken');
  const first = started(dataDir);
  const second = start(dataDir);
  expect(second).toMatchObject({ ok: false, error: { code: 'journalInUse' } });
  if (!second.ok) expect(second.error.detail?.['holder']).toContain(`test, pid ${process.pid}`);
  expect(await session(first)).toMatchObject({ enrolled: false });
  await first.stop();
  await started(dataDir).stop();
});

test('a journal that is no journal is told, and the folder is given back', async () => {
  const dataDir = join(root, 'damaged');
  await started(dataDir).stop();
  await writeFile(
    join(dataDir, 'journal.sqlite'),
    'not a database, but long enough to look like one'.repeat(100),
  );
  expect(start(dataDir)).toMatchObject({ ok: false, error: { code: 'journalDamaged' } });
  expect(start(dataDir)).toMatchObject({ ok: false, error: { code: 'journalDamaged' } });
});

test('a device key that cannot be read stops the start: a second one is never made silently', async () => {
  const dataDir = join(root, 'key');
  await started(dataDir).stop();
  await writeFile(join(dataDir, 'device-key.json'), '{');
  expect(() => start(dataDir)).toThrow(/device key/);
  // The journal's lock was not left behind.
  await rm(join(dataDir, 'device-key.json'));
  await started(dataDir).stop();
});

/** A workstation with a terminal that lets go of its line when the test says so. */
async function withTerminal(name: string): Promise<{
  readonly dataDir: string;
  readonly core: CoreHost;
  readonly letGo: () => void;
}> {
  const dataDir = join(root, name);
  await mkdir(dataDir);
  const settings = { kind: 'zvtTcp', host: '127.0.0.1', port: 1, password: '000000' };
  await writeFile(join(dataDir, 'terminal.json'), JSON.stringify(settings));
  const drivers = scriptedDrivers();
  const core = started(dataDir, { drivers });
  let letGo = (): void => undefined;
  const closed = new Promise<void>((done) => {
    letGo = done;
  });
  drivers.made.at(-1)?.acts.push(() => closed);
  return { dataDir, core, letGo };
}

test('the end waits for the terminal to let go; until then the folder is nobody else’s', async () => {
  const { dataDir, core, letGo } = await withTerminal('terminal');
  let stopped = false;
  const stopping = core.stop().then(() => (stopped = true));
  for (let turns = 0; turns < 10; turns += 1) await new Promise((done) => setImmediate(done));
  expect(stopped).toBe(false);
  expect(start(dataDir)).toMatchObject({ ok: false, error: { code: 'journalInUse' } });
  letGo();
  await stopping;
  await started(dataDir).stop();
});

test('a terminal that never lets go does not keep the workstation from ending', async () => {
  const { dataDir, core } = await withTerminal('stuck');
  await core.stop();
  expect(await readFile(logFile(), 'utf8')).toContain('devices.disposeSlow');
  await started(dataDir).stop();
});
