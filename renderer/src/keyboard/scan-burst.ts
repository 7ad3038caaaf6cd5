/**
 * Tells a barcode scanner from fingers. A scanner is a keyboard that types very fast and ends with Enter. Pure: fold
 * key presses with {@link pressed}, and ask {@link quiet} when nothing came for a while.
 */

/** Scanners leave 1–20 ms between characters; the fastest typists 60 ms and more, a held key repeats at 30 ms. */
export const GAP_MS = 32;
/** Where only our own codes count, nobody types their marks by chance: a busy PC may stretch the gaps this far. */
export const OWN_GAP_MS = 400;
/** How long the closing Enter may lag behind the last character. */
export const ENTER_GAP_MS = 120;
/** Shorter bursts are fingers rolling over the number pad. */
const SHORTEST = 6;
/** From this character on a burst is kept out of an amount until it is known what it is. */
const HELD_FROM = 4;

/** Our own codes: a bill's barcode and QR, a subscriber's card, a receipt's QR. */
const OWN_MARKS = ['KM1', 'KR1', 'komis:', 'https://'] as const;
const isOwnCode = (text: string): boolean => OWN_MARKS.some((mark) => text.startsWith(mark));
const mayBecomeOwn = (text: string): boolean =>
  text !== '' && OWN_MARKS.some((mark) => text.startsWith(mark) || mark.startsWith(text));

/** What has the focus: amounts must never see a burst; free text and the find field take all but our own codes. */
export type ScanTarget = 'amount' | 'find' | 'text' | 'nothing';

export type KeyPress = {
  /** `KeyboardEvent.key`. */
  readonly key: string;
  /** `KeyboardEvent.code`: what a US keyboard has there, for scanners under a Cyrillic layout. */
  readonly code: string;
  readonly shift: boolean;
  readonly repeat: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
};

export type Burst = {
  readonly text: string;
  /** The same keys as a US keyboard would have typed them. */
  readonly usText: string;
  readonly last: number;
  /** Characters kept out of the field so far. */
  readonly held: string;
};

export const NO_BURST: Burst = { text: '', usText: '', last: -Infinity, held: '' };

export type Verdict =
  /** An ordinary key: leave it alone. `first`: it may begin a burst, remember what the field holds. */
  | { readonly kind: 'pass'; readonly first: boolean }
  /** Part of a burst that must not reach the field. */
  | { readonly kind: 'hold' }
  /** A whole scan: swallow this key and put the field back to what it held. */
  | { readonly kind: 'scan'; readonly text: string };

/** Takes one key press. */
export function pressed(burst: Burst, press: KeyPress, target: ScanTarget): readonly [Burst, Verdict] {
  if (press.key === 'Shift') return [burst, { kind: 'pass', first: false }];
  if (press.key === 'Enter') {
    const scanned = press.at - burst.last <= patienceMs(burst) ? scanOf(burst, target) : undefined;
    return [
      NO_BURST,
      scanned === undefined ? { kind: 'pass', first: false } : { kind: 'scan', text: scanned },
    ];
  }
  if (press.key.length !== 1 || press.repeat) return [NO_BURST, { kind: 'pass', first: false }];

  const ownOnly = target === 'text' || target === 'find';
  const gap = ownOnly || isOwn(burst) ? OWN_GAP_MS : GAP_MS;
  // Where only our own codes count, what fingers typed before one is no part of it.
  const goesOn = press.at - burst.last <= gap && (!ownOnly || isOwn(withKey(burst, press)));
  const before = goesOn ? burst : NO_BURST;
  const { text, usText } = withKey(before, press);
  const hold = text.length >= HELD_FROM && (target === 'amount' || target === 'nothing');
  return [
    { text, usText, last: press.at, held: hold ? before.held + press.key : before.held },
    hold ? { kind: 'hold' } : { kind: 'pass', first: !goesOn },
  ];
}

/** Is it one of our own codes, as far as it has come. */
const isOwn = ({ text, usText }: Pick<Burst, 'text' | 'usText'>): boolean =>
  mayBecomeOwn(text) || mayBecomeOwn(usText);

const withKey = (burst: Burst, press: KeyPress): Pick<Burst, 'text' | 'usText'> => ({
  text: burst.text + press.key,
  usText: burst.usText + (usCharacter(press) ?? press.key),
});

/** How long a burst may pause, before its Enter too: one of our own codes is not cut off by a PC that is busy. */
export const patienceMs = (burst: Burst): number =>
  isOwnCode(burst.text) || isOwnCode(burst.usText) ? OWN_GAP_MS : ENTER_GAP_MS;

/**
 * Nothing was pressed since `burst.last` for longer than {@link patienceMs}: a scan without Enter, characters to give
 * back to the field (fingers rolling over the number pad), or nothing.
 */
export function quiet(
  burst: Burst,
  target: ScanTarget,
): { readonly scan: string } | { readonly giveBack: string } | undefined {
  if (burst.held === '') return undefined;
  const scanned = scanOf(burst, target);
  return scanned === undefined ? { giveBack: burst.held } : { scan: scanned };
}

function scanOf(burst: Burst, target: ScanTarget): string | undefined {
  if (isOwnCode(burst.text)) return burst.text;
  if (isOwnCode(burst.usText)) return burst.usText;
  // Free text and the find field take anything else as it comes; the find field knows what to do with it on Enter.
  if (target === 'text' || target === 'find' || burst.text.length < SHORTEST) return undefined;
  return burst.text;
}

const US_MARKS: Readonly<Record<string, readonly [string, string]>> = {
  Minus: ['-', '_'],
  Equal: ['=', '+'],
  Period: ['.', '>'],
  Comma: [',', '<'],
  Slash: ['/', '?'],
  Semicolon: [';', ':'],
  Digit1: ['1', '!'],
  Digit2: ['2', '@'],
  Digit3: ['3', '#'],
  Digit4: ['4', '$'],
  Digit5: ['5', '%'],
  Digit6: ['6', '^'],
  Digit7: ['7', '&'],
  Digit8: ['8', '*'],
  Digit9: ['9', '('],
  Digit0: ['0', ')'],
};

/** What a US keyboard types with this key; undefined for keys our codes do not use. */
function usCharacter(press: KeyPress): string | undefined {
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  if (letter !== undefined) return press.shift ? letter : letter.toLowerCase();
  const pad = /^Numpad(\d)$/.exec(press.code)?.[1];
  if (pad !== undefined) return pad;
  return US_MARKS[press.code]?.[press.shift ? 1 : 0];
}
