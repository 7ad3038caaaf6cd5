import { expect, test, type TestContext } from 'vitest';
import { needs } from '../../../scripts/needs.ts';
import type { LoadOrder } from '../../../contracts/rules/meter-card/purse.ts';
import { bytesOf } from '../bytes.ts';
import type { CardSpec } from '../simulator/card-state.ts';
import { startVirtualCards } from '../simulator/virtual-cards.ts';
import { authorise, MASTERS, nextRecord } from '../testing/centre.ts';
import { loadOnce, nonce, readAgain, SPECS } from '../testing/conformance.ts';
import { pcscdFor } from '../testing/pcscd.ts';
import { transportTo, untilCard, value } from '../testing/stage.ts';
import type { CardConnection } from '../transport/port.ts';
import type { PurseCard } from './driver.ts';
import { recognise } from './registry.ts';

/** Orders stolen, kept and repeated, cards that do not answer: over a real daemon, with a card in each of its readers. */

async function stage(context: TestContext, ...specs: readonly CardSpec[]) {
  const daemon = await pcscdFor(context, needs);
  await daemon.start();
  const { transport } = transportTo(daemon, context);
  const cards = await startVirtualCards({
    vpcd: { port: daemon.readers[0].port },
    keys: MASTERS,
    cards: specs,
  });
  context.onTestFinished(() => cards.stop());
  async function open(slot: 0 | 1): Promise<CardConnection> {
    const { name } = daemon.readers[slot];
    await untilCard(transport, name, 'present');
    return value(await transport.connect(name, { exclusive: true }));
  }
  return { deck: cards.deck, transport, readers: daemon.readers, open };
}

async function purseIn(connection: CardConnection): Promise<PurseCard> {
  const found = await recognise(connection);
  if (!found.ok || found.value.cardClass !== 'A') throw new Error('no purse card');
  return found.value;
}

async function begun(card: PurseCard): Promise<{ readonly order: LoadOrder; readonly s2: Uint8Array }> {
  const terminal = new Uint8Array(8).fill(9);
  const order = { amount: 900, unit: card.identity.unit, loadId: nonce(), terminal, nonce: nonce() };
  const init = await card.initLoad(order);
  if (!init.ok) throw new Error(init.error.detail);
  const s2 = authorise(card.identity, order, init.value);
  if (s2 === null) throw new Error('S1 is wrong');
  return { order, s2 };
}

test('an order is good for one card, once, now', { timeout: 300_000 }, async (context) => {
  const { deck, open } = await stage(context, SPECS.purse, SPECS.purseT1);
  deck.insert('purse', 0);
  deck.insert('purse-t1', 1);
  const [connection, other] = [await open(0), await open(1)];
  const [own, foreign] = [await purseIn(connection), await purseIn(other)];
  const refused = { outcome: 'refused' };

  await begun(foreign);
  const first = await begun(own);
  expect(await foreign.load(first.s2), 'on another card').toMatchObject(refused);
  expect(await own.load(first.s2)).toMatchObject({ outcome: 'loaded' });
  expect(await own.load(first.s2), 'again').toMatchObject(refused);

  const kills: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['status', () => own.readStatus(nonce())],
    ['warm reset', () => connection.reset('warm')],
    ['cold reset', () => connection.reset('cold')],
  ];
  for (const [name, kill] of kills) {
    const { s2 } = await begun(own);
    await kill();
    expect(await own.load(s2), name).toMatchObject(refused);
    await purseIn(connection);
  }
  expect((await readAgain(connection)).state.counter).toBe(1);
  expect(deck.card('purse-t1').state).toMatchObject({ counter: 0 });
});

test('a memory card whose code somebody tried is not put at risk', { timeout: 300_000 }, async (context) => {
  const { deck, open } = await stage(context, SPECS.memory);
  deck.insert('memory', 0);
  const connection = await open(0);
  const found = await recognise(connection);
  if (!found.ok || found.value.cardClass !== 'B') throw new Error('no memory card');
  const card = found.value;
  const reading = await card.readStatus(nonce());
  if (!reading.ok) throw new Error(reading.error.detail);
  const order = nextRecord(card.identity, reading.value.evidence, { loadId: nonce(), amount: 100 });
  await connection.transmit(bytesOf('FF 20 00 00 03 00 00 00'), { deadlineMs: 10_000 });
  expect(await card.write(order)).toMatchObject({ outcome: 'refused', error: { reason: 'codeTries' } });
  expect(deck.card('memory').state).toMatchObject({ tries: 3 });
});

test(
  'a foreign card is said with its ATR; a mute one is given up, and works again when it was out',
  { timeout: 300_000 },
  async (context) => {
    const { deck, open, transport, readers } = await stage(context, SPECS.purse, SPECS.foreign);
    deck.insert('foreign', 1);
    expect(await recognise(await open(1))).toEqual({
      ok: false,
      error: { reason: 'foreign', detail: 'ATR 3B 65 00 00 56 49 52 54' },
    });

    deck.insert('purse', 0);
    const connection = await open(0);
    const card = await purseIn(connection);
    const { s2 } = await begun(card);
    deck.condition('purse', { mute: true });
    expect(await card.load(s2)).toMatchObject({ outcome: 'unknown', error: { reason: 'mute' } });
    deck.pull(0);
    deck.condition('purse', { mute: false, slowMs: 700 });
    await untilCard(transport, readers[0].name, 'absent');
    deck.insert('purse', 0);
    const again = await open(0);
    expect((await readAgain(again)).state.counter).toBe(0);
    expect(await loadOnce(again, 900, nonce())).toBe('loaded');
  },
);
