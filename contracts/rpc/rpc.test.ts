import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fail, ok, type Result } from '../result.ts';
import type { Channel } from './channel.ts';
import { connect, reconnecting } from './client.ts';
import { call, stream, topic, type CancelSignal, type Contract, type Handlers } from './definition.ts';
import { createHost, serve, type Fault, type ServeOptions } from './host.ts';
import { memoryChannelPair } from './memory-channel.ts';

const contract = {
  double: call('Doubles', {
    input: z.object({ n: z.int().max(1000) }),
    output: z.object({ n: z.int() }),
    errors: ['amountTooBig'],
  }),
  secret: call('Takes a password', {
    input: z.object({ password: z.string().min(8) }),
    output: z.object({}),
    errors: [],
  }),
  count: stream('Counts up', {
    input: z.object({ to: z.int() }),
    progress: z.object({ at: z.int() }),
    output: z.object({ reached: z.int() }),
    errors: [],
  }),
  level: topic('A level', z.object({ level: z.int() })),
} as const satisfies Contract;
type Example = typeof contract;

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

function source(initial: number): {
  set(level: number): void;
  handler: Handlers<Example>['level'];
  watchers: number;
} {
  const listeners = new Set<(state: { level: number }) => void>();
  let level = initial;
  return {
    set(next) {
      level = next;
      for (const listener of listeners) listener({ level });
    },
    get watchers() {
      return listeners.size;
    },
    handler: {
      current: () => ({ level }),
      subscribe: (changed) => {
        listeners.add(changed);
        return () => void listeners.delete(changed);
      },
    },
  };
}

function example(overrides: Partial<Handlers<Example>> = {}): {
  handlers: Handlers<Example>;
  faults: Fault[];
  options: ServeOptions;
} {
  const faults: Fault[] = [];
  return {
    faults,
    options: { onFault: (fault) => `F${faults.push(fault)}` },
    handlers: {
      double: async ({ n }) => (n > 500 ? fail('amountTooBig', { max: 500 }) : ok({ n: 2 * n })),
      secret: async () => ok({}),
      count: async ({ to }, progress) => {
        for (let at = 1; at <= to; at += 1) progress({ at });
        return ok({ reached: to });
      },
      level: source(1).handler,
      ...overrides,
    },
  };
}

function line(overrides: Partial<Handlers<Example>> = {}, options: Partial<ServeOptions> = {}) {
  const { handlers, faults, options: standard } = example(overrides);
  const [near, far] = memoryChannelPair();
  serve(contract, handlers, far, { ...standard, ...options });
  return { client: connect(contract, near), near, far, faults };
}

/** A channel end driven by hand: what the host sends is kept, what the test says is received. */
function rawEnd(channel: Channel): { sent: unknown[]; send(frame: unknown): void } {
  const sent: unknown[] = [];
  channel.onFrame((frame) => sent.push(frame));
  // Hostile frames are no Frame: the cast is the attack.
  return { sent, send: (frame) => channel.send(frame as never) };
}

test('a call answers with its value, or with the failure its handler gave', async () => {
  const { client } = line();
  expect(await client.double({ n: 21 })).toEqual(ok({ n: 42 }));
  expect(await client.double({ n: 501 })).toEqual(fail('amountTooBig', { max: 500 }));
});

test('input against the schema is refused with a short reason that does not repeat the value', async () => {
  const { client, faults } = line();
  const refused = await client.secret({ password: 'geheim' });
  expect(refused).toEqual({
    ok: false,
    error: { code: 'inputInvalid', detail: { reason: expect.stringContaining('password') } },
  });
  expect(JSON.stringify(refused)).not.toContain('geheim');
  expect(faults).toEqual([]);
});

test.each(['nothing', 'constructor', '__proto__', 'toString', 'level'])(
  'calling %s is methodUnknown',
  async (method) => {
    const { near } = line();
    const raw = rawEnd(near);
    raw.send({ kind: 'call', id: 1, method, input: {} });
    await settle();
    expect(raw.sent).toEqual([
      { kind: 'refusal', id: 1, ok: false, error: { code: 'methodUnknown', detail: { method } } },
    ]);
  },
);

test('watching what is no topic is methodUnknown', async () => {
  const { near } = line();
  const raw = rawEnd(near);
  raw.send({ kind: 'watch', id: 1, method: 'double', after: 0 });
  await settle();
  expect(raw.sent).toMatchObject([{ kind: 'refusal', error: { code: 'methodUnknown' } }]);
});

test('a throw and an output against the contract are faults with a reference, and the host lives on', async () => {
  const boom = new Error('boom');
  let turn = 0;
  const { client, faults } = line({
    double: async ({ n }) => {
      turn += 1;
      if (turn === 1) throw boom;
      return ok({ n: turn === 2 ? 0.5 : n });
    },
  });
  expect(await client.double({ n: 1 })).toEqual(fail('internalFault', { reference: 'F1' }));
  expect(await client.double({ n: 1 })).toEqual(fail('internalFault', { reference: 'F2' }));
  expect(await client.double({ n: 1 })).toEqual(ok({ n: 1 }));
  expect(faults.map((f) => f.method)).toEqual(['double', 'double']);
  expect(faults[0]?.error).toBe(boom);
});

