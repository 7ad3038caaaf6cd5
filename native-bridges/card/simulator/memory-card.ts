import {
  IMAGE_BYTES,
  METER_AREA_AT,
  readHeader,
  readSlot,
  recordMacInput,
  type MemoryRecord,
  type Slot,
} from '../../../contracts/rules/meter-card/memory-card.ts';
import { METER_AREA_BYTES } from '../../../contracts/rules/meter-card/meter-area.ts';
import { decodeCommand, encodeResponse, type Command } from '../apdu.ts';
import { bytesOf, hexOf, sameBytes } from '../bytes.ts';
import type { CardKeys } from '../secure/card-keys.ts';
import { isMac } from '../secure/mac.ts';
import { SW } from '../status-words.ts';
import type { MemoryState } from './card-state.ts';

/** A SLE4442 behind a reader of the ACS kind (docs/protocols/card.md, class B): pseudo-APDU in, answer and next state out. Pure. */

export type MemoryVolatile = {
  /** The reader was told the card type. */
  readonly selected: boolean;
  /** The code was presented: the chip lets itself be written. */
  readonly open: boolean;
};
export const MEMORY_POWERED: MemoryVolatile = { selected: false, open: false };

export type MemoryStep = {
  readonly next: MemoryState | null;
  readonly volatile: MemoryVolatile;
  readonly answer: Uint8Array;
  /** What a tear in the middle leaves, after this many bytes were written; null: the command writes nothing. */
  readonly torn: ((bytes: number) => MemoryState) | null;
};

const FAILED = 0x6300;
/** The chip's own bytes are burnt in. */
const PROTECTED_BYTES = 32;
const LESS = { 7: 3, 3: 1, 1: 0, 0: 0 } as const;

export function memoryStep(
  state: MemoryState,
  volatile: MemoryVolatile,
  apdu: Uint8Array,
  { psc, worn }: { readonly psc: Uint8Array; readonly worn: boolean },
): MemoryStep {
  const command = decodeCommand(apdu);
  const say = (sw: number, data?: Uint8Array): MemoryStep => ({
    next: null,
    volatile,
    answer: encodeResponse(sw, data),
    torn: null,
  });
  if (command === null) return say(SW.wrongLength);
  if (command.cla !== 0xff) return say(SW.noClass);
  if (command.ins === 0xa4)
    return command.data?.length === 1 && command.data[0] === 0x06
      ? { ...say(SW.done), volatile: { selected: true, open: false } }
      : say(FAILED);
  if (!volatile.selected) return say(FAILED);
  switch (command.ins) {
    case 0xb0:
      return say(SW.done, read(state, command));
    case 0xb1:
      return say(SW.done, Uint8Array.of(state.tries, 0, 0, 0));
    case 0x20:
      return present(state, volatile, command, psc);
    case 0xd0:
      return write(state, volatile, command, worn);
    default:
      return say(SW.noInstruction);
  }
}

function read({ image, protectionSent }: MemoryState, { p2, le }: Command): Uint8Array {
  const bytes = bytesOf(image).subarray(p2, Math.min(IMAGE_BYTES, p2 + (le ?? 256)));
  return Uint8Array.from(protectionSent ? [...bytes, 0, 0, 0, 0] : bytes);
}

/** The chip first uses a try up, then compares, then gives all of them back: torn in between, the try is gone. */
function present(
  state: MemoryState,
  volatile: MemoryVolatile,
  { data }: Command,
  psc: Uint8Array,
): MemoryStep {
  const used: MemoryState = { ...state, tries: LESS[state.tries] };
  const isRight = state.tries !== 0 && data !== undefined && sameBytes(data, psc);
  const next: MemoryState = isRight ? { ...state, tries: 7 } : used;
  return {
    next,
    volatile: { ...volatile, open: isRight },
    answer: encodeResponse(0x9000 | next.tries),
    torn: () => used,
  };
}

/** Without the code the chip ignores it, and the reader does not notice. A worn chip loses what comes behind the tenth byte. */
function write(
  state: MemoryState,
  volatile: MemoryVolatile,
  { p2, data }: Command,
  worn: boolean,
): MemoryStep {
  const answer = encodeResponse(data === undefined ? FAILED : SW.done);
  if (data === undefined || !volatile.open) return { next: null, volatile, answer, torn: null };
  const after = (bytes: number): MemoryState => {
    const image = bytesOf(state.image);
    for (let i = 0; i < Math.min(bytes, data.length); i += 1)
      if (p2 + i >= PROTECTED_BYTES && p2 + i < IMAGE_BYTES) image[p2 + i] = data[i] ?? 0;
    return { ...state, image: hexOf(image) };
  };
  return { next: after(worn ? Math.min(10, data.length) : data.length), volatile, answer, torn: after };
}

/** The record that counts: the highest sequence under a good MAC. For those who hold K5, as the meter does. */
export function recordThatCounts(
  image: Uint8Array,
  { k5 }: CardKeys,
): { readonly record: MemoryRecord; readonly slot: Slot } | null {
  const header = readHeader(image);
  if (header === null) return null;
  const good = (['a', 'b'] as const).flatMap((slot) => {
    const { record, body, mac } = readSlot(image, slot);
    return isMac(k5, recordMacInput(header.cardId, body), mac) ? [{ record, slot }] : [];
  });
  return good.sort((one, other) => other.record.sequence - one.record.sequence)[0] ?? null;
}

/** The meter's own writing: it knows the code. */
export function withArea(image: Uint8Array, area: Uint8Array): Uint8Array {
  const next = Uint8Array.from(image);
  next.set(area.subarray(0, METER_AREA_BYTES), METER_AREA_AT);
  return next;
}
