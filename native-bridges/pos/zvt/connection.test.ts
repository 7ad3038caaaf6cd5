import { describe, expect, test } from 'vitest';
import { posReason } from '../../../contracts/pos-reasons.ts';
import type { PosHealth } from '../../../core/ports/pos.ts';
import { IDLE_ASK_MS, isReady, keepConnected, LONGEST_PAUSE_MS } from './connection.ts';
import { testClock } from './testing/clock.ts';
import { said } from './testing/scripted-terminal.ts';
import { bytesOf, hexOf, testWire, type Wire } from './testing/wire.ts';
import type { TransportEvents } from './transport/transport.ts';

/** A connection over a line made of data, in time that only the test moves. */
function setUp(answers: (apdu: string) => readonly string[] | undefined, opens: () => boolean = () => true) {
  const clock = testClock();
  const healths: string[] = [];
  const heard: string[] = [];
  const openings: number[] = [];
  let line: { wire: Wire; events: TransportEvents } | null = null;
  const connection = keepConnected(
    {
      framed: false,
      password: '000000',
      open: (events) => {
        openings.push(clock.monotonicMs());
        if (!opens()) return Promise.resolve({ kind: 'failed', reason: posReason('portAbsent') });
        const wire = testWire();
        line = { wire, events };
        const write = wire.write.bind(wire);
        let queue: string[] = [];
        const say = (): void => {
          const next = queue.shift();
          if (next === undefined) return;
          events.data(bytesOf(next));
          if (next === said.yes) say();
        };
        const transport = Object.create(wire, {
          write: {
            value: (bytes: Uint8Array) => {
              const apdu = hexOf(bytes);
              heard.push(apdu);
              const says = answers(apdu);
              if (says !== undefined) queue = [...says];
              void Promise.resolve().then(say);
              return write(bytes);
            },
          },
        }) as Wire;
        return Promise.resolve({ kind: 'open', transport });
      },
    },
    clock,
    {
      health: ({ state, reason }: PosHealth) =>
        void healths.push(reason === null ? state : `${state} ${reason.code}`),
      live: () => undefined,
      frame: () => undefined,
      beside: () => undefined,
      storedBefore: () => null,
    },
  );
  return {
    clock,
    connection,
    healths,
    heard,
    openings,
    breakLine: () => {
      line?.wire.break();
      line?.events.closed(posReason('lineLost'));
    },
  };
}

const wellBehaved = (apdu: string): readonly string[] | undefined => {
  if (apdu.startsWith('0600')) return [said.yes, said.registered];
  return apdu.startsWith('0501') ? [said.yes, said.state('00')] : undefined;
};

describe('coming back', () => {
  test('pauses grow from one second to half a minute', async () => {
    const { clock, connection, openings } = setUp(wellBehaved, () => false);
    connection.start();
    await clock.advance(150_000);
    const pauses = openings.map((at, index) => (at - (openings[index - 1] ?? at)) / 1000).slice(1);
    expect(pauses.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(connection.health()).toMatchObject({ state: 'away', reason: { code: 'portAbsent' } });
    await connection.stop();
  });

  test('after a good registration they begin anew', async () => {
    let plugged = false;
    const { clock, connection, openings, breakLine, healths } = setUp(wellBehaved, () => plugged);
    connection.start();
    await clock.advance(60_000);
    plugged = true;
    await clock.advance(LONGEST_PAUSE_MS);
    expect(connection.health().state).toBe('ready');
    const before = openings.length;
    breakLine();
    expect(connection.health()).toMatchObject({ state: 'away', reason: { code: 'lineLost' } });
    await clock.advance(1000);
    expect(openings).toHaveLength(before + 1);
    expect(connection.health().state).toBe('ready');
    expect(healths.slice(-3)).toEqual(['away lineLost', 'connecting lineLost', 'ready']);
    await connection.stop();
  });

  test('who cannot wait connects at once; who can is told why not', async () => {
    let plugged = false;
    const { clock, connection } = setUp(wellBehaved, () => plugged);
    connection.start();
    await clock.advance(40_000);
    plugged = true;
    const patient = connection.inLine(false, (ready) =>
      Promise.resolve(isReady(ready) ? 'ready' : ready.code),
    );
    await clock.settle();
    expect(await patient).toBe('portAbsent');
    const eager = connection.inLine(true, (ready) => Promise.resolve(isReady(ready)));
    await clock.settle();
    expect(await eager).toBe(true);
    await connection.stop();
  });

  test('stopped, it does not come back, and no timer is left', async () => {
    const { clock, connection, openings } = setUp(wellBehaved);
    connection.start();
    await clock.advance(100);
    expect(connection.health().state).toBe('ready');
    await connection.stop();
    expect(clock.timers()).toBe(0);
    await clock.advance(100_000);
    expect(openings).toHaveLength(1);
    expect(connection.health()).toMatchObject({ state: 'away', reason: { code: 'stopped' } });
  });
});

describe('a terminal that nobody uses', () => {
  test('is asked now and then how it is', async () => {
    let status = '00';
    const { clock, connection, heard, healths } = setUp((apdu) =>
      apdu.startsWith('0501') ? [said.yes, said.state(status)] : wellBehaved(apdu),
    );
    connection.start();
    await clock.advance(100);
    const asks = (): number => heard.filter((apdu) => apdu.startsWith('0501')).length;
    const before = asks();
    status = 'f0';
    await clock.advance(IDLE_ASK_MS);
    expect(asks()).toBe(before + 1);
    expect(healths.at(-1)).toBe('ready endOfDayOpen');
    await connection.stop();
  });

  test('that does not answer any more is away, though its line says nothing', async () => {
    let dead = false;
    const { clock, connection, healths } = setUp((apdu) => (dead ? undefined : wellBehaved(apdu)));
    connection.start();
    await clock.advance(100);
    dead = true;
    await clock.advance(IDLE_ASK_MS + 5000);
    expect(healths).toContain('away silent');
    dead = false;
    await clock.advance(30_000);
    expect(connection.health().state).toBe('ready');
    await connection.stop();
  });
});

test('one piece of work after the other, also when one fails', async () => {
  const { clock, connection } = setUp(wellBehaved);
  connection.start();
  await clock.advance(100);
  const order: string[] = [];
  const first = connection.inLine(false, async () => {
    await Promise.resolve();
    order.push('first');
    throw new Error('no');
  });
  const second = connection.inLine(false, () => Promise.resolve(order.push('second')));
  await expect(first).rejects.toThrow('no');
  await second;
  expect(order).toEqual(['first', 'second']);
  await connection.stop();
});
