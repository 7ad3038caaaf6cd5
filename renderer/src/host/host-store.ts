import { createStore } from 'zustand';
import type {
  CounterState,
  IpwContract,
  MeterCardState,
  SessionState,
  StatusState,
  TerminalState,
} from '../../../contracts/ipw.ts';
import type { Client } from '../../../contracts/rpc/definition.ts';
import type { Biller } from '../../../contracts/domain.ts';

/** The core host as the screens call it. */
export type HostClient = Client<IpwContract>;

/** Is the line to the core host up. `connecting` before the first state, `lost` while it is being restored. */
export type HostLink = 'connecting' | 'open' | 'lost';

/** What the core host last told us. The window adds nothing to it: after a reload it is told again. */
export type HostState = {
  readonly link: HostLink;
  readonly session: SessionState | null;
  readonly status: StatusState | null;
  readonly counter: CounterState | null;
  readonly terminal: TerminalState | null;
  readonly meterCard: MeterCardState | null;
  readonly billers: ReadonlyMap<string, Biller>;
};

export type HostStore = ReturnType<typeof createHostStore>;

/** A store that follows the topics. Stops when `stop` is called. */
export function createHostStore(client: HostClient) {
  const store = createStore<HostState>(() => ({
    link: 'connecting',
    session: null,
    status: null,
    counter: null,
    terminal: null,
    meterCard: null,
    billers: new Map<string, Biller>(),
  }));
  const stops = [
    client.session((session) => {
      const before = store.getState().session;
      store.setState({ session, link: 'open' });
      if (session.user !== null && before?.user?.userId !== session.user.userId) void loadBillers();
    }),
    client.status((status) => {
      const before = store.getState().status;
      store.setState({ status });
      if (before?.replica.trueAt !== status.replica.trueAt && store.getState().session?.user)
        void loadBillers();
    }),
    client.counter((counter) => store.setState({ counter })),
    client.terminal((terminal) => store.setState({ terminal })),
    client.meterCard((meterCard) => store.setState({ meterCard })),
  ];

  /** The companies' names and rules change seldom; they are asked for at log-in and when the replica has moved. */
  async function loadBillers(): Promise<void> {
    const answer = await client['find.billers']({});
    // A refusal leaves the companies we know; the next movement of the replica asks again.
    if (answer.ok)
      store.setState({ billers: new Map(answer.value.billers.map((biller) => [biller.id, biller])) });
  }

  return Object.assign(store, {
    setLink: (link: HostLink): void => store.setState({ link }),
    stop: (): void => {
      for (const stop of stops) stop();
    },
  });
}
