import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { idSchema } from '../../contracts/ids.ts';
import { boundedLog } from './bounded-log.ts';
import { createMachine } from './machine.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'komis-machine-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const lines = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

test('ids are UUIDv7 of now and never the same; the monotonic clock goes forward', async () => {
  const machine = createMachine();
  const ids = Array.from({ length: 1000 }, () => machine.mintId());
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(idSchema.safeParse(id).success).toBe(true);
  const minted = parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16);
  expect(Math.abs(minted - machine.nowMs())).toBeLessThan(60_000);
  const before = machine.monotonicMs();
  await new Promise((soon) => setTimeout(soon, 5));
  expect(machine.monotonicMs()).toBeGreaterThan(before);
});

test('a timer runs once unless it is called off, and is never set for longer than it can count', async () => {
  const machine = createMachine();
  const ran: string[] = [];
  machine.after(5, () => ran.push('a'));
  const callOff = machine.after(5, () => ran.push('b'));
  callOff();
  await new Promise((soon) => setTimeout(soon, 40));
  expect(ran).toEqual(['a']);
  expect(() => machine.after(2 ** 31, () => undefined)).toThrow('24 days');
});

test('the log is one JSON a line, for its owner only, and holds no secret whatever it is given', () => {
  const logFile = join(folder(), 'logs', 'workstation.log');
  const machine = createMachine({ logFile });
  machine.log('info', 'workstation.started', { holder: 'browser', entries: 7 });
  machine.log('warn', 'login.refused', {
    user: 'aygun',
    password: 'parol',
    token: 't',
    pan: '4169',
    key: 'k',
  });
  machine.log('debug', 'not shown at this level');
  expect(lines(logFile)).toEqual([
    expect.objectContaining({ level: 30, msg: 'workstation.started', holder: 'browser', entries: 7 }),
    expect.objectContaining({
      level: 40,
      msg: 'login.refused',
      user: 'aygun',
      password: '…',
      token: '…',
      pan: '…',
      key: '…',
    }),
  ]);
  expect(statSync(logFile).mode & 0o777).toBe(0o600);
});

test('a log never holds more than it may, and the last full one is kept beside it', () => {
  const path = join(folder(), 'x.log');
  const log = boundedLog(path, 1000);
  for (let n = 0; n < 100; n++) log.write(`${JSON.stringify({ n, pad: 'ə'.repeat(20) })}\n`);
  expect(statSync(path).size).toBeLessThanOrEqual(1000);
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(1000);
  log.close();
  boundedLog(path, 1000).write('{"n":100}\n');
  const kept = [...lines(`${path}.1`), ...lines(path)].map((line) => (line as { n: number }).n);
  expect(kept).toEqual(kept.map((_, index) => 100 - kept.length + 1 + index));
  expect(kept.length).toBeGreaterThan(10);
});

test('a log that cannot be written stops nothing, and tells afterwards how much is missing', () => {
  const path = join(folder(), 'x.log');
  mkdirSync(path);
  const log = boundedLog(path, 1000);
  log.write('{"n":1}\n');
  log.write('{"n":2}\n');
  rmSync(path, { recursive: true });
  log.write('{"n":3}\n');
  expect(lines(path)).toEqual([{ event: 'log.linesLost', lines: 2 }, { n: 3 }]);
});

test('a full disk stops nothing either', (context) => {
  const disk = join(folder(), 'disk');
  mkdirSync(disk);
  const mounted =
    process.platform === 'linux' &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' }).status === 0;
  if (!mounted) return context.skip('a file system of one’s own takes root on Linux');
  onTestFinished(() => {
    expect(spawnSync('umount', [disk]).status).toBe(0);
  });
  const path = join(disk, 'x.log');
  const log = boundedLog(path, 1_000_000);
  for (let n = 0; n < 2000; n++) log.write(`${JSON.stringify({ n, pad: 'x'.repeat(200) })}\n`);
  expect(statSync(path).size).toBeLessThanOrEqual(65_536);
  rmSync(path);
  log.close();
  log.write('{"n":"again"}\n');
  log.close();
  const [lost, again] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lost).toMatchObject({ event: 'log.linesLost' });
  expect(again).toEqual({ n: 'again' });
});
