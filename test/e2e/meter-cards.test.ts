import { readFileSync } from 'node:fs';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { MeterCardState } from '../../contracts/ipw.ts';
import { seededSchema, specOf, type DemoMeterCards } from '../../main/demo/meter-cards.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { startVirtualCards, type VirtualCards } from '../../native-bridges/card/simulator/virtual-cards.ts';
import { pcscdFor, type Pcscd } from '../../native-bridges/card/testing/pcscd.ts';
import { needs } from '../../scripts/needs.ts';
import { PASSWORD } from './demo.ts';
import { placeForTests } from './fixture.ts';
import type { Hands } from './hands.ts';

/**
 * Meter cards at the counter over the whole chain: a real window, a real core host, PC/SC in its process, a real daemon with
 * virtual readers, virtual cards, and the centre's keys and books.
 */

let daemon: Pcscd | undefined;
let cards: VirtualCards | undefined;
let demo: DemoMeterCards | undefined;
const cleaners: (() => Promise<unknown>)[] = [];

// Before the place is made: its workstation is to find this daemon and no other.
beforeEach(async (context) => {
  if (daemon) return;
  const onTestFinished = (clean: () => Promise<void>): void => void cleaners.push(clean);
  daemon = await pcscdFor({ skip: (note) => context.skip(note), onTestFinished }, () =>
    needs(context, 'pcscd'),
  );
  await daemon.start();
}, 60_000);
const place = placeForTests({ env: () => daemon?.environment ?? {} });
beforeEach(async () => {
  if (cards) {
    cards.deck.calm();
    cards.deck.pull(0);
    await cardWhere('no card', ({ card }) => card === null);
    return;
  }
  demo = await place().komis(['demo', 'meter-cards'], seededSchema);
  const keys = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(demo.cardKeysFile, 'utf8')));
  cards = await startVirtualCards({
    vpcd: { port: daemon?.readers[0].port ?? 0 },
    slots: 1,
    keys: { ...keys, '999:1': '0'.repeat(32) },
    cards: [...demo.meterCards.map(specOf), STRANGE, FOREIGN],
  });
  const stop = cards.stop;
  cleaners.push(() => stop());
}, 60_000);
afterAll(async () => {
  for (const clean of cleaners.reverse()) await clean();
});

const LIGHT = 'elektrik-1104552018';
const WATER = 'su-30881204';
const GAS = 'qaz-0801417730';
/** A card of our kind whose company is none of ours. */
const STRANGE = {
  kind: 'purse',
  key: 'strange',
  cardId: '4B4D0000000009FF',
  company: '999',
  meter: '1',
  unit: 'money',
} as const;
const FOREIGN = { kind: 'foreign', key: 'foreign' } as const;

const deck = () => {
  if (!cards) throw new Error('the virtual cards are not there yet');
  return cards.deck;
};
const holds = (key: string) => {
  const { state } = deck().card(key);
  if (state.kind !== 'purse') throw new Error(`${key} is no purse`);
  return { counter: state.counter, balance: state.balance };
};
/** Changes the card in the reader as a hand does: the daemon looks a few times a second. */
async function put(key: string): Promise<void> {
  deck().pull(0);
  await cardWhere('no card', ({ card }) => card === null);
  deck().insert(key, 0);
  await cardWhere('a card', ({ card }) => card !== null);
}
const cardWhere = (what: string, fits: (state: MeterCardState) => boolean) =>
  stateWhere(place().ask().meterCard, what, fits, 60_000);
const settled = () =>
  cardWhere('nothing open', ({ open, load }) => open.length === 0 && (!load || load.stage === 'confirmed'));
/** What the centre has of the loads: Σ paid = Σ on cards + Σ owed + Σ given back is proven by `verify`. */
const loadStates = async (): Promise<string[]> =>
  (await place().komis(['loads', 'list'], z.array(z.object({ loadId: z.string(), state: z.string() })))).map(
    ({ state }) => state,
  );
const proven = async (): Promise<void> =>
  expect(await place().komis(['verify'], z.object({ ok: z.boolean() }))).toEqual({ ok: true });

/** From the counter: the card goes in, an amount, Enter to the money, Enter for exact cash. */
async function pay(teller: Hands, amount: string): Promise<void> {
  await teller.sees('load-amount-field');
  await expect.poll(teller.focused, { timeout: 30_000 }).toBe('load-amount-field');
  await teller.type(amount);
  await teller.press('Enter');
  await teller.sees('quote-units');
  await teller.press('Enter');
  await teller.sees('received');
  await teller.press('Enter');
}

test('a card put in is recognised at once; an amount and three keys load it, and the receipt says so', async () => {
  const teller = await place().atCounter();
  const before = place().paper.mark();
  await put(WATER);
  await teller.sees('card-number', '4B4D 0000 0000 0303');
  await teller.sees('card-holder');
  await teller.shot('meter-card-in');
  await pay(teller, '10');
  await teller.sees('load-word', /yükləndi/);
  await teller.shot('meter-card-loaded');
  await settled();
  // 10,0 m³ at 70 q and 2,727 at 110 q, less 5,0 m³ of credit.
  expect(holds(WATER)).toEqual({ counter: 1, balance: 7727 });
  expect(await loadStates()).toContain('confirmed');
  const paper = place().paper.since(before).text;
  for (const words of ['Karta yükləndi', '7,727 m³', '4418207']) expect(paper).toContain(words);
  await proven();
  await teller.press('Enter');
  await teller.sees('find');
});

