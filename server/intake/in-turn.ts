/** Runs what has the same key one after the other; different keys do not wait for each other. */
export type InTurn = {
  /** The outcome of `run` when its turn comes, or `full` when as many as may wait for this key do already. */
  run<T>(key: string, run: () => Promise<T>): Promise<T> | 'full';
};

/** `maxWaiting`: how many of one key may wait besides the one under way. */
export function inTurn(maxWaiting: number): InTurn {
  const lanes = new Map<string, { last: Promise<unknown>; count: number }>();
  return {
    run(key, run) {
      const lane = lanes.get(key) ?? { last: Promise.resolve(), count: 0 };
      if (lane.count > maxWaiting) return 'full';
      lanes.set(key, lane);
      lane.count += 1;
      const mine = lane.last.then(run).finally(() => {
        lane.count -= 1;
        if (lane.count === 0) lanes.delete(key);
      });
      lane.last = mine.catch(() => undefined); // whoever asked hears of it; the next one does not
      return mine;
    },
  };
}
