import { expect, test } from 'vitest';
import { z } from 'zod';
import { qepik } from '../../contracts/money.ts';
import { freePair } from '../../main/demo/day/day-loads.ts';
import { drained, must, takeMoney } from '../../main/demo/day/teller.ts';
import { stateWhere } from '../../main/demo/watch.ts';
import { placeForFaults } from './testing/fault-place.ts';
import { cardsAt, freeRules, holds, loadCounter, WATER } from './testing/load-counter.ts';

/** A meter card that is torn out at one till and put into the reader of another. */

const place = placeForFaults();

test('torn out at one till, finished at another: each has it as it is', async () => {
  await freeRules(place());
  const port = await freePair();
  const cards = await cardsAt(place(), port, 2);
  const here = await loadCounter(place(), 'WS31', { teller: 'leyla', shared: { cards, port } });
  const there = await loadCounter(place(), 'WS32', { teller: 'orxan', shared: { cards, port: port + 1 } });
  try {
    for (const moment of ['before', 'after'] as const) {
      const ask = here.ask();
      await here.where('no card', ({ card }) => card === null);
      cards.deck.insert(WATER, 0);
      await here.where('the card known', ({ card }) => card?.stage === 'known');
      const before = holds(cards, WATER);
      await ask['basket.clear']({});
      const { units } = must('the price', await ask['meterCard.order']({ amount: qepik(700) }));
      must('to the money', await ask['basket.tender']({ back: false }));
      const sale = await stateWhere(ask.counter, 'the money', ({ stage }) => stage === 'tendering');
      cards.deck.tear({ apdu: 'load', moment });
      must('the money', await takeMoney(here.ask, sale, sale.total));
      const torn = await here.where('unknown', ({ load }) => load?.stage === 'unknown');
      cards.deck.calm();
      cards.deck.insert(WATER, 1);
      const seen = await there.where('read there', ({ card }) => card?.stage === 'known');
      const loadId = torn.load?.loadId ?? '';
      if (moment === 'before') {
        expect(seen.card?.centre?.open).toMatchObject({ loadId, sayable: 'notLoaded' });
        const finished = must('finishing', await there.ask()['load.finish']({ loadId }));
        expect(['written', 'confirmed']).toContain(finished.load.stage);
        await there.where('confirmed', ({ load }) => load?.stage === 'confirmed');
      } else expect(seen.card?.centre).toMatchObject({ open: null, card: { last: { loadId } } });
      expect(holds(cards, WATER)).toMatchObject({
        counter: before.counter + 1,
        balance: before.balance + units,
      });
      // Back where it was paid, the till learns of it and writes nothing.
      cards.deck.pull(1);
      cards.deck.insert(WATER, 0);
      await here.where(
        'confirmed here',
        ({ load, open }) => load?.stage === 'confirmed' && open.length === 0,
      );
      expect(holds(cards, WATER).counter).toBe(before.counter + 1);
      cards.deck.pull(0);
      await there.where('no card', ({ card }) => card === null);
    }
    await drained(here.ask);
    await drained(there.ask);
    const proof = await place().komis(['verify'], z.object({ ok: z.boolean() }));
    expect(proof.ok).toBe(true);
  } finally {
    await here.stop();
    await there.stop();
    await cards.stop();
  }
});
