import { describe, expect, test } from 'vitest';
import type { CustomerWish } from './customer.ts';
import { both, connect, idle, only, PAY, QUICK, settled, statuses, until } from './testing/bench.ts';
import { complete, no, register, YES } from './testing/till.ts';

/** What a charge hangs on: the till’s yes, the line, the customer. */

describe('the yes', () => {
  test.each([
    ['04 0F', 'statusInformation'],
    ['a paper', 'printBlock'],
  ] as const)('no answer to %s: the line is closed and the charge taken back', async (_what, which) => {
    const [simulator, till] = await both();
    till.say(PAY);
    await until(till, which);
    expect(simulator.bank().charges).toHaveLength(1);
    await till.closed;
    await idle(simulator);
    expect(simulator.bank().charges).toHaveLength(0);
    expect(simulator.bank().entries.at(-1)).toMatchObject({ kind: 'reversal', why: 'auto' });
  });

  test.each([0x66, 0x9d, 0xcc])('84 %i to 04 0F: 04 FF 05, taken back, 06 1E', async (error) => {
    const [simulator, till] = await both();
    const said = await complete(till, PAY, (message) =>
      message.name === 'statusInformation' ? no(error) : YES,
    );
    expect(statuses(said).some((status) => status === 0x05 || status === 0x45)).toBe(true);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result: 0x6c });
    expect(simulator.bank().charges).toHaveLength(0);
  });

  test('84 CC to the second paper takes it back too; 84 00 is a yes', async () => {
    const [simulator, till] = await both();
    let papers = 0;
    await complete(till, PAY, ({ name }) => (name === 'printBlock' && (papers += 1) === 2 ? no(0xcc) : YES));
    expect(simulator.bank().charges).toHaveLength(0);
    await complete(till, PAY, () => no(0x00));
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a closed connection before the yes takes it back, after it not', async () => {
    const [simulator, till] = await both();
    till.say(PAY);
    await until(till, 'statusInformation');
    till.close();
    await settled(simulator, () => simulator.bank().entries.length === 2);
    expect(simulator.bank().charges).toHaveLength(0);
    await idle(simulator);
    const again = await connect(simulator);
    await register(again, { config: 0x9c });
    again.say(PAY);
    await until(again, 'statusInformation');
    again.say(YES);
    await settled(simulator, () => simulator.durable().memory.pending === null);
    again.close();
    await idle(simulator);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a closed connection before the host is asked stops it', async () => {
    const [simulator, till] = await both({ mode: 'hand' });
    till.say(PAY);
    await until(till, 'intermediateStatus');
    till.close();
    await idle(simulator);
    expect(simulator.bank().entries).toHaveLength(0);
  });

  test('a closed connection while the host is asked: the approval is taken back', async () => {
    const [simulator, till] = await both({ customer: { ...QUICK, hostMs: 4000 } });
    till.say(PAY);
    await until(till, 'intermediateStatus');
    till.say(YES);
    await settled(simulator, () => simulator.terminal().procedure?.phase === 'host');
    till.close();
    await settled(simulator, () => simulator.bank().entries.length === 2);
    expect(simulator.bank().charges).toHaveLength(0);
  });

  test('84 9C: asked again, at most 02 times', async () => {
    const [simulator, till] = await both();
    let asked = 0;
    const said = await complete(till, { ...PAY, maxStatusInfos: 3 }, (message) => {
      if (message.name !== 'statusInformation') return YES;
      asked += 1;
      return asked < 3 ? no(0x9c) : YES;
    });
    expect(only(said, 'statusInformation')).toHaveLength(3);
    expect(simulator.bank().charges).toHaveLength(1);
    const over = await complete(till, { ...PAY, maxStatusInfos: 2 }, ({ name }) =>
      name === 'statusInformation' ? no(0x9c) : YES,
    );
    expect(only(over, 'statusInformation')).toHaveLength(2);
    expect(over.at(-1)).toMatchObject({ name: 'aborted' });
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('84 9C: not for longer than 01 says', async () => {
    const [simulator, till] = await both();
    const said = await complete(till, { ...PAY, timeout: 5 }, ({ name }) =>
      name === 'statusInformation' ? no(0x9c) : YES,
    );
    // Every two seconds within five: the first and two more.
    expect(only(said, 'statusInformation').length).toBeLessThanOrEqual(3);
    expect(said.at(-1)).toMatchObject({ name: 'aborted' });
    expect(simulator.bank().charges).toHaveLength(0);
  });
});

