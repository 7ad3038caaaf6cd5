import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { LoadOrder } from '../../../../contracts/rules/meter-card/purse.ts';
import { bytesOf, hexOf } from '../../bytes.ts';
import { authorise, proven } from '../../testing/centre.ts';
import { nonce, SPECS } from '../../testing/conformance.ts';
import { deckOf } from '../../testing/deck-bench.ts';
import { connectTo } from '../../testing/deck-connection.ts';
import { scripted } from '../../testing/scripted-connection.ts';
import type { Deck } from '../../simulator/deck.ts';
import type { Connection } from '../connection.ts';
import type { PurseCard } from '../driver.ts';
import { recognise } from '../registry.ts';
import { PURSE_ATR } from './purse.ts';

type Key = 'purse' | 'purseT1';
const TERMINAL = bytesOf('0102030405060708');
const BOTH = ['purse', 'purseT1'] as const;

async function open(connection: Connection): Promise<PurseCard> {
  const found = await recognise(connection);
  if (!found.ok || found.value.cardClass !== 'A') throw new Error('no purse card');
  return found.value;
}

function deckWith(...keys: readonly Key[]): Deck {
  const deck = deckOf(...keys.map((key) => SPECS[key]));
  keys.forEach((key, slot) => deck.insert(SPECS[key].key, slot));
  return deck;
}

const orderFor = (card: PurseCard, changes: Partial<LoadOrder> = {}): LoadOrder => ({
  amount: 700,
  unit: card.identity.unit,
  loadId: nonce(),
  terminal: TERMINAL,
  nonce: nonce(),
  ...changes,
});

/** An order the card waits for, and the centre's word for it. */
async function begun(card: PurseCard, order = orderFor(card)): Promise<{ order: LoadOrder; s2: Uint8Array }> {
  const init = await card.initLoad(order);
  if (!init.ok) throw new Error(init.error.detail);
  const s2 = authorise(card.identity, order, init.value);
  if (s2 === null) throw new Error('S1 is wrong');
  return { order, s2 };
}

const counterOf = (deck: Deck, key: Key): number => {
  const { state } = deck.card(SPECS[key].key);
  return state.kind === 'purse' ? state.counter : -1;
};

describe.each(BOTH)('%s', (key) => {
  test('an order is taken once: the same again is refused', async () => {
    const deck = deckWith(key);
    const card = await open(connectTo(deck));
    const { s2 } = await begun(card);
    expect(await card.load(s2)).toMatchObject({
      outcome: 'loaded',
      value: { said: { counter: 1, balance: 700 } },
    });
    expect(await card.load(s2)).toMatchObject({
      outcome: 'refused',
      error: { reason: 'cardRefused', detail: expect.stringContaining('6985') },
    });
    await begun(card);
    expect(await card.load(s2)).toMatchObject({
      outcome: 'refused',
      error: { detail: expect.stringContaining('6982') },
    });
    expect(counterOf(deck, key)).toBe(1);
  });

  test('every altered order is refused: each bit of S2, each field under it', async () => {
    const deck = deckWith(key);
    const card = await open(connectTo(deck));
    for (let bit = 0; bit < 64; bit += 1) {
      const { s2 } = await begun(card);
      const altered = s2.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(await card.load(altered)).toMatchObject({ outcome: 'refused' });
      // The challenge is dead: the right one comes too late.
      expect(await card.load(s2)).toMatchObject({
        outcome: 'refused',
        error: { detail: expect.stringContaining('6985') },
      });
    }
    const order = orderFor(card);
    const lies: Partial<LoadOrder>[] = [
      { amount: 701 },
      { loadId: nonce() },
      { terminal: new Uint8Array(8) },
    ];
    for (const lie of lies) {
      const init = await card.initLoad(order);
      if (!init.ok) throw new Error(init.error.detail);
      // A till that lies: S1 is over what the card was told, so the centre refuses what the till says it told.
      expect(authorise(card.identity, { ...order, ...lie }, init.value)).toBeNull();
    }
    expect(counterOf(deck, key)).toBe(0);
  });

  test('the challenge dies with any command, GET STATUS above all, and with a reset', async () => {
    const deck = deckWith(key);
    const connection = connectTo(deck);
    const card = await open(connection);
    const between: Record<string, () => Promise<unknown>> = {
      status: () => card.readStatus(nonce()),
      'a second order': () => card.initLoad(orderFor(card)),
      'an order it refuses': () => card.initLoad(orderFor(card, { amount: 0 })),
      select: () => open(connection),
      'an unknown command': () => connection.transmit(bytesOf('80 99 00 00'), { deadlineMs: 100 }),
      'bytes that are no command': () => connection.transmit(bytesOf('80'), { deadlineMs: 100 }),
      'a stray GET RESPONSE': async () => {
        for (let i = 0; i < 2; i += 1)
          await connection.transmit(bytesOf('00 C0 00 00 01'), { deadlineMs: 100 });
      },
      // Without SELECT: that would kill it, too.
      reset: () => connection.reset('warm'),
      'power loss': () => connection.reset('cold'),
    };
    for (const [name, act] of Object.entries(between)) {
      const { s2 } = await begun(card);
      await act();
      expect(await card.load(s2), name).toMatchObject({ outcome: 'refused' });
      expect(counterOf(deck, key), name).toBe(0);
      await open(connection);
    }
    const { s2 } = await begun(card);
    expect(await card.load(s2)).toMatchObject({ outcome: 'loaded' });
  });

  test('what it cannot take it refuses in words, and stays as it was', async () => {
    const deck = deckWith(key);
    const card = await open(connectTo(deck));
    const unit = card.identity.unit === 'money' ? 'litres' : 'money';
    expect(await card.initLoad(orderFor(card, { amount: 4_000_000_001 }))).toMatchObject({
      ok: false,
      error: { reason: 'cardFull', detail: expect.stringContaining('6A84') },
    });
    for (const wrong of [{ unit }, { amount: 0 }] as const)
      expect(await card.initLoad(orderFor(card, wrong))).toMatchObject({
        ok: false,
        error: { reason: 'cardRefused', detail: expect.stringContaining('6A80') },
      });
    deck.condition(SPECS[key].key, { worn: true });
    const { s2 } = await begun(card);
    expect(await card.load(s2)).toMatchObject({
      outcome: 'unknown',
      error: { reason: 'worn', detail: expect.stringContaining('6581') },
    });
    expect(counterOf(deck, key)).toBe(0);
  });

  test('a status is good for its own nonce and its own card', async () => {
    const card = await open(connectTo(deckWith(key)));
    const [asked, other] = [nonce(), nonce()];
    const reading = await card.readStatus(asked);
    if (!reading.ok) throw new Error(reading.error.detail);
    expect(proven(card.identity, asked, reading.value.evidence)).toMatchObject({ counter: 0 });
    expect(proven(card.identity, other, reading.value.evidence)).toBeNull();
    const elsewhere = { ...card.identity, cardId: new Uint8Array(randomBytes(8)) };
    expect(proven(elsewhere, asked, reading.value.evidence)).toBeNull();
    for (let at = 0; at < 87; at += 1) {
      const altered = reading.value.evidence.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(proven(card.identity, asked, altered), String(at)).toBeNull();
    }
  });
});

