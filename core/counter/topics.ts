import type { TopicSource } from '../../contracts/rpc/definition.ts';

export type Topic<S> = {
  readonly source: TopicSource<S>;
  /** Looks again, and tells the watchers when it is not what they saw. */
  look(): void;
};

/** A topic whose state is read from elsewhere. What is the same as before, as text, is not pushed again. */
export function topicOf<S>(read: () => S): Topic<S> {
  const watchers = new Set<(state: S) => void>();
  let shown: string | undefined;
  return {
    source: {
      current: read,
      subscribe(changed) {
        watchers.add(changed);
        return () => void watchers.delete(changed);
      },
    },
    look() {
      if (watchers.size === 0) {
        shown = undefined;
        return;
      }
      const state = read();
      const text = JSON.stringify(state);
      if (text === shown) return;
      shown = text;
      for (const changed of watchers) changed(state);
    },
  };
}

/** Calls `run` once, after the present turn, however often it was asked for in it. */
export function onceATurn(run: () => void, fault: (error: unknown) => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    Promise.resolve()
      .then(() => {
        asked = false;
        run();
      })
      .catch(fault);
  };
}
