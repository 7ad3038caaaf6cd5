import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { posReason, type PosReasonCode } from '../../contracts/pos-reasons.ts';
import type { PosHealth } from '../../core/ports/pos.ts';
import type { PosPlace } from './drivers.ts';
import { createPos } from './pos.ts';
import { benchMachine, until } from './testing/bench.ts';
import { scriptedDrivers, type ScriptedDriver } from './testing/scripted-drivers.ts';

/** Settings that are tried before anybody saves them. */

const IN_USE: PosPlace = { kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '123456' };
const OTHER: PosPlace = { ...IN_USE, password: '654321' };
const machine = benchMachine();
let folder: string;
let file: string;
let drivers: ReturnType<typeof scriptedDrivers>;
let pos: ReturnType<typeof createPos>;
let driver: ScriptedDriver;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pos-'));
  file = join(folder, 'pos.json');
  drivers = scriptedDrivers();
  pos = createPos({ settingsFile: file, machine, drivers, addresses: [] });
  await pos.set(IN_USE);
  driver = latest();
});
afterEach(async () => {
  await pos.dispose();
  rmSync(folder, { recursive: true, force: true });
  if (machine.timers() !== 0) throw new Error('a timer was left running');
});

function latest(): ScriptedDriver {
  const one = drivers.made.at(-1);
  if (one === undefined) throw new Error('no driver was made');
  return one;
}
const candidateOpen = (): Promise<void> =>
  until('the candidate is opened', () => latest() !== driver && latest().calls.includes('open'));
function says(state: PosHealth['state'], code: PosReasonCode | null = null): void {
  const reason = code === null ? null : posReason(code);
  latest().tell({ kind: 'health', health: { state, reason, terminalId: null, simulator: false } });
}

test('a refusal is told and nothing saved; the terminal in use is let go meanwhile, and is then used again', async () => {
  pos.open();
  const trying = pos.tryOut(OTHER);
  const snapshot = pos.snapshot();
  await candidateOpen();
  const candidate = latest();
  expect(candidate.settings).toEqual(OTHER);
  expect(driver.calls).toEqual(['open', 'close', 'end:close']);
  says('connecting');
  says('refused', 'passwordWrong');
  expect(await trying).toMatchObject({ state: 'refused', reason: { code: 'passwordWrong' } });
  expect(candidate.calls).toEqual(['open', 'close', 'end:close']);
  expect(candidate.watchers()).toBe(0);
  await snapshot;
  expect(driver.calls.slice(3)).toEqual(['open', 'snapshot', 'end:snapshot']);
  expect(pos.settings()).toEqual(IN_USE);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(IN_USE);
});

test('silence is tried twice, since a line just let go may still be taken', async () => {
  const trying = pos.tryOut(OTHER);
  await candidateOpen();
  says('away', 'lineLost');
  says('connecting');
  says('ready');
  expect(await trying).toMatchObject({ state: 'ready' });
  // The one in use was not open: nobody opens it.
  expect(driver.calls).toEqual([]);
  driver = latest();
  const again = pos.tryOut(OTHER);
  await candidateOpen();
  says('away', 'silent');
  says('away', 'unreachable');
  expect(await again).toMatchObject({ state: 'away', reason: { code: 'unreachable' } });
});

test('settings in use that work are not disturbed', async () => {
  pos.open();
  expect(await pos.tryOut(IN_USE)).toMatchObject({ state: 'ready' });
  expect(driver.calls).toEqual(['open']);
  expect(drivers.made).toEqual([driver]);
});

test('the end of the workstation ends a try', async () => {
  const trying = pos.tryOut(OTHER);
  await candidateOpen();
  await pos.dispose();
  expect(await trying).toMatchObject({ state: 'away', reason: { code: 'stopped' } });
  expect(latest().calls).toEqual(['open', 'close', 'end:close']);
});
