import { expect, test } from 'vitest';
import type { RawReader, RawSight } from './messages.ts';
import { nothingSeen, seenAfter, serviceAway, type Seen } from './sight.ts';

const EMPTY = 0x10;
const PRESENT = 0x20;
const ATR = Uint8Array.of(0x3b, 0x00);

const raw = (flags: number, events: number, name = 'A'): RawReader => ({
  name,
  flags,
  events,
  atr: (flags & PRESENT) === 0 ? new Uint8Array() : ATR,
});
const running = (session: number, ...readers: readonly RawReader[]): RawSight => ({
  state: 'running',
  session,
  readers,
});

/** What is seen after all that, one second apart, from the same card process. */
const after = (...said: readonly RawSight[]): Seen =>
  said.reduce((seen, one, index) => seenAfter(seen, one, 1, 1000 * (index + 1)), nothingSeen(0));
const insertion = ({ sight }: Seen): number | undefined => sight.readers[0]?.insertion;

test('a card that stays is the same insertion, whatever else changes about the reader', () => {
  const first = after(running(1, raw(PRESENT, 1)));
  const held = seenAfter(first, running(1, raw(PRESENT | 0x180, 1)), 1, 2000);
  expect(held.sight.readers[0]).toMatchObject({ card: 'present', held: 'exclusive' });
  expect(insertion(held)).toBe(insertion(first));
});

test('a card exchanged between two looks is another insertion', () => {
  const first = after(running(1, raw(PRESENT, 1)));
  expect(insertion(seenAfter(first, running(1, raw(PRESENT, 3)), 1, 2000))).not.toBe(insertion(first));
});

test('after the service or the card process began anew nobody can say that the card stayed', () => {
  const first = after(running(1, raw(PRESENT, 1)));
  expect(insertion(seenAfter(first, running(2, raw(PRESENT, 1)), 1, 2000))).not.toBe(insertion(first));
  expect(insertion(seenAfter(first, running(1, raw(PRESENT, 1)), 2, 2000))).not.toBe(insertion(first));
});

test('a card’s number is never given again, not even in another reader', () => {
  let seen = nothingSeen(0);
  const numbers: number[] = [];
  for (let events = 1; events < 20; events += 2) {
    seen = seenAfter(seen, running(1, raw(PRESENT, events), raw(PRESENT, events, 'B')), 1, events);
    numbers.push(...seen.sight.readers.map((reader) => reader.insertion));
    seen = seenAfter(seen, running(1, raw(EMPTY, events + 1), raw(EMPTY, events + 1, 'B')), 1, events);
    expect(seen.sight.readers.map((reader) => reader.insertion)).toEqual([0, 0]);
  }
  expect(new Set(numbers).size).toBe(20);
});

test('the service is away since it went, whatever the reason becomes', () => {
  const gone = serviceAway(after(running(1, raw(EMPTY, 0))), { reason: 'processEnded', detail: 'x' }, 5000);
  const said = seenAfter(gone, { state: 'away', reason: 'noService', detail: '0x8010001D' }, 2, 6000);
  expect(said.sight).toEqual({
    service: { state: 'away', since: 5000, reason: 'noService', detail: '0x8010001D' },
    readers: [],
  });
  const back = seenAfter(said, running(1, raw(EMPTY, 0)), 2, 7000);
  expect(back.sight.service).toEqual({ state: 'running', since: 7000 });
});

test('what changes nothing is the same sight', () => {
  const first = after(running(1, raw(PRESENT, 1)));
  expect(seenAfter(first, running(1, raw(PRESENT, 1)), 1, 2000).sight).toBe(first.sight);
  const away = serviceAway(first, { reason: 'noService', detail: 'x' }, 3000);
  expect(serviceAway(away, { reason: 'noService', detail: 'x' }, 4000)).toBe(away);
});

test.each([
  [EMPTY, 'absent', 'free'],
  [PRESENT, 'present', 'free'],
  [PRESENT | 0x100, 'present', 'shared'],
  [PRESENT | 0x180, 'present', 'exclusive'],
  [PRESENT | 0x200, 'mute', 'free'],
  [PRESENT | 0x400, 'present', 'free'],
  [0x08, 'unknown', 'free'],
] as const)('the flags %i say %s and %s', (flags, card, held) => {
  expect(after(running(1, raw(flags, 1))).sight.readers).toMatchObject([{ card, held }]);
});
