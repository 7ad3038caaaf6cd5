import { beforeEach, describe, expect, test, vi, type TestContext } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { qepik } from '../../../contracts/money.ts';
import type { PosAttempt } from '../../../core/ports/pos.ts';
import type { PosDriver } from '../driver.ts';
import type { FaultWish } from '../simulator/faults.ts';
import { startSimulator, type Simulator } from '../simulator/simulator.ts';
import { createZvtDriver } from './driver.ts';
import { simulatorClock } from '../testing/steady-clock.ts';
import { fastMachine } from './testing/fast-machine.ts';
import { serialPair, type SerialPair } from './testing/serial-pair.ts';

/** The driver and the simulator at both ends of a serial cable (two pseudo-terminals). */

let simulator: Simulator;
let driver: PosDriver;
let pair: SerialPair;

/**
 * @param speed how many times faster than life both ends live. T1 is 200 ms: too fast, and a busy machine breaks frames.
 */
async function plugIn(context: TestContext, speed: number): Promise<void> {
  const ends = await serialPair(needs(context, 'socat'));
  pair = ends;
  context.onTestFinished(() => ends.unplug());
  simulator = await startSimulator({
    serial: { path: ends.terminal, baudRate: 115_200 },
    speed,
    clock: simulatorClock(),
    customer: { presentsAfterMs: 100, pinAfterMs: 100, takesCardAfterMs: 50 },
    terms: { times: { host: 200, reversal: 200, work: 100 } },
  });
  const settings = {
    kind: 'zvtSerial',
    path: ends.till,
    baudRate: 115_200,
    stopBits: 2,
    modemLines: false,
    password: '000000',
  } as const;
  driver = createZvtDriver(settings, fastMachine(speed));
  context.onTestFinished(async () => {
    await driver.close();
    await simulator.stop();
  });
  driver.open();
  await until(() => driver.health().state === 'ready');
}

const until = (so: () => boolean): Promise<void> =>
  vi.waitUntil(so, { timeout: 30_000, interval: 5 }).then(() => undefined);
const stored = (): Promise<boolean> => Promise.resolve(true);

let count = 0;
async function sale(amount: number): Promise<PosAttempt> {
  const answer = await driver.snapshot();
  if (answer.kind !== 'snapshot') throw new Error(answer.reason.code);
  count += 1;
  return {
    attemptId: `019aa000-0000-7000-8000-${String(count).padStart(12, '0')}`,
    kind: 'sale',
    amount: qepik(amount),
    snapshot: answer.snapshot,
    original: null,
  };
}

/** The outcome, asked for until it is known. */
async function outcome(attempt: PosAttempt, kind: string): Promise<'charged' | 'notCharged'> {
  if (kind === 'confirmed') return 'charged';
  if (kind !== 'unknown') return 'notCharged';
  for (let ask = 0; ask < 20; ask += 1) {
    const found = await driver.resolve(attempt);
    if (found.kind !== 'stillUnknown') return found.kind;
    await new Promise((done) => void setTimeout(done, 50));
  }
  throw new Error('the outcome never became known');
}

test('a sale, its papers, its reversal, and the totals', async (context) => {
  await plugIn(context, 10);
  const answer = await driver.pay(await sale(10_010), stored);
  expect(answer).toMatchObject({ kind: 'confirmed', result: { amount: 10_010 } });
  if (answer.kind !== 'confirmed') return;
  expect(answer.receipts.customer.length).toBeGreaterThan(3);
  expect(answer.receipts.merchant.length).toBeGreaterThan(3);
  expect(await driver.totals()).toMatchObject({ kind: 'totals', totals: { count: 1, sum: 10_010 } });
  const back: PosAttempt = { ...(await sale(10_010)), kind: 'reversal', original: answer.result };
  expect((await driver.reverse(back, stored)).kind).toBe('confirmed');
  expect(simulator.bank().net).toBe(0);
  expect(await driver.endOfDay()).toMatchObject({ kind: 'totals', totals: { count: 0, sum: 0 } });
});

/** What a line does to single frames and their ACKs: made good by the link, and nothing is doubled. */
const MENDED: Readonly<Record<string, FaultWish>> = {
  'the ACK to 06 01 is lost': { direction: 'fromTerminal', message: 'ack', what: { kind: 'drop' } },
  '06 01 is lost once': { direction: 'toTerminal', message: 'authorisation', what: { kind: 'drop' } },
  '06 01 is lost twice': {
    direction: 'toTerminal',
    message: 'authorisation',
    times: 2,
    what: { kind: 'drop' },
  },
  '06 01 is refused with NAK': { direction: 'toTerminal', message: 'authorisation', what: { kind: 'nak' } },
  '06 01 arrives broken': { direction: 'toTerminal', message: 'authorisation', what: { kind: 'corrupt' } },
  'the approval is broken': {
    direction: 'fromTerminal',
    message: 'statusInformation',
    what: { kind: 'corrupt' },
  },
  'the approval is lost': { direction: 'fromTerminal', message: 'statusInformation', what: { kind: 'drop' } },
  'the approval comes twice': {
    direction: 'fromTerminal',
    message: 'statusInformation',
    what: { kind: 'duplicate' },
  },
  'the approval stops in the middle': {
    direction: 'fromTerminal',
    message: 'statusInformation',
    at: { byte: 20 },
    what: { kind: 'drop' },
  },
  'noise before the approval': {
    direction: 'fromTerminal',
    message: 'statusInformation',
    what: { kind: 'garbage', count: 40 },
  },
  'the completion is broken': { direction: 'fromTerminal', message: 'completion', what: { kind: 'corrupt' } },
};