test.each(['before', 'after'] as const)(
  'torn out %s the card has it: the screen says that only the card knows, and it heals when the card is back',
  async (moment) => {
    const teller = await place().atCounter();
    const { counter, balance } = holds(LIGHT);
    await put(LIGHT);
    deck().tear({ apdu: 'load', moment });
    await pay(teller, '20');
    await expect
      .poll(() => teller.at('load-view').getAttribute('data-phase'), { timeout: 30_000 })
      .toBe('torn');
    await teller.shot(`meter-card-torn-${moment}`);
    expect(holds(LIGHT).counter).toBe(moment === 'after' ? counter + 1 : counter);
    // Another card is not it, and is left alone.
    await put(WATER);
    await teller.sees('card-number', '4B4D 0000 0000 0303');
    const water = holds(WATER);
    expect(holds(WATER)).toEqual(water);
    // No money is given back while the card may have it.
    await put(LIGHT);
    await teller.sees('load-word', /yükləndi/);
    await teller.shot(`meter-card-healed-${moment}`);
    await settled();
    expect(holds(LIGHT)).toEqual({ counter: counter + 1, balance: balance + 2000 });
    await proven();
  },
);

test('the till dies while the card is written; any order of what was lost, the card has it once', async () => {
  const teller = await place().atCounter();
  const { counter, balance } = holds(LIGHT);
  await put(LIGHT);
  await teller.sees('load-amount-field');
  // The card takes its time over LOAD: the power fails meanwhile.
  deck().condition(LIGHT, { slowMs: 1500 });
  await pay(teller, '5');
  await cardWhere('being written', ({ load }) => load?.doing === 'writing');
  await place().workstation.kill();
  deck().condition(LIGHT, { slowMs: 0 });
  teller.expects(/WebSocket|ERR_CONNECTION/);
  await place().workstation.start(daemon?.environment);
  await place().ask()['session.login']({ username: 'aygun', password: PASSWORD });
  await cardWhere('settled by the card', ({ open }) => open.length === 0);
  expect(holds(LIGHT)).toEqual({ counter: counter + 1, balance: balance + 500 });
  await proven();
});

test('what the meter must do first is said before money is asked for', async () => {
  const teller = await place().atCounter();
  await put(GAS);
  await teller.sees('load-amount-field');
  await teller.type('10');
  await teller.press('Enter');
  await expect.poll(() => teller.words(), { timeout: 30_000 }).toContain('Sayğac bu kartı hələ tanımır');
  await teller.shot('meter-card-first-load');
  deck().pull(0);
  deck().useAtMeter(GAS, 0);
  await put(GAS);
  await cardWhere('known to its meter', ({ card }) => card?.centre?.warnings.length === 0);
  await pay(teller, '10');
  await teller.sees('load-word', /yükləndi/);
  await settled();
  await proven();
});

test('a card of a company we do not have, and one of nobody: said in words, nothing is written', async () => {
  const teller = await place().atCounter();
  await put('strange');
  await teller.sees('card-instead');
  await expect.poll(() => teller.words(), { timeout: 30_000 }).toContain('qeydiyyatda yoxdur');
  await teller.shot('meter-card-strange');
  expect(holds('strange')).toEqual({ counter: 0, balance: 0 });
  await put('foreign');
  await expect.poll(() => teller.words(), { timeout: 30_000 }).toContain('tanıdığımız sayğac kartı deyil');
  await teller.shot('meter-card-foreign');
});

test('without the centre the card’s own word is shown and no load is sold; bills go on', async () => {
  const teller = await place().atCounter();
  place().line.cut();
  await place().status('the line down', ({ centre }) => centre.link !== 'online');
  await put(WATER);
  await teller.sees('card-number', '4B4D 0000 0000 0303');
  await cardWhere('read here alone', ({ card }) => card?.stage === 'here');
  await teller.shot('meter-card-offline');
  expect(await teller.at('load-amount-field').count()).toBe(0);
  place().line.restore();
  await cardWhere('known to the centre', ({ card }) => card?.stage === 'known');
});

test('the daemon dies and comes back under the teller’s hands: the reader is said to be away, and works again', async () => {
  const teller = await place().atCounter();
  await put(WATER);
  await cardWhere('in', ({ card }) => card?.stage === 'known');
  await daemon?.kill();
  await cardWhere('the service away', ({ service, card }) => service === 'noService' && card === null);
  await teller.shot('meter-card-no-service');
  await daemon?.start();
  const back = await cardWhere('back', ({ card }) => card?.stage === 'known');
  expect(back.service).toBe('ready');
});
