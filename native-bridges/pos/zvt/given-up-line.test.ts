import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../simulator/simulator.ts';
import { attemptOf, journal, untilReady } from '../testing/bench.ts';
import { simulatorClock } from '../testing/steady-clock.ts';
import { createZvtDriver } from './driver.ts';
import { fastMachine } from './testing/fast-machine.ts';

const SPEED = 50;

test('an end of day that cannot be read is asked after at once, though the terminal still has the line we gave up', async () => {
  const simulator = await startSimulator({
    tcp: { port: 0 },
    speed: SPEED,
    clock: simulatorClock(),
    customer: { presentsAfterMs: 0, pinAfterMs: 0, takesCardAfterMs: 0 },
  });
  const settings = {
    kind: 'zvtTcp',
    host: '127.0.0.1',
    port: simulator.port ?? 0,
    password: '000000',
  } as const;
  const driver = createZvtDriver(settings, fastMachine(SPEED));
  onTestFinished(async () => {
    await driver.close();
    await simulator.stop();
  });
  driver.open();
  await untilReady(driver);
  expect((await driver.pay(await attemptOf(driver, 'sale', 700), journal().hold)).kind).toBe('confirmed');
  // The first statement is that of the transaction before, by which the driver makes sure that the terminal hears it.
  simulator.fault({
    direction: 'fromTerminal',
    message: 'statusInformation',
    nth: 2,
    at: { byte: 0 },
    what: { kind: 'corrupt' },
  });
  expect((await driver.endOfDay()).kind).toBe('unknown');
  expect(await driver.totals()).toMatchObject({ kind: 'totals', totals: { count: 0, sum: 0 } });
});
