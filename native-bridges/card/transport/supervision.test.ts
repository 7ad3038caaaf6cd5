import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { StartCardProcess } from './card-process.ts';
import type { CardAnswer, CardRequest } from './messages.ts';
import type { CardConnection, CardResult } from './port.ts';
import { createCardTransport } from './transport.ts';

const READER = 'ACS ACR39U 0';
const COMMAND = Uint8Array.of(0x80, 0x42, 0, 0);
const OTHER = Uint8Array.of(0x80, 0x50, 0, 0);

/** A card process that does nothing by itself. */
type Scripted = {
  readonly asked: CardRequest[];
  killed: boolean;
  answer(request: CardRequest | undefined, answer?: Partial<CardAnswer>): void;
  speak(): void;
  end(how: string): void;
};

function scripted() {
  const processes: Scripted[] = [];
  const start: StartCardProcess = (heard, ended) => {
    const process: Scripted = {
      asked: [],
      killed: false,
      answer: (request, answer) =>
        heard({
          kind: 'answer',
          answer: {
            no: request?.no ?? 0,
            ok: true,
            bytes: Uint8Array.of(0x90, 0),
            protocol: 'T=1',
            ...answer,
          } as CardAnswer,
        }),
      speak: () => heard({ kind: 'sight', sight: { state: 'running', session: 1, readers: [] } }),
      end: (how) => ended(how),
    };
    processes.push(process);
    return {
      pid: processes.length,
      send: (request) => void process.asked.push(request),
      kill() {
        process.killed = true;
        queueMicrotask(() => ended('signal SIGKILL'));
      },
    };
  };
  const transport = createCardTransport({ nowMs: () => 0, log: () => undefined, start });
  onTestFinished(async () => {
    vi.useRealTimers();
    for (const process of processes) process.end('the test is over');
    await transport.dispose();
  });
  const process = (index: number): Scripted => {
    const one = processes[index];
    if (one === undefined) throw new Error(`no process ${index}`);
    return one;
  };
  return { transport, processes, process };
}

async function connected(stage: ReturnType<typeof scripted>, index = 0): Promise<CardConnection> {
  const connecting = stage.transport.connect(READER, { exclusive: true });
  await settled();
  stage.process(index).answer(stage.process(index).asked.at(-1));
  const result = await connecting;
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** What can go on without time passing has gone on. */
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** What became of it so far. */
function watched<T>(result: Promise<CardResult<T>>): { now(): CardResult<T> | undefined } {
  let settledTo: CardResult<T> | undefined;
  void result.then((one) => {
    settledTo = one;
  });
  return { now: () => settledTo };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('commands of one connection', () => {
  test('go out one after the other, and a deadline counts from a command’s turn', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const connection = await connected(stage);
    const { asked } = stage.process(0);
    const first = watched(connection.transmit(COMMAND, { deadlineMs: 10_000 }));
    const second = watched(connection.transmit(OTHER, { deadlineMs: 1000 }));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.map(({ command }) => command.kind)).toEqual(['connect', 'transmit']);
    stage.process(0).answer(asked.at(-1));
    await settled();
    expect(first.now()).toMatchObject({ ok: true });
    expect(asked.at(-1)?.command).toEqual({ kind: 'transmit', bytes: OTHER });
    await vi.advanceTimersByTimeAsync(999);
    stage.process(0).answer(asked.at(-1));
    await settled();
    expect(second.now()).toMatchObject({ ok: true });
    expect(stage.process(0).killed).toBe(false);
  });

  test('are sent as they were when they were given', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const connection = await connected(stage);
    const command = Uint8Array.from(COMMAND);
    void connection.transmit(OTHER, { deadlineMs: 1000 });
    void connection.transmit(command, { deadlineMs: 1000 });
    command.fill(0xff);
    await settled();
    stage.process(0).answer(stage.process(0).asked.at(-1));
    await settled();
    expect(stage.process(0).asked.at(-1)?.command).toEqual({ kind: 'transmit', bytes: COMMAND });
  });

  test('do not wait for those of another connection', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const one = await connected(stage);
    const other = await connected(stage);
    void one.transmit(COMMAND, { deadlineMs: 1000 });
    void other.transmit(OTHER, { deadlineMs: 1000 });
    await settled();
    expect(
      stage
        .process(0)
        .asked.slice(-2)
        .map(({ connection }) => connection),
    ).toEqual([1, 2]);
  });
});

