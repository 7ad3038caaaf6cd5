import type { Arrival, Deed } from './faults.ts';

/** One way on which bytes reach the terminal: a TCP port or a serial one. */
export type Line = {
  /** The TCP port that was given; null on a serial line. */
  readonly port: number | null;
  /** `lost`: not acknowledged after three sends, or there is nobody on the line. */
  send(apdu: Uint8Array): Promise<'sent' | 'lost'>;
  /** The terminal closes the connection; nothing on a serial line. Not reported as lost. */
  hangUp(): void;
  /** The cable: nothing passes for so long, and a connection is gone. */
  cut(ms: number): void;
  /** Power: without it nothing is heard and nothing said. */
  power(on: boolean): void;
  close(): Promise<void>;
};

export type LineEvents = {
  apdu(apdu: Uint8Array): void;
  /** The other side is gone. */
  lost(): void;
  /** Every single byte that passed beside frames, for the transcript. */
  beside(direction: 'toTerminal' | 'fromTerminal', what: 'ack' | 'nak' | 'noise'): void;
};

/** Where faults take hold: asked for every message, whole or repeated. */
export type LineFaults = {
  leaving(apdu: Uint8Array | 'ack' | 'nak', wire: Uint8Array): readonly Deed[];
  coming(apdu: Uint8Array): readonly Arrival[];
  power(offMs: number): void;
};

export type LineClock = {
  /** Milliseconds of the terminal's own clock, however fast it runs. */
  after(ms: number, run: () => void): () => void;
};

export const pause = (clock: LineClock, ms: number): Promise<void> =>
  new Promise((done) => void clock.after(ms, done));
