import type { Command, Response } from '../apdu.ts';

/** What a kind of reader can do beyond passing APDUs on. */
export type ReaderProfile = {
  readonly name: string;
  /** How a memory card is reached through it; null: it cannot. */
  readonly memoryCard: MemoryCommands | null;
};

/** A SLE4442 behind a reader's pseudo-APDUs. */
export type MemoryCommands = {
  /** Needed after each insertion and reset; closes writing. */
  select(): Command;
  /** 1 to `mostBytes` bytes. */
  read(address: number, length: number): Command;
  readonly mostBytes: number;
  write(address: number, data: Uint8Array): Command;
  presentationCounter(): Command;
  /** The command holds the code: it is not kept or logged. */
  present(psc: Uint8Array): Command;
  /** The bytes read; null: not what was asked for. */
  bytesRead(response: Response, length: number): Uint8Array | null;
  /** 07 three tries left, 03 two, 01 one, 00 none for ever; null: not what was asked for. */
  counterRead(response: Response): number | null;
  /** The counter after presenting a code; null: nothing can be said. 07 is success. */
  counterAfterPresenting(response: Response): number | null;
  isDone(response: Response): boolean;
};