test('what an output holds beyond the contract does not leave the host', async () => {
  const more = { n: 2, secret: 'x' };
  const { near } = line({ double: async () => ok(more) });
  const raw = rawEnd(near);
  raw.send({ kind: 'call', id: 1, method: 'double', input: { n: 1 } });
  await settle();
  expect(raw.sent).toEqual([{ kind: 'answer', id: 1, ok: true, value: { n: 2 } }]);
});

test('a stream tells of its progress in order, then ends', async () => {
  const { client } = line();
  const seen: number[] = [];
  const { result } = client.count({ to: 3 }, ({ at }) => seen.push(at));
  expect(await result).toEqual(ok({ reached: 3 }));
  expect(seen).toEqual([1, 2, 3]);
});

test('cancel reaches a stream, also when the channel closes under it', async () => {
  for (const how of ['cancel', 'close'] as const) {
    const signals: CancelSignal[] = [];
    const { client, near } = line({
      count: (_input, _progress, cancelled) =>
        new Promise<Result<{ reached: number }, never>>((done) => {
          signals.push(cancelled);
          cancelled.onCancel(() => done(ok({ reached: -1 })));
        }),
    });
    const counting = client.count({ to: 3 }, () => undefined);
    await settle();
    if (how === 'cancel') counting.cancel();
    else near.close();
    expect(await counting.result).toEqual(how === 'cancel' ? ok({ reached: -1 }) : fail('connectionLost'));
    await settle();
    expect(signals[0]?.cancelled).toBe(true);
  }
});

test('progress after the end is not sent', async () => {
  let late: (event: { at: number }) => void = () => undefined;
  const { client } = line({
    count: async (_input, progress) => {
      late = progress;
      return ok({ reached: 0 });
    },
  });
  const seen: number[] = [];
  await client.count({ to: 0 }, ({ at }) => seen.push(at)).result;
  late({ at: 9 });
  await settle();
  expect(seen).toEqual([]);
});

test('calls waiting when the channel closes answer connectionLost, and so does every later one', async () => {
  const { client, far } = line({ double: () => new Promise(() => undefined) });
  const waiting = client.double({ n: 1 });
  await settle();
  far.close();
  expect(await waiting).toEqual(fail('connectionLost'));
  expect(await client.double({ n: 1 })).toEqual(fail('connectionLost'));
});

test('open calls are bounded; one that ends makes room', async () => {
  const release: (() => void)[] = [];
  const { client } = line(
    { double: ({ n }) => new Promise((done) => release.push(() => done(ok({ n })))) },
    { maxOpen: 2 },
  );
  const first = client.double({ n: 1 });
  void client.double({ n: 2 });
  expect(await client.double({ n: 3 })).toEqual(fail('tooManyRequests', { seconds: 1 }));
  release[0]?.();
  expect(await first).toEqual(ok({ n: 1 }));
  const fourth = client.double({ n: 4 });
  await settle();
  release[2]?.();
  expect(await fourth).toEqual(ok({ n: 4 }));
});

test('a call cannot be made to look finished by unwatch, and a frame delivered twice runs once', async () => {
  let runs = 0;
  const double = (): Promise<never> => {
    runs += 1;
    return new Promise(() => undefined);
  };
  const { near } = line({ double }, { maxOpen: 1 });
  const raw = rawEnd(near);
  raw.send({ kind: 'call', id: 1, method: 'double', input: { n: 1 } });
  raw.send({ kind: 'call', id: 1, method: 'double', input: { n: 1 } });
  raw.send({ kind: 'unwatch', id: 1 });
  raw.send({ kind: 'cancel', id: 1 });
  raw.send({ kind: 'call', id: 2, method: 'double', input: { n: 1 } });
  await settle();
  expect(runs).toBe(1);
  expect(raw.sent).toMatchObject([{ kind: 'refusal', id: 2, error: { code: 'tooManyRequests' } }]);
});

test('a topic gives its state at once, then every change, until the watcher leaves', async () => {
  const level = source(7);
  const { client, far } = line({ level: level.handler });
  const seen: number[] = [];
  const leave = client.level((state) => seen.push(state.level));
  await settle();
  level.set(8);
  level.set(9);
  await settle();
  leave();
  await settle();
  level.set(10);
  await settle();
  expect(seen).toEqual([7, 8, 9]);
  far.close();
  await settle();
  expect(level.watchers).toBe(0);
});

test('a state against the contract is a fault and is shown to nobody', async () => {
  const level = source(1);
  const { client, faults } = line({ level: level.handler });
  const seen: number[] = [];
  client.level((state) => seen.push(state.level));
  await settle();
  level.set(0.5);
  level.set(2);
  await settle();
  expect(seen).toEqual([1, 2]);
  expect(faults).toHaveLength(1);
});

