import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../bytes.ts';
import { centreKeys, MASTERS } from '../testing/centre.ts';
import { loadOnce, nonce, readAgain, SPECS } from '../testing/conformance.ts';
import { deckOf } from '../testing/deck-bench.ts';
import { connectTo } from '../testing/deck-connection.ts';
import { newCard } from './card-state.ts';
import { createDeck } from './deck.ts';
import { countDown, nameOf } from './faults.ts';
import { memoryStore } from './store.ts';
import { frameOf, messagesOf } from './vpcd-frames.ts';

describe('at the meter', () => {
  test.each(['purse', 'memory'] as const)('%s: what was loaded is taken once', async (kind) => {
    const deck = deckOf(SPECS[kind]);
    const { key, meter } = SPECS[kind];
    const load = async (amount: number): Promise<void> => {
      deck.insert(key, 0);
      expect(await loadOnce(connectTo(deck), amount, nonce())).toBe('loaded');
      deck.pull(0);
    };
    await load(1000);
    await load(500);
    deck.useAtMeter(key, 0);
    deck.useAtMeter(key, 300);
    expect(deck.durable().meters[meter]).toMatchObject({
      takenThrough: 2,
      remaining: 1200,
      consumption: 300,
      lastTaken: 1500,
    });
    await load(50);
    deck.useAtMeter(key, 5000);
    expect(deck.durable().meters[meter]).toMatchObject({ remaining: 50, consumption: 1500, lastTaken: 50 });
    deck.insert(key, 0);
    expect((await readAgain(connectTo(deck))).view.meter).toMatchObject({
      known: true,
      takenThrough: 3,
      writtenAt: Date.UTC(2026, 10, 27),
      meter,
    });
  });

  test.each(['purse', 'memory'] as const)(
    '%s: a copy, or an old state put back, brings nothing',
    async (kind) => {
      const deck = deckOf(SPECS[kind]);
      const { key, meter } = SPECS[kind];
      deck.insert(key, 0);
      await loadOnce(connectTo(deck), 1000, nonce());
      deck.pull(0);
      deck.clone(key, 'copy');
      deck.keep(key);
      deck.useAtMeter(key, 0);
      deck.useAtMeter('copy', 0);
      deck.rollBack(key);
      deck.useAtMeter(key, 0);
      expect(deck.durable().meters[meter]).toMatchObject({ takenThrough: 1, remaining: 1000 });
    },
  );
});

test('a mute card says nothing, a slow one late, a foreign one that it is foreign', () => {
  const deck = deckOf(SPECS.purse, SPECS.foreign);
  deck.insert('purse', 0);
  deck.insert('foreign', 1);
  const select = bytesOf('00 A4 04 00 08 F0 4B 4F 4D 49 53 50 31 00');
  deck.condition('purse', { slowMs: 700 });
  expect(deck.transmit(0, select)).toMatchObject({ kind: 'answer', afterMs: 700 });
  deck.condition('purse', { mute: true });
  expect(deck.transmit(0, select)).toEqual({ kind: 'silence' });
  expect(deck.transmit(1, select)).toMatchObject({ kind: 'answer', bytes: bytesOf('6A82') });
  deck.pull(0);
  expect(deck.transmit(0, select)).toEqual({ kind: 'gone' });
});

describe('a tear', () => {
  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('%s: a purse card has taken %i loads, and is out', async (moment, loads) => {
    const deck = deckOf(SPECS.purse);
    deck.insert('purse', 0);
    deck.tear({ apdu: 'load', moment });
    expect(await loadOnce(connectTo(deck), 100, nonce())).toBe('unknown');
    expect(deck.card('purse').state).toMatchObject({ counter: loads, balance: loads * 100 });
    expect(deck.inside(0)).toBeNull();
  });

  test.each([
    ['before', 0],
    ['during', 0],
    ['after', 1],
  ] as const)('%s: a memory card counts %i records', async (moment, records) => {
    const deck = deckOf(SPECS.memory);
    deck.insert('memory', 0);
    deck.tear({ apdu: 'write', moment, bytes: 20 });
    const blank = deck.card('memory').state;
    expect(await loadOnce(connectTo(deck), 100, nonce())).toBe('unknown');
    if (moment === 'before') expect(deck.card('memory').state).toEqual(blank);
    if (moment === 'during') expect(deck.card('memory').state).not.toEqual(blank);
    expect(deck.inside(0)).toBeNull();
    deck.insert('memory', 0);
    expect((await readAgain(connectTo(deck))).state.counter).toBe(records);
  });
});

