import { forkCardProcess, type StartCardProcess } from './card-process.ts';
import { openConnection, type OpenConnection } from './connection.ts';
import type { CardFailureCode, CardResult, CardSight, CardTransport } from './port.ts';
import { supervise } from './supervision.ts';

export type CardTransportOptions = {
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: (event: string, fields: Readonly<Record<string, string | number>>) => void;
  /** How the card process is started; by itself with Node. */
  readonly start?: StartCardProcess;
};

const CONNECT_MS = 30_000;
const OTHERS_PAUSE_MS = 100;
const DISPOSE_MS = 2000;

/** Starts a card process and gives what it can do. It is ours until `dispose`. */
export function createCardTransport(options: CardTransportOptions): CardTransport {
  const listeners = new Set<(sight: CardSight) => void>();
  const open = new Set<OpenConnection>();
  let connections = 0;
  let disposed = false;

  const supervised = supervise({
    start: options.start ?? forkCardProcess(),
    nowMs: options.nowMs,
    log: options.log,
    changed: (sight) => {
      for (const listener of listeners) listener(sight);
    },
  });

  async function connectOnce(
    reader: string,
    { exclusive, protocol, deadlineMs = CONNECT_MS }: Once,
  ): Promise<CardResult<OpenConnection>> {
    const life = await supervised.up(deadlineMs);
    if (life === undefined) return refused(disposed ? 'closed' : 'processEnded', 'no card process');
    connections += 1;
    const number = connections;
    const command = { kind: 'connect', reader, exclusive, protocol: protocol ?? null } as const;
    const done = await supervised.ask(life, number, command, deadlineMs);
    if (!done.ok) return done;
    const connection = openConnection({
      reader,
      first: done.value,
      isOver: () => life.isOver(),
      ask: (what, ms) => supervised.ask(life, number, what, ms),
      closed: () => open.delete(connection),
    });
    open.add(connection);
    return { ok: true, value: connection };
  }

  return {
    watch(listener) {
      // Each call is a listener of its own, also for the same function.
      const own = (sight: CardSight): void => listener(sight);
      listeners.add(own);
      own(supervised.sight());
      return () => void listeners.delete(own);
    },
    readers: () => supervised.sight().readers,
    async connect(reader, { waitForOthersMs = 0, ...once }) {
      const until = performance.now() + waitForOthersMs;
      for (;;) {
        const connected = await connectOnce(reader, once);
        const again = !connected.ok && connected.error.code === 'sharing' && performance.now() < until;
        if (!again) return connected;
        await new Promise((over) => setTimeout(over, OTHERS_PAUSE_MS));
      }
    },
    async dispose() {
      disposed = true;
      const closing = Promise.all([...open].map((connection) => connection.close('reset')));
      await withinMs(closing, DISPOSE_MS);
      await supervised.stop();
    },
  };
}

/** Until it is done, but not longer. */
function withinMs(done: Promise<unknown>, ms: number): Promise<unknown> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

type Once = {
  readonly exclusive: boolean;
  readonly protocol?: 'T=0' | 'T=1' | 'raw';
  readonly deadlineMs?: number;
};

const refused = (code: CardFailureCode, detail: string): CardResult<never> => ({
  ok: false,
  error: { code, cardStateUnknown: false, detail },
});
