import { ERRORS, type ErrorCode } from '../errors.ts';
import { fail, ok, type Result } from '../result.ts';
import { frameSchema, type Channel, type Frame } from './channel.ts';
import type { Client, Contract, MethodDefinition } from './definition.ts';

/** A client that outlives its channels: the window's view of a core host that may be restarted under it. */
export type ReconnectingClient<K extends Contract> = {
  readonly client: Client<K>;
  /**
   * Goes on over a new channel: open watches are taken up after the last state they saw. What was asked over an earlier
   * channel and not answered is `connectionLost`, since nobody knows whether it was done.
   */
  use(channel: Channel): void;
  /** Is there a channel now. Calls without one are answered `connectionLost` at once. */
  connected(): boolean;
};

/** The client of a contract over one channel. When that closes, open calls answer `connectionLost`. */
export function connect<K extends Contract>(contract: K, channel: Channel): Client<K> {
  const window = reconnecting(contract);
  window.use(channel);
  return window.client;
}

type Definition<Kind extends MethodDefinition['kind']> = Extract<MethodDefinition, { kind: Kind }>;
type Asked = Definition<'call' | 'stream'>;

type Pending = {
  readonly definition: Asked;
  settle(result: Result<unknown>): void;
  progress(event: unknown): void;
};
type Watch = {
  readonly method: string;
  readonly definition: Definition<'topic'>;
  readonly changed: (state: unknown) => void;
  /** The last sequence number seen, and whether the next state counts whatever its number (just asked again). */
  seq: number;
  fresh: boolean;
};

/** The client of a contract over one channel after another. */
export function reconnecting<K extends Contract>(contract: K): ReconnectingClient<K> {
  const pending = new Map<number, Pending>();
  const watches = new Map<number, Watch>();
  let channel: Channel | undefined;
  let lastId = 0;

  const nextId = (): number => (lastId += 1);
  const askToWatch = (id: number, watch: Watch): void => {
    watch.fresh = true;
    channel?.send({ kind: 'watch', id, method: watch.method, after: watch.seq });
  };

  const receive = (raw: unknown): void => {
    const parsed = frameSchema.safeParse(raw);
    if (!parsed.success) return; // not a frame of ours: whoever waits will hear of a lost connection, not of a guess
    const frame = parsed.data;
    if (frame.kind === 'state') takeState(watches.get(frame.id), frame);
    else if (frame.kind === 'progress') pending.get(frame.id)?.progress(frame.event);
    else if (frame.kind === 'answer' || frame.kind === 'refusal') {
      const waiting = pending.get(frame.id);
      pending.delete(frame.id);
      waiting?.settle(
        frame.kind === 'answer' ? answerOf(waiting.definition, frame.value) : refusalOf(frame.error),
      );
    }
  };

  const ask = (
    method: string,
    definition: Asked,
    input: unknown,
    progress: (event: unknown) => void,
  ): { id: number; result: Promise<Result<unknown>> } => {
    const id = nextId();
    const line = channel;
    if (!line) return { id, result: Promise.resolve(fail('connectionLost')) };
    const result = new Promise<Result<unknown>>((settle) => {
      pending.set(id, { definition, settle, progress });
    });
    line.send({ kind: 'call', id, method, input: input ?? null });
    return { id, result };
  };

  const methods = Object.entries(contract).map(([method, definition]) => {
    if (definition.kind === 'call') {
      return [method, (input: unknown) => ask(method, definition, input, () => undefined).result];
    }
    if (definition.kind === 'stream') {
      return [
        method,
        (input: unknown, progress: (event: unknown) => void) => {
          const { id, result } = ask(method, definition, input, (event) => {
            const parsed = definition.progress.safeParse(event);
            if (parsed.success) progress(parsed.data);
          });
          return { result, cancel: () => channel?.send({ kind: 'cancel', id }) };
        },
      ];
    }
    return [
      method,
      (changed: (state: unknown) => void) => {
        const id = nextId();
        const watch: Watch = { method, definition, changed, seq: 0, fresh: true };
        watches.set(id, watch);
        askToWatch(id, watch);
        return () => {
          if (watches.delete(id)) channel?.send({ kind: 'unwatch', id });
        };
      },
    ];
  });

  return {
    // One entry per method of the contract, of the kind its definition says: that is Client<K>.
    client: Object.fromEntries(methods) as Client<K>,
    use(next) {
      const previous = channel;
      channel = next;
      previous?.close();
      loseAll(pending);
      next.onFrame((frame) => {
        if (channel === next) receive(frame);
      });
      next.onClose(() => {
        if (channel !== next) return;
        channel = undefined;
        loseAll(pending);
      });
      for (const [id, watch] of watches) askToWatch(id, watch);
    },
    connected: () => channel !== undefined,
  };
}

function loseAll(pending: Map<number, Pending>): void {
  const lost = [...pending.values()];
  pending.clear();
  for (const one of lost) one.settle(fail('connectionLost'));
}

/** States come in order; one seen already is dropped, but the first after (re)watching counts: the host may be new. */
function takeState(watch: Watch | undefined, frame: Extract<Frame, { kind: 'state' }>): void {
  if (!watch || (frame.seq <= watch.seq && !watch.fresh)) return;
  const parsed = watch.definition.state.safeParse(frame.state);
  if (!parsed.success) return;
  watch.fresh = false;
  watch.seq = frame.seq;
  watch.changed(parsed.data);
}

/** An answer that is not what the contract says is a bug on the other side, and not believed. */
function answerOf(definition: Asked, value: unknown): Result<unknown> {
  const parsed = definition.output.safeParse(value);
  return parsed.success ? ok(parsed.data) : fail('internalFault', { reference: 'answer' });
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

function refusalOf(error: {
  code: string;
  detail?: Record<string, string | number> | undefined;
}): Result<never> {
  return isCode(error.code)
    ? fail(error.code, error.detail)
    : fail('internalFault', { reference: error.code.slice(0, 60) });
}