describe('the memory chip', () => {
  const WRITE = 'FF D0 00 40 01 77';
  const psc = hexOf(
    centreKeys({ ...SPECS.memory, cardClass: 'B', keyRevision: 1, cardId: bytesOf(SPECS.memory.cardId) }).psc,
  );
  const PRESENT = `FF 20 00 00 03 ${psc}`;
  const WRONG = 'FF 20 00 00 03 00 00 00';
  const SELECT = 'FF A4 00 00 01 06';

  function chip(): { say(apdu: string): string; image(): string } {
    const deck = deckOf(SPECS.memory);
    deck.insert('memory', 0);
    return {
      say(apdu) {
        const reply = deck.transmit(0, bytesOf(apdu));
        return reply.kind === 'answer' ? hexOf(reply.bytes) : reply.kind;
      },
      image() {
        const { state } = deck.card('memory');
        return state.kind === 'memory' ? state.image : '';
      },
    };
  }

  test('is written only after its code, and not where it is burnt in', () => {
    const { say, image } = chip();
    const blank = image();
    expect(say(WRITE)).toBe('6300');
    say(SELECT);
    expect(say(WRITE)).toBe('9000');
    expect(image()).toBe(blank);
    expect(say(PRESENT)).toBe('9007');
    say('FF D0 00 1F 01 77');
    expect(image()).toBe(blank);
    say(WRITE);
    expect(say('FF B0 00 40 01')).toBe('779000');
    say(SELECT);
    say('FF D0 00 40 01 88');
    expect(say('FF B0 00 40 01')).toBe('779000');
  });

  test('is dead after three wrong codes, also for the right one; a right one in time gives all tries back', () => {
    const { say } = chip();
    say(SELECT);
    expect([WRONG, WRONG, PRESENT, WRONG, WRONG, WRONG, PRESENT].map(say)).toEqual([
      '9003',
      '9001',
      '9007',
      '9003',
      '9001',
      '9000',
      '9000',
    ]);
    expect(say('FF B1 00 00 04')).toBe('000000009000');
    say(WRITE);
    expect(say('FF B0 00 40 01')).toBe('FF9000');
  });
});

test('nothing is committed where the disk refuses, and no answer leaves', async () => {
  const store = memoryStore();
  let isFull = false;
  const deck = createDeck({
    store: {
      load: store.load,
      save(durable) {
        if (isFull) throw new Error('disk full');
        store.save(durable);
      },
    },
    keys: MASTERS,
    cards: [SPECS.purse],
    random: (bytes) => new Uint8Array(bytes),
    nowMs: () => 0,
  });
  deck.insert('purse', 0);
  isFull = true;
  await expect(async () => loadOnce(connectTo(deck), 100, nonce())).rejects.toThrow('disk full');
  expect(deck.card('purse').state).toMatchObject({ counter: 0, balance: 0 });
});

test('a card whose master key was not given is refused at the start', () => {
  const start = (): unknown =>
    createDeck({
      store: memoryStore({ version: 1, cards: [newCard(SPECS.purse)], meters: {} }),
      keys: {},
      random: (bytes) => new Uint8Array(bytes),
      nowMs: () => 0,
    });
  expect(start).toThrow('201:1');
});

test('a tear waits for its command and strikes once', () => {
  const tear = { apdu: 'load', nth: 2, moment: 'after', bytes: 0 } as const;
  const first = countDown([tear, { nth: 1, moment: 'before', bytes: 0 }], 'status');
  expect(first.strikes).toMatchObject({ moment: 'before' });
  const second = countDown(first.tears, 'load');
  expect(second.strikes).toBeNull();
  expect(countDown(second.tears, 'load')).toEqual({ tears: [], strikes: { ...tear, nth: 0 } });
  expect(nameOf(bytesOf('80 42 00 00 01 00'))).toBe('load');
  expect(nameOf(bytesOf('80'))).toBe('other');
});

test('vpcd’s frames are found however they come in pieces', () => {
  const body = fc.oneof(
    fc.constantFrom(0, 1, 2, 4).map((byte) => Uint8Array.of(byte)),
    fc.uint8Array({ minLength: 2, maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(body, { maxLength: 6 }), fc.array(fc.nat(40), { maxLength: 60 }), (bodies, cuts) => {
      let stream = Uint8Array.from(bodies.flatMap((one) => [...frameOf(one)]));
      let rest: Uint8Array = new Uint8Array();
      const found: string[] = [];
      for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
        const read = messagesOf(Uint8Array.from([...rest, ...stream.slice(0, cut)]));
        stream = stream.slice(Math.min(cut, stream.length));
        rest = read.rest;
        found.push(...read.messages.map((one) => (one.kind === 'apdu' ? hexOf(one.apdu) : one.kind)));
      }
      const words: Readonly<Record<number, string>> = { 0: 'off', 1: 'on', 2: 'reset', 4: 'atr' };
      expect(found).toEqual(bodies.map((one) => (one.length === 1 ? words[one[0] ?? 0] : hexOf(one))));
      expect(rest).toHaveLength(0);
    }),
  );
});
