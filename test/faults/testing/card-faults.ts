import type { FaultWish } from '../../../native-bridges/pos/simulator/faults.ts';
import type { TranscriptLine } from '../../../native-bridges/pos/simulator/simulator.ts';

/** Every place of a conversation with a terminal where something can go wrong, and everything that can. */

/** One message of an operation: the n-th of its name in its direction. */
export type Place = {
  readonly direction: TranscriptLine['direction'];
  readonly message: string;
  readonly nth: number;
  readonly bytes: number;
};

/** The messages of an operation that went well, as places. */
export function placesOf(lines: readonly TranscriptLine[]): readonly Place[] {
  const met = new Map<string, number>();
  return lines.map(({ direction, name, hex }) => {
    const key = `${direction} ${name}`;
    const nth = (met.get(key) ?? 0) + 1;
    met.set(key, nth);
    return { direction, message: name, nth, bytes: hex.length / 2 };
  });
}

export type Mishap = {
  readonly name: string;
  readonly at: NonNullable<FaultWish['at']>;
  readonly what: FaultWish['what'];
};

/** PA00P016: an answer is waited for T3, the whole of a command T4. */
const PAST_T3_MS = 5_500;
const PAST_T4_MS = 181_000;
/** 80 00 00: class, instruction, length. */
const LENGTH_AT = 2;

/**
 * What can become of a message of so many bytes. TCP knows no checksum of its own above it: a byte that is another reaches
 * both sides as it is.
 */
export function mishapsOf({ bytes }: Place): readonly Mishap[] {
  const inside = { byte: Math.floor(bytes / 2) };
  return [
    { name: 'nothing of it arrives', at: 'before', what: { kind: 'drop' } },
    { name: 'only its beginning arrives', at: inside, what: { kind: 'drop' } },
    { name: 'it comes after T3', at: 'before', what: { kind: 'delay', ms: PAST_T3_MS } },
    { name: 'what follows it comes after T3', at: 'after', what: { kind: 'delay', ms: PAST_T3_MS } },
    { name: 'it comes after T4', at: 'before', what: { kind: 'delay', ms: PAST_T4_MS } },
    { name: 'what follows it comes after T4', at: 'after', what: { kind: 'delay', ms: PAST_T4_MS } },
    { name: 'its first byte is another', at: { byte: 0 }, what: { kind: 'corrupt' } },
    { name: 'its length is another', at: { byte: LENGTH_AT }, what: { kind: 'corrupt' } },
    ...(bytes > LENGTH_AT + 1
      ? [
          { name: 'a byte inside is another', at: inside, what: { kind: 'corrupt' } } as const,
          { name: 'its last byte is another', at: { byte: bytes - 1 }, what: { kind: 'corrupt' } } as const,
        ]
      : []),
    { name: 'it comes twice', at: 'before', what: { kind: 'duplicate' } },
    { name: 'it comes again after T3', at: 'after', what: { kind: 'duplicate', afterMs: PAST_T3_MS } },
    { name: 'the line is cut before it', at: 'before', what: { kind: 'cut' } },
    { name: 'the line is cut within it', at: inside, what: { kind: 'cut' } },
    { name: 'the line is cut after it', at: 'after', what: { kind: 'cut' } },
  ];
}
