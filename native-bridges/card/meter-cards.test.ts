import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoadRequest, MeterCardEvent, MeterCardPort } from '../../core/ports/meter-card.ts';
import { createMeterCards } from './meter-cards.ts';
import { startVirtualCards, type VirtualCards } from './simulator/virtual-cards.ts';
import { authorise, isProofOfLoad, MASTERS, nextRecord, proven } from './testing/centre.ts';
import { deckOf } from './testing/deck-bench.ts';
import { connectTo } from './testing/deck-connection.ts';
import type { CardTransport, ReaderState } from './transport/port.ts';
import { openVirtualReaders } from './transport/virtual-readers.ts';

/** The counter's port over virtual readers and virtual cards: what core/counter/load-desk.ts relies on. */

const PURSE = {
  kind: 'purse',
  key: 'purse',
  cardId: '7730014108022617',
  company: '201',
  meter: '4418207',
  unit: 'litres',
} as const;
const MEMORY = {
  kind: 'memory',
  key: 'memory',
  cardId: '7730014108022618',
  company: '202',
  meter: '4418208',
  unit: 'litres',
} as const;
const FOREIGN = { kind: 'foreign', key: 'foreign' } as const;
const keyOf = (spec: { readonly cardId: string }) => Uint8Array.from(Buffer.from(spec.cardId, 'hex'));
const identityOf = (spec: typeof PURSE | typeof MEMORY) => ({
  cardClass: spec.kind === 'purse' ? ('A' as const) : ('B' as const),
  cardId: keyOf(spec),
  company: spec.company,
  meter: spec.meter,
  unit: spec.unit,
  keyRevision: 1,
});
const nonce = new Uint8Array(16).fill(7);
const order = (amount: number): LoadRequest => ({
  loadId: Uint8Array.from({ length: 16 }, (_, i) => i + amount),
  amount,
  unit: 'litres',
  terminal: new Uint8Array(8).fill(1),
  nonce,
});

let cards: VirtualCards;
let port: MeterCardPort;
let heard: MeterCardEvent[];

beforeEach(async () => {
  const readers = openVirtualReaders({ port: 0, count: 1, nowMs: Date.now });
  cards = await startVirtualCards({
    vpcd: { port: await readers.listening },
    slots: 1,
    keys: MASTERS,
    cards: [PURSE, MEMORY, FOREIGN],
  });
  heard = [];
  port = createMeterCards(readers);
  port.watch((event) => void heard.push(event));
});
afterEach(async () => {
  await cards.stop();
  await port.dispose();
});

/** Puts a card in and answers its insertion, when the port has told of it. */
async function insert(key: string): Promise<number> {
  const before = heard.filter(({ kind }) => kind === 'cardIn').length;
  cards.deck.insert(key, 0);
  await expect.poll(() => heard.filter(({ kind }) => kind === 'cardIn').length).toBe(before + 1);
  const last = heard.findLast((event) => event.kind === 'cardIn');
  return last?.insertion ?? 0;
}
const out = async (insertion: number): Promise<void> => {
  await expect
    .poll(() => heard.some((event) => event.kind === 'cardOut' && event.insertion === insertion))
    .toBe(true);
};
function value<T>(answer: { ok: true; value: T } | { ok: false; failure: unknown }): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

async function load(insertion: number, amount: number) {
  const asked = order(amount);
  const prepared = value(await port.prepare(insertion, asked));
  if (prepared.cardClass === 'B') {
    const made = nextRecord(identityOf(MEMORY), prepared.image, asked);
    return port.write(insertion, { cardClass: 'B', ...made });
  }
  const s2 = authorise(identityOf(PURSE), asked, prepared);
  if (!s2) throw new Error('S1 is wrong');
  return port.write(insertion, { cardClass: 'A', s2 });
}

