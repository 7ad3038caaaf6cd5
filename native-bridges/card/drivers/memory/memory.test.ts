import { describe, expect, test } from 'vitest';
import { readSlot, SLOT_AT } from '../../../../contracts/rules/meter-card/memory-card.ts';
import { bytesOf, hexOf } from '../../bytes.ts';
import type { MemoryState } from '../../simulator/card-state.ts';
import type { Deck } from '../../simulator/deck.ts';
import { nameOf } from '../../simulator/faults.ts';
import { nextRecord, proven } from '../../testing/centre.ts';
import { loadOnce, nonce, readAgain, SPECS } from '../../testing/conformance.ts';
import { deckOf } from '../../testing/deck-bench.ts';
import { connectTo } from '../../testing/deck-connection.ts';
import type { Connection } from '../connection.ts';
import type { MemoryCard } from '../driver.ts';
import { recognise } from '../registry.ts';

function deckIn(): Deck {
  const deck = deckOf(SPECS.memory);
  deck.insert('memory', 0);
  return deck;
}

/** The card, and the names of what it is told. */
async function open(deck: Deck): Promise<{ card: MemoryCard; told: string[] }> {
  const told: string[] = [];
  const plain = connectTo(deck);
  const connection: Connection = {
    ...plain,
    transmit(apdu, deadline) {
      told.push(nameOf(apdu));
      return plain.transmit(apdu, deadline);
    },
  };
  const found = await recognise(connection);
  if (!found.ok || found.value.cardClass !== 'B') throw new Error('no memory card');
  told.length = 0;
  return { card: found.value, told };
}

const stateOf = (deck: Deck): MemoryState => {
  const { state } = deck.card('memory');
  if (state.kind !== 'memory') throw new Error('no memory card');
  return state;
};
const imageOf = (deck: Deck): Uint8Array => bytesOf(stateOf(deck).image);
const load = { loadId: nonce(), amount: 900 };

test('records go to the slots in turn, and the older one is left as it is', async () => {
  const deck = deckIn();
  const slots: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    const before = imageOf(deck);
    const { card } = await open(deck);
    const next = nextRecord(card.identity, before, { loadId: nonce(), amount: 100 });
    slots.push(next.slot);
    expect(await card.write(next)).toMatchObject({ outcome: 'loaded' });
    const kept = SLOT_AT[next.slot === 'a' ? 'b' : 'a'];
    expect(imageOf(deck).slice(kept, kept + 40)).toEqual(before.slice(kept, kept + 40));
  }
  expect(slots).toEqual(['a', 'b', 'a', 'b']);
  expect(readSlot(imageOf(deck), 'b').record).toMatchObject({ sequence: 4, credit: 400 });
});

test('what is written already is not written again, and the code is not presented', async () => {
  const deck = deckIn();
  const { card, told } = await open(deck);
  const next = nextRecord(card.identity, imageOf(deck), load);
  await card.write(next);
  told.length = 0;
  expect(await card.write(next)).toMatchObject({ outcome: 'loaded' });
  expect(told).not.toContain('present');
  expect(told).not.toContain('write');
});

test('a record is written only where the one it follows stands in the other slot', async () => {
  const deck = deckIn();
  await loadOnce(connectTo(deck), 100, nonce());
  const { card, told } = await open(deck);
  const next = nextRecord(card.identity, imageOf(deck), load);
  const before = imageOf(deck);
  const tooFar = next.record.with(3, 3);
  for (const wrong of [
    { ...next, slot: 'a' as const },
    { ...next, record: tooFar },
  ])
    expect(await card.write(wrong)).toMatchObject({ outcome: 'refused', error: { reason: 'cardRefused' } });
  expect(told).not.toContain('present');
  expect(imageOf(deck)).toEqual(before);
});

describe('the code', () => {
  test.each([3, 1, 0] as const)(
    'presentation counter %i: refused in words, the code is not presented',
    async (tries) => {
      const deck = deckIn();
      for (let i = 0; i < { 3: 1, 1: 2, 0: 3 }[tries]; i += 1) {
        const connection = connectTo(deck);
        for (const apdu of ['FF A4 00 00 01 06', 'FF 20 00 00 03 01 02 03'])
          await connection.transmit(bytesOf(apdu), { deadlineMs: 100 });
      }
      expect(stateOf(deck).tries).toBe(tries);
      const { card, told } = await open(deck);
      expect(await card.write(nextRecord(card.identity, imageOf(deck), load))).toMatchObject({
        outcome: 'refused',
        error: { reason: 'codeTries', detail: expect.stringContaining(`0${String(tries)}`) },
      });
      expect(told).not.toContain('present');
      expect(told).not.toContain('write');
      expect(stateOf(deck).tries).toBe(tries);
    },
  );

  test('a wrong code costs one try, and nothing is written', async () => {
    const deck = deckIn();
    const { card, told } = await open(deck);
    const next = { ...nextRecord(card.identity, imageOf(deck), load), psc: bytesOf('000000') };
    expect(await card.write(next)).toMatchObject({ outcome: 'refused', error: { reason: 'codeTries' } });
    expect(await card.write(next)).toMatchObject({ outcome: 'refused' });
    expect(stateOf(deck).tries).toBe(3);
    expect(told.filter((name) => name === 'present')).toHaveLength(1);
    expect(told).not.toContain('write');
  });

  test('torn while it is presented: one try is gone, the record before is good', async () => {
    const deck = deckIn();
    await loadOnce(connectTo(deck), 100, nonce());
    deck.tear({ apdu: 'present', moment: 'during' });
    const { card } = await open(deck);
    const next = nextRecord(card.identity, imageOf(deck), load);
    expect(await card.write(next)).toMatchObject({ outcome: 'refused', error: { reason: 'removed' } });
    expect(stateOf(deck).tries).toBe(3);
    deck.insert('memory', 0);
    expect((await readAgain(connectTo(deck))).state.counter).toBe(1);
    expect(await loadOnce(connectTo(deck), 900, load.loadId)).toBe('refused');
  });
});