describe('the customer', () => {
  test.each([
    ['declined by the host', { card: 'poor' }, { result: 51 }, 51],
    ['another host code', { hostCode: 5 }, { result: 5 }, 5],
  ] as const)('%s', async (_what, wish, status, result) => {
    const [simulator, till] = await both({ customer: { ...QUICK, ...wish } });
    const said = await complete(till, PAY);
    expect(only(said, 'statusInformation')).toMatchObject([status]);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result });
    expect(simulator.bank().entries).toHaveLength(0);
  });

  test.each([
    ['presses the red key', { breaksOff: { at: 'card', by: 'cancel' } }, 0x6c],
    ['presses the red key at the PIN', { breaksOff: { at: 'pin', by: 'cancel' } }, 0x6c],
    ['walks away', { breaksOff: { at: 'card', by: 'walkAway' } }, 0x6c],
    ['walks away at the PIN', { breaksOff: { at: 'pin', by: 'walkAway' } }, 0x6c],
    ['pulls the card at the PIN', { breaksOff: { at: 'pin', by: 'pull' } }, 0x66],
    ['does not know the PIN', { pins: ['wrong'] }, 0x4b],
    ['has an expired card', { card: 'expired' }, 0x78],
    ['has a broken card', { card: 'unreadable' }, 0x64],
    ['has a card of another kind', { card: 'foreign' }, 0x7a],
  ] as const)('%s: 06 1E and no charge', async (_what, wish, result) => {
    const [simulator, till] = await both({ customer: { ...QUICK, ...wish } as CustomerWish });
    const said = await complete(till, PAY);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result });
    expect(simulator.bank().entries).toHaveLength(0);
  });

  test('pulls the card while the host is asked: approved there, taken back at once', async () => {
    const wish: CustomerWish = { ...QUICK, hostMs: 8000, breaksOff: { at: 'host', by: 'pull' } };
    const [simulator, till] = await both({ customer: wish });
    const said = await complete(till, PAY);
    expect(said.at(-1)).toMatchObject({ name: 'aborted', result: 0x66 });
    expect(simulator.bank().entries).toHaveLength(2);
    expect(simulator.bank().charges).toHaveLength(0);
  });

  test('a wrong PIN, then the right one', async () => {
    const [simulator, till] = await both({ customer: { ...QUICK, pins: ['wrong', 'right'] } });
    expect(statuses(await complete(till, PAY))).toContain(0x15);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('a wrong PIN that the host finds: two 04 0F, the last one counts', async () => {
    const [simulator, till] = await both({
      terms: { pinAt: 'host' },
      customer: { ...QUICK, pins: ['wrong', 'right'] },
    });
    const said = await complete(till, PAY);
    expect(only(said, 'statusInformation').map(({ result }) => result)).toEqual([0x37, 0]);
    expect(simulator.bank().charges).toHaveLength(1);
  });

  test('leaves the card: the payment ends all the same, the terminal says DC and refuses the next', async () => {
    const [simulator, till] = await both({ customer: { ...QUICK, takesCardAfterMs: null } });
    await complete(till, PAY);
    const said = await complete(till, { name: 'statusEnquiry' });
    expect(said.at(-1)).toMatchObject({ terminalStatus: 0xdc });
    till.say(PAY);
    expect(await till.hear()).toMatchObject({ name: 'negative', error: 0xdc });
    simulator.act({ act: 'pull' });
    expect((await complete(till, { name: 'statusEnquiry' })).at(-1)).toMatchObject({ terminalStatus: 0 });
  });

  test('a tap below 100.00 is asked for no PIN, above it is', async () => {
    const [, till] = await both({ customer: { ...QUICK, how: 'tap' } });
    expect(statuses(await complete(till, { ...PAY, amount: 9999 }))).not.toContain(0x02);
    expect(statuses(await complete(till, { ...PAY, amount: 10_000 }))).toContain(0x02);
  });
});
