import { describe, expect, test, type TestContext } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { insertCard, type CardScript } from '../testing/card-in-reader.ts';
import { pcscdFor } from '../testing/pcscd.ts';
import {
  bytes,
  failure,
  hexOf,
  isAlive,
  readerIn,
  transportTo,
  untilCard,
  untilSeen,
  value,
} from '../testing/stage.ts';

const SELECT = bytes('00a40400');
const WRITE = bytes('80420000');
const SOON = { deadlineMs: 20_000 };
const SHORT = { deadlineMs: 500 };

const CARD: CardScript = { atr: '3b80800101', rules: [{ to: '00a4', answer: '9000' }] };
const whoseWrite = (act: 'mute' | 'pull'): CardScript => ({
  ...CARD,
  rules: [...CARD.rules, { to: '8042', act }],
});

/** A started daemon with a card in its first reader that a transport sees. */
async function cardIn(context: TestContext, script: CardScript = CARD) {
  const daemon = await pcscdFor(context, needs);
  await daemon.start();
  const [reader, other] = daemon.readers;
  const card = await insertCard(reader.port, script);
  const stage = transportTo(daemon, context);
  await untilCard(stage.transport, reader.name, 'present');
  return { daemon, reader, other, card, ...stage };
}

describe('a card pulled out', () => {
  test('amid a command: nothing is known of its state, and the connection is of no use any more', async (context) => {
    const { transport, reader } = await cardIn(context, whoseWrite('pull'));
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    value(await connection.transmit(SELECT, SOON));
    expect(failure(await connection.transmit(WRITE, SOON))).toMatchObject({
      code: 'unknownState',
      cardStateUnknown: true,
    });
    await untilCard(transport, reader.name, 'absent');
    expect(failure(await connection.transmit(SELECT, SOON)).code).toBe('removed');
    expect(failure(await connection.transmit(SELECT, SOON))).toMatchObject({
      code: 'removed',
      cardStateUnknown: false,
    });
    await connection.close('unpower');
    expect(failure(await transport.connect(reader.name, { exclusive: true })).code).toBe('noCard');

    await insertCard(reader.port);
    await untilCard(transport, reader.name, 'present');
    const next = value(await transport.connect(reader.name, { exclusive: true }));
    expect(hexOf(value(await next.transmit(SELECT, SOON)))).toBe('9000');
  });

  test('and put back at once is another insertion, and the old connection does not reach it', async (context) => {
    const { transport, reader, card } = await cardIn(context);
    const [first] = transport.readers();
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    await card.pull();
    const again = await insertCard(reader.port);
    await untilSeen(transport, (sight) => {
      const now = readerIn(sight, reader.name);
      return now?.card === 'present' && now.insertion !== first?.insertion;
    });
    expect(failure(await connection.transmit(SELECT, SOON)).code).toBe('removed');
    expect(again.came()).not.toContain(hexOf(SELECT));
  });

  test('and exchanged: a reset does not go on with the other card', async (context) => {
    const { transport, reader, card } = await cardIn(context);
    const [first] = transport.readers();
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    await card.pull();
    const other = await insertCard(reader.port);
    await untilSeen(transport, (sight) => {
      const now = readerIn(sight, reader.name);
      return now?.card === 'present' && now.insertion !== first?.insertion;
    });
    expect(failure(await connection.reset('cold'))).toMatchObject({
      code: 'removed',
      cardStateUnknown: false,
    });
    expect(failure(await connection.transmit(SELECT, SOON)).code).toBe('removed');
    expect(other.came()).not.toContain(hexOf(SELECT));
  });
});

describe('a mute card', () => {
  test('is given up at the deadline, and the next card works', async (context) => {
    const { transport, reader, card, pids } = await cardIn(context, whoseWrite('mute'));
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    const writing = connection.transmit(WRITE, SHORT);
    const queued = connection.transmit(SELECT, SOON);
    expect(failure(await writing)).toMatchObject({ code: 'timeout', cardStateUnknown: true });
    // What waited for its turn never left.
    expect(failure(await queued)).toMatchObject({ code: 'timeout', cardStateUnknown: false });
    expect(card.came()).not.toContain(hexOf(SELECT));
    await card.pull();
    await untilCard(transport, reader.name, 'absent');
    await insertCard(reader.port);
    await untilCard(transport, reader.name, 'present');
    const next = value(await transport.connect(reader.name, { exclusive: true, waitForOthersMs: 30_000 }));
    expect(hexOf(value(await next.transmit(SELECT, SOON)))).toBe('9000');
    expect(pids).toHaveLength(2);
    expect(isAlive(pids[0])).toBe(false);
  });

  test('does not hold up the card in the other reader', async (context) => {
    const { transport, reader, other, card } = await cardIn(context, whoseWrite('mute'));
    await insertCard(other.port);
    await untilCard(transport, other.name, 'present');
    const mute = value(await transport.connect(reader.name, { exclusive: true }));
    const good = value(await transport.connect(other.name, { exclusive: true }));
    const writing = mute.transmit(WRITE, { deadlineMs: 200_000 });
    await card.until(hexOf(WRITE));
    expect(hexOf(value(await good.transmit(SELECT, SOON)))).toBe('9000');
    await card.pull();
    expect(failure(await writing)).toMatchObject({ code: 'unknownState', cardStateUnknown: true });
    expect(hexOf(value(await good.transmit(SELECT, SOON)))).toBe('9000');
  });

  test('that is only slow is waited for', async (context) => {
    const { transport, reader } = await cardIn(context, {
      ...CARD,
      rules: [{ to: '8042', answer: '9000', afterMs: 1500 }],
    });
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    expect(hexOf(value(await connection.transmit(WRITE, SOON)))).toBe('9000');
  });
});

