import { expect, test } from 'vitest';
import type { Order } from '../core-host/orders.ts';
import { superviseCore, type CoreProcess } from './core-supervisor.ts';

class FakeProcess implements CoreProcess<string> {
  readonly orders = new Array<{ order: Order; ports: string[] }>();
  readonly messageListeners = new Array<(message: unknown) => void>();
  readonly exitListeners = new Array<(code: number) => void>();
  killed = false;
  postMessage(order: Order, ports: string[] = []): void {
    this.orders.push({ order, ports });
  }
  on(event: 'message' | 'exit', listener: ((message: unknown) => void) & ((code: number) => void)): void {
    (event === 'exit' ? this.exitListeners : this.messageListeners).push(listener);
  }
  kill(): boolean {
    this.killed = true;
    return true;
  }
  die(code = 1): void {
    for (const listener of this.exitListeners) listener(code);
  }
  say(message: unknown): void {
    for (const listener of this.messageListeners) listener(message);
  }
}

function setUp() {
  const started = new Array<FakeProcess>();
  const gaveUp = new Array<string | null>();
  const timers = new Array<{ run: () => void; off: boolean }>();
  let now = 0;
  const supervisor = superviseCore<string>({
    start: () => {
      const one = new FakeProcess();
      started.push(one);
      return one;
    },
    monotonicMs: () => now,
    after: (_delayMs, run) => {
      const timer = { run, off: false };
      timers.push(timer);
      return () => (timer.off = true);
    },
    log: () => undefined,
    gaveUp: (text) => gaveUp.push(text),
  });
  const last = (): FakeProcess => {
    const one = started.at(-1);
    if (!one) throw new Error('nothing was started');
    return one;
  };
  return { supervisor, started, gaveUp, timers, last, passMs: (ms: number) => (now += ms) };
}

test('a window’s port goes to the core host that runs now', () => {
  const { supervisor, started, last } = setUp();
  supervisor.give('first');
  last().die();
  supervisor.give('second');
  expect(started.map((one) => one.orders)).toEqual([
    [{ order: { kind: 'attach' }, ports: ['first'] }],
    [{ order: { kind: 'attach' }, ports: ['second'] }],
  ]);
});

test('it is started again three times, then the workstation stops in words', () => {
  const { started, gaveUp, last } = setUp();
  for (let n = 0; n < 4; n += 1) last().die(139);
  expect(started).toHaveLength(4);
  expect(gaveUp).toEqual([null]);
});

test('a death now and then is forgiven', () => {
  const { started, gaveUp, last, passMs } = setUp();
  for (let n = 0; n < 20; n += 1) {
    last().die();
    passMs(4 * 60_000);
  }
  expect(started).toHaveLength(21);
  expect(gaveUp).toEqual([]);
});

test('a core host that says it cannot work here is believed at once', () => {
  const { started, gaveUp, last } = setUp();
  last().say({ kind: 'refused', text: 'the journal is held by process 77' });
  last().die(3);
  expect(started).toHaveLength(1);
  expect(gaveUp).toEqual(['the journal is held by process 77']);
});

test('what is no report is not believed', () => {
  const { started, gaveUp, last } = setUp();
  for (const message of [null, 'refused', { kind: 'refused' }, { kind: 'refused', text: 7 }])
    last().say(message);
  last().die();
  expect(started).toHaveLength(2);
  expect(gaveUp).toEqual([]);
});

test('stopping asks, waits, and does not start another', async () => {
  const { supervisor, started, gaveUp, timers, last } = setUp();
  const stopping = supervisor.stop();
  expect(last().orders).toEqual([{ order: { kind: 'stop' }, ports: [] }]);
  last().die(0);
  await stopping;
  expect(started).toHaveLength(1);
  expect(gaveUp).toEqual([]);
  expect(timers.map((timer) => timer.off)).toEqual([true]);
});

test('one that does not stop is killed', async () => {
  const { supervisor, timers, last } = setUp();
  const stopping = supervisor.stop();
  timers[0]?.run();
  expect(last().killed).toBe(true);
  last().die(137);
  await stopping;
});