function reloadable(history = 4) {
  const level = source(0);
  const { handlers, options } = example({ level: level.handler });
  const host = createHost(contract, handlers, { ...options, history });
  const window = reconnecting(contract);
  const join = (): Channel => {
    const [near, far] = memoryChannelPair();
    host.attach(far);
    window.use(near);
    return near;
  };
  const seen: number[] = [];
  window.client.level((state) => seen.push(state.level));
  return { level, host, window, join, seen };
}

test('a window that comes back gets exactly the states it missed', async () => {
  const { level, window, join, seen } = reloadable();
  expect(window.connected()).toBe(false);
  expect(await window.client.double({ n: 1 })).toEqual(fail('connectionLost'));
  const first = join();
  await settle();
  level.set(1);
  await settle();
  first.close();
  await settle();
  level.set(2);
  level.set(3);
  join();
  await settle();
  level.set(4);
  await settle();
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(await window.client.double({ n: 1 })).toEqual(ok({ n: 2 }));
});

test('a window that missed more than is kept gets the latest state alone', async () => {
  const { level, join, seen } = reloadable(3);
  const first = join();
  await settle();
  first.close();
  await settle();
  for (let n = 1; n <= 9; n += 1) level.set(n);
  join();
  await settle();
  expect(seen).toEqual([0, 9]);
});

test('a host that was restarted counts anew, and its state still arrives', async () => {
  const { level, window, join, seen } = reloadable();
  join();
  await settle();
  level.set(1);
  level.set(2);
  await settle();
  const { handlers, options } = example({ level: source(100).handler });
  const [near, far] = memoryChannelPair();
  createHost(contract, handlers, options).attach(far);
  window.use(near);
  await settle();
  expect(seen).toEqual([0, 1, 2, 100]);
});

test('two windows watch one host side by side', async () => {
  const level = source(1);
  const { handlers, options } = example({ level: level.handler });
  const host = createHost(contract, handlers, options);
  const seen: number[][] = [[], []];
  for (const own of seen) {
    const [near, far] = memoryChannelPair();
    host.attach(far);
    connect(contract, near).level((state) => own.push(state.level));
  }
  await settle();
  level.set(2);
  await settle();
  expect(seen).toEqual([
    [1, 2],
    [1, 2],
  ]);
  host.stop();
  expect(level.watchers).toBe(0);
});

test('hostile frames: the host never throws, answers only well-formed refusals, and serves the next call', async () => {
  const hostile = fc.oneof(
    fc.anything(),
    fc.record(
      {
        kind: fc.oneof(
          fc.constantFrom('call', 'cancel', 'watch', 'unwatch', 'answer', 'state', 'progress'),
          fc.string(),
        ),
        id: fc.oneof(fc.nat(5), fc.double(), fc.string(), fc.constant(2 ** 53)),
        method: fc.oneof(
          fc.constantFrom('double', 'count', 'level', 'hasOwnProperty'),
          fc.string({ maxLength: 300 }),
        ),
        input: fc.anything(),
        after: fc.oneof(fc.integer(), fc.double()),
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 30 }), async (frames) => {
      const { handlers, options, faults } = example();
      const received: ((frame: unknown) => void)[] = [];
      const sent: { kind: string; id: number; error?: { code: string } }[] = [];
      const channel: Channel = {
        // Structured, not JSON: a MessagePort carries cycles, BigInts and Maps too.
        send: (frame) => sent.push(frame as never),
        onFrame: (receive) => received.push(receive),
        onClose: () => undefined,
        close: () => undefined,
      };
      serve(contract, handlers, channel, options);
      for (const frame of frames) received[0]?.(frame);
      received[0]?.({ kind: 'call', id: 999, method: 'double', input: { n: 4 } });
      await settle();
      expect(sent.find((frame) => frame.id === 999)).toEqual({
        kind: 'answer',
        id: 999,
        ok: true,
        value: { n: 8 },
      });
      for (const frame of sent) expect(['answer', 'refusal', 'progress', 'state']).toContain(frame.kind);
      expect(faults).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('hostile answers: the client never throws and never takes them for a value', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.anything(), { maxLength: 10 }), fc.anything(), async (frames, value) => {
      const [near, far] = memoryChannelPair();
      let receive: (frame: unknown) => void = () => undefined;
      const client = connect(contract, { ...near, onFrame: (take) => (receive = take) });
      far.onFrame(() => undefined);
      const asked = client.double({ n: 1 });
      for (const frame of frames) receive(frame);
      receive({ kind: 'state', id: 1, seq: 1, state: { level: 1 } });
      receive({ kind: 'answer', id: 1, ok: true, value });
      near.close();
      const answer = await asked;
      const genuine = contract.double.output.safeParse(value).success;
      expect(answer.ok).toBe(genuine);
    }),
    { numRuns: 300 },
  );
});
