import { readFileIfThere, writeFileDurably } from '../../durable-file.ts';
import { durableSchema, FACTORY_NEW, type Durable } from './terminal-state.ts';

/** Where terminal and bank are kept over a power cut. */
export type Store = { load(): Durable; save(durable: Durable): void };

/**
 * One file, replaced whole. `load` throws on a file that is not one of ours: a terminal that forgot its charges would lie.
 */
export const fileStore = (path: string): Store => ({
  load() {
    const text = readFileIfThere(path);
    return text === undefined ? FACTORY_NEW : durableSchema.parse(JSON.parse(text));
  },
  save(durable) {
    writeFileDurably(path, JSON.stringify(durable));
  },
});

/** For tests that cut no process: what is saved is there as long as this. */
export function memoryStore(first: Durable = FACTORY_NEW): Store {
  let held = first;
  return {
    load: () => held,
    save(durable) {
      held = durable;
    },
  };
}