describe('the service', () => {
  test('that is not there at the start is found when it comes', async (context) => {
    const daemon = await pcscdFor(context, needs);
    const { transport } = transportTo(daemon, context);
    const away = await untilSeen(transport, ({ service }) => service.state === 'away');
    expect(away).toMatchObject({ service: { reason: 'noService' }, readers: [] });
    const refused = failure(await transport.connect(daemon.readers[0].name, { exclusive: true }));
    expect(refused).toMatchObject({ code: 'noService', cardStateUnknown: false });
    await daemon.start();
    const running = await untilSeen(transport, ({ service }) => service.state === 'running');
    expect(running.readers).toHaveLength(2);
  });

  test('killed while readers are watched is away, then back, and its cards work', async (context) => {
    const { daemon, transport, reader } = await cardIn(context);
    const before = transport.readers().find(({ name }) => name === reader.name);
    for (const end of [daemon.kill, daemon.stop]) {
      await end();
      const away = await untilSeen(transport, ({ service }) => service.state === 'away');
      expect(away.readers).toEqual([]);
      await daemon.start();
      await insertCard(reader.port);
      const present = await untilCard(transport, reader.name, 'present');
      expect(present.insertion).not.toBe(before?.insertion);
      const connection = value(await transport.connect(reader.name, { exclusive: true }));
      expect(hexOf(value(await connection.transmit(SELECT, SOON)))).toBe('9000');
      await connection.close('leave');
    }
  });

  test('killed amid a command: the state is unknown, and a new connection works', async (context) => {
    const { daemon, transport, reader, card } = await cardIn(context, whoseWrite('mute'));
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    const writing = connection.transmit(WRITE, SOON);
    await card.until(hexOf(WRITE));
    await daemon.kill();
    expect(failure(await writing).cardStateUnknown).toBe(true);
    expect(failure(await connection.transmit(SELECT, SOON)).code).toBe('noService');
    await connection.close('unpower');
    await daemon.start();
    await insertCard(reader.port);
    await untilCard(transport, reader.name, 'present');
    const next = value(await transport.connect(reader.name, { exclusive: true }));
    expect(hexOf(value(await next.transmit(SELECT, SOON)))).toBe('9000');
  });

  test('without readers runs, and says so; readers come and go with it', async (context) => {
    const daemon = await pcscdFor(context, needs);
    await daemon.start('none');
    const { transport } = transportTo(daemon, context);
    const none = await untilSeen(transport, ({ service }) => service.state === 'running');
    expect(none.readers).toEqual([]);
    const [reader] = daemon.readers;
    expect(failure(await transport.connect(reader.name, { exclusive: true })).code).toBe('noReader');

    await daemon.stop();
    await daemon.start();
    await untilSeen(transport, ({ readers }) => readers.length === 2);
    await insertCard(reader.port);
    await untilCard(transport, reader.name, 'present');
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    value(await connection.transmit(SELECT, SOON));

    await daemon.stop();
    await daemon.start('none');
    await untilSeen(transport, ({ service, readers }) => service.state === 'running' && readers.length === 0);
    expect(failure(await connection.transmit(SELECT, SOON)).code).toBe('noService');
    expect(failure(await transport.connect(reader.name, { exclusive: true })).code).toBe('noReader');
  });
});

describe('the card process', () => {
  test('killed amid a command: the state is unknown; another one is begun and the card can be opened', async (context) => {
    const { transport, reader, card, pids, log } = await cardIn(context, {
      ...CARD,
      rules: [{ to: '8042', answer: '9000', afterMs: 1000 }, ...CARD.rules],
    });
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    const writing = connection.transmit(WRITE, SOON);
    const queued = connection.transmit(SELECT, SOON);
    await card.until(hexOf(WRITE));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    expect(failure(await writing)).toMatchObject({ code: 'processEnded', cardStateUnknown: true });
    expect(failure(await queued)).toMatchObject({ code: 'processEnded', cardStateUnknown: false });
    expect(transport.readers()).toEqual([]);

    const next = value(await transport.connect(reader.name, { exclusive: true, waitForOthersMs: 30_000 }));
    expect(hexOf(value(await next.transmit(SELECT, SOON)))).toBe('9000');
    expect(pids).toHaveLength(2);
    expect(log).toContainEqual({ event: 'cardProcess.ended', fields: { how: 'signal SIGKILL' } });
  });

  test('is gone after dispose, which ends what waits', async (context) => {
    const { transport, reader, card, pids } = await cardIn(context, whoseWrite('mute'));
    const connection = value(await transport.connect(reader.name, { exclusive: true }));
    const writing = connection.transmit(WRITE, { deadlineMs: 200_000 });
    await card.until(hexOf(WRITE));
    await transport.dispose();
    expect(failure(await writing).cardStateUnknown).toBe(true);
    expect(pids.map(isAlive)).toEqual([false]);
    expect(failure(await transport.connect(reader.name, { exclusive: true })).code).toBe('closed');
  });
});
