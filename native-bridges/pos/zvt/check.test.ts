import { expect, onTestFinished, test, vi } from 'vitest';
import { qepik } from '../../../contracts/money.ts';
import type { PosCheck } from '../../../contracts/pos.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator.ts';
import type { PosDriver } from '../driver.ts';
import { createZvtDriver } from './driver.ts';
import { fastMachine } from './testing/fast-machine.ts';
import { simulatorClock } from '../testing/steady-clock.ts';
import { said, scriptedTerminal } from './testing/scripted-terminal.ts';

const SPEED = 20;

function driverAt(port: number, password = '000000'): PosDriver {
  const driver = createZvtDriver({ kind: 'zvtTcp', host: '127.0.0.1', port, password }, fastMachine(SPEED));
  onTestFinished(() => driver.close());
  return driver;
}

async function setUp(
  options: Omit<SimulatorOptions, 'tcp'> = {},
  password = '000000',
): Promise<{ simulator: Simulator; driver: PosDriver }> {
  const simulator = await startSimulator({
    tcp: { port: 0 },
    speed: SPEED,
    clock: simulatorClock(),
    customer: { presentsAfterMs: 60, pinAfterMs: 60, takesCardAfterMs: 60 },
    ...options,
  });
  onTestFinished(() => simulator.stop());
  const driver = driverAt(simulator.port ?? 0, password);
  driver.open();
  await vi.waitUntil(() => ['ready', 'refused'].includes(driver.health().state), { timeout: 20_000 });
  return { simulator, driver };
}

/** What was found, as `what state reason`. */
async function found(driver: PosDriver): Promise<string[]> {
  const checks: PosCheck[] = [];
  await driver.check((check) => void checks.push(check));
  return checks.map(({ what, state, reason }) =>
    [what, state, ...(reason === null ? [] : [reason.code])].join(' '),
  );
}

test('a terminal that has sold already is checked to the end', async () => {
  const { driver, simulator } = await setUp();
  const snapshot = { terminalId: null, receiptNo: null, trace: null, reference: null };
  const attemptId = '019aa000-0000-7000-8000-000000000001';
  await driver.pay({ attemptId, kind: 'sale', amount: qepik(500), snapshot, original: null }, () =>
    Promise.resolve(true),
  );
  expect(await found(driver)).toEqual([
    'connection right',
    'password right',
    'currency right',
    'clock unsure',
    'endOfDay right',
    'recovery right',
    'receipts right',
  ]);
  expect(simulator.bank().entries).toHaveLength(1);
});

test('a new terminal has nothing to show yet', async () => {
  const { driver } = await setUp();
  expect((await found(driver)).slice(-2)).toEqual([
    'recovery unsure nothingHeld',
    'receipts unsure nothingHeld',
  ]);
});

test('the password is wrong', async () => {
  const { driver } = await setUp({}, '999999');
  expect(await found(driver)).toEqual(['connection right', 'password wrong passwordWrong']);
});

test('it takes no manat', async () => {
  const { driver } = await setUp({ terms: { currencies: [978] } });
  expect(await found(driver)).toEqual(['connection right', 'currency wrong currencyWrong']);
});

test('its day is not closed', async () => {
  const { driver } = await setUp({ conditions: { endOfDayOpen: true } });
  expect(driver.health()).toMatchObject({ state: 'ready', reason: { code: 'endOfDayOpen' } });
  expect(await found(driver)).toContain('endOfDay wrong endOfDayOpen');
  expect((await driver.endOfDay()).kind).toBe('totals');
  expect(await found(driver)).toContain('endOfDay right');
});

test('its clock is wrong, and its host, which would set it right, is away', async () => {
  const { driver } = await setUp({ conditions: { clockWrong: true, hostAway: true } });
  expect(await found(driver)).toContain('clock wrong clockWrong');
});

/** A terminal whose diagnosis states date and time. */
async function withClock(at: Date): Promise<string[]> {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = two(at.getFullYear() % 100) + two(at.getMonth() + 1) + two(at.getDate());
  const time = two(at.getHours()) + two(at.getMinutes()) + two(at.getSeconds());
  const terminal = await scriptedTerminal((apdu) => {
    if (apdu.startsWith('0600')) return [said.yes, said.registered];
    if (apdu.startsWith('0501')) return [said.yes, said.state('00')];
    if (apdu.startsWith('0670')) return [said.yes, `040f08aa${date}0c${time}`, said.done];
    return apdu.startsWith('0620') ? ['848300'] : undefined;
  });
  onTestFinished(() => terminal.close());
  const driver = driverAt(terminal.port);
  driver.open();
  return found(driver);
}

test('a terminal that states its time', async () => {
  expect(await withClock(new Date())).toContain('clock right');
  expect(await withClock(new Date(Date.now() - 3_600_000))).toContain('clock wrong clockWrong');
});

test('nobody is there', async () => {
  const { port, close } = await scriptedTerminal(() => undefined);
  await close();
  const driver = driverAt(port);
  driver.open();
  expect(await found(driver)).toEqual(['connection wrong refused']);
});
