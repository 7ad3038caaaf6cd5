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
  while (!stopped()) {
    const looked = await look(session, seen);
    if ('code' in looked) {
      code = looked.code;
      break;
    }
    pauses.good();
    const news = looked.readers !== seen;
    seen = looked.readers;
    if (news) say({ state: 'running', session: session.session, readers: seen });
    else if (!looked.waited) await wait(NO_NEWS_PAUSE_MS);
  }
  await winscard.release(context);
  return code;
}

type Looked =
  | { readonly code: number }
  /** The same list as before when nothing changed. `waited`: the time for it was used up. */
  | { readonly readers: readonly RawReader[]; readonly waited: boolean };

/** Lists the readers and waits until one of them is different from what was seen. */
async function look(
  { winscard, context, abi, wait }: Session,
  seen: readonly RawReader[] | undefined,
): Promise<Looked> {
  const listed = await winscard.listReaders(context);
  if (listed.value === null) return { code: listed.code };
  const before = listed.value.map(
    (name) => seen?.find((reader) => reader.name === name) ?? unseenReader(name),
  );
  const sameNames =
    seen !== undefined && before.length === seen.length && before.every((one) => seen.includes(one));
  if (seen !== undefined && !sameNames && before.every(({ flags }) => flags !== 0)) {
    return { readers: before, waited: false };
  }
  const limitMs = abi.plugAndPlay ? LIST_AGAIN_MS : LIST_AGAIN_WITHOUT_NOTICE_MS;
  if (before.length === 0 && (seen === undefined || !abi.plugAndPlay)) {
    if (seen !== undefined) await wait(limitMs);
    return { readers: seen ?? [], waited: true };
  }
  const changed = await winscard.statusChange(context, limitMs, [
    ...before.map(({ name, flags, events }) => ({ name, current: flags + events * 0x1_0000 })),
    ...(abi.plugAndPlay ? [{ name: NUMBER_OF_READERS, current: knownNumber(abi, before.length) }] : []),
  ]);
  if (changed.code === PCSC.timeout) return { readers: seen ?? before, waited: true };
  // A reader went between the list and the wait: the next list is without it.
  if (changed.code === PCSC.unknownReader) return { readers: seen ?? [], waited: false };
  const { value } = changed;
  if (value === null) return { code: changed.code };
  const after = before.map((reader, index) => readerNow(reader, value[index]));
  const same = sameNames && after.every((reader, index) => reader === before[index]);
  return { readers: same ? seen : after, waited: false };
}

const unseenReader = (name: string): RawReader => ({ name, flags: 0, events: 0, atr: new Uint8Array() });

/** Windows compares with the number that we know of; pcsc-lite counts for itself. */
const knownNumber = (abi: Watching['abi'], count: number): number =>
  abi.system === 'win32' ? count * 0x1_0000 : 0;

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
