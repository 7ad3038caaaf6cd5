import { describe, expect, test } from 'vitest';
import { qepik } from '../../../contracts/money.ts';
import type { PosAttempt } from '../../../core/ports/pos.ts';
import type { PosDriver } from '../driver.ts';
import type { FaultWish } from '../simulator/faults.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { createZvtDriver } from './driver.ts';
import { fastMachine } from './testing/fast-machine.ts';

/** A sale that is cut off at any byte of any message: in the end driver and bank say the same. */

const SPEED = 20;

/** Where it is cut: up to `bytes` bytes of the message have passed, in steps. */
const MESSAGES: Readonly<
  Record<string, Pick<FaultWish, 'direction' | 'message' | 'nth'> & { bytes: number; step: number }>
> = {
  '06 01': { direction: 'toTerminal', message: 'authorisation', bytes: 19, step: 1 },
  'the answer to it': { direction: 'fromTerminal', message: 'positive', bytes: 3, step: 1 },
  '04 0F': { direction: 'fromTerminal', message: 'statusInformation', bytes: 120, step: 3 },
  'our first yes': { direction: 'toTerminal', message: 'positive', bytes: 3, step: 1 },
  'our second yes': { direction: 'toTerminal', message: 'positive', nth: 2, bytes: 3, step: 1 },
  'our third yes': { direction: 'toTerminal', message: 'positive', nth: 3, bytes: 3, step: 1 },
  'our fourth yes': { direction: 'toTerminal', message: 'positive', nth: 4, bytes: 3, step: 1 },
  'our fifth yes': { direction: 'toTerminal', message: 'positive', nth: 5, bytes: 3, step: 1 },
  'our sixth yes': { direction: 'toTerminal', message: 'positive', nth: 6, bytes: 3, step: 1 },
  'the first paper': { direction: 'fromTerminal', message: 'printBlock', bytes: 400, step: 80 },
  'the second paper': { direction: 'fromTerminal', message: 'printBlock', nth: 2, bytes: 400, step: 80 },
  '06 0F': { direction: 'fromTerminal', message: 'completion', bytes: 3, step: 1 },
};

const KINDS: Readonly<Record<string, FaultWish['what']>> = {
  'the cable is pulled': { kind: 'cut' },
  'the terminal loses its power': { kind: 'powerCycle', offMs: 300 },
};

let count = 0;
async function saleOf(driver: PosDriver): Promise<PosAttempt> {
  count += 1;
  for (;;) {
    const answer = await driver.snapshot();
    if (answer.kind === 'snapshot')
      return {
        attemptId: `019aa000-0000-7000-8000-${String(count).padStart(12, '0')}`,
        kind: 'sale',
        amount: qepik(1000 + count),
        snapshot: answer.snapshot,
        original: null,
      };
  }
}

async function isCharged(driver: PosDriver, attempt: PosAttempt, kind: string): Promise<boolean> {
  if (kind !== 'unknown') return kind === 'confirmed';
  for (;;) {
    const found = await driver.resolve(attempt);
    if (found.kind !== 'stillUnknown') return found.kind === 'charged';
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe.each(Object.entries(KINDS))('%s', (_kind, what) => {
  test.each(Object.entries(MESSAGES))('within %s', async (_name, { bytes, step, ...occasion }) => {
    const simulator = await startSimulator({
      tcp: { port: 0 },
      speed: SPEED,
      customer: { presentsAfterMs: 60, pinAfterMs: 60, takesCardAfterMs: 60 },
      terms: { times: { host: 100, reversal: 200, work: 100 } },
    });
    const settings = {
      kind: 'zvtTcp',
      host: '127.0.0.1',
      port: simulator.port ?? 0,
      password: '000000',
    } as const;
    const driver = createZvtDriver(settings, fastMachine(SPEED));
    try {
      driver.open();
      for (let byte = 0; byte <= bytes; byte += step) {
        const attempt = await saleOf(driver);
        simulator.fault({
          ...occasion,
          at: occasion.direction === 'toTerminal' && byte === bytes ? 'after' : { byte },
          what,
        });
        let holds = 0;
        const answer = await driver.pay(attempt, () => {
          holds += 1;
          return Promise.resolve(true);
        });
        const charged = await isCharged(driver, attempt, answer.kind);
        const atBank = simulator.bank().charges.filter(({ amount }) => amount === attempt.amount).length;
        expect(atBank, `byte ${String(byte)}, ${answer.kind}`).toBe(charged ? 1 : 0);
        expect(holds).toBeLessThanOrEqual(1);
        if (charged) expect(holds, 'nothing is charged that was not stored').toBe(1);
        simulator.clearFaults();
      }
    } finally {
      await driver.close();
      await simulator.stop();
    }
  });
});
