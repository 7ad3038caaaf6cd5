import type { Abi } from './abi.ts';
import { backOff, type BackOff } from './back-off.ts';
import { PCSC } from './codes.ts';
import type { RawReader, RawSight } from './messages.ts';
import type { Handle, WinScard } from './winscard.ts';

/** Stands for the number of readers in a wait for changes. */
const NUMBER_OF_READERS = '\\\\?PnP?\\Notification';

/** The readers are listed anew this often in any case: a system may miss one that came just before the wait began. */
const LIST_AGAIN_MS = 5000;
const LIST_AGAIN_WITHOUT_NOTICE_MS = 1000;
const LIBRARY_AGAIN_MS = 5000;
/** A service that reports changes which are none does not get our processor. */
const NO_NEWS_PAUSE_MS = 100;

/** SCARD_STATE_…: asks for the state whatever it is; says that it is another one. */
const UNAWARE = 0;
const CHANGED = 0x0002;

export type Watching = {
  /** Answers why the library cannot be had when it cannot. */
  readonly load: () => WinScard | string;
  readonly abi: Pick<Abi, 'system' | 'plugAndPlay'>;
  readonly say: (sight: RawSight) => void;
  readonly wait: (ms: number) => Promise<unknown>;
};

/**
 * Says what is in the readers, for ever: through a service that is not there yet, stops, and comes back. `stopped` is asked
 * between two waits.
 */
export async function watchReaders(watching: Watching, stopped: () => boolean = () => false): Promise<void> {
  const { say, wait } = watching;
  const pauses = backOff();
  let session = 0;
  while (!stopped()) {
    const winscard = watching.load();
    if (typeof winscard === 'string') {
      say({ state: 'away', reason: 'noLibrary', detail: winscard });
      await wait(LIBRARY_AGAIN_MS);
      continue;
    }
    const made = await winscard.establish();
    if (made.code === 0) session += 1;
    const code =
      made.value === null
        ? made.code
        : await watchSession({ ...watching, winscard, context: made.value, session, pauses }, stopped);
    if (stopped()) return;
    say({ state: 'away', reason: 'noService', detail: hex(code) });
    await wait(pauses.next());
  }
}

type Session = Watching & {
  readonly winscard: WinScard;
  readonly context: Handle;
  readonly session: number;
  readonly pauses: BackOff;
};

/** Watches until the context is of no use any more. Answers with which code that was. */
async function watchSession(session: Session, stopped: () => boolean): Promise<number> {
  const { winscard, context, pauses, say, wait } = session;
  let seen: readonly RawReader[] | undefined;
  let code: number = PCSC.success;
  let empty = 0;
  while (!stopped()) {
    const looked = await look(session, seen);
    if ('code' in looked) {
      code = looked.code;
      break;
    }
    pauses.good();
    const news = looked.readers !== seen;
    seen = looked.readers;
    empty = news || looked.waited ? 0 : empty + 1;
    if (news) say({ state: 'running', session: session.session, readers: seen });
    // Once is well: the number of readers changed, and the next list has the other ones.
    else if (empty > 1) await wait(NO_NEWS_PAUSE_MS);
  }
  await winscard.release(context);
  return code;
}

type Looked =
  | { readonly code: number }
  /** The same list as before when nothing changed. `waited`: the time for it was used up. */
  | { readonly readers: readonly RawReader[]; readonly waited: boolean };

/** Lists the readers, and waits until one of them is different from what was seen. */
async function look(session: Session, seen: readonly RawReader[] | undefined): Promise<Looked> {
  const { winscard, context } = session;
  const listed = await winscard.listReaders(context);
  if (listed.value === null) return { code: listed.code };
  const names = listed.value;
  const known = names.map((name) => seen?.find((reader) => reader.name === name) ?? unseenReader(name));
  const sameNames = seen?.length === known.length && known.every((reader) => seen.includes(reader));
  const limitMs = session.abi.plugAndPlay ? LIST_AGAIN_MS : LIST_AGAIN_WITHOUT_NOTICE_MS;
  const change = sameNames ? await nextChange(session, known, limitMs) : 'unseen';
  const states = typeof change === 'string' ? await statesNow(session, names) : change;
  // A reader went between the list and the question: the next list is without it.
  if (states.code === PCSC.unknownReader) return { readers: seen ?? [], waited: false };
  const { value } = states;
  if (value === null) return { code: states.code };
  const after = known.map((reader, index) => readerNow(reader, value[index]));
  const same = sameNames && after.every((reader, index) => reader === known[index]);
  return { readers: same ? seen : after, waited: change === 'noChange' };
}

type States = Awaited<ReturnType<WinScard['statusChange']>>;

/** The states after the next change, or that there was none for so long. */
async function nextChange(
  { winscard, context, abi, wait }: Session,
  known: readonly RawReader[],
  limitMs: number,
): Promise<States | 'noChange'> {
  const watched = known.map(({ name, flags, events }) => ({ name, current: flags + events * 0x1_0000 }));
  if (abi.plugAndPlay) {
    // Windows compares with the number that we know of; pcsc-lite counts for itself.
    const current = abi.system === 'win32' ? known.length * 0x1_0000 : 0;
    watched.push({ name: NUMBER_OF_READERS, current });
  }
  if (watched.length === 0) {
    await wait(limitMs);
    return 'noChange';
  }
  const states = await winscard.statusChange(context, limitMs, watched);
  return states.code === PCSC.timeout ? 'noChange' : states;
}

/** The states as they are. pcsc-lite wakes nobody when a card is opened or let go: that is seen only so. */
async function statesNow({ winscard, context }: Session, names: readonly string[]): Promise<States> {
  if (names.length === 0) return { code: 0, value: [] };
  return winscard.statusChange(
    context,
    0,
    names.map((name) => ({ name, current: UNAWARE })),
  );
}

const unseenReader = (name: string): RawReader => ({ name, flags: 0, events: 0, atr: new Uint8Array() });

/** The same object when nothing about the reader changed. */
function readerNow(
  before: RawReader,
  now: { readonly event: number; readonly atr: Uint8Array } | undefined,
): RawReader {
  if (now === undefined) return before;
  const flags = now.event & 0xffff & ~CHANGED;
  const events = now.event >>> 16;
  if (flags === before.flags && events === before.events) return before;
  return { name: before.name, flags, events, atr: now.atr };
}

const hex = (code: number): string => `0x${code.toString(16).padStart(8, '0').toUpperCase()}`;
