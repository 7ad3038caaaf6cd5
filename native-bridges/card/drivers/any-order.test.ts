import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tear } from '../simulator/faults.ts';
import { loadOnce, nonce, readAgain, SPECS, type CardBench } from '../testing/conformance.ts';
import { deckBench } from '../testing/deck-bench.ts';

/**
 * Loads that are paid for, torn as often as one likes, also while they are being healed; meters in between. What is paid is on
 * the card or owed, to the last qəpik, and nothing is there twice.
 */

type Paid = {
  readonly amount: number;
  /** One for each attempt at it. */
  readonly tears: readonly Pick<Tear, 'nth' | 'moment' | 'bytes'>[];
  readonly visitsMeter: boolean;
};

const tear = fc.record({
  nth: fc.integer({ min: 1, max: 22 }),
  moment: fc.constantFrom('before', 'during', 'after'),
  bytes: fc.nat(40),
});
const paid: fc.Arbitrary<Paid> = fc.record({
  amount: fc.integer({ min: 1, max: 50_000 }),
  tears: fc.array(tear, { maxLength: 4 }),
  visitsMeter: fc.boolean(),
});

/** As a till must: read first, load only what is proven not to be there. Answers whether it is on the card. */
async function bring(bench: CardBench, { amount, tears }: Paid): Promise<boolean> {
  const loadId = nonce();
  for (const one of [...tears, null]) {
    const connection = await bench.connect();
    if (one === null) await bench.calm();
    else await bench.tear(one);
    try {
      const { state } = await readAgain(connection);
      if (state.lastLoadId !== null && Buffer.compare(state.lastLoadId, loadId) === 0) return true;
    } catch (error) {
      // Torn while it was read: nothing is known, nothing is done.
      if (one === null || !(error instanceof Error)) throw error;
      continue;
    }
    const said = await loadOnce(connection, amount, loadId);
    if (said === 'loaded') return true;
  }
  await bench.calm();
  const { state } = await readAgain(await bench.connect());
  return state.lastLoadId !== null && Buffer.compare(state.lastLoadId, loadId) === 0;
}

test.each(['purse', 'purseT1', 'memory', 'memoryWithProtection'] as const)(
  '%s: what was paid is on the card or owed',
  { timeout: 300_000 },
  async (kind) => {
    let onCards = 0;
    let owedAtAll = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(paid, { minLength: 1, maxLength: 10 }), async (payments) => {
        const bench = await deckBench(SPECS[kind]);
        let counter = 0;
        let credit = 0;
        let owed = 0;
        for (const payment of payments) {
          if (await bring(bench, payment)) {
            counter += 1;
            credit += payment.amount;
          } else owed += payment.amount;
          await bench.calm();
          expect(await bench.truth()).toEqual({ counter, credit });
          if (payment.visitsMeter) {
            await bench.connect();
            await bench.pull();
            await bench.useAtMeter();
            expect(await bench.truth()).toEqual({ counter, credit });
          }
        }
        expect(credit + owed).toBe(payments.reduce((sum, { amount }) => sum + amount, 0));
        onCards += counter;
        owedAtAll += owed;
      }),
      { numRuns: 70 },
    );
    expect(onCards).toBeGreaterThan(125);
    // A purse card takes in the end what it is owed; a memory card whose code was torn takes nothing more.
    if (kind.startsWith('purse')) expect(owedAtAll).toBe(0);
  },
);
