import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { z } from 'zod';
import type { MeterCardState } from '../../../contracts/ipw.ts';
import type { EntryBody } from '../../../contracts/journal.ts';
import { qepik } from '../../../contracts/money.ts';
import {
  startVirtualCards,
  type VirtualCards,
} from '../../../native-bridges/card/simulator/virtual-cards.ts';
import type { KomisOptions } from '../komis-cli.ts';
import { seedMeterCards, specOf } from '../meter-cards.ts';
import { stateWhere } from '../watch.ts';
import type { Workstation } from '../workstation.ts';
import type { Invariant } from './invariants.ts';
import type { Power } from './power.ts';
import type { Random } from './random.ts';
import { notePayment, type Account, type Tally } from './tally.ts';
import { must, takeMoney, type Ask } from './teller.ts';

/** Meter cards are topped up: some are torn out, and sometimes the power goes while one is written. */

export type DayCards = {
  /** Of the workstation's first virtual reader. */
  readonly port: number;
  readonly cards: VirtualCards;
};

/** The demo's virtual cards, for readers on a free pair of ports. */
export async function startDayCards(cli: KomisOptions, stateFile: string): Promise<DayCards> {
  const { cardKeysFile, meterCards } = await seedMeterCards(cli);
  const port = await freePair();
  const cards = await startVirtualCards({
    vpcd: { port },
    slots: 1,
    stateFile,
    keys: z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(cardKeysFile, 'utf8'))),
    cards: meterCards.map(specOf),
  });
  return { port, cards };
}

const TROUBLES = ['none', 'before', 'after', 'none', 'power'] as const;

type Parts = {
  readonly ask: Ask;
  readonly station: Workstation;
  readonly power: Power;
  readonly random: Random;
  readonly accounts: readonly Account[];
  readonly cards: VirtualCards;
};

/** Tops up `count` cards, one after the other, whatever happens to each. Answers what happened. */
export async function topUp(parts: Parts, tally: Tally, count: number): Promise<Record<string, number>> {
  const { ask, random, power, cards } = parts;
  const met: Record<string, number> = {};
  const keys = cards.view().cards.map(({ key }) => key);
  for (let n = 0; n < count; n += 1) {
    const key = keys[n % keys.length] ?? '';
    const trouble = TROUBLES[n % TROUBLES.length] ?? 'none';
    met[trouble] = (met[trouble] ?? 0) + 1;
    // Some meters must have seen the card, and taken the load before.
    cards.deck.pull(0);
    cards.deck.useAtMeter(key, 0);
    await cardIn(ask, cards, key);
    must('the next customer', await ask()['basket.clear']({}));
    await cardIn(ask, cards, key);
    must('the price', await ask()['meterCard.order']({ amount: qepik(random.integer(5, 20) * 100) }));
    must('to the money', await ask()['basket.tender']({ back: false }));
    const sale = await stateWhere(ask().counter, 'the money', ({ stage }) => stage === 'tendering');
    if (trouble === 'before' || trouble === 'after')
      cards.deck.tear({
        apdu: cards.deck.card(key).state.kind === 'memory' ? 'write' : 'load',
        moment: trouble,
      });
    if (trouble === 'power') {
      cards.deck.condition(key, { slowMs: 300 });
      killWhileWriting(parts);
    }
    const paid = await power.through(async (client) =>
      must('the money', await takeMoney(client, sale, sale.total)),
    );
    cards.deck.condition(key, { slowMs: 0 });
    cards.deck.calm();
    notePayment(tally, parts.accounts, paid.payment);
    await healed(ask, cards, key);
  }
  return met;
}

function killWhileWriting({ station }: Parts): void {
  const running = station.running();
  const stop = station.ask().meterCard(({ load }) => {
    if (load?.doing !== 'writing') return;
    process.kill(running.pid, 'SIGKILL');
    queueMicrotask(() => stop());
  });
}

const where = (ask: Ask, what: string, fits: (state: MeterCardState) => boolean): Promise<MeterCardState> =>
  stateWhere(ask().meterCard, what, fits, 60_000);

/** Takes out what is in and puts this card in; known to the centre then. */
async function cardIn(ask: Ask, { deck }: VirtualCards, key: string): Promise<void> {
  deck.pull(0);
  await where(ask, 'no card', ({ card }) => card === null);
  deck.insert(key, 0);
  await where(ask, 'the card known', ({ card }) => card?.stage === 'known');
}

const HEAL_TRIES = 10;

/** The card is put in again until it has what was paid for. */
async function healed(ask: Ask, cards: VirtualCards, key: string): Promise<void> {
  for (let tries = 0; tries < HEAL_TRIES; tries += 1) {
    const { load, open } = await where(ask, 'nothing under way', (state) =>
      [state.load, ...state.open].every((one) => one?.stage !== 'working' && one?.stage !== 'written'),
    );
    const left = [load, ...open].find((one) => one && one.stage !== 'confirmed');
    if (!left) return;
    await cardIn(ask, cards, key);
    await ask()['load.finish']({ loadId: left.loadId });
  }
  throw new Error('a card that was torn out never got what was paid for');
}

/** What the journal says was paid for and what cards and meters hold, by company. */
export function loadsHold(journal: readonly EntryBody[], cards: VirtualCards): Invariant {
  const paid = new Map<string, number>();
  const loadIds = new Set<string>();
  const confirmed = new Set<string>();
  for (const body of journal) {
    if (body.type === 'load.confirmed') confirmed.add(body.payload.loadId);
    if (body.type !== 'payment.accepted') continue;
    for (const { load } of body.payload.lines) {
      if (!load) continue;
      loadIds.add(load.loadId);
      paid.set(load.cardId, (paid.get(load.cardId) ?? 0) + load.units);
    }
  }
  const view = cards.view();
  const broken = [...paid].flatMap(([cardId, units]) => {
    const holds = view.cards.find((card) => card.holds?.cardId === cardId)?.holds;
    const meter = holds && view.meters[holds.meter];
    // The meters of this day use nothing: what they took is what they hold.
    const there = (holds?.balance ?? 0) + (meter?.remaining ?? 0);
    return there === units ? [] : [`${cardId}: ${units} paid, ${there} on card and meter`];
  });
  const open = [...loadIds].filter((id) => !confirmed.has(id)).map((id) => `load ${id} is not confirmed`);
  return {
    name: 'what was paid for meter cards is on them, once',
    checked: loadIds.size,
    broken: [...broken, ...open],
  };
}

/** Two ports in a row that nobody has: of the virtual readers. */
export async function freePair(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
