import type { z } from 'zod';
import { fail, type Failure, type Result } from '../result.ts';
import { frameSchema, type Channel, type Frame } from './channel.ts';
import type { BoundaryCode, CancelSignal, Contract, Handlers, TopicSource } from './definition.ts';
import { topicHub, type TopicHub } from './topic-hub.ts';

/** A bug behind the boundary: a handler threw, or gave what its own contract does not allow. */
export type Fault = { readonly method: string; readonly error: unknown };

export type ServeOptions = {
  /** Told of every bug; answers the reference by which a person can report it. */
  readonly onFault: (fault: Fault) => string;
  /** Calls, streams and watches open at once on one channel; more are answered `tooManyRequests`. */
  readonly maxOpen?: number;
  /** States of each topic kept for windows that come back. */
  readonly history?: number;
};

/** One implementation of a contract, served to any number of windows one after the other or side by side. */
export type Host = {
  /** Serves one more channel: a window, or the same window after a reload. */
  attach(channel: Channel): void;
  /** Leaves the topics. Channels belong to whoever opened them. */
  stop(): void;
};

/** A window asks for all accounts of a subscriber (up to a hundred) at once; more than twice that is no window of ours. */
const MAX_OPEN = 256;
const HISTORY = 32;

/** A handler once its types have done their work: the schemas of the contract stand guard instead. */
type AnyHandler = (
  input: unknown,
  progress: (event: unknown) => void,
  cancelled: CancelSignal,
) => Promise<Result<unknown>>;

/** Serves a contract. Every frame and input is parsed before it is believed, every output before it is sent. */
export function createHost<K extends Contract>(
  contract: K,
  handlers: Handlers<K>,
  options: ServeOptions,
): Host {
  const hubs = new Map<string, TopicHub>();
  for (const [method, definition] of Object.entries(contract)) {
    if (definition.kind !== 'topic') continue;
    // Handlers<K> proves that a topic's handler is its source.
    const source = handlers[method] as unknown as TopicSource<unknown>;
    const check = (state: unknown): { state: unknown } | undefined => {
      const parsed = definition.state.safeParse(state);
      if (parsed.success) return { state: parsed.data };
      options.onFault({ method, error: parsed.error });
      return undefined;
    };
    hubs.set(method, topicHub(source, options.history ?? HISTORY, check));
  }
  return {
    attach: (channel) => attach(channel, contract, handlers, hubs, options),
    stop: () => {
      for (const hub of hubs.values()) hub.stop();
    },
  };
}

/** Serves a contract on one channel, until that closes. A shell whose window may reload makes one `createHost` instead. */
export function serve<K extends Contract>(
  contract: K,
  handlers: Handlers<K>,
  channel: Channel,
  options: ServeOptions,
): void {
  const host = createHost(contract, handlers, options);
  host.attach(channel);
  channel.onClose(() => host.stop());
}

