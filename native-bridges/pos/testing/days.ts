import { expect, test } from 'vitest';
import type { PosCheck } from '../../../contracts/pos.ts';
import { attemptOf, awayAndBack, journal, listen, pause, settled, until, untilReady } from './bench.ts';
import { benchOf, charge, finallyOf, type Conformance } from './stage.ts';

/** A terminal’s days, its going and coming, and what must not get past its driver. */
export function days(setup: Conformance): void {
  const { quickFaults } = setup;
  test('totals are what the bank has, and an end of day begins anew', async () => {
    const { driver } = await benchOf(setup);
    expect(await driver.totals()).toMatchObject({ kind: 'totals', totals: { count: 0, sum: 0 } });
    await charge(driver, 1_001);
    const original = await charge(driver, 2_002);
    await charge(driver, 3_003);
    const reversal = await attemptOf(driver, 'reversal', 2_002, original);
    expect((await driver.reverse(reversal, journal().hold)).kind).toBe('confirmed');
    const two = { kind: 'totals', totals: { count: 2, sum: 4_004 } };
    expect(await driver.totals()).toMatchObject(two);
    expect(await driver.endOfDay()).toMatchObject(two);
    const after = await driver.totals();
    expect(after).toMatchObject({ kind: 'totals', totals: { count: 0, sum: 0 } });
    // Whoever can tell of the day that was closed tells of this one, until something comes after it.
    if (after.kind === 'totals' && after.closedBefore) expect(after.closedBefore).toEqual(two.totals);
    await charge(driver, 4_004);
    expect(await driver.totals()).toEqual(expect.not.objectContaining({ closedBefore: expect.anything() }));
  });

  test('the papers of the last transaction come again', async () => {
    const { driver } = await benchOf(setup);
    expect((await driver.reprint()).kind).toBe('failed');
    await charge(driver, 1_101);
    const again = await driver.reprint();
    expect(again.kind).toBe('receipts');
    if (again.kind === 'receipts') {
      expect(again.receipts.customer.length + again.receipts.merchant.length).toBeGreaterThan(0);
    }
  });

  test('a terminal that goes is away, comes back by itself, and nothing is sent meanwhile', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const attempt = await attemptOf(driver, 'sale', 300);
    const states: string[] = [];
    driver.watch((event) => {
      if (event.kind === 'health') states.push(event.health.state);
    });
    await b.power(false);
    await until('the terminal is away', () => driver.health().state === 'away');
    expect(driver.health().reason).not.toBeNull();
    const book = journal();
    expect((await driver.pay(attempt, book.hold)).kind).toBe('notSent');
    expect((await driver.totals()).kind).toBe('failed');
    expect(book.held).toEqual([]);
    expect(await b.truth()).toEqual([]);
    await b.power(true);
    await untilReady(driver);
    expect(states[0]).toBe('away');
    expect(states.at(-1)).toBe('ready');
    await awayAndBack(driver, b.cutLine);
    expect((await driver.pay(attempt, book.hold)).kind).toBe('confirmed');
  });

  test('a driver that was never opened sends nothing', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const attempt = await attemptOf(driver, 'sale', 301);
    await driver.close();
    const idle = b.connect();
    expect((await idle.pay(attempt, journal().hold)).kind).toBe('notSent');
    expect((await idle.resolve(attempt)).kind).toBe('stillUnknown');
    expect(await b.truth()).toEqual([]);
  });

  test('while something is under way it is said to be busy', async () => {
    const { bench: b, driver } = await benchOf(setup);
    b.customer('waits');
    const events = listen(driver);
    const attempt = await attemptOf(driver, 'sale', 410);
    const paying = driver.pay(attempt, journal().hold);
    await until('the terminal waits for a card', () => events.some(({ kind }) => kind === 'live'));
    expect(driver.health().state).toBe('busy');
    await driver.abort();
    await finallyOf(driver, attempt, await paying);
    await untilReady(driver);
    expect(await b.truth()).toEqual([]);
  });

  test('no card number gets past the driver', async () => {
    const { bench: b, driver, machine } = await benchOf(setup);
    const events = listen(driver);
    const said: unknown[] = [];
    const book = journal();
    const attempt = await attemptOf(driver, 'sale', 7_070);
    const answer = await driver.pay(attempt, book.hold);
    said.push(answer, await driver.resolve(attempt), await driver.reprint());
    if (answer.kind === 'confirmed') {
      const reversal = await attemptOf(driver, 'reversal', 7_070, answer.result);
      said.push(await driver.reverse(reversal, book.hold), await driver.resolve(reversal));
    }
    for (const fault of quickFaults) {
      const next = await attemptOf(driver, 'sale', 7_071);
      b.fault(fault);
      said.push(await driver.pay(next, book.hold), await settled(driver, next));
      await untilReady(driver);
    }
    said.push(await driver.endOfDay(), events, book.held, machine.logged);
    const frames = events.flatMap((event) => (event.kind === 'frame' ? [event.hex] : []));
    const inClear = frames.map((hex) => Buffer.from(hex, 'hex').toString('latin1'));
    const everything = [JSON.stringify(said), ...frames, ...inClear].join('\n').replace(/[ -]/g, '');
    expect(frames.length).toBeGreaterThan(0);
    expect(b.pan.length).toBeGreaterThanOrEqual(13);
    expect(everything.includes(b.pan)).toBe(false);
    expect(everything.includes(b.pan.slice(0, -4))).toBe(false);
    expect(everything.includes(b.pan.slice(6))).toBe(false);
  });

  test('closed, it leaves no line, no timer and no word behind', async () => {
    const { bench: b, driver, machine } = await benchOf(setup);
    await charge(driver, 510);
    b.customer('waits');
    const events = listen(driver);
    const attempt = await attemptOf(driver, 'sale', 520);
    const paying = driver.pay(attempt, journal().hold);
    await until('the terminal waits for a card', () => events.some(({ kind }) => kind === 'live'));
    await driver.close();
    expect((await paying).kind).toBe('unknown');
    await until('every line is down', () => (b.lines?.() ?? 0) === 0);
    expect(machine.timers()).toBe(0);
    const heard = events.length;
    await pause(100);
    expect(events).toHaveLength(heard);
    expect(b.lines?.() ?? 0).toBe(0);
    expect(machine.timers()).toBe(0);
  });

  test('the check finds a terminal that works to be right, and says one that is gone', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const found: PosCheck[] = [];
    await driver.check((check) => found.push(check));
    expect(found.map(({ what }) => what)).toContain('connection');
    expect(found.filter(({ state }) => state === 'wrong')).toEqual([]);
    await b.power(false);
    await until('the terminal is away', () => driver.health().state === 'away');
    found.length = 0;
    await driver.check((check) => found.push(check));
    expect(found).toContainEqual(expect.objectContaining({ what: 'connection', state: 'wrong' }));
  });
}
