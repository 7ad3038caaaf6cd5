import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Result } from '../result.ts';

/** Failures any method may have, besides its own: the boundary's. */
export const BOUNDARY_CODES = [
  'inputInvalid',
  'inputTooLarge',
  'methodUnknown',
  'unauthorised',
  'tooManyRequests',
  'internalFault',
  'connectionLost',
] as const satisfies readonly ErrorCode[];
export type BoundaryCode = (typeof BOUNDARY_CODES)[number];

/** One question, one answer. */
export type CallDefinition<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  C extends ErrorCode = ErrorCode,
> = {
  readonly kind: 'call';
  readonly summary: string;
  readonly input: I;
  readonly output: O;
  readonly errors: readonly C[];
};

/** Long work: progress events, then one final result; can be cancelled. */
export type StreamDefinition<
  I extends z.ZodType = z.ZodType,
  E extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  C extends ErrorCode = ErrorCode,
> = Omit<CallDefinition<I, O, C>, 'kind'> & { readonly kind: 'stream'; readonly progress: E };

/** State pushed to whoever watches: each push carries a sequence number; a reconnecting watcher gets what it missed. */
export type TopicDefinition<S extends z.ZodType = z.ZodType> = {
  readonly kind: 'topic';
  readonly summary: string;
  readonly state: S;
};

export type MethodDefinition = CallDefinition | StreamDefinition | TopicDefinition;
export type Contract = Readonly<Record<string, MethodDefinition>>;

/** Defines a call. */
export const call = <I extends z.ZodType, O extends z.ZodType, const C extends ErrorCode>(
  summary: string,
  parts: { input: I; output: O; errors: readonly C[] },
): CallDefinition<I, O, C> => ({ kind: 'call', summary, ...parts });

/** Defines a stream. */
export const stream = <
  I extends z.ZodType,
  E extends z.ZodType,
  O extends z.ZodType,
  const C extends ErrorCode,
>(
  summary: string,
  parts: { input: I; progress: E; output: O; errors: readonly C[] },
): StreamDefinition<I, E, O, C> => ({ kind: 'stream', summary, ...parts });

/** Defines a topic. */
export const topic = <S extends z.ZodType>(summary: string, state: S): TopicDefinition<S> => ({
  kind: 'topic',
  summary,
  state,
});

/** What a handler returns: the method's own failures only; boundary failures are the host's. */
export type HandlerOf<D> =
  D extends CallDefinition<infer I, infer O, infer C>
    ? (input: z.output<I>) => Promise<Result<z.input<O>, C>>
    : D extends StreamDefinition<infer I, infer E, infer O, infer C>
      ? (
          input: z.output<I>,
          progress: (event: z.input<E>) => void,
          cancelled: CancelSignal,
        ) => Promise<Result<z.input<O>, C>>
      : D extends TopicDefinition<infer S>
        ? TopicSource<z.input<S>>
        : never;

/** Cancellation as plain data and a hook, so that `std` code needs no AbortController. */
export type CancelSignal = { readonly cancelled: boolean; onCancel(run: () => void): void };

/** A topic's owner: the current state, and changes. `subscribe` returns the way to stop. */
export type TopicSource<S> = { current(): S; subscribe(changed: (state: S) => void): () => void };

/** An object that implements a contract: every method, exhaustively typed. */
export type Handlers<K extends Contract> = { readonly [M in keyof K]: HandlerOf<K[M]> };

/** The caller's side of a method. */
export type ClientMethodOf<D> =
  D extends CallDefinition<infer I, infer O, infer C>
    ? (input: z.input<I>) => Promise<Result<z.output<O>, C | BoundaryCode>>
    : D extends StreamDefinition<infer I, infer E, infer O, infer C>
      ? (
          input: z.input<I>,
          progress: (event: z.output<E>) => void,
        ) => { result: Promise<Result<z.output<O>, C | BoundaryCode>>; cancel(): void }
      : D extends TopicDefinition<infer S>
        ? (changed: (state: z.output<S>) => void) => () => void
        : never;

/** The client proxy of a contract. */
export type Client<K extends Contract> = { readonly [M in keyof K]: ClientMethodOf<K[M]> };
