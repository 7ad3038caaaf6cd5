import {
  IMAGE_BYTES,
  RECORD_BODY_BYTES,
  RECORD_BYTES,
  SLOT_AT,
  readHeader,
  type Slot,
} from '../../../../contracts/rules/meter-card/memory-card.ts';
import { viewOf as numbersOf } from '../../../../contracts/rules/meter-card/meter-area.ts';
import type { Command, Response } from '../../apdu.ts';
import { sameBytes, spaced } from '../../bytes.ts';
import { once } from '../../exchange.ts';
import type { MemoryCommands } from '../../readers/profile.ts';
import { statusText } from '../../status-words.ts';
import { atrMask, fits } from '../atr-mask.ts';
import { failed, type Answered, type Connection } from '../connection.ts';
import { EXCHANGE_MS, type CardDriver, type CardIdentity, type Loaded, type MemoryCard } from '../driver.ts';
import { claimOf, otherSlot, viewOf } from './image.ts';

/** The reference memory card, a SLE4442 (docs/protocols/card.md, class B), through a reader that can reach it. */

export const MEMORY_ATR = '3B 04 A2 13 10 91';
const MASK = atrMask(MEMORY_ATR);
const ALL_TRIES = 0x07;
const DEADLINE = { deadlineMs: EXCHANGE_MS };
const PSC_BYTES = 3;

export const memoryDriver: CardDriver = {
  name: 'memory',
  matches: (atr) => fits(MASK, atr),
  async probe(connection, reader) {
    if (reader.memoryCard === null) return failed('readerCannot', connection.reader);
    const image = await open(connection, reader.memoryCard);
    if (!image.ok) return image;
    const identity = identityOf(image.value);
    return {
      ok: true,
      value: identity === null ? null : memoryCard(connection, reader.memoryCard, identity),
    };
  },
};

/** Null: the header is not ours, or damaged. */
export function identityOf(image: Uint8Array): CardIdentity | null {
  const header = readHeader(image);
  return header === null ? null : { cardClass: 'B', ...header };
}

function memoryCard(connection: Connection, commands: MemoryCommands, identity: CardIdentity): MemoryCard {
  const say = (command: Command): Promise<Answered<Response>> => once(connection, command, DEADLINE);

  /** The image, from this card and no other. */
  async function ownImage(): Promise<Answered<Uint8Array>> {
    const image = await open(connection, commands);
    if (!image.ok) return image;
    const found = identityOf(image.value);
    if (found === null) return failed('unreadable', 'the header is damaged');
    return sameBytes(found.cardId, identity.cardId) ? image : failed('otherCard', spaced(found.cardId));
  }

  /** Opens writing. Every failure has written nothing. */
  async function openWriting(psc: Uint8Array): Promise<Answered<null>> {
    const counted = await say(commands.presentationCounter());
    if (!counted.ok) return counted;
    const tries = commands.counterRead(counted.value);
    if (tries === null) return failed('unreadable', statusText(counted.value.sw));
    if (tries !== ALL_TRIES)
      return failed('codeTries', `presentation counter ${spaced(Uint8Array.of(tries))}`);
    const presented = await say(commands.present(psc));
    if (!presented.ok) return presented;
    const left = commands.counterAfterPresenting(presented.value);
    if (left === null) return failed('cardRefused', statusText(presented.value.sw));
    return left === ALL_TRIES
      ? { ok: true, value: null }
      : failed('codeTries', `wrong code, presentation counter ${spaced(Uint8Array.of(left))}`);
  }

  return {
    driver: memoryDriver.name,
    cardClass: 'B',
    identity,
    async readStatus() {
      const image = await ownImage();
      return image.ok ? { ok: true, value: { evidence: image.value, view: viewOf(image.value) } } : image;
    },
    async write({ record, slot, psc }) {
      if (record.length !== RECORD_BYTES || psc.length !== PSC_BYTES)
        throw new Error('a record has 40 bytes and a code three');
      const before = await ownImage();
      if (!before.ok) return { outcome: 'refused', error: before.error };
      if (holds(before.value, slot, record)) return { outcome: 'loaded', value: { image: before.value } };
      if (!leavesState(before.value, slot, record))
        return refused('cardRefused', 'what the record follows does not stand in the other slot');
      const opened = await openWriting(psc);
      if (!opened.ok) return { outcome: 'refused', error: opened.error };
      const written = await say(commands.write(SLOT_AT[slot], record));
      if (!written.ok) return { outcome: 'unknown', error: written.error };
      return readBack(ownImage, { before: before.value, slot, record, said: written.value });
    },
  };
}

const refused = (...why: Parameters<typeof failed>): Loaded<never> => ({
  outcome: 'refused',
  error: failed(...why).error,
});

const holds = (image: Uint8Array, slot: Slot, record: Uint8Array): boolean =>
  sameBytes(image.subarray(SLOT_AT[slot], SLOT_AT[slot] + RECORD_BYTES), record);

/** Record n + 1 may be written only where record n stands in the other slot and stays. Record 1 follows nothing. */
function leavesState(image: Uint8Array, slot: Slot, record: Uint8Array): boolean {
  const follows = numbersOf(record.subarray(0, RECORD_BODY_BYTES)).getUint32(0) - 1;
  return follows === 0 || claimOf(image, otherSlot(slot))?.sequence === follows;
}

/** What the card holds after the reader has answered; the reader's word alone is none. */
async function readBack(
  read: () => Promise<Answered<Uint8Array>>,
  {
    before,
    slot,
    record,
    said,
  }: {
    readonly before: Uint8Array;
    readonly slot: Slot;
    readonly record: Uint8Array;
    readonly said: Response;
  },
): Promise<Loaded<{ readonly image: Uint8Array }>> {
  const after = await read();
  if (!after.ok) return { outcome: 'unknown', error: after.error };
  if (holds(after.value, slot, record)) return { outcome: 'loaded', value: { image: after.value } };
  const at = SLOT_AT[slot];
  const isUntouched = sameBytes(
    after.value.subarray(at, at + RECORD_BYTES),
    before.subarray(at, at + RECORD_BYTES),
  );
  const failure = failed('worn', `read back differs after ${statusText(said.sw)}`).error;
  return { outcome: isUntouched ? 'refused' : 'unknown', error: failure };
}

/** Selects the card type and reads all of it. */
async function open(connection: Connection, commands: MemoryCommands): Promise<Answered<Uint8Array>> {
  const selected = await once(connection, commands.select(), DEADLINE);
  if (!selected.ok) return selected;
  if (!commands.isDone(selected.value)) return failed('unreadable', statusText(selected.value.sw));
  const image = new Uint8Array(IMAGE_BYTES);
  for (let at = 0; at < IMAGE_BYTES; at += commands.mostBytes) {
    const length = Math.min(commands.mostBytes, IMAGE_BYTES - at);
    const answer = await once(connection, commands.read(at, length), DEADLINE);
    if (!answer.ok) return answer;
    const bytes = commands.bytesRead(answer.value, length);
    if (bytes === null) return failed('unreadable', statusText(answer.value.sw));
    image.set(bytes, at);
  }
  return { ok: true, value: image };
}
