import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { qepik } from '../../contracts/money.ts';
import type { PosFinding } from '../../contracts/pos.ts';
import type { PosPort } from '../../core/ports/pos.ts';
import { allDrivers, type PosPlace } from './drivers.ts';
import { createPos } from './pos.ts';
import { startSimulator, type Simulator } from './simulator/simulator.ts';
import { benchMachine, journal, mintId, until } from './testing/bench.ts';
import { simulatorClock } from './testing/steady-clock.ts';

/** The whole bridge as a workstation has it, before a terminal that is a simulator. */
let folder: string;
let simulator: Simulator;
let pos: PosPort & { dispose(): Promise<void> };
const machine = benchMachine();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pos-'));
  simulator = await startSimulator({ tcp: { port: 0 }, speed: 50, clock: simulatorClock(), customer: {} });
});
afterEach(async () => {
  await pos.dispose();
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
  if (machine.timers() !== 0) throw new Error('a timer was left running');
});

const placeOf = (port: number, password = '000000'): PosPlace => ({
  kind: 'zvtTcp',
  host: '127.0.0.1',
  port,
  password,
});

test('found, set, paid at, totalled and recorded without the card', async () => {
  const drivers = { ...allDrivers(), serialPorts: () => Promise.resolve([]) };
  pos = createPos({
    settingsFile: join(folder, 'pos.json'),
    machine,
    drivers,
    addresses: [placeOf(1), placeOf(simulator.port ?? 0)],
  });
  const found: PosFinding[] = [];
  await pos.search(
    (finding) => found.push(finding),
    () => false,
  );
  expect(found.map(({ kind }) => kind)).toEqual(['other', 'terminal']);
  const [nobody, terminal] = found;
  expect(nobody).toMatchObject({ reason: { code: 'refused' } });
  if (terminal?.kind !== 'terminal') throw new Error('no terminal');
  expect(terminal.simulator).toBe(true);

  const wrong = placeOf(simulator.port ?? 0, '999999');
  expect(await pos.tryOut(wrong)).toMatchObject({ state: 'refused', reason: { code: 'passwordWrong' } });
  expect(await pos.tryOut(placeOf(1))).toMatchObject({ state: 'away', reason: { code: 'refused' } });
  expect(await pos.tryOut(placeOf(simulator.port ?? 0))).toMatchObject({ state: 'ready', simulator: true });
  expect(pos.settings()).toEqual({ kind: 'none' });

  await pos.set(terminal.settings);
  pos.open();
  await until('the terminal is ready', () => pos.health().state === 'ready');
  const before = await pos.snapshot();
  if (before.kind !== 'snapshot') throw new Error(before.reason.code);
  const { hold, held } = journal();
  const answer = await pos.pay(
    { attemptId: mintId(), kind: 'sale', amount: qepik(1010), snapshot: before.snapshot, original: null },
    hold,
  );
  expect(answer).toMatchObject({ kind: 'confirmed', result: { amount: 1010, currency: 'AZN' } });
  expect(held).toHaveLength(1);
  expect(simulator.bank().net).toBe(1010);
  expect(await pos.totals()).toMatchObject({ kind: 'totals', totals: { count: 1, sum: 1010 } });

  const recording = pos.recording();
  expect(recording.some(({ direction, hex }) => direction === 'toTerminal' && hex.startsWith('0601'))).toBe(
    true,
  );
  expect(recording.some(({ direction, hex }) => direction === 'fromTerminal' && hex.startsWith('040f'))).toBe(
    true,
  );
  // The password opens the terminal to any till.
  expect(recording.find(({ hex }) => hex.startsWith('0600'))?.hex.slice(6, 12)).toBe('eeeeee');
  expect(JSON.parse(readFileSync(join(folder, 'pos.json'), 'utf8'))).toEqual(terminal.settings);

  // Another password at the very terminal that is in use: one till at a time, and afterwards it is ours again.
  expect(await pos.tryOut(wrong)).toMatchObject({ state: 'refused', reason: { code: 'passwordWrong' } });
  await until('the terminal is ready again', () => pos.health().state === 'ready');
});
