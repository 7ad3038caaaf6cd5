import { PCSC } from '../transport/codes.ts';
import type { Answered, Handle, WatchedReader, WatchedState, WinScard } from '../transport/winscard.ts';

/**
 * PC/SC as Windows behaves, for what no Linux daemon can be made to do: the service stops with the last reader and starts
 * with the first, readers come and go while it is watched, and a change may be told that is none.
 */
export type FakeWinScard = {
  readonly winscard: WinScard;
  plugIn(name: string): void;
  unplug(name: string): void;
  putIn(name: string, atr: Uint8Array): void;
  takeOut(name: string): void;
  /** The time of every wait for a change is over. */
  elapse(): void;
  /** Ends every wait for a change with states that are as they were. */
  reportNothing(): void;
  /** Makes the next call of this kind answer that. */
  failNext(call: keyof WinScard, code: number): void;
  /** Contexts and cards that were given out and not given back. */
  held(): { readonly contexts: number; readonly cards: number };
  /** Until somebody waits for a change. */
  watched(): Promise<void>;
};

type Reader = { events: number; atr: Uint8Array | null };
type Watch = {
  readonly readers: readonly WatchedReader[];
  done(answer: Answered<readonly WatchedState[]>): void;
};

const FLAG = { changed: 2, empty: 0x10, present: 0x20 } as const;
const NUMBER_OF_READERS = '\\\\?PnP?\\Notification';
const EVENT = 0x1_0000;

export function fakeWinScard(): FakeWinScard {
  const readers = new Map<string, Reader>();
  const contexts = new Set<Handle>();
  const cards = new Set<Handle>();
  const failing = new Map<keyof WinScard, number>();
  let watches: Watch[] = [];
  let onWatch: (() => void)[] = [];
  let handles = 0;

  const nextHandle = (to: Set<Handle>): Handle => {
    handles += 1;
    to.add(handles);
    return handles;
  };

  /** The code that a call answers before it does anything. */
  function refusal(call: keyof WinScard): number {
    const code = failing.get(call) ?? (readers.size === 0 ? PCSC.serviceStopped : PCSC.success);
    failing.delete(call);
    return code;
  }

  const answer = <T>(call: keyof WinScard, value: () => T): Promise<Answered<T>> => {
    const code = refusal(call);
    return Promise.resolve(code === 0 ? { code: 0, value: value() } : { code, value: null });
  };
  const plain = (call: keyof WinScard, act: () => void = () => undefined): Promise<number> => {
    act();
    return Promise.resolve(refusal(call));
  };

  function stateOf({ name, current }: WatchedReader): WatchedState | undefined {
    if (name === NUMBER_OF_READERS) {
      const same = current === readers.size * EVENT;
      return { event: readers.size * EVENT + (same ? 0 : FLAG.changed), atr: new Uint8Array() };
    }
    const reader = readers.get(name);
    if (reader === undefined) return undefined;
    const state = reader.events * EVENT + (reader.atr === null ? FLAG.empty : FLAG.present);
    return { event: state + (state === current ? 0 : FLAG.changed), atr: reader.atr ?? new Uint8Array() };
  }

  /** What is to be answered to a wait now; undefined: nothing yet. */
  function answerTo(watched: readonly WatchedReader[]): Answered<readonly WatchedState[]> | undefined {
    if (readers.size === 0) return { code: PCSC.serviceStopped, value: null };
    const states = watched.map(stateOf);
    const known = states.filter((state) => state !== undefined);
    if (known.length < states.length) return { code: PCSC.unknownReader, value: null };
    return known.some(({ event }) => (event & FLAG.changed) !== 0) ? { code: 0, value: known } : undefined;
  }

  function changed(): void {
    const before = watches;
    watches = [];
    for (const watch of before) {
      const now = answerTo(watch.readers);
      if (now === undefined) watches.push(watch);
      else watch.done(now);
    }
  }

  function reader(name: string): Reader {
    const one = readers.get(name);
    if (one === undefined) throw new Error(`${name} is not plugged in`);
    return one;
  }

  const winscard: WinScard = {
    establish: () => answer('establish', () => nextHandle(contexts)),
    release: (context) => plain('release', () => contexts.delete(context)),
    listReaders: () => answer('listReaders', () => [...readers.keys()]),
    statusChange(_context, timeoutMs, watched) {
      const refused = failing.get('statusChange');
      failing.delete('statusChange');
      if (refused !== undefined) return Promise.resolve({ code: refused, value: null });
      const now = answerTo(watched);
      if (now !== undefined) return Promise.resolve(now);
      if (timeoutMs === 0) return Promise.resolve({ code: PCSC.timeout, value: null });
      return new Promise((done) => {
        watches.push({ readers: watched, done });
        for (const told of onWatch) told();
        onWatch = [];
      });
    },
    connect: () => answer('connect', () => ({ handle: nextHandle(cards), protocol: 2 })),
    reconnect: () => answer('reconnect', () => 2),
    status: () => answer('status', () => ({ protocol: 2, atr: Uint8Array.of(0x3b, 0) })),
    disconnect: (card) => plain('disconnect', () => cards.delete(card)),
    begin: () => plain('begin'),
    end: () => plain('end'),
    transmit: () => answer('transmit', () => Uint8Array.of(0x90, 0)),
    control: (_card, functionNumber, bytes) =>
      answer('control', () => Uint8Array.of(functionNumber & 0xff, ...bytes)),
  };

  return {
    winscard,
    plugIn(name) {
      readers.set(name, { events: 0, atr: null });
      changed();
    },
    unplug(name) {
      readers.delete(name);
      changed();
    },
    putIn(name, atr) {
      const one = reader(name);
      one.atr = atr;
      one.events += 1;
      changed();
    },
    takeOut(name) {
      const one = reader(name);
      one.atr = null;
      one.events += 1;
      changed();
    },
    elapse() {
      const before = watches;
      watches = [];
      for (const { done } of before) done({ code: PCSC.timeout, value: null });
    },
    reportNothing() {
      const before = watches;
      watches = [];
      for (const { readers: watched, done } of before) {
        done({ code: 0, value: watched.map(stateOf).filter((state) => state !== undefined) });
      }
    },
    failNext: (call, code) => void failing.set(call, code),
    held: () => ({ contexts: contexts.size, cards: cards.size }),
    watched: () => (watches.length > 0 ? Promise.resolve() : new Promise((done) => onWatch.push(done))),
  };
}
