import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { LoadAtTill } from '../../contracts/ipw.ts';
import { qepik } from '../../contracts/money.ts';
import { drained, must } from '../../main/demo/day/teller.ts';
import { seededRandom, type Random } from '../../main/demo/day/random.ts';
import type { ApduName } from '../../native-bridges/card/simulator/faults.ts';
import { placeForFaults } from './testing/fault-place.ts';
import {
  freeRules,
  GAS,
  holds,
  LIGHT,
  loadCounter,
  WATER,
  type CardKey,
  type LoadCounter,
} from './testing/load-counter.ts';
import { report } from './testing/report.ts';
import { mintId } from './testing/script.ts';
import { PASSWORD } from '../e2e/demo.ts';

/**
 * Meter cards torn out at every command of a load, before and after what it does; lines that break; in any mixture. After
 * each: what was paid for is on the card once, the centre has its proof, and no card has what nobody paid for.
 */

const place = placeForFaults();
let counter: LoadCounter;

beforeAll(async () => {
  await freeRules(place());
  counter = await loadCounter(place(), 'WS07');
}, 300_000);
afterAll(() => counter.stop());

const deck = () => counter.cards.deck;

/** The card in the reader, known to the centre, and an empty basket. */
async function ready(key: CardKey): Promise<void> {
  deck().calm();
  deck().pull(0);
  await counter.where('no card', ({ card }) => card === null);
  await counter.ask()['basket.clear']({});
  deck().insert(key, 0);
  await counter.where('the card known', ({ card }) => card?.stage === 'known');
}

/** A load paid in cash; `before` is called when the money is about to be taken. Answers what was bought. */
async function pay(amount: number, before: () => void): Promise<{ readonly units: number }> {
  const { units } = must('the price', await counter.ask()['meterCard.order']({ amount: qepik(amount) }));
  must('to the money', await counter.ask()['basket.tender']({ back: false }));
  const { paymentId, revision, total } = await basket();
  before();
  const paying = { paymentId, revision, received: total, receivedPieces: null };
  must('the money', await counter.ask()['basket.accept'](paying));
  return { units };
}

const basket = () =>
  new Promise<{ paymentId: string; revision: number; total: number }>((done) => {
    const stop = counter.ask().counter((state) => {
      if (state.stage !== 'tendering') return;
      done(state);
      queueMicrotask(() => stop());
    });
  });

const isOver = (load: LoadAtTill | null): boolean => !load || load.stage === 'confirmed';

/** The holder puts the card in again until it has what was paid for. */
async function heal(key: CardKey): Promise<void> {
  deck().calm();
  counter.line.restore();
  for (let tries = 0; tries < 20; tries += 1) {
    deck().pull(0);
    await counter.where('no card', ({ card }) => card === null);
    deck().insert(key, 0);
    await counter.where(
      'the card known and nothing under way',
      ({ card, load, open }) =>
        card?.stage === 'known' && [load, ...open].every((one) => !one || one.stage !== 'working'),
    );
    const { load, open } = await counter.where('the loads', () => true);
    const owed = [load, ...open].find((one) => one && !isOver(one));
    if (!owed) return;
    if (owed.stage === 'owed') await counter.ask()['load.finish']({ loadId: owed.loadId });
    const now = await counter.where('the loads', () => true);
    if (isOver(now.load) && now.open.length === 0) return;
  }
  const { load, open } = await counter.where('the loads', () => true);
  throw new Error(`never healed: ${JSON.stringify([load, ...open])}`);
}

/** One load under a tear: answers whether it found an occasion. */
async function torn(key: CardKey, tear: Parameters<ReturnType<typeof deck>['tear']>[0]): Promise<boolean> {
  await ready(key);
  const before = holds(counter.cards, key);
  const { units } = await pay(500, () => deck().tear(tear));
  const struck = deck().tears().length === 0;
  await heal(key);
  await counter.where('confirmed', ({ load, open }) => isOver(load) && open.length === 0);
  expect(holds(counter.cards, key), JSON.stringify(tear)).toMatchObject({
    counter: before.counter + 1,
    balance: before.balance + units,
  });
  return struck;
}

async function proven(): Promise<void> {
  await drained(counter.ask);
  const proof = await place().komis(['verify'], z.object({ ok: z.boolean() }));
  expect(proof.ok).toBe(true);
}

