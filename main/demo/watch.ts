/** A topic of a client: calls back with each state; answers the way to stop. */
export type Watchable<S> = (changed: (state: S) => void) => () => void;

const LIMIT_MS = 30_000;

/** The first state of a topic that fits. Rejects with `what` when none comes in time. */
export function stateWhere<S>(
  topic: Watchable<S>,
  what: string,
  fits: (state: S) => boolean,
  limitMs = LIMIT_MS,
): Promise<S> {
  return new Promise((done, fail) => {
    let last: S | undefined;
    let leave = (): void => undefined;
    const late = setTimeout(() => {
      leave();
      fail(
        new Error(
          `${what}: not within ${limitMs / 1000} s; last seen ${JSON.stringify(last)?.slice(0, 500)}`,
        ),
      );
    }, limitMs);
    let settled = false;
    leave = topic((state) => {
      last = state;
      if (settled || !fits(state)) return;
      settled = true;
      clearTimeout(late);
      // The first state may come from within the subscription, before there is a way to stop it.
      queueMicrotask(() => leave());
      done(state);
    });
  });
}
