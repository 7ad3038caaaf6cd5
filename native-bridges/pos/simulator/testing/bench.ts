import { afterEach } from 'vitest';
import { simulatorClock } from '../../testing/steady-clock.ts';
import type { EcrCommand, Message } from '../../zvt/message.ts';
import type { CustomerWish } from '../customer.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator.ts';
import { register, tcpTill, YES, type Till } from './till.ts';

/** A terminal on TCP and a till that knows nothing but bytes, closed after each test. */

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Forty times faster than life, and patient: its T3 of 125 ms does not elapse while the till is kept from running. */
export async function start(options: Omit<SimulatorOptions, 'tcp'> = {}): Promise<Simulator> {
  const simulator = await startSimulator({
    tcp: { port: 0 },
    speed: 40,
    clock: simulatorClock(),
    customer: QUICK,
    ...options,
  });
  open.push(() => simulator.stop());
  return simulator;
}
export async function connect(simulator: Simulator): Promise<Till> {
  const till = await tcpTill(simulator.port ?? 0);
  open.push(() => till.close());
  return till;
}
export async function both(options: Omit<SimulatorOptions, 'tcp'> = {}): Promise<readonly [Simulator, Till]> {
  const simulator = await start(options);
  const till = await connect(simulator);
  await register(till);
  return [simulator, till];
}

export const QUICK: CustomerWish = { presentsAfterMs: 10, pinAfterMs: 10, takesCardAfterMs: 10, hostMs: 10 };
export const PAY = { name: 'authorisation', amount: 1010, currency: 944 } as const satisfies EcrCommand;
export const PASSWORD = '000000';

export const names = (said: readonly Message[]): string[] => said.map(({ name }) => name);
export const only = <N extends Message['name']>(
  said: readonly Message[],
  name: N,
): Extract<Message, { name: N }>[] =>
  said.filter((one): one is Extract<Message, { name: N }> => one.name === name);
export const statuses = (said: readonly Message[]): number[] =>
  only(said, 'intermediateStatus').map(({ status }) => status);

/** Speaks until something of a kind comes, saying yes to what comes before it. */
export async function until(till: Till, name: Message['name']): Promise<Message> {
  for (;;) {
    const message = await till.hear();
    if (message.name === name) return message;
    if (message.name !== 'positive') till.say(YES);
  }
}
export const settled = (simulator: Simulator, holds: () => boolean): Promise<void> =>
  new Promise((done) => {
    if (holds()) return done();
    const stop = simulator.watch(() => {
      if (!holds()) return;
      stop();
      done();
    });
  });
export const idle = (simulator: Simulator): Promise<void> =>
  settled(simulator, () => simulator.terminal().procedure === null);
