import { describe, expect, test, type TestContext } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import { insertCard } from '../testing/card-in-reader.ts';
import { pcscdFor } from '../testing/pcscd.ts';
import {
  bytes,
  failure,
  hexOf,
  readerIn,
  transportTo,
  untilCard,
  untilSeen,
  value,
} from '../testing/stage.ts';
import type { CardTransport } from './port.ts';

const SELECT = bytes('00a40400');
const READ = bytes('00b0000000');
const SOON = { deadlineMs: 20_000 };
const CARD = {
  atr: '3b800181', // T=1 and nothing else
  rules: [
    { to: '00a4', answer: '9000' },
    { to: '00b0', answer: 'aa9000' },
  ],
};

/** A card in the first reader, and two programs that see it: each with a card process of its own. */
async function twoPrograms(context: TestContext) {
  const daemon = await pcscdFor(context, needs);
  await daemon.start();
  const [reader, other] = daemon.readers;
  const card = await insertCard(reader.port, CARD);
  const ours = transportTo(daemon, context).transport;
  const theirs = transportTo(daemon, context).transport;
  for (const one of [ours, theirs]) await untilCard(one, reader.name, 'present');
  return { card, name: reader.name, second: other.name, secondPort: other.port, ours, theirs };
}

const open = async (transport: CardTransport, name: string, exclusive: boolean) =>
  value(await transport.connect(name, { exclusive }));

describe('a card that another program holds', () => {
  test('is not opened: exclusive shuts out all, and is shut out by all', async (context) => {
    const { name, ours, theirs } = await twoPrograms(context);
    for (const [first, second] of [
      [true, false],
      [true, true],
      [false, true],
    ] as const) {
      const held = await open(theirs, name, first);
      const refused = failure(await ours.connect(name, { exclusive: second }));
      expect(refused).toMatchObject({ code: 'sharing', cardStateUnknown: false });
      await held.close('leave');
      const opened = await open(ours, name, second);
      expect(hexOf(value(await opened.transmit(SELECT, SOON)))).toBe('9000');
      await opened.close('leave');
    }
  });

  test('is seen to be held, and to be free again', async (context) => {
    const { name, ours, theirs } = await twoPrograms(context);
    const seen: string[] = [];
    ours.watch((sight) => seen.push(readerIn(sight, name)?.held ?? 'gone'));
    for (const exclusive of [true, false]) {
      const held = await open(theirs, name, exclusive);
      await untilSeen(ours, (sight) => readerIn(sight, name)?.held === (exclusive ? 'exclusive' : 'shared'));
      await held.close('leave');
      await untilSeen(ours, (sight) => readerIn(sight, name)?.held === 'free');
    }
    expect(seen).toEqual(['free', 'exclusive', 'free', 'shared', 'free']);
  });

  test('is waited for when that is wished', async (context) => {
    const { name, ours, theirs } = await twoPrograms(context);
    const held = await open(theirs, name, true);
    let opened = false;
    const waiting = ours.connect(name, { exclusive: true, waitForOthersMs: 60_000 }).then((result) => {
      opened = true;
      return value(result);
    });
    // Their commands run meanwhile, and ours asks more than once.
    for (let round = 0; round < 40; round += 1) value(await held.transmit(READ, SOON));
    expect(opened).toBe(false);
    await held.close('leave');
    const connection = await waiting;
    expect(hexOf(value(await connection.transmit(READ, SOON)))).toBe('aa9000');
  });

  test('is shared by two, and a transaction keeps the other one off until its end', async (context) => {
    const { card, name, ours, theirs } = await twoPrograms(context);
    const mine = await open(ours, name, false);
    const other = await open(theirs, name, false);
    value(await mine.begin());
    let answered = false;
    const blocked = other.transmit(READ, SOON).then((result) => {
      answered = true;
      return value(result);
    });
    for (let round = 0; round < 20; round += 1) value(await mine.transmit(SELECT, SOON));
    expect(answered).toBe(false);
    expect(card.came()).not.toContain('00b0000000');
    value(await mine.end());
    expect(hexOf(await blocked)).toBe('aa9000');
  });

  test('a transaction ended that was never begun is a failure that says so', async (context) => {
    const { name, ours } = await twoPrograms(context);
    const mine = await open(ours, name, false);
    expect(failure(await mine.end())).toMatchObject({ cardStateUnknown: false });
    expect(hexOf(value(await mine.transmit(READ, SOON)))).toBe('aa9000');
  });
});

describe('reset', () => {
  test('cold cuts the power, warm does not; the card answers after both', async (context) => {
    const { card, name, ours } = await twoPrograms(context);
    const connection = await open(ours, name, true);
    const powerSince = async (how: 'cold' | 'warm') => {
      const before = card.came().length;
      expect(hexOf(value(await connection.reset(how)).atr)).toBe(CARD.atr);
      expect(hexOf(value(await connection.transmit(READ, SOON)))).toBe('aa9000');
      return card.came().slice(before);
    };
    expect(await powerSince('warm')).toEqual(['power reset', '00b0000000']);
    expect(await powerSince('cold')).toEqual(['power off', 'power on', '00b0000000']);
  });

  test('by another program is told, and our own reset is the way on', async (context) => {
    const { name, ours, theirs } = await twoPrograms(context);
    const mine = await open(ours, name, false);
    const other = await open(theirs, name, false);
    value(await other.reset('warm'));
    // Whether anything of the command went out is never guessed at, not even here.
    expect(failure(await mine.transmit(READ, SOON))).toMatchObject({
      code: 'wasReset',
      cardStateUnknown: true,
    });
    expect(failure(await mine.begin())).toMatchObject({ code: 'wasReset', cardStateUnknown: false });
    value(await mine.reset('warm'));
    expect(hexOf(value(await mine.transmit(READ, SOON)))).toBe('aa9000');
  });

  test('a protocol the card does not have is refused in a typed way', async (context) => {
    const { name, second, secondPort, ours, theirs } = await twoPrograms(context);
    await insertCard(secondPort, { ...CARD, atr: '3b00' });
    await untilCard(theirs, second, 'present');
    const refused = failure(await ours.connect(name, { exclusive: true, protocol: 'T=0' }));
    expect(refused).toMatchObject({ code: 'unsupported', cardStateUnknown: false });
    expect(value(await ours.connect(name, { exclusive: true, protocol: 'T=1' })).protocol()).toBe('T=1');
    expect(value(await theirs.connect(second, { exclusive: true })).protocol()).toBe('T=0');
  });

  test('a control code that the reader does not know never reached the card', async (context) => {
    const { name, ours } = await twoPrograms(context);
    const connection = await open(ours, name, true);
    expect(failure(await connection.control(1, bytes('00')))).toMatchObject({
      code: 'unsupported',
      cardStateUnknown: false,
    });
  });
});
