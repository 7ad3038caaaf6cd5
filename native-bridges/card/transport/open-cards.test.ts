import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeWinScard } from '../testing/fake-winscard.ts';
import type { CardCommand } from './messages.ts';
import { openCards } from './open-cards.ts';
import type { WinScard } from './winscard.ts';

const READER = 'ACS ACR39U 0';
const CONNECT: CardCommand = { kind: 'connect', reader: READER, exclusive: true, protocol: null };
const COMMANDS: readonly CardCommand[] = [
  { kind: 'transmit', bytes: Uint8Array.of(0, 0xa4, 4, 0) },
  { kind: 'begin' },
  { kind: 'end' },
  { kind: 'reset', how: 'cold' },
  { kind: 'reset', how: 'warm' },
  { kind: 'control', code: 3500, bytes: Uint8Array.of(1, 2) },
];

function bench() {
  const fake = fakeWinScard();
  fake.plugIn(READER);
  const cards = openCards(() => fake.winscard, 0x1_0000);
  let no = 0;
  const run = (connection: number, command: CardCommand) => {
    no += 1;
    return cards.run({ no, connection, command });
  };
  return { fake, run };
}

describe('open cards', () => {
  test('a reader’s driver is asked by function number and answers bytes', async () => {
    const { run } = bench();
    await run(1, CONNECT);
    const answer = await run(1, { kind: 'control', code: 0x12, bytes: Uint8Array.of(7) });
    expect(answer).toMatchObject({ ok: true, bytes: Uint8Array.of(0x12, 7) });
  });

  test('what is not open answers that it is closed, and nothing reaches a card', async () => {
    const { run } = bench();
    for (const command of COMMANDS) {
      expect(await run(9, command)).toMatchObject({
        ok: false,
        error: { code: 'closed', cardStateUnknown: false },
      });
    }
  });

  test.each([0, 1])('an answer of %i bytes is none: the state is unknown', async (length) => {
    const { fake } = bench();
    const winscard: WinScard = {
      ...fake.winscard,
      transmit: () => Promise.resolve({ code: 0, value: new Uint8Array(length) }),
    };
    const cards = openCards(() => winscard, 4);
    await cards.run({ no: 1, connection: 1, command: CONNECT });
    const command = { kind: 'transmit', bytes: Uint8Array.of(0x80, 0x42, 0, 0) } as const;
    expect(await cards.run({ no: 2, connection: 1, command })).toMatchObject({
      ok: false,
      error: { code: 'unknownState', cardStateUnknown: true },
    });
  });

  test('without the library nothing can be opened, in a typed way', async () => {
    const cards = openCards(() => 'no libpcsclite.so.1', 4);
    expect(await cards.run({ no: 1, connection: 1, command: CONNECT })).toEqual({
      no: 1,
      ok: false,
      error: { code: 'noService', cardStateUnknown: false, detail: 'no libpcsclite.so.1' },
    });
  });

  test('whatever fails on the way, closed cards leave no handle and no context', async () => {
    const step = fc.record({
      command: fc.constantFrom(...COMMANDS, CONNECT),
      fails: fc.option(
        fc.record({
          call: fc.constantFrom<keyof WinScard>(
            'establish',
            'connect',
            'status',
            'reconnect',
            'transmit',
            'begin',
            'end',
            'disconnect',
          ),
          code: fc.integer({ min: 0x8010_0001, max: 0x8010_0072 }),
        }),
        { nil: undefined },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { fake, run } = bench();
        let connections = 0;
        for (const { command, fails } of steps) {
          if (fails !== undefined) fake.failNext(fails.call, fails.code);
          if (command.kind === 'connect') connections += 1;
          await run(connections, command);
        }
        for (let one = 1; one <= connections; one += 1) await run(one, { kind: 'close', how: 'unpower' });
        expect(fake.held()).toEqual({ contexts: 0, cards: 0 });
      }),
    );
  });
});
