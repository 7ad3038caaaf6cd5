import type { TopicSource } from './definition.ts';

export type NumberedState = { readonly seq: number; readonly state: unknown };

/** One topic with its last states, numbered, for whoever watches and whoever comes back. */
export type TopicHub = {
  /**
   * Sends at once what was missed since `after` when all of it is still kept, else the latest state alone; then every
   * change. Even a watcher who missed nothing gets the latest state: its `after` may stem from a host that is gone.
   * Returns the way to stop.
   */
  watch(after: number, push: (state: NumberedState) => void): () => void;
  stop(): void;
};

/**
 * Watches the source from now on. `check` passes a state through its schema; it answers `undefined` (and tells of the
 * bug itself) when the state is not what the contract says: such a state is not shown to anyone.
 */
export function topicHub(
  source: TopicSource<unknown>,
  history: number,
  check: (state: unknown) => { readonly state: unknown } | undefined,
): TopicHub {
  const kept: NumberedState[] = [];
  const watchers = new Set<(state: NumberedState) => void>();
  let seq = 0;

  const take = (state: unknown): void => {
    const checked = check(state);
    if (!checked) return;
    seq += 1;
    const numbered = { seq, state: checked.state };
    kept.push(numbered);
    if (kept.length > history) kept.shift();
    for (const push of watchers) push(numbered);
  };

  take(source.current());
  const leave = source.subscribe(take);

  return {
    watch(after, push) {
      const latest = kept.at(-1);
      const first = kept[0];
      if (latest && first) {
        const missed = after < latest.seq && after >= first.seq - 1 && after > 0;
        for (const one of missed ? kept.filter((k) => k.seq > after) : [latest]) push(one);
      }
      watchers.add(push);
      return () => void watchers.delete(push);
    },
    stop() {
      leave();
      watchers.clear();
    },
  };
}
