import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { insertCard, type CardInReader, type CardScript } from '../testing/card-in-reader.ts';
import { pcscdFor, type Pcscd } from '../testing/pcscd.ts';
import {
  bytes,
  failure,
  hexOf,
  isAlive,
  transportTo,
  untilCard,
  untilGone,
  value,
  type Stage,
} from '../testing/stage.ts';
import type { CardConnection } from './port.ts';

const SELECT = bytes('00a40400');
const SOON = { deadlineMs: 20_000 };
const SHORT = { deadlineMs: 400 };
const CARD: CardScript = {
  atr: '3b80800101',
  rules: [
    { to: '00a4', answer: '9000' },
    { to: '8042', act: 'mute' },
    { to: '8044', act: 'pull' },
  ],
};

test('a till that is killed leaves no process and no lock behind', async (context) => {
  const daemon = await pcscdFor(context, needs);
  await daemon.start();
  const [reader] = daemon.readers;
  const { transport } = transportTo(daemon, context);
  const card = await insertCard(reader.port, {
    ...CARD,
    rules: [{ to: '80', answer: '9000' }, ...CARD.rules],
  });
  const till = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'testing', 'till-with-card.ts'), reader.name, '80000000'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...daemon.environment } },
  );
  context.onTestFinished(() => void till.kill('SIGKILL'));
  const said: unknown[] = await once(createInterface({ input: till.stdout }), 'line');
  const { cardProcess } = JSON.parse(String(said[0])) as { cardProcess: number }; // as till-with-card.ts says it
  await card.until('80000000');
  expect(failure(await transport.connect(reader.name, { exclusive: false })).code).toBe('sharing');
  expect(isAlive(cardProcess)).toBe(true);

  till.kill('SIGKILL');
  await untilGone(cardProcess);
  const ours = value(await transport.connect(reader.name, { exclusive: true, waitForOthersMs: 30_000 }));
  expect(hexOf(value(await ours.transmit(SELECT, SOON)))).toBe('9000');
});

/** What may happen to a till and its reader. The commands are those of CARD above. */
const HAPPENINGS = [
  'connect',
  'connectShared',
  'transmit',
  'begin',
  'reset',
  'close',
  'mute',
  'tear',
  'pull',
  'insert',
  'killCardProcess',
  'killDaemon',
] as const;
type Happening = (typeof HAPPENINGS)[number];

const STEP = fc.record({
  what: fc.constantFrom(...HAPPENINGS),
  /** Whether its end is waited for before the next one. */
  waited: fc.boolean(),
});

/** A daemon, a transport to it, and what is open and in the reader now. */
type Scene = {
  readonly daemon: Pcscd;
  readonly stage: Stage;
  readonly open: CardConnection[];
  card: CardInReader | undefined;
  /** How many commands were to change the card; each has its number in it. */
  writes: number;
};

const SEEN_MS = 15_000;

/**
 * A card in the reader that the transport sees. When a till dies while its card is being reset, pcscd 1.9.9 with vpcd may see
 * no card any more, and tell nobody of one: that is the daemon's, and cured by a new one; the transport has to find it.
 */
async function putIn(scene: Scene): Promise<void> {
  const { daemon, stage } = scene;
  const [{ name, port }] = daemon.readers;
  for (let tries = 0; tries < 3; tries += 1) {
    const gone = await seen(untilCard(stage.transport, name, 'absent'));
    scene.card = gone ? await insertCard(port, CARD) : undefined;
    if (gone && (await seen(untilCard(stage.transport, name, 'present')))) return;
    await scene.card?.pull();
    await daemon.kill();
    await daemon.start();
  }
  throw new Error(`no card is seen in a daemon that was begun anew: ${daemon.log()}`);
}

const seen = (sight: Promise<unknown>): Promise<boolean> =>
  Promise.race([sight.then(() => true), wait(SEEN_MS, false, { ref: false })]);

/** Does it; what fails has to fail in the typed way, and a command that reached the card in an unknown one. */
async function happen(scene: Scene, what: Happening): Promise<void> {
  const { daemon, stage, open } = scene;
  const [{ name, port }] = daemon.readers;
  const last = open.at(-1);
  switch (what) {
    case 'connect':
    case 'connectShared': {
      const connected = await stage.transport.connect(name, {
        exclusive: what === 'connect',
        deadlineMs: 3000,
      });
      if (connected.ok) open.push(connected.value);
      else expect(connected.error.cardStateUnknown).toBe(false);
      return;
    }
    case 'transmit':
      await last?.transmit(SELECT, SOON);
      return;
    case 'mute':
    case 'tear': {
      scene.writes += 1;
      const command = `${what === 'mute' ? '8042' : '8044'}${String(scene.writes).padStart(4, '0')}`;
      const card = scene.card;
      const written = await last?.transmit(bytes(command), SHORT);
      if (written === undefined) return;
      if (card?.came().includes(command)) expect(failure(written).cardStateUnknown).toBe(true);
      return;
    }
    case 'begin':
      await last?.begin({ deadlineMs: 3000 });
      return;
    case 'reset':
      await last?.reset('cold');
      return;
    case 'close':
      await open.pop()?.close('leave');
      return;
    case 'pull':
      await scene.card?.pull();
      scene.card = undefined;
      return;
    case 'insert':
      await scene.card?.pull();
      scene.card = await insertCard(port, CARD);
      return;
    case 'killCardProcess': {
      const pid = stage.pids.at(-1);
      if (isAlive(pid)) process.kill(pid ?? 0, 'SIGKILL');
      return;
    }
    case 'killDaemon':
      await daemon.kill();
      await daemon.start();
      scene.card = undefined;
  }
}

test('whatever happens in whatever order, no lock is left behind', { timeout: 300_000 }, async (context) => {
  const daemon = await pcscdFor(context, needs);
  const [{ name }] = daemon.readers;
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 10 }), async (steps) => {
      await daemon.start();
      const stage = transportTo(daemon, context);
      const scene: Scene = { daemon, stage, open: [], card: undefined, writes: 0 };
      await putIn(scene);
      await happen(scene, 'connect');
      const underWay: Promise<void>[] = [];
      for (const { what, waited } of steps) {
        const happening = happen(scene, what);
        // Two that exchange the card or the daemon at once would be two tellers and two administrators.
        const alone = ['pull', 'insert', 'killDaemon'].includes(what);
        if (waited || alone) await happening;
        else underWay.push(happening);
      }
      await happen(scene, 'pull');
      await Promise.all(underWay);
      for (const connection of scene.open) await connection.close('leave');

      await putIn(scene);
      const wish = { exclusive: true, waitForOthersMs: 60_000 };
      const same = value(await stage.transport.connect(name, wish));
      expect(hexOf(value(await same.transmit(SELECT, SOON)))).toBe('9000');
      await stage.transport.dispose();
      const another = transportTo(daemon, context);
      if (!(await seen(untilCard(another.transport, name, 'present')))) {
        await scene.card?.pull();
        await putIn({ ...scene, stage: another });
      }
      const theirs = value(await another.transport.connect(name, wish));
      expect(hexOf(value(await theirs.transmit(SELECT, SOON)))).toBe('9000');
      await another.transport.dispose();
      expect([...stage.pids, ...another.pids].filter(isAlive)).toEqual([]);
      await daemon.stop();
    }),
    { numRuns: 8, endOnFailure: true },
  );
});
