import { z } from 'zod';
import { cardSpecSchema, conditionsSchema, meterSchema } from './card-state.ts';
import type { Deck } from './deck.ts';
import { tearSchema } from './faults.ts';

/** What can be done to virtual cards, as messages. */

const key = z.string().regex(/^[a-z0-9-]{1,40}$/);
const slot = z.int().min(0).max(7);

export const commandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('insert'), card: key, slot: slot.default(0) }),
  z.object({ do: z.literal('pull'), slot: slot.default(0) }),
  z.object({ do: z.literal('useAtMeter'), card: key, used: z.int().min(0).max(0xffffffff).default(0) }),
  z.object({ do: z.literal('meter'), meter: z.string().max(8), changes: meterSchema.partial() }),
  z.object({ do: z.literal('condition'), card: key, changes: conditionsSchema.partial() }),
  z.object({ do: z.literal('tear'), tear: tearSchema }),
  z.object({ do: z.literal('calm') }),
  z.object({ do: z.literal('clone'), card: key, as: key }),
  z.object({ do: z.literal('keep'), card: key }),
  z.object({ do: z.literal('rollBack'), card: key }),
  z.object({ do: z.literal('add'), card: cardSpecSchema }),
]);
export type DeckCommand = z.infer<typeof commandSchema>;

/** Carries out one command. Throws `DeckError` where it cannot be. */
export function obey(deck: Deck, command: DeckCommand): void {
  switch (command.do) {
    case 'insert':
      return deck.insert(command.card, command.slot);
    case 'pull':
      return deck.pull(command.slot);
    case 'useAtMeter':
      return deck.useAtMeter(command.card, command.used);
    case 'meter':
      return deck.setMeter(command.meter, command.changes);
    case 'condition':
      return deck.condition(command.card, command.changes);
    case 'tear':
      return deck.tear(command.tear);
    case 'calm':
      return deck.calm();
    case 'clone':
      return deck.clone(command.card, command.as);
    case 'keep':
      return deck.keep(command.card);
    case 'rollBack':
      return deck.rollBack(command.card);
    case 'add':
      return deck.add(command.card);
  }
}
