import { readFileIfThere, writeFileDurably } from '../../durable-file.ts';
import { durableSchema, EMPTY, type Durable } from './card-state.ts';

/** Where the cards are kept: a commit is one file replaced whole. */
export type Store = { load(): Durable; save(durable: Durable): void };

/** `load` throws on a file that is not one of ours: a card that forgot its loads would lie. */
export const fileStore = (path: string): Store => ({
  load() {
    const text = readFileIfThere(path);
    return text === undefined ? EMPTY : durableSchema.parse(JSON.parse(text));
  },
  save(durable) {
    writeFileDurably(path, JSON.stringify(durable));
  },
});

/** For tests that end no process. */
export function memoryStore(first: Durable = EMPTY): Store {
  let held = first;
  return {
    load: () => held,
    save(durable) {
      held = durable;
    },
  };
}