function attach<K extends Contract>(
  channel: Channel,
  contract: K,
  handlers: Handlers<K>,
  hubs: ReadonlyMap<string, TopicHub>,
  options: ServeOptions,
): void {
  /** Everything open on this channel: how to end it, by the caller's id. */
  const open = new Map<number, { readonly kind: 'call' | 'watch'; readonly end: () => void }>();
  const maxOpen = options.maxOpen ?? MAX_OPEN;
  let closed = false;

  const send = (frame: Frame): void => {
    if (!closed) channel.send(frame);
  };
  const refuse = (id: number, error: Failure): void =>
    send({ kind: 'refusal', id, ok: false, error: plain(error) });
  const refuseBoundary = (id: number, code: BoundaryCode, detail?: Record<string, string | number>): void =>
    refuse(id, fail(code, detail).error);
  const fault = (id: number, method: string, error: unknown): void =>
    refuseBoundary(id, 'internalFault', { reference: options.onFault({ method, error }) });

  const begin = (frame: Extract<Frame, { kind: 'call' | 'watch' }>): void => {
    // The same frame delivered twice: the first one is being answered under this id.
    if (open.has(frame.id)) return;
    if (open.size >= maxOpen) return refuseBoundary(frame.id, 'tooManyRequests', { seconds: 1 });
    if (frame.kind === 'watch') return watch(frame.id, frame.method, frame.after);
    void run(frame.id, frame.method, frame.input);
  };

  const watch = (id: number, method: string, after: number): void => {
    const hub = hubs.get(method);
    if (!hub) return refuseBoundary(id, 'methodUnknown', { method });
    // Registered first: a watcher may leave from within its first push.
    let leave = (): void => undefined;
    open.set(id, { kind: 'watch', end: () => leave() });
    leave = hub.watch(after, ({ seq, state }) => send({ kind: 'state', id, seq, state }));
  };

  const run = async (id: number, method: string, input: unknown): Promise<void> => {
    const definition = Object.hasOwn(contract, method) ? contract[method] : undefined;
    if (!definition || definition.kind === 'topic') return refuseBoundary(id, 'methodUnknown', { method });
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) return refuseBoundary(id, 'inputInvalid', { reason: shortReason(parsed.error) });

    const cancelling = cancelSource();
    open.set(id, { kind: 'call', end: cancelling.cancel });
    const progress = (event: unknown): void => {
      if (definition.kind !== 'stream' || !open.has(id)) return;
      const checked = definition.progress.safeParse(event);
      if (checked.success) send({ kind: 'progress', id, event: checked.data ?? null });
      else options.onFault({ method, error: checked.error });
    };
    try {
      // Handlers<K> proves the shape; the schemas on both sides of this call prove the values.
      const result = await (handlers[method] as unknown as AnyHandler)(
        parsed.data,
        progress,
        cancelling.signal,
      );
      if (!result.ok) return refuse(id, result.error);
      const output = definition.output.safeParse(result.value);
      if (output.success) send({ kind: 'answer', id, ok: true, value: output.data ?? null });
      else fault(id, method, output.error);
    } catch (error) {
      fault(id, method, error);
    } finally {
      open.delete(id);
    }
  };

  /** A cancelled call still runs and still counts as open, until its handler has returned. */
  const end = (frame: Extract<Frame, { kind: 'cancel' | 'unwatch' }>): void => {
    const kind = frame.kind === 'cancel' ? 'call' : 'watch';
    const one = open.get(frame.id);
    if (one?.kind !== kind) return;
    one.end();
    if (kind === 'watch') open.delete(frame.id);
  };

  const receive = (raw: unknown): void => {
    const parsed = frameSchema.safeParse(raw);
    if (!parsed.success) {
      const id = idOfBroken(raw);
      if (id !== undefined && !open.has(id))
        refuseBoundary(id, 'inputInvalid', { reason: shortReason(parsed.error) });
      return;
    }
    const frame = parsed.data;
    if (frame.kind === 'call' || frame.kind === 'watch') begin(frame);
    else if (frame.kind === 'cancel' || frame.kind === 'unwatch') end(frame);
    // Frames that only a host sends are not for us: dropped.
  };

  channel.onClose(() => {
    closed = true;
    for (const one of open.values()) one.end();
    open.clear();
  });
  channel.onFrame(receive);
}

/** A frame that is no frame may still say which call it meant to be; then its caller is told instead of left waiting. */
function idOfBroken(raw: unknown): number | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { kind, id } = raw as { kind?: unknown; id?: unknown }; // unknown frame: each field is judged on its own
  const asks = kind === 'call' || kind === 'watch';
  return asks && typeof id === 'number' && Number.isSafeInteger(id) && id >= 1 ? id : undefined;
}

const REASON_MAX = 160;

/** The first complaint of a schema, short, and never with the value in it: it may be a password. */
export function shortReason(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`.slice(0, REASON_MAX);
}

/** A failure as it goes over the wire: no `detail` key when there is none. */
const plain = (error: Failure): { code: string; detail?: Record<string, string | number> } =>
  error.detail ? { code: error.code, detail: { ...error.detail } } : { code: error.code };

function cancelSource(): { readonly signal: CancelSignal; readonly cancel: () => void } {
  const runs: (() => void)[] = [];
  let cancelled = false;
  return {
    signal: {
      get cancelled() {
        return cancelled;
      },
      onCancel(run) {
        if (cancelled) run();
        else runs.push(run);
      },
    },
    cancel() {
      if (cancelled) return;
      cancelled = true;
      for (const run of runs.splice(0)) run();
    },
  };
}
