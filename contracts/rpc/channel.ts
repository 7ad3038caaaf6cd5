import { z } from 'zod';

/** A two-way line for frames: a MessagePort, a WebSocket, or a pair in memory. The shells differ only in how they get one. */
export type Channel = {
  /** Sends one frame; after `close` it is dropped silently, as a line that is down drops it. */
  send(frame: Frame): void;
  /** Registers the one receiver of frames. What arrives is untrusted: receivers parse it with {@link frameSchema}. */
  onFrame(receive: (frame: unknown) => void): void;
  /** Registers what to do when the line goes down. */
  onClose(closed: () => void): void;
  close(): void;
};

const callId = z.int().min(1);

/** What goes over a channel. `call`/`cancel`/`watch`/`unwatch` from the client, the rest from the host. */
export const frameSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: callId, method: z.string().max(100), input: z.unknown() }),
  z.object({ kind: z.literal('cancel'), id: callId }),
  /** `after`: the last sequence number seen, so that the host can replay what was missed. */
  z.object({ kind: z.literal('watch'), id: callId, method: z.string().max(100), after: z.int().min(0) }),
  z.object({ kind: z.literal('unwatch'), id: callId }),
  z.object({ kind: z.literal('progress'), id: callId, event: z.unknown() }),
  z.object({ kind: z.literal('answer'), id: callId, ok: z.literal(true), value: z.unknown() }),
  z.object({
    kind: z.literal('refusal'),
    id: callId,
    ok: z.literal(false),
    error: z.object({
      code: z.string(),
      detail: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    }),
  }),
  z.object({ kind: z.literal('state'), id: callId, seq: z.int().min(1), state: z.unknown() }),
]);
export type Frame = z.infer<typeof frameSchema>;
