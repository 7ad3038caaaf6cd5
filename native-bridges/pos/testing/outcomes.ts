import { expect, onTestFinished, test } from 'vitest';
import {
  attemptOf,
  journal,
  listen,
  pause,
  settled,
  standing,
  until,
  untilReady,
  type BenchCustomer,
} from './bench.ts';
import { benchOf, charge, finallyOf, type Conformance } from './stage.ts';

/** What becomes of money: every outcome that a driver tells is the bank’s. */
export function outcomes(setup: Conformance): void {
  const { faults, quickFaults } = setup;
  test('a sale is confirmed once, after the journal has it, and the bank has it once', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const book = journal();
    const attempt = await attemptOf(driver, 'sale', 12_345);
    const answer = await driver.pay(attempt, book.hold);
    expect(answer).toMatchObject({ kind: 'confirmed', result: { amount: 12_345, currency: 'AZN' } });
    expect(book.held.length).toBeGreaterThan(0);
    const calls = book.held.length;
    if (answer.kind === 'confirmed') expect(book.held.at(-1)?.result).toEqual(answer.result);
    expect(await standing(b, 'sale', 12_345)).toBe(1);
    await pause(50);
    expect(book.held).toHaveLength(calls);
    expect(await b.truth()).toHaveLength(1);
    expect(driver.health().state).toBe('ready');
  });

  test('nothing is said to be paid while the journal is still writing', async () => {
    const { driver } = await benchOf(setup);
    const steps: string[] = [];
    const attempt = await attemptOf(driver, 'sale', 777);
    const paid = driver
      .pay(attempt, async () => {
        await pause(60);
        steps.push('written');
        return true;
      })
      .then((answer) => steps.push(answer.kind));
    await paid;
    expect(steps.at(-1)).toBe('confirmed');
    expect(steps[0]).toBe('written');
  });

  test.each([false, 'throws'] as const)(
    'a journal that does not keep it (%s): never confirmed',
    async (fails) => {
      const { bench: b, driver } = await benchOf(setup);
      const attempt = await attemptOf(driver, 'sale', 4_200);
      const answer = await driver.pay(attempt, journal(fails).hold);
      expect(['declined', 'unknown']).toContain(answer.kind);
      const end = await finallyOf(driver, attempt, answer);
      expect(await standing(b, 'sale', 4_200)).toBe(end.made ? 1 : 0);
      if (driver.capabilities().holdsCommit) expect(end.made).toBe(false);
      if (end.result !== null) {
        const reversal = await attemptOf(driver, 'reversal', 4_200, end.result);
        expect(await driver.reverse(reversal, journal().hold)).toMatchObject({ kind: 'confirmed' });
      }
      expect(await standing(b, 'sale', 4_200)).toBe(0);
    },
  );

  test.each<[BenchCustomer, readonly string[]]>([
    ['isDeclined', ['declined', 'insufficientFunds']],
    ['cancels', ['cancelled']],
    ['neverComes', ['customerTimedOut', 'cancelled']],
  ])('a customer who %s is not charged, and the reason is said', async (does, reasons) => {
    const { bench: b, driver } = await benchOf(setup);
    b.customer(does);
    const book = journal();
    const answer = await driver.pay(await attemptOf(driver, 'sale', 990), book.hold);
    expect(answer.kind).toBe('declined');
    if (answer.kind === 'declined') expect(reasons).toContain(answer.reason.code);
    expect(book.held).toEqual([]);
    expect(await b.truth()).toEqual([]);
  });

  test('a payment is stopped while the customer has not come', async () => {
    const { bench: b, driver } = await benchOf(setup);
    b.customer('waits');
    const events = listen(driver);
    const attempt = await attemptOf(driver, 'sale', 1_500);
    const paying = driver.pay(attempt, journal().hold);
    await until('the terminal waits for a card', () => events.some(({ kind }) => kind === 'live'));
    expect(await driver.abort()).toBe('asked');
    const end = await finallyOf(driver, attempt, await paying);
    expect(end.made).toBe(false);
    expect(await b.truth()).toEqual([]);
    expect(await driver.abort()).toBe('idle');
  });

  test('stopping too late changes nothing about the truth', async () => {
    const { bench: b, driver } = await benchOf(setup);
    b.slowBank();
    const events = listen(driver);
    const attempt = await attemptOf(driver, 'sale', 1_600);
    const paying = driver.pay(attempt, journal().hold);
    await until('the bank is asked', () =>
      events.some((event) => event.kind === 'live' && event.code === 'waitingForHost'),
    );
    expect(await driver.abort()).not.toBe('idle');
    const end = await finallyOf(driver, attempt, await paying);
    expect(await standing(b, 'sale', 1_600)).toBe(end.made ? 1 : 0);
  });

  test.each(faults)(
    '%s in a sale: the outcome is the bank’s, and asking again says the same',
    async (fault) => {
      const { bench: b, driver } = await benchOf(setup);
      const attempt = await attemptOf(driver, 'sale', 3_300);
      b.fault(fault);
      const answer = await driver.pay(attempt, journal().hold);
      expect(answer.kind).not.toBe('notSent');
      const first = await settled(driver, attempt);
      const charged = await standing(b, 'sale', 3_300);
      expect(first.kind).toBe(charged === 1 ? 'charged' : 'notCharged');
      if (answer.kind === 'confirmed') expect(first.kind).toBe('charged');
      if (answer.kind === 'declined') expect(first.kind).toBe('notCharged');
      expect((await settled(driver, attempt)).kind).toBe(first.kind);
      if (first.kind === 'charged') expect(first.result.amount).toBe(3_300);
      expect(await standing(b, 'sale', 3_300)).toBe(charged);
      // The next customer is served as if nothing had been.
      await untilReady(driver);
      await charge(driver, 3_301);
      expect(await standing(b, 'sale', 3_301)).toBe(1);
    },
  );

  test.each(faults)('%s in a reversal: what is asked afterwards is so at the bank', async (fault) => {
    const { bench: b, driver } = await benchOf(setup);
    const original = await charge(driver, 2_200);
    const attempt = await attemptOf(driver, 'reversal', 2_200, original);
    b.fault(fault);
    const answer = await driver.reverse(attempt, journal().hold);
    const end = await finallyOf(driver, attempt, answer);
    expect(await standing(b, 'sale', 2_200)).toBe(end.made ? 0 : 1);
    if (!end.made) {
      // Nothing was done: a reversal of its own does it.
      const again = await attemptOf(driver, 'reversal', 2_200, original);
      expect((await finallyOf(driver, again, await driver.reverse(again, journal().hold))).made).toBe(true);
    }
    expect(await standing(b, 'sale', 2_200)).toBe(0);
  });

  test('a terminal that is put off and on amid a customer’s thinking', async () => {
    const { bench: b, driver } = await benchOf(setup);
    b.customer('waits');
    const events = listen(driver);
    const attempt = await attemptOf(driver, 'sale', 640);
    const paying = driver.pay(attempt, journal().hold);
    await until('the terminal waits for a card', () => events.some(({ kind }) => kind === 'live'));
    await b.restartTerminal();
    expect((await paying).kind).toBe('unknown');
    expect((await settled(driver, attempt)).kind).toBe('notCharged');
    expect(await standing(b, 'sale', 640)).toBe(0);
  });

  test('a till that starts anew finds out what became of the attempt it does not remember', async () => {
    const { bench: b, driver } = await benchOf(setup);
    b.slowBank();
    const events = listen(driver);
    const attempt = await attemptOf(driver, 'sale', 5_150);
    const book = journal();
    const paying = driver.pay(attempt, book.hold);
    await until('the bank is asked', () =>
      events.some((event) => event.kind === 'live' && event.code === 'waitingForHost'),
    );
    await driver.close();
    expect((await paying).kind).toBe('unknown');
    const next = b.connect();
    onTestFinished(() => next.close());
    next.open();
    const found = await settled(next, attempt);
    expect(found.kind).toBe((await standing(b, 'sale', 5_150)) === 1 ? 'charged' : 'notCharged');
    expect(book.held).toEqual([]);
  });

  test('asking for what was never sent makes no charge and finds none, though one of the same amount is there', async () => {
    const { bench: b, driver } = await benchOf(setup);
    await charge(driver, 900);
    const never = await attemptOf(driver, 'sale', 900);
    expect((await settled(driver, never)).kind).toBe('notCharged');
    expect(await b.truth()).toHaveLength(1);
  });

  test('the same attempt is not sent twice', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const attempt = await attemptOf(driver, 'sale', 1_010);
    expect((await driver.pay(attempt, journal().hold)).kind).toBe('confirmed');
    const again = await driver.pay(attempt, journal().hold);
    expect(['unknown', 'notSent']).toContain(again.kind);
    expect(await b.truth()).toHaveLength(1);
  });

  test('a charge is taken back once; taking it back again finds it done', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const original = await charge(driver, 8_008);
    const first = await attemptOf(driver, 'reversal', 8_008, original);
    const book = journal();
    expect((await driver.reverse(first, book.hold)).kind).toBe('confirmed');
    expect(book.held.length).toBeGreaterThan(0);
    expect(await standing(b, 'sale', 8_008)).toBe(0);
    const second = await attemptOf(driver, 'reversal', 8_008, original);
    const again = await driver.reverse(second, journal().hold);
    const done =
      again.kind === 'confirmed' || (again.kind === 'declined' && again.reason.code === 'alreadyReversed');
    expect(done, JSON.stringify(again)).toBe(true);
    expect(await b.truth()).toEqual([{ kind: 'sale', amount: 8_008, reversed: true }]);
  });

  test('a reversal without a name of its original is not sent', async () => {
    const { driver } = await benchOf(setup);
    const attempt = await attemptOf(driver, 'reversal', 100);
    expect((await driver.reverse(attempt, journal().hold)).kind).toBe('notSent');
  });

  test('after the end of day a reversal is made or refused, and the answer is the truth', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const original = await charge(driver, 6_060);
    expect(await driver.endOfDay()).toMatchObject({ kind: 'totals', totals: { count: 1, sum: 6_060 } });
    const attempt = await attemptOf(driver, 'reversal', 6_060, original);
    const answer = await driver.reverse(attempt, journal().hold);
    const end = await finallyOf(driver, attempt, answer);
    expect(await standing(b, 'sale', 6_060)).toBe(end.made ? 0 : 1);
    if (answer.kind === 'declined') expect(answer.reason.code).not.toBe('alreadyReversed');
  });

  test('a refund gives money back once, and its lost answer is found out like any other', async () => {
    const { bench: b, driver } = await benchOf(setup);
    const attempt = await attemptOf(driver, 'refund', 1_234);
    expect((await driver.refund(attempt, journal().hold)).kind).toBe('confirmed');
    expect(await b.truth()).toEqual([{ kind: 'refund', amount: 1_234, reversed: false }]);
    for (const [index, fault] of quickFaults.entries()) {
      const amount = 2_000 + index;
      const next = await attemptOf(driver, 'refund', amount);
      b.fault(fault);
      const end = await finallyOf(driver, next, await driver.refund(next, journal().hold));
      expect(await standing(b, 'refund', amount), fault).toBe(end.made ? 1 : 0);
      await untilReady(driver);
    }
  });
}