test('torn after every number of bytes written: the older record stands until the new one is whole', async () => {
  for (let bytes = 0; bytes <= 40; bytes += 1) {
    const deck = deckIn();
    await loadOnce(connectTo(deck), 100, nonce());
    const { card } = await open(deck);
    const next = nextRecord(card.identity, imageOf(deck), load);
    deck.tear({ apdu: 'write', moment: 'during', bytes });
    expect(await card.write(next)).toMatchObject({ outcome: 'unknown', error: { reason: 'removed' } });
    deck.insert('memory', 0);
    const { state, view } = await readAgain(connectTo(deck));
    // One torn before its last bytes is whole where those happen to stand there already.
    const isWhole = hexOf(imageOf(deck).subarray(SLOT_AT.b, SLOT_AT.b + 40)) === hexOf(next.record);
    if (bytes < 32 || bytes === 40) expect(isWhole, String(bytes)).toBe(bytes === 40);
    expect(state.counter, String(bytes)).toBe(isWhole ? 2 : 1);
    // Without keys a till sees it until all but the MAC and the reserved bytes are written.
    if (bytes < 28) expect(view.counter, String(bytes)).toBe(1);
    if (!isWhole)
      expect(await loadOnce(connectTo(deck), load.amount, load.loadId), String(bytes)).toBe('loaded');
    expect(readSlot(imageOf(deck), 'b').record).toMatchObject({ sequence: 2, credit: 1000 });
  }
});

test('a record of one card proves nothing on another', async () => {
  const deck = deckOf(SPECS.memory, { ...SPECS.memory, key: 'other', cardId: 'B2000000000000FF' });
  deck.insert('memory', 0);
  deck.insert('other', 1);
  const found = await recognise(connectTo(deck, 1));
  if (!found.ok || found.value.cardClass !== 'B') throw new Error('no memory card');
  const other = found.value;
  const { card } = await open(deck);
  const stolen = nextRecord(card.identity, imageOf(deck), load);
  const own = nextRecord(other.identity, imageOf(deck), load);
  // Written it can be, since the card checks nothing; but it is not the card's state.
  expect(await other.write({ ...stolen, psc: own.psc })).toMatchObject({ outcome: 'loaded' });
  const reading = await other.readStatus(nonce());
  if (!reading.ok) throw new Error('not read');
  expect(proven(other.identity, nonce(), reading.value.evidence)?.counter).toBe(0);
});

test('another card in the reader: nothing is written on it', async () => {
  const deck = deckOf(SPECS.memory, { ...SPECS.memory, key: 'other', cardId: 'B2000000000000FF' });
  deck.insert('memory', 0);
  deck.insert('other', 1);
  const [own, other] = [connectTo(deck, 0), connectTo(deck, 1)];
  let now = own;
  const found = await recognise({ ...own, transmit: (apdu, deadline) => now.transmit(apdu, deadline) });
  if (!found.ok || found.value.cardClass !== 'B') throw new Error('no memory card');
  const next = nextRecord(found.value.identity, imageOf(deck), load);
  now = other;
  const before = deck.card('other').state;
  expect(await found.value.write(next)).toMatchObject({ outcome: 'refused', error: { reason: 'otherCard' } });
  expect(await found.value.readStatus(nonce())).toMatchObject({ ok: false, error: { reason: 'otherCard' } });
  expect(deck.card('other').state).toEqual(before);
});

test('a chip that lets itself not be written is not believed', async () => {
  const deck = deckIn();
  const plain = connectTo(deck);
  // Its reader says yes to the code and to the writing, and does neither.
  const found = await recognise({
    ...plain,
    transmit(apdu, deadline) {
      const answer = { present: '9007', write: '9000' }[nameOf(apdu) as string];
      return answer === undefined
        ? plain.transmit(apdu, deadline)
        : Promise.resolve({ ok: true, value: bytesOf(answer) });
    },
  });
  if (!found.ok || found.value.cardClass !== 'B') throw new Error('no memory card');
  expect(await found.value.write(nextRecord(found.value.identity, imageOf(deck), load))).toMatchObject({
    outcome: 'refused',
    error: { reason: 'worn' },
  });
});
