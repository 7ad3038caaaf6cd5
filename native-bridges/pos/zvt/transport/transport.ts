import type { PosReason } from '../../../../contracts/pos.ts';

/** A line to a terminal that carries bytes and nothing else. */
export type Transport = {
  /**
   * Hands bytes to the line. Rejects when the line would not take them or broke meanwhile: some may have left by then.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** False once the line is gone: whatever is written then cannot leave. */
  readonly open: boolean;
  /** Ends when the line is free for others. `closed` is not called any more. */
  close(): Promise<void>;
};

export type TransportEvents = {
  readonly data: (bytes: Uint8Array) => void;
  /** Once, when the line broke or the other side closed it. */
  readonly closed: (reason: PosReason) => void;
};

export type TransportOpening =
  | { readonly kind: 'open'; readonly transport: Transport }
  | { readonly kind: 'failed'; readonly reason: PosReason };

export type OpenTransport = (events: TransportEvents) => Promise<TransportOpening>;
