import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeHeader } from '../../contracts/rules/meter-card/memory-card.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { fromHex, terminalOf, uuidBytes, uuidText } from './bytes.ts';
import { cardIdIn, judgeReading, readEvidence, type Expected, type Registered } from './card-reading.ts';

const LOAD = '01930000-0000-7000-8000-000000000001';
const OTHER = '01930000-0000-7000-8000-000000000002';
const BEFORE = '01930000-0000-7000-8000-000000000000';

/** The table of docs/protocols/card.md, "When the answer to LOAD did not come", at n = 4. */
const expected: Expected = { counter: 4, lastLoadId: BEFORE, ordered: { loadId: LOAD, units: 700 } };
const seen = (counter: number, loadId: string | null, units = 700) => ({
  counter,
  last: loadId === null ? null : { loadId, units },
});

test.each([
  ['n, another load', expected, seen(4, BEFORE), 'asKnown'],
  ['n + 1, this one', expected, seen(5, LOAD), 'applied'],
  ['n + 1, another', expected, seen(5, OTHER), 'incident'],
  ['n + 1, this one with another amount', expected, seen(5, LOAD, 701), 'incident'],
  ['n + 1, none', expected, seen(5, null), 'incident'],
  ['n + 2', expected, seen(6, LOAD), 'incident'],
  ['n − 1', expected, seen(3, BEFORE), 'incident'],
  ['n, this one: no card counts nothing for a load', expected, seen(4, LOAD), 'incident'],
  ['n, another than it had', expected, seen(4, OTHER), 'incident'],
  ['n + 1 with no order out', { ...expected, ordered: null }, seen(5, LOAD), 'incident'],
  [
    'a card from before our time, any last load',
    { counter: 4, lastLoadId: null, ordered: null },
    seen(4, OTHER),
    'asKnown',
  ],
  ['a new card', { counter: 0, lastLoadId: null, ordered: null }, seen(0, null), 'asKnown'],
] as const)('%s', (_, known, reading, verdict) => {
  expect(judgeReading(known, reading)).toBe(verdict);
});

/** Says yes to every MAC: what is read is then up to the bytes alone. */
const believing = { kind: 'software', verify: async () => true } as unknown as KeyStore; // the one member that reading uses
const registered = (cardClass: 'A' | 'B', cardId: string): Registered => ({
  card_id: cardId,
  class: cardClass,
  company: '001',
  key_revision: 1,
  unit: 'money',
  meter: 'M1',
});

test('any bytes are read or refused, never thrown at, for either class', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ minLength: 87, maxLength: 87 }),
        fc.uint8Array({ minLength: 256, maxLength: 256 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ minLength: 256, maxLength: 256 }).map((image) => {
          const ours = image.slice();
          const header = {
            cardId: new Uint8Array(8),
            company: '001',
            unit: 'money' as const,
            keyRevision: 1,
            meter: 'M1',
          };
          ours.set(writeHeader(header), 0x20);
          return ours;
        }),
      ),
      fc.constantFrom('A' as const, 'B' as const),
      async (bytes, cardClass) => {
        const cardId = cardIdIn(bytes) ?? '0000000000000000';
        const read = await readEvidence(believing, registered(cardClass, cardId), new Uint8Array(16), bytes);
        if (read.ok) expect(read.value.counter).toBeGreaterThanOrEqual(0);
        else expect(read.error.code).toBe('evidenceWrong');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('ids and terminals as bytes and back', () => {
  expect(uuidText(uuidBytes(LOAD))).toBe(LOAD);
  expect(terminalOf(LOAD)).toEqual(fromHex('8000000000000001'));
});
