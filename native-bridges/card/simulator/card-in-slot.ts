import { encodeResponse } from '../apdu.ts';
import type { CardKeys } from '../secure/card-keys.ts';
import { SW } from '../status-words.ts';
import type { CardState, Conditions } from './card-state.ts';
import { MEMORY_POWERED, memoryStep, type MemoryVolatile } from './memory-card.ts';
import { PURSE_POWERED, purseStep, type PurseVolatile } from './purse-card.ts';

/** Any virtual card under power: one command in. Pure. */

export type Volatile = { readonly purse: PurseVolatile; readonly memory: MemoryVolatile };
export const POWERED: Volatile = { purse: PURSE_POWERED, memory: MEMORY_POWERED };

export type CardStep = {
  /** To be committed before the answer leaves; null: nothing changes. */
  readonly next: CardState | null;
  readonly volatile: Volatile;
  readonly answer: Uint8Array;
  /** What stays of it when the card is torn out after so many bytes; null: it is then as it was. */
  readonly torn: ((bytes: number) => CardState) | null;
};

export function cardStep(
  state: CardState,
  volatile: Volatile,
  apdu: Uint8Array,
  means: {
    readonly keys: CardKeys | null;
    readonly conditions: Conditions;
    readonly random: (bytes: number) => Uint8Array;
  },
): CardStep {
  const { keys, random } = means;
  const { worn } = means.conditions;
  if (state.kind === 'foreign' || keys === null)
    return { next: null, volatile, answer: encodeResponse(SW.notFound), torn: null };
  if (state.kind === 'purse') {
    const step = purseStep(state, volatile.purse, apdu, { keys, random, worn });
    return { ...step, volatile: { ...volatile, purse: step.volatile }, torn: null };
  }
  const step = memoryStep(state, volatile.memory, apdu, { psc: keys.psc, worn });
  return { ...step, volatile: { ...volatile, memory: step.volatile } };
}
