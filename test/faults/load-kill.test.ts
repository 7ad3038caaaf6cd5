import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { MeterCardState } from '../../contracts/ipw.ts';
import { fewestPieces } from '../../contracts/rules/denominations.ts';
import { qepik } from '../../contracts/money.ts';
import { unsound } from '../../core/testing/soundness.ts';
import { freePair } from '../../main/demo/day/day-loads.ts';
import { drained, logInWhenLet, must, openShift, takeMoney } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import type { VirtualCards } from '../../native-bridges/card/simulator/virtual-cards.ts';
import { PASSWORD } from '../e2e/demo.ts';
import { killAfter, placeForFaults, type FaultCounter } from './testing/fault-place.ts';
import { readJournal } from './testing/judge.ts';
import { cardsAt, freeRules, GAS, holds, LIGHT, type CardKey } from './testing/load-counter.ts';
import { report } from './testing/report.ts';
import { mintId } from './testing/script.ts';

/** The power goes right behind each entry that a load writes: afterwards the card has what was paid for, once. */

const place = placeForFaults();
let counter: FaultCounter;
let cards: VirtualCards;

beforeAll(async () => {
  await freeRules(place());
  const port = await freePair();
  cards = await cardsAt(place(), port);
  counter = await place().counter('WS07', { virtualReaders: port });
  await logInWhenLet(counter.station.ask, 'aygun', PASSWORD);
  await openShift(counter.station.ask, mintId(), fewestPieces(qepik(60_000)));
}, 300_000);
afterAll(() => cards.stop());

const ask = () => counter.station.ask();
const where = (what: string, fits: (state: MeterCardState) => boolean): Promise<MeterCardState> =>
  stateWhere(ask().meterCard, what, fits, 60_000);

async function put(key: CardKey): Promise<void> {
  cards.deck.pull(0);
  await where('no card', ({ card }) => card === null);
  cards.deck.insert(key, 0);
  await where('the card known', ({ card }) => card?.stage === 'known');
}

async function backAgain(env: Readonly<Record<string, string>> = {}): Promise<void> {
  await counter.station.start(env);
  await logInWhenLet(counter.station.ask, 'aygun', PASSWORD);
}

/** A load with the power cut behind its n-th entry. Answers whether the power went. */
async function cutBehind(key: CardKey, appends: number): Promise<boolean> {
  await counter.station.kill();
  // The log-in is an entry, too.
  await backAgain(killAfter(appends + 1));
  const running = counter.station.running();
  must('the next customer', await ask()['basket.clear']({}));
  await put(key);
  const before = holds(cards, key);
  const { units } = must('the price', await ask()['meterCard.order']({ amount: qepik(500 + appends) }));
  must('to the money', await ask()['basket.tender']({ back: false }));
  const sale = await stateWhere(ask().counter, 'the money', ({ stage }) => stage === 'tendering');
  const taking = takeMoney(counter.station.ask, sale, sale.total).catch(() => null);
  const ended = await Promise.race([running.exited, taking.then(settled)]);
  const struck = ended !== null;
  if (struck) await backAgain();
  // Asked again under its id: the first answer, or nothing was taken.
  const again = await takeMoney(counter.station.ask, sale, sale.total);
  if (!again.ok) expect(again.error.code).toBe('basketChanged');
  const paid = again.ok ? 1 : 0;
  for (let tries = 0; tries < 10 && paid === 1; tries += 1) {
    await put(key);
    const { load, open } = await where('nothing under way', (state) =>
      [state.load, ...state.open].every((one) => one?.stage !== 'working' && one?.stage !== 'written'),
    );
    const left = [load, ...open].find((one) => one && one.stage !== 'confirmed');
    if (!left) break;
    await ask()['load.finish']({ loadId: left.loadId });
  }
  await where('nothing open', ({ open }) => open.length === 0);
  expect(holds(cards, key), `behind entry ${appends}`).toMatchObject({
    counter: before.counter + paid,
    balance: before.balance + paid * units,
  });
  return struck;
}

/** The till is at rest: what a load writes, its confirmation last, is written. */
async function settled(): Promise<null> {
  await where('confirmed', ({ load }) => !load || load.stage === 'confirmed').catch(() => undefined);
  return null;
}

test.each([
  ['purse', LIGHT],
  ['memory', GAS],
] as const)(
  'killed −9 behind every entry of a load of a %s card: on the card once, or never paid',
  async (kind, key) => {
    let cuts = 0;
    while (await cutBehind(key, cuts + 1)) cuts += 1;
    expect(cuts).toBeGreaterThanOrEqual(4);
    await drained(counter.station.ask);
    const proof = await place().komis(['verify'], z.object({ ok: z.boolean() }));
    expect(proof.ok).toBe(true);
    await counter.station.stop();
    expect(unsound(readJournal(counter.dataDir))).toEqual([]);
    await backAgain();
    report(`kill −9 behind each of ${cuts} entries of a load of a ${kind} card`);
  },
);