describe('a deadline', () => {
  test('kills the process: this command and all others have failed, each as far as it may have gone', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const mute = await connected(stage);
    const writing = await connected(stage);
    const beginning = await connected(stage);
    const results = [
      watched(mute.transmit(COMMAND, { deadlineMs: 1000 })),
      watched(writing.transmit(COMMAND, { deadlineMs: 60_000 })),
      watched(beginning.begin({ deadlineMs: 60_000 })),
    ];
    await vi.advanceTimersByTimeAsync(1001);
    expect(stage.process(0).killed).toBe(true);
    expect(results.map((one) => one.now())).toMatchObject([
      { ok: false, error: { code: 'timeout', cardStateUnknown: true } },
      { ok: false, error: { code: 'processEnded', cardStateUnknown: true } },
      { ok: false, error: { code: 'processEnded', cardStateUnknown: false } },
    ]);
  });

  test('is not missed by an answer that lies in the channel when it passes', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const connection = await connected(stage);
    const result = watched(connection.transmit(COMMAND, { deadlineMs: 1000 }));
    await settled();
    // We were busy: the timer is seen first, then the answer that came in time.
    vi.advanceTimersByTime(1000);
    stage.process(0).answer(stage.process(0).asked.at(-1));
    await vi.advanceTimersByTimeAsync(1000);
    expect(result.now()).toMatchObject({ ok: true });
    expect(stage.process(0).killed).toBe(false);
  });

  test('that passed is not undone by an answer after it', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const connection = await connected(stage);
    const result = watched(connection.transmit(COMMAND, { deadlineMs: 1000 }));
    await vi.advanceTimersByTimeAsync(1001);
    stage.process(0).answer(stage.process(0).asked.at(-1));
    stage.process(0).speak();
    await settled();
    expect(result.now()).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(await connection.transmit(COMMAND, { deadlineMs: 1000 })).toMatchObject({
      ok: false,
      error: { code: 'timeout', cardStateUnknown: false },
    });
  });
});

describe('the card process', () => {
  test('is begun again after pauses that grow, and soon again once one was sound', async () => {
    const stage = scripted();
    for (const [index, pause] of [100, 200, 400, 800, 1600, 3200, 5000, 5000].entries()) {
      stage.process(index).end('code 1');
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(stage.processes).toHaveLength(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(stage.processes).toHaveLength(index + 2);
    }
    await vi.advanceTimersByTimeAsync(11_000);
    stage.process(8).end('signal SIGSEGV');
    await vi.advanceTimersByTimeAsync(100);
    expect(stage.processes).toHaveLength(10);
  });

  test('that has not spoken yet is waited for by whoever wants a card', async () => {
    const stage = scripted();
    const connecting = watched(stage.transport.connect(READER, { exclusive: true }));
    await vi.advanceTimersByTimeAsync(1000);
    expect(stage.process(0).asked).toEqual([]);
    stage.process(0).end('code 1');
    await vi.advanceTimersByTimeAsync(100);
    stage.process(1).speak();
    await settled();
    stage.process(1).answer(stage.process(1).asked[0]);
    await settled();
    expect(connecting.now()).toMatchObject({ ok: true });
  });

  test('that never comes is told at the deadline', async () => {
    const stage = scripted();
    const connecting = watched(stage.transport.connect(READER, { exclusive: true, deadlineMs: 3000 }));
    await vi.advanceTimersByTimeAsync(3000);
    expect(connecting.now()).toMatchObject({
      ok: false,
      error: { code: 'processEnded', cardStateUnknown: false },
    });
  });

  test('gets a card back that is closed twice only once', async () => {
    const stage = scripted();
    stage.process(0).speak();
    const connection = await connected(stage);
    const closing = Promise.all([connection.close('unpower'), connection.close('reset')]);
    await settled();
    stage.process(0).answer(stage.process(0).asked.at(-1));
    await closing;
    expect(stage.process(0).asked.map(({ command }) => command.kind)).toEqual(['connect', 'close']);
    await connection.close('leave');
    expect(stage.process(0).asked).toHaveLength(2);
  });
});

test('a held card is asked for again until the wish runs out', async () => {
  const stage = scripted();
  stage.process(0).speak();
  const held = { ok: false, error: { code: 'sharing', cardStateUnknown: false, detail: 'x' } } as const;
  const connecting = watched(stage.transport.connect(READER, { exclusive: true, waitForOthersMs: 350 }));
  for (let round = 0; round < 5; round += 1) {
    await settled();
    stage.process(0).answer(stage.process(0).asked.at(-1), held);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(connecting.now()).toMatchObject(held);
  expect(stage.process(0).asked).toHaveLength(5);
});