test.each([
  [
    'a purse card of money',
    LIGHT,
    ['select', 'initLoad', 'load', 'getResponse', 'status'],
    ['before', 'after'],
  ],
  ['a purse card of volume', WATER, ['load'], ['before', 'after']],
  ['a memory card', GAS, ['selectType', 'read', 'counter', 'write'], ['before', 'during', 'after']],
] as const)(
  '%s, torn out at every command of a load',
  async (name, key, apdus, moments) => {
    let cases = 0;
    for (const apdu of apdus satisfies readonly ApduName[])
      for (const moment of moments)
        for (
          let nth = 1;
          await torn(key, { apdu, moment, nth, ...(moment === 'during' ? { bytes: 7 } : {}) });
          nth += 1
        )
          cases += 1;
    report(`${name}: torn at ${cases} commands, before and after`);
    expect(cases).toBeGreaterThanOrEqual(key === WATER ? 2 : 6);
    await proven();
  },
  600_000,
);

const LOADS = 500;

test('loads at random, cards torn and lines broken among them: Σ paid = Σ on cards', async () => {
  const random = seededRandom(2026);
  const before = [LIGHT, WATER, GAS].map((key) => holds(counter.cards, key as CardKey));
  const bought = new Map<string, number>();
  let tears = 0;
  for (let n = 0; n < LOADS; n += 1) {
    const key = [LIGHT, WATER, GAS][n % 3] as CardKey;
    await ready(key);
    const tear = tearAt(random, key);
    const { units } = await pay(100 + random.integer(0, 899), () => {
      if (tear) deck().tear(tear);
      if (n === 107) counter.line.cut();
      else if (n === 307) counter.line.loseAnswers();
    });
    bought.set(key, (bought.get(key) ?? 0) + units);
    if (tear && deck().tears().length === 0) tears += 1;
    await heal(key);
  }
  await counter.where('nothing open', ({ load, open }) => isOver(load) && open.length === 0);
  for (const [i, key] of ([LIGHT, WATER, GAS] as const).entries()) {
    const now = holds(counter.cards, key);
    expect(now.balance - (before[i]?.balance ?? 0), key).toBe(bought.get(key));
  }
  await proven();
  report(
    `${LOADS} loads, ${tears} cards torn out, the line cut once and answers lost once: each is on its card once`,
  );
}, 900_000);

function tearAt(random: Random, key: CardKey) {
  if (random.integer(0, 2) > 0) return null;
  const moments = key === GAS ? (['before', 'during', 'after'] as const) : (['before', 'after'] as const);
  const apdus: readonly ApduName[] =
    key === GAS
      ? ['write', 'write', 'read', 'selectType']
      : ['load', 'load', 'initLoad', 'select', 'getResponse'];
  return {
    apdu: random.pick(apdus),
    moment: random.pick(moments),
    nth: 1 + random.integer(0, 1),
    ...(key === GAS ? { bytes: random.integer(0, 11) } : {}),
  };
}

test('a card whose code was tried wrongly is not put at risk: the load stays owed, and a supervisor ends it', async () => {
  await ready(GAS);
  const before = holds(counter.cards, GAS);
  await pay(500, () => deck().tear({ apdu: 'present', moment: 'during' }));
  deck().calm();
  for (let tries = 0; tries < 2; tries += 1) {
    deck().pull(0);
    await counter.where('no card', ({ card }) => card === null);
    deck().insert(GAS, 0);
    await counter.where('read again', ({ card, load }) => card?.stage === 'known' && load?.stage === 'owed');
    const { load } = await counter.where('the load', () => true);
    await counter.ask()['load.finish']({ loadId: load?.loadId ?? '' });
  }
  const { load } = await counter.where('the load', () => true);
  expect(load).toMatchObject({ stage: 'owed', reason: 'codeTries' });
  expect(holds(counter.cards, GAS)).toMatchObject({ counter: before.counter, balance: before.balance });
  expect(holds(counter.cards, GAS).tries).toBeLessThan(7);
  const supervisor = { supervisor: 'rauf', password: PASSWORD };
  const storno = {
    stornoId: mintId(),
    paymentId: load?.paymentId ?? '',
    reason: 'other',
    note: '',
    cardBack: 'reversal',
    ...supervisor,
  } as const;
  expect(await counter.ask()['storno.make'](storno)).toMatchObject({
    ok: false,
    error: { code: 'loadNotCancelled' },
  });
  const ended = await counter.ask()['load.writeOff']({
    loadId: load?.loadId ?? '',
    reason: 'memoryCard',
    note: 'kartın kodu bağlanıb',
    ...supervisor,
  });
  must('the write-off', ended);
  must('the storno', await counter.ask()['storno.make'](storno));
  await proven();
}, 120_000);
