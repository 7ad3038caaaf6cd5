import type { TestContext } from 'vitest';
import type { CardSpec } from '../simulator/card-state.ts';
import { startVirtualCards } from '../simulator/virtual-cards.ts';
import type { CardConnection } from '../transport/port.ts';
import { MASTERS } from './centre.ts';
import type { CardBench } from './conformance.ts';
import { counting, truthOf } from './deck-bench.ts';
import { pcscdFor } from './pcscd.ts';
import { transportTo, untilCard, value } from './stage.ts';

/**
 * One virtual card behind a real daemon, its driver and the card process.
 * @param needs of scripts/needs.ts
 */
export async function daemonBench(
  context: TestContext,
  needs: Parameters<typeof pcscdFor>[1],
  spec: Extract<CardSpec, { kind: 'purse' | 'memory' }>,
): Promise<CardBench> {
  const daemon = await pcscdFor(context, needs);
  await daemon.start();
  const [reader] = daemon.readers;
  const { transport } = transportTo(daemon, context);
  const cards = await startVirtualCards({
    vpcd: { port: reader.port },
    slots: 1,
    keys: MASTERS,
    cards: [spec],
  });
  context.onTestFinished(() => cards.stop());
  const { deck } = cards;
  let held: CardConnection | null = null;
  let told = 0;

  async function letGo(): Promise<void> {
    await held?.close('unpower');
    held = null;
  }
  return {
    identity: { cardId: spec.cardId, company: spec.company, meter: spec.meter },
    async connect() {
      await letGo();
      if (deck.inside(0) === null) {
        // A card that is in again before the daemon has looked would be the same one to it.
        await untilCard(transport, reader.name, 'absent');
        deck.insert(spec.key, 0);
      }
      await untilCard(transport, reader.name, 'present');
      held = value(await transport.connect(reader.name, { exclusive: true }));
      return counting(held, () => (told += 1));
    },
    async pull() {
      await letGo();
      deck.pull(0);
    },
    tear: (tear) => Promise.resolve(deck.tear(tear)),
    calm: () => Promise.resolve(deck.calm()),
    useAtMeter: () => Promise.resolve(deck.useAtMeter(spec.key, 0)),
    setWorn: (worn) => Promise.resolve(deck.condition(spec.key, { worn })),
    truth: () => Promise.resolve(truthOf(deck.card(spec.key).state, deck.durable().meters[spec.meter])),
    apdus() {
      const count = told;
      told = 0;
      return Promise.resolve(count);
    },
    end: letGo,
  };
}
