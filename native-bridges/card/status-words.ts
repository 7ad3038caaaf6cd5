import type { LoadReason } from '../../contracts/load-reasons.ts';

/** Status words (ISO/IEC 7816-4 §5.6, docs/protocols/card.md) in words. */

export const SW = {
  done: 0x9000,
  memoryFailed: 0x6581,
  wrongLength: 0x6700,
  wrongMac: 0x6982,
  noChallenge: 0x6985,
  wrongData: 0x6a80,
  notFound: 0x6a82,
  full: 0x6a84,
  wrongParameters: 0x6a86,
  noInstruction: 0x6d00,
  noClass: 0x6e00,
} as const;

type Meaning = { readonly words: string; readonly reason: LoadReason };

const KNOWN: Readonly<Record<number, Meaning>> = {
  [SW.memoryFailed]: { words: 'the memory failed', reason: 'worn' },
  [SW.wrongLength]: { words: 'wrong length', reason: 'cardRefused' },
  [SW.wrongMac]: { words: 'the authorisation is wrong', reason: 'cardRefused' },
  0x6983: { words: 'blocked', reason: 'cardRefused' },
  [SW.noChallenge]: { words: 'no challenge is alive, or the conditions are not met', reason: 'cardRefused' },
  [SW.wrongData]: { words: 'the data are wrong: unit or amount', reason: 'cardRefused' },
  0x6a81: { words: 'the function is not supported', reason: 'cardRefused' },
  [SW.notFound]: { words: 'the application is not on the card', reason: 'foreign' },
  [SW.full]: { words: 'the balance would pass the maximum', reason: 'cardFull' },
  [SW.wrongParameters]: { words: 'wrong parameters', reason: 'cardRefused' },
  [SW.noInstruction]: { words: 'the instruction is not known', reason: 'cardRefused' },
  [SW.noClass]: { words: 'the class is not known', reason: 'cardRefused' },
};

/** What a status word says, for people and for the log. Any 16 bits have a meaning. */
export function meaningOf(sw: number): Meaning {
  const known = KNOWN[sw];
  if (known !== undefined) return known;
  switch (sw >> 8) {
    case 0x62:
      return { words: 'warning, memory unchanged', reason: 'cardRefused' };
    case 0x63:
      return { words: 'warning, memory changed', reason: 'answerLost' };
    case 0x64:
      return { words: 'execution error, memory unchanged', reason: 'cardRefused' };
    case 0x65:
      return { words: 'execution error, memory changed', reason: 'worn' };
    case 0x6f:
      return { words: 'error without a diagnosis', reason: 'answerLost' };
    default:
      return { words: 'a status word of its own', reason: 'cardRefused' };
  }
}

/** `6985: no challenge is alive …`. */
export const statusText = (sw: number): string =>
  `${sw.toString(16).padStart(4, '0').toUpperCase()}: ${meaningOf(sw).words}`;

/**
 * Whether a status word says for sure that a command changed nothing: 64 (memory unchanged) and the checking errors 67 to 6E.
 * 65 and 63 say that memory may have changed, 6F says nothing: after those only the card itself can tell.
 */
export const leftUnchanged = (sw: number): boolean => {
  const sw1 = sw >> 8;
  return sw1 === 0x64 || (sw1 >= 0x67 && sw1 <= 0x6e);
};