describe('a bad line', () => {
  beforeEach((context) => plugIn(context, 10));

  test.each(Object.entries(MENDED))('%s', async (_name, fault) => {
    const attempt = await sale(2_020);
    simulator.fault(fault);
    let holds = 0;
    const answer = await driver.pay(attempt, () => {
      holds += 1;
      return Promise.resolve(true);
    });
    expect(holds).toBeLessThanOrEqual(1);
    const end = await outcome(attempt, answer.kind);
    expect(simulator.bank().charges.map(({ amount }) => amount)).toEqual(end === 'charged' ? [2_020] : []);
    expect(end).toBe('charged');
  });
});

describe('a line that is not mended in time', () => {
  // Both sides wait for T4, three minutes.
  beforeEach((context) => plugIn(context, 30));

  test.each<[string, FaultWish]>([
    [
      '06 01 is never heard',
      { direction: 'toTerminal', message: 'authorisation', times: 3, what: { kind: 'drop' } },
    ],
    [
      'no ACK to 06 01 comes back',
      { direction: 'fromTerminal', message: '*', times: 6, what: { kind: 'drop' } },
    ],
    [
      'the cable is out from the approval on',
      { direction: 'fromTerminal', message: 'statusInformation', what: { kind: 'cut', ms: 20_000 } },
    ],
    [
      'the cable is out from our yes on',
      { direction: 'toTerminal', message: 'positive', nth: 2, what: { kind: 'cut', ms: 20_000 } },
    ],
    [
      'the cable is out before the completion',
      { direction: 'fromTerminal', message: 'completion', what: { kind: 'cut', ms: 20_000 } },
    ],
    [
      'the power goes after the approval',
      {
        direction: 'fromTerminal',
        message: 'statusInformation',
        at: 'after',
        what: { kind: 'powerCycle', offMs: 1000 },
      },
    ],
    [
      'the power goes before the completion',
      { direction: 'fromTerminal', message: 'completion', what: { kind: 'powerCycle', offMs: 1000 } },
    ],
  ])('%s: found out, and the bank has the same', async (_name, fault) => {
    const attempt = await sale(3_030);
    simulator.fault(fault);
    const answer = await driver.pay(attempt, stored);
    expect(['unknown', 'confirmed']).toContain(answer.kind);
    const end = await outcome(attempt, answer.kind);
    const charges = simulator.bank().charges.map(({ amount }) => amount);
    expect(charges).toEqual(end === 'charged' ? [3_030] : []);
    // The next customer is served.
    await until(() => driver.health().state === 'ready');
    const next = await sale(3_031);
    expect(await outcome(next, (await driver.pay(next, stored)).kind)).toBe('charged');
    expect(simulator.bank().charges.map(({ amount }) => amount)).toContain(3_031);
  });
});

test('a terminal that was off while nobody used it is registered with again, and nothing is lost by it', async (context) => {
  await plugIn(context, 10);
  await simulator.powerCycle(100);
  // The line is as it was; only the terminal has forgotten us.
  const attempt = await sale(5_050);
  expect((await driver.pay(attempt, stored)).kind).toBe('confirmed');
  await simulator.powerCycle(100);
  expect(await driver.endOfDay()).toMatchObject({ kind: 'totals', totals: { count: 1, sum: 5_050 } });
  await simulator.powerCycle(100);
  const next: PosAttempt = { ...attempt, attemptId: '019aa000-0000-7000-8000-00000000ffff' };
  expect(await driver.pay(next, stored)).toMatchObject({
    kind: 'declined',
    reason: { code: 'notRegistered' },
  });
  await until(() => driver.health().state === 'ready');
  expect((await driver.pay(await sale(5_051), stored)).kind).toBe('confirmed');
});

test('the adapter is pulled out in the middle of a payment: unknown, the port is away, nothing hangs', async (context) => {
  await plugIn(context, 10);
  simulator.mode('hand');
  const attempt = await sale(4_040);
  const paying = driver.pay(attempt, stored);
  await until(() => simulator.view().display.prompt === 'card');
  await pair.unplug();
  expect((await paying).kind).toBe('unknown');
  await until(() => driver.health().state === 'away');
  expect(await driver.resolve(attempt)).toMatchObject({ kind: 'stillUnknown' });
  await until(() => driver.health().reason?.code === 'portAbsent');
});
