import type { RawReader, RawSight } from './messages.ts';
import type { CardService, CardSight, ReaderState } from './port.ts';

/** SCARD_STATE_…: the bits of a reader's state. */
const FLAG = { empty: 0x0010, present: 0x0020, exclusive: 0x0080, inUse: 0x0100, mute: 0x0200 } as const;

/** What is to be seen, with what is needed to tell a new card from one that stayed. */
export type Seen = {
  readonly sight: CardSight;
  /** Which life of the service the readers are of: the card process' number and the session's in it. */
  readonly life: string;
  readonly raw: readonly RawReader[];
  /** The last number that was given to a card put in. */
  readonly insertions: number;
};

export const nothingSeen = (now: number): Seen => ({
  sight: { service: { state: 'starting', since: now }, readers: [] },
  life: '',
  raw: [],
  insertions: 0,
});

/** What is seen after the card process said something. The same object when that changes nothing. */
export function seenAfter(before: Seen, said: RawSight, process: number, now: number): Seen {
  if (said.state === 'away') {
    return serviceAway(before, { reason: said.reason, detail: said.detail }, now);
  }
  const life = `${process}.${said.session}`;
  const known = life === before.life ? before : { ...before, raw: [], sight: { readers: [] } };
  let { insertions } = before;
  const readers = said.readers.map((raw) => {
    const at = known.raw.findIndex(({ name }) => name === raw.name);
    const rawBefore = known.raw[at];
    const isIn = (raw.flags & FLAG.present) !== 0;
    const stayed =
      rawBefore !== undefined && (rawBefore.flags & FLAG.present) !== 0 && rawBefore.events === raw.events;
    if (isIn && !stayed) insertions += 1;
    const insertion = stayed ? (known.sight.readers[at]?.insertion ?? 0) : insertions;
    return readerState(raw, isIn ? insertion : 0);
  });
  const running = before.sight.service.state === 'running';
  const service: CardService = running ? before.sight.service : { state: 'running', since: now };
  const same = running && sameReaders(before.sight.readers, readers);
  const sight = same ? before.sight : { service, readers };
  return { sight, life, raw: said.readers, insertions };
}

/** What is seen when the service, or the card process, is not there. The same object when that was known. */
export function serviceAway(
  before: Seen,
  why: { readonly reason: 'noLibrary' | 'noService' | 'processEnded'; readonly detail: string },
  now: number,
): Seen {
  const { service } = before.sight;
  if (service.state === 'away' && service.reason === why.reason && service.detail === why.detail)
    return before;
  // It has been away since it went, whatever is said of the reason meanwhile.
  const since = service.state === 'away' ? service.since : now;
  return { ...before, sight: { service: { state: 'away', since, ...why }, readers: [] }, life: '', raw: [] };
}

function readerState(raw: RawReader, insertion: number): ReaderState {
  return { name: raw.name, card: cardIn(raw.flags), atr: raw.atr, held: heldBy(raw.flags), insertion };
}

function cardIn(flags: number): ReaderState['card'] {
  if ((flags & FLAG.mute) !== 0) return 'mute';
  if ((flags & FLAG.present) !== 0) return 'present';
  return (flags & FLAG.empty) === 0 ? 'unknown' : 'absent';
}

function heldBy(flags: number): ReaderState['held'] {
  if ((flags & FLAG.exclusive) !== 0) return 'exclusive';
  return (flags & FLAG.inUse) === 0 ? 'free' : 'shared';
}

const sameReaders = (some: readonly ReaderState[], others: readonly ReaderState[]): boolean =>
  some.length === others.length && some.every((one, index) => sameReader(one, others[index]));

const sameReader = (one: ReaderState, other: ReaderState | undefined): boolean =>
  other !== undefined &&
  one.name === other.name &&
  one.card === other.card &&
  one.held === other.held &&
  one.insertion === other.insertion &&
  Buffer.compare(one.atr, other.atr) === 0;