test('a purse card: known, read, loaded once, with proofs the centre takes', async () => {
  const insertion = await insert('purse');
  expect(value(await port.identify(insertion))).toEqual({
    cardClass: 'A',
    cardId: PURSE.cardId,
    company: '201',
    meter: '4418207',
    unit: 'litres',
  });
  const written = await load(insertion, 5000);
  if (written.kind !== 'written' || !('s3' in written.proof)) throw new Error(JSON.stringify(written));
  expect(isProofOfLoad(identityOf(PURSE), order(5000), written.proof)).toBe(true);
  const read = value(await port.read(insertion, nonce));
  expect(read).toMatchObject({ counter: 1, balance: 5000, last: { amount: 5000 } });
  expect(read.last?.loadId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(proven(identityOf(PURSE), nonce, read.evidence)).toMatchObject({ counter: 1, balance: 5000 });
});

test('a memory card: the record is written, read back, and is the card’s state', async () => {
  const insertion = await insert('memory');
  expect(value(await port.identify(insertion))).toMatchObject({ cardClass: 'B', cardId: MEMORY.cardId });
  const written = await load(insertion, 700);
  if (written.kind !== 'written' || !('image' in written.proof)) throw new Error(JSON.stringify(written));
  expect(proven(identityOf(MEMORY), nonce, written.proof.image)).toMatchObject({ counter: 1 });
  const read = value(await port.read(insertion, nonce));
  expect(proven(identityOf(MEMORY), nonce, read.evidence)).toMatchObject({ counter: 1 });
});

test.each([
  ['before', 0],
  ['after', 5000],
] as const)('a purse torn %s its commit is unknown, and the next reading tells', async (moment, balance) => {
  const insertion = await insert('purse');
  cards.deck.tear({ apdu: 'load', moment });
  expect(await load(insertion, 5000)).toMatchObject({ kind: 'unknown' });
  await out(insertion);
  const again = await insert('purse');
  expect(again).not.toBe(insertion);
  expect(value(await port.read(again, nonce)).balance).toBe(balance);
  expect(await port.read(insertion, nonce)).toMatchObject({ ok: false, failure: { reason: 'removed' } });
});

test('what is between prepare and write kills the order: a reading proves that it can never be used', async () => {
  const insertion = await insert('purse');
  const asked = order(5000);
  const prepared = value(await port.prepare(insertion, asked));
  if (prepared.cardClass !== 'A') throw new Error('a purse');
  const s2 = authorise(identityOf(PURSE), asked, prepared);
  if (!s2) throw new Error('S1 is wrong');
  await port.read(insertion, nonce);
  expect(await port.write(insertion, { cardClass: 'A', s2 })).toMatchObject({ kind: 'refused' });
  // A till that lies and prepares anew with the old order: the challenge is another.
  await port.prepare(insertion, asked);
  expect(await port.write(insertion, { cardClass: 'A', s2 })).toMatchObject({ kind: 'refused' });
  expect(value(await port.read(insertion, nonce)).balance).toBe(0);
});

test('a foreign card is said to be one, with its ATR; nothing is in the reader without one', async () => {
  const insertion = await insert('foreign');
  const identified = await port.identify(insertion);
  expect(identified).toMatchObject({ ok: false, failure: { reason: 'foreign' } });
  expect(!identified.ok && identified.failure.detail).toContain('3B 65');
  expect(port.service()).toMatchObject({ state: 'ready', readers: [{ state: 'card', virtual: true }] });
  cards.deck.pull(0);
  await out(insertion);
  expect(port.service().readers[0]?.state).toBe('empty');
});

test('a mute card is said to be mute, and the next one works', async () => {
  cards.deck.condition('purse', { mute: true });
  cards.deck.insert('purse', 0);
  await expect.poll(() => port.service().readers[0]?.state, { timeout: 20_000 }).toBe('empty');
  cards.deck.condition('purse', { mute: false });
  cards.deck.pull(0);
  const insertion = await insert('purse');
  expect(value(await port.identify(insertion)).cardId).toBe(PURSE.cardId);
});

test('a card changed for another faster than anybody looked is a new insertion, never the old card', async () => {
  const deck = deckOf(PURSE, MEMORY);
  deck.insert('purse', 0);
  // The service sees one presence all the time, as one that looks a few times a second does.
  const present: ReaderState = {
    name: 'Virtual PCD 00 00',
    card: 'present',
    atr: new Uint8Array(),
    held: 'free',
    insertion: 1,
  };
  const blind: CardTransport = {
    watch(listener) {
      listener({ service: { state: 'running', since: 0 }, readers: [present] });
      return () => undefined;
    },
    readers: () => [present],
    connect: async () => ({ ok: true, value: { ...connectTo(deck), ...NOTHING_ELSE } }),
    dispose: async () => undefined,
  };
  const seen: MeterCardEvent[] = [];
  const cardsThere = createMeterCards(blind);
  cardsThere.watch((event) => void seen.push(event));
  const first = seen.find((event) => event.kind === 'cardIn')?.insertion ?? 0;
  expect(value(await cardsThere.identify(first)).cardId).toBe(PURSE.cardId);
  deck.pull(0);
  deck.insert('memory', 0);
  expect(await cardsThere.prepare(first, order(100))).toMatchObject({
    ok: false,
    failure: { reason: 'removed' },
  });
  const second = seen.findLast((event) => event.kind === 'cardIn')?.insertion ?? 0;
  expect(seen).toContainEqual({ kind: 'cardOut', insertion: first });
  expect(second).not.toBe(first);
  expect(value(await cardsThere.identify(second)).cardId).toBe(MEMORY.cardId);
  await cardsThere.dispose();
});

const done = async (): Promise<{ ok: true; value: undefined }> => ({ ok: true, value: undefined });
const NOTHING_ELSE = {
  begin: done,
  end: done,
  control: async () => ({ ok: true as const, value: new Uint8Array() }),
  close: async () => undefined,
};
