import type { Response } from '../apdu.ts';
import { SW } from '../status-words.ts';
import type { MemoryCommands } from './profile.ts';

/** SLE4442 through ACS readers (docs/protocols/card.md, class B; ACR38/ACR39 reference manuals, "Memory Card"). */

const PSEUDO = 0xff;
const SLE4442 = 0x06;
/** Some models put the four bytes of the protection memory behind what was read. */
const PROTECTION_BYTES = 4;

export const acsMemoryCard: MemoryCommands = {
  select: () => ({ cla: PSEUDO, ins: 0xa4, p1: 0, p2: 0, data: Uint8Array.of(SLE4442) }),
  read: (address, length) => ({ cla: PSEUDO, ins: 0xb0, p1: 0, p2: address, le: length }),
  mostBytes: 128,
  write: (address, data) => ({ cla: PSEUDO, ins: 0xd0, p1: 0, p2: address, data }),
  presentationCounter: () => ({ cla: PSEUDO, ins: 0xb1, p1: 0, p2: 0, le: 4 }),
  present: (psc) => ({ cla: PSEUDO, ins: 0x20, p1: 0, p2: 0, data: psc }),
  bytesRead: ({ sw, data }, length) =>
    sw === SW.done && (data.length === length || data.length === length + PROTECTION_BYTES)
      ? data.slice(0, length)
      : null,
  counterRead: ({ sw, data }) => (sw === SW.done && data.length >= 1 ? counterOf(data[0]) : null),
  counterAfterPresenting: ({ sw1, sw2 }: Response) => (sw1 === 0x90 ? counterOf(sw2) : null),
  isDone: ({ sw }) => sw === SW.done,
};

const STATES: readonly number[] = [0x07, 0x03, 0x01, 0x00];
/** The counter has three bits, used up one after the other. */
const counterOf = (byte: number | undefined): number | null =>
  byte !== undefined && (byte & ~0x07) === 0 ? (STATES.includes(byte) ? byte : null) : null;
