import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PosResult } from '../../../contracts/pos.ts';
import type { PosTotalsAnswer } from '../../../core/ports/pos.ts';
import type { PosDriver } from '../driver.ts';
import { attemptOf, awayAndBack, journal, pause, untilReady, type BenchCustomer } from './bench.ts';
import { benchOf, finallyOf, perform, type Conformance } from './stage.ts';

type Step =
  | { readonly do: 'sale' | 'refund'; readonly customer: BenchCustomer; readonly fault: string | null }
  | { readonly do: 'reversal'; readonly of: number; readonly fault: string | null }
  | { readonly do: 'endOfDay' | 'cutLine' | 'restart' | 'newTill' };

/** Not every protocol can state the sum of a day with more refunds than sales: there is none in the scripts. */
const shown = (answer: PosTotalsAnswer): unknown => (answer.kind === 'totals' ? answer.totals : answer);

/** Any order of operations and faults: what the driver said of each is what the bank has in the end. */
export function anyOrder(setup: Conformance): void {
  const fault = fc.option(fc.constantFrom(...setup.quickFaults), { nil: null, freq: 2 });
  const customer = fc.constantFrom<BenchCustomer>(
    'approves',
    'approves',
    'approves',
    'isDeclined',
    'cancels',
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('sale', 'sale', 'refund'), customer, fault }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('reversal' as const), of: fc.nat(), fault }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('endOfDay', 'cutLine', 'restart', 'newTill') }) },
  );

  test('any order of operations and faults ends as the bank has it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { bench: b, driver: first } = await benchOf(setup);
        let driver = first;
        /** Ours of the whole script: the expected state of every charge, by its amount, which no other has. */
        const expected = new Map<number, { kind: 'sale' | 'refund'; reversed: boolean; result: PosResult }>();
        let amount = 10_000;
        let day = { count: 0, sum: 0 };
        for (const one of steps) {
          b.clearFaults();
          await untilReady(driver);
          switch (one.do) {
            case 'sale':
            case 'refund': {
              if (one.do === 'refund' && day.sum < amount + 1) break;
              amount += 1;
              b.customer(one.customer);
              const attempt = await attemptOf(driver, one.do, amount);
              if (one.fault !== null) b.fault(one.fault);
              const end = await finallyOf(driver, attempt, await perform(driver, attempt, journal()));
              b.customer('approves');
              if (end.made && end.result !== null) {
                expected.set(amount, { kind: one.do, reversed: false, result: end.result });
                day = { count: day.count + 1, sum: day.sum + (one.do === 'sale' ? amount : -amount) };
              }
              break;
            }
            case 'reversal': {
              const sales = [...expected].filter(([, { kind }]) => kind === 'sale');
              const [paid, sale] = sales[one.of % Math.max(1, sales.length)] ?? [];
              if (paid === undefined || sale === undefined || day.sum < paid) break;
              const attempt = await attemptOf(driver, 'reversal', paid, sale.result);
              if (one.fault !== null) b.fault(one.fault);
              const end = await finallyOf(driver, attempt, await perform(driver, attempt, journal()));
              if (end.made && !sale.reversed) {
                expected.set(paid, { ...sale, reversed: true });
                day = { count: day.count - 1, sum: day.sum - paid };
              }
              break;
            }
            case 'endOfDay': {
              const closed = await told(driver, () => driver.endOfDay());
              expect(shown(closed)).toEqual(day);
              day = { count: 0, sum: 0 };
              break;
            }
            case 'cutLine':
              await awayAndBack(driver, b.cutLine);
              break;
            case 'restart':
              await awayAndBack(driver, b.restartTerminal);
              break;
            case 'newTill':
              await driver.close();
              driver = b.connect();
              driver.open();
          }
        }
        b.clearFaults();
        await untilReady(driver);
        const standingNow = (await b.truth())
          .filter(({ reversed }) => !reversed)
          .map(({ kind, amount: of }) => `${kind} ${of}`);
        const ours = [...expected]
          .filter(([, { reversed }]) => !reversed)
          .map(([of, { kind }]) => `${kind} ${of}`);
        expect(standingNow.toSorted()).toEqual(ours.toSorted());
        const totals = await told(driver, () => driver.totals());
        expect(shown(totals)).toEqual(day);
        await driver.close();
      }),
      { numRuns: setup.scripts ?? 25 },
    );
  }, 180_000);
}

/**
 * A terminal whose power has just gone is still taken to be ready for a moment: what it could not be asked is asked again. A
 * refused end of day did not happen.
 */
async function told(driver: PosDriver, ask: () => Promise<PosTotalsAnswer>): Promise<PosTotalsAnswer> {
  for (let tries = 0; ; tries += 1) {
    await untilReady(driver);
    const answer = await ask();
    if (answer.kind !== 'failed' || tries === 20) return answer;
    await pause(200);
  }
}
