import { onTestFinished } from 'vitest';
import type { PosResult } from '../../../contracts/pos.ts';
import type { PosAnswer, PosAttempt } from '../../../core/ports/pos.ts';
import type { PosDriver } from '../driver.ts';
import {
  attemptOf,
  benchMachine,
  journal,
  settled,
  untilReady,
  type Bench,
  type BenchMachine,
  type Journal,
} from './bench.ts';

/** How a driver and its terminal are put on the bench. */
export type Conformance = {
  readonly make: (machine: BenchMachine) => Promise<Bench>;
  /** Skips a test where the machine lacks what the bench needs. */
  readonly needs?: (context: { skip: (note: string) => never }) => void;
  /** Names of the faults the bench can bring about in the middle of an operation. */
  readonly faults: readonly string[];
  /** Those of them that every operation can be asked to survive many times over in a short while. */
  readonly quickFaults: readonly string[];
  /** How many scripts of operations in any order are tried; 25 when absent. */
  readonly scripts?: number;
};

/** A driver that is ready, with its bench around it; all ends with the test. */
export async function benchOf({
  make,
}: Conformance): Promise<{ machine: BenchMachine; bench: Bench; driver: PosDriver }> {
  const machine = benchMachine();
  const bench = await make(machine);
  const driver = bench.connect();
  onTestFinished(async () => {
    await driver.close();
    await bench.stop();
  });
  driver.open();
  await untilReady(driver);
  return { machine, bench, driver };
}

const OPERATIONS = { sale: 'pay', reversal: 'reverse', refund: 'refund' } as const;

/** Has the attempt done, whatever its kind. */
export const perform = (driver: PosDriver, attempt: PosAttempt, { hold }: Journal): Promise<PosAnswer> =>
  driver[OPERATIONS[attempt.kind]](attempt, hold);

export type End = { readonly made: boolean; readonly result: PosResult | null };

/** The answer, or what asking found when the answer told nothing. */
export async function finallyOf(driver: PosDriver, attempt: PosAttempt, answer: PosAnswer): Promise<End> {
  if (answer.kind === 'confirmed') return { made: true, result: answer.result };
  if (answer.kind !== 'unknown') return { made: false, result: null };
  const found = await settled(driver, attempt);
  return found.kind === 'charged' ? { made: true, result: found.result } : { made: false, result: null };
}

/** A sale that goes well. */
export async function charge(driver: PosDriver, amount: number): Promise<PosResult> {
  const answer = await driver.pay(await attemptOf(driver, 'sale', amount), journal().hold);
  if (answer.kind !== 'confirmed') throw new Error(`not confirmed: ${JSON.stringify(answer)}`);
  return answer.result;
}