test('an order of one card is none on another, also on its copy', async () => {
  const deck = deckWith('purse');
  deck.clone('purse', 'copy');
  deck.insert('copy', 1);
  const [own, copy] = [await open(connectTo(deck, 0)), await open(connectTo(deck, 1))];
  const order = orderFor(own);
  const { s2 } = await begun(own, order);
  await begun(copy, order);
  expect(await copy.load(s2)).toMatchObject({ outcome: 'refused' });
  expect(await own.load(s2)).toMatchObject({ outcome: 'loaded' });
});

test('a card put back to what it was takes no old order, and its counter tells', async () => {
  const deck = deckWith('purse');
  const card = await open(connectTo(deck));
  deck.keep('purse');
  const { s2 } = await begun(card);
  await card.load(s2);
  deck.pull(0);
  deck.rollBack('purse');
  deck.insert('purse', 0);
  const again = await open(connectTo(deck));
  await begun(again);
  expect(await again.load(s2)).toMatchObject({ outcome: 'refused' });
  expect(counterOf(deck, 'purse')).toBe(0);
});

describe('answers of a card that lies or stammers', () => {
  const FCI =
    '6F 22 84 08 F04B4F4D49535031 A5 16 C0 08 A100000000000001 C1 03 323031 C2 01 41 C3 01 01 C4 01 01 C5 01 01'
      .replace('6F 22', '6F 27')
      .replace('A5 16', 'A5 1B');
  const start = [`${FCI}9000`];
  const purse = (answers: readonly string[]): Promise<PurseCard> =>
    open(scripted('T=1', [...start, ...answers], { atr: PURSE_ATR.t0 }));

  test('LOAD: what is no answer and no refusal is unknown', async () => {
    for (const answer of [
      '9000',
      `${'00'.repeat(15)}9000`,
      `${'00'.repeat(17)}9000`,
      '6300',
      '6581',
      '6F00',
      '6110',
      '',
      'AA',
    ])
      expect(await (await purse([answer])).load(new Uint8Array(8)), answer).toMatchObject({
        outcome: 'unknown',
      });
    for (const answer of ['6400', '6700', '6982', '6985', '6A80', '6D00', '6E00'])
      expect(await (await purse([answer])).load(new Uint8Array(8)), answer).toMatchObject({
        outcome: 'refused',
      });
  });

  test('INIT LOAD and GET STATUS of another card, or of no form', async () => {
    const other = `${'BB'.repeat(8)}${'00'.repeat(33)}9000`;
    expect(await (await purse([other])).initLoad(orderFor(await purse([])))).toMatchObject({
      error: { reason: 'otherCard' },
    });
    expect(await (await purse(['AA9000'])).initLoad(orderFor(await purse([])))).toMatchObject({
      error: { reason: 'unreadable' },
    });
    const status = `01${'BB'.repeat(8)}0101${'00'.repeat(76)}9000`;
    expect(await (await purse([status])).readStatus(nonce())).toMatchObject({
      error: { reason: 'otherCard' },
    });
    expect(await (await purse([status.replace('01', '02')])).readStatus(nonce())).toMatchObject({
      error: { reason: 'unreadable' },
    });
  });

  test('SELECT: what is no such FCI is a card we do not know', async () => {
    const good = bytesOf(FCI);
    expect(hexOf((await purse([])).identity.cardId)).toBe('A100000000000001');
    for (let at = 0; at < good.length; at += 1) {
      const bytes = hexOf(good.slice(0, at));
      const found = await recognise(scripted('T=1', [`${bytes}9000`], { atr: PURSE_ATR.t0 }));
      expect(found).toMatchObject({
        ok: false,
        error: { reason: 'foreign', detail: expect.stringContaining('3B 08') },
      });
    }
    const newer = FCI.replace('C5 01 01', 'C5 01 02');
    expect(await recognise(scripted('T=1', [`${newer}9000`], { atr: PURSE_ATR.t0 }))).toMatchObject({
      error: { reason: 'foreign' },
    });
  });
});
