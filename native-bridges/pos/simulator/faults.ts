import { z } from 'zod';

/**
 * Everything that can go wrong between terminal and till, as data. A fault hits the n-th message of a name in one direction,
 * counted from when it was set; on a serial line every repetition of a frame counts as a message of its own.
 */

const ms = z.int().min(0).max(600_000);

/** Where in the message: before a byte of it, after the last one, or after the first `byte` bytes as they are on the wire. */
const placeSchema = z.union([z.literal('before'), z.literal('after'), z.object({ byte: z.int().min(0) })]);

export const faultSchema = z.object({
  direction: z.enum(['toTerminal', 'fromTerminal']),
  /** A name of `zvt/message.ts`, `ack` or `nak` (from the terminal), or `*`. */
  message: z.string().min(1).max(40),
  nth: z.int().min(1).default(1),
  /** How many times in a row. */
  times: z.int().min(1).default(1),
  at: placeSchema.default('before'),
  what: z.discriminatedUnion('kind', [
    /** Nothing of it arrives, or with `byte` only its beginning. */
    z.object({ kind: z.literal('drop') }),
    z.object({ kind: z.literal('delay'), ms }),
    /** One byte is another: that of `at`, or one that the seed chooses. */
    z.object({ kind: z.literal('corrupt') }),
    z.object({ kind: z.literal('duplicate'), afterMs: ms.default(0) }),
    /** Noise of so many bytes. */
    z.object({ kind: z.literal('garbage'), count: z.int().min(1).max(2000) }),
    /** The cable is pulled: the connection closes, on a serial line nothing passes for `ms`. */
    z.object({ kind: z.literal('cut'), ms: ms.default(0) }),
    z.object({ kind: z.literal('powerCycle'), offMs: ms.default(500) }),
    /** Serial: the frame is refused although it was right. To the terminal only. */
    z.object({ kind: z.literal('nak') }),
  ]),
});
export type Fault = z.infer<typeof faultSchema>;
export type FaultWish = z.input<typeof faultSchema>;

/** What is done to a message instead of sending it. */
export type Deed =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'cut'; readonly ms: number }
  | { readonly kind: 'power'; readonly offMs: number };

/** Set faults with how often their message was met, and the seed's random numbers. Deterministic. */
export type Bench = {
  readonly faults: readonly { readonly fault: Fault; readonly met: number }[];
  readonly seed: number;
};

export const newBench = (seed: number): Bench => ({ faults: [], seed: seed >>> 0 });

export const withFault = (bench: Bench, wish: FaultWish): Bench => ({
  ...bench,
  faults: [...bench.faults, { fault: faultSchema.parse(wish), met: 0 }],
});

/** A message passes: every fault that waits for its name counts it; the first whose turn it is strikes. */
export function meet(
  bench: Bench,
  direction: Fault['direction'],
  message: string,
): { readonly bench: Bench; readonly fault: Fault | null } {
  let struck: Fault | null = null;
  const faults = bench.faults.flatMap(({ fault, met }) => {
    if (fault.direction !== direction || (fault.message !== '*' && fault.message !== message))
      return [{ fault, met }];
    const count = met + 1;
    if (struck === null && count >= fault.nth) struck = fault;
    return count >= fault.nth + fault.times - 1 ? [] : [{ fault, met: count }];
  });
  return { bench: { ...bench, faults }, fault: struck };
}

/** Mulberry32: small, fast, the same everywhere. */
export function randomOf(seed: number): readonly [number, number] {
  const next = (seed + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return [((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296, next];
}

/** `count` bytes of noise, and the seed after them. */
export function noise(seed: number, count: number): readonly [Uint8Array, number] {
  const bytes = new Uint8Array(count);
  let now = seed;
  for (let at = 0; at < count; at += 1) {
    const [value, next] = randomOf(now);
    bytes[at] = Math.floor(value * 256);
    now = next;
  }
  return [bytes, now];
}

/** One byte changed: the one named, or one of the seed's choice. */
export function corrupted(bytes: Uint8Array, at: Fault['at'], seed: number): readonly [Uint8Array, number] {
  const [where, afterWhere] = randomOf(seed);
  const [how, afterHow] = randomOf(afterWhere);
  const place =
    typeof at === 'object' ? Math.min(at.byte, bytes.length - 1) : Math.floor(where * bytes.length);
  const copy = bytes.slice();
  copy[place] = (copy[place] ?? 0) ^ (1 + Math.floor(how * 255));
  return [copy, afterHow];
}

/** How a message that leaves fares under a fault; without one it is written. */
export function deedsFor(
  fault: Fault | null,
  wire: Uint8Array,
  seed: number,
): { readonly deeds: readonly Deed[]; readonly seed: number } {
  const write = (bytes: Uint8Array): Deed[] => (bytes.length === 0 ? [] : [{ kind: 'write', bytes }]);
  if (fault === null) return { deeds: write(wire), seed };
  const { at, what } = fault;
  const cutAt = at === 'before' ? 0 : at === 'after' ? wire.length : Math.min(at.byte, wire.length);
  const head = write(wire.slice(0, cutAt));
  const tail = write(wire.slice(cutAt));
  switch (what.kind) {
    case 'drop':
      return { deeds: typeof at === 'object' ? head : [], seed };
    case 'delay':
      return { deeds: [...head, { kind: 'wait', ms: what.ms }, ...tail], seed };
    case 'corrupt': {
      const [bytes, next] = corrupted(wire, at, seed);
      return { deeds: write(bytes), seed: next };
    }
    case 'duplicate':
      return {
        deeds: [
          ...write(wire),
          ...(what.afterMs > 0 ? [{ kind: 'wait', ms: what.afterMs } as const] : []),
          ...write(wire),
        ],
        seed,
      };
    case 'garbage': {
      const [bytes, next] = noise(seed, what.count);
      return { deeds: [...head, ...write(bytes), ...tail], seed: next };
    }
    case 'cut':
      return { deeds: [...head, { kind: 'cut', ms: what.ms }], seed };
    case 'powerCycle':
      return { deeds: [...head, { kind: 'power', offMs: what.offMs }], seed };
    case 'nak':
      return { deeds: write(wire), seed };
  }
}

/** What a message that arrives does to the terminal. `handle`: its bytes are taken; `partly`: only so many of them come. */
export type Arrival =
  | { readonly kind: 'handle'; readonly bytes: Uint8Array }
  | { readonly kind: 'partly'; readonly bytes: Uint8Array }
  | { readonly kind: 'refuse' }
  | Exclude<Deed, { kind: 'write' }>;

/** How a message that comes fares under a fault; nothing in the answer means it is lost. */
export function arrivalsFor(
  fault: Fault | null,
  apdu: Uint8Array,
  seed: number,
): { readonly arrivals: readonly Arrival[]; readonly seed: number } {
  const handle: Arrival = { kind: 'handle', bytes: apdu };
  if (fault === null) return { arrivals: [handle], seed };
  const { at, what } = fault;
  const first: Arrival[] = at === 'after' ? [handle] : [];
  switch (what.kind) {
    case 'drop':
      return {
        arrivals: typeof at === 'object' ? [{ kind: 'partly', bytes: apdu.slice(0, at.byte) }] : [],
        seed,
      };
    case 'delay':
      return {
        arrivals:
          at === 'after' ? [handle, { kind: 'wait', ms: what.ms }] : [{ kind: 'wait', ms: what.ms }, handle],
        seed,
      };
    case 'corrupt': {
      const [bytes, next] = corrupted(apdu, at, seed);
      return { arrivals: [{ kind: 'partly', bytes }], seed: next };
    }
    case 'duplicate':
      return {
        arrivals: [
          handle,
          ...(what.afterMs > 0 ? [{ kind: 'wait', ms: what.afterMs } as const] : []),
          handle,
        ],
        seed,
      };
    case 'garbage': {
      const [bytes, next] = noise(seed, what.count);
      const rubbish: Arrival = { kind: 'partly', bytes };
      return { arrivals: at === 'after' ? [handle, rubbish] : [rubbish, handle], seed: next };
    }
    case 'cut':
      return { arrivals: [...first, { kind: 'cut', ms: what.ms }], seed };
    case 'powerCycle':
      return { arrivals: [...first, { kind: 'power', offMs: what.offMs }], seed };
    case 'nak':
      return { arrivals: [{ kind: 'refuse' }], seed };
  }
}
