import type { LoadReason } from '../../contracts/load-reasons.ts';
import type { MeterArea } from '../../contracts/rules/meter-card/meter-area.ts';
import type { CardUnit } from '../../contracts/rules/meter-card/purse.ts';

/**
 * Meter cards in the readers of this counter. Every answer is about one insertion: a card that was taken out and put in
 * again is another, and what is asked of the former is `removed`. An order to write is given once; when its answer is lost
 * nothing but reading the card tells what became of it. Bytes are opaque here: card and centre prove things to each other.
 */

/** `A` checks the centre's word itself; `B` is memory that anything can be written to (docs/protocols/card.md). */
export type CardClass = 'A' | 'B';

export type ReaderView = {
  readonly name: string;
  /** `taken`: another program has the card. `mute`: it is in and does not answer. */
  readonly state: 'empty' | 'card' | 'mute' | 'taken';
  /** A simulated reader: labelled so wherever it is shown. */
  readonly virtual: boolean;
};

/** The system's card service and what hangs on it. Comes and goes by itself. */
export type CardServiceView = {
  readonly state: 'ready' | 'noReader' | 'noService';
  readonly readers: readonly ReaderView[];
};

/** One presence of one card in one reader, while the program runs. */
export type Insertion = number;

export type MeterCardEvent =
  | { readonly kind: 'service' }
  | { readonly kind: 'cardIn'; readonly insertion: Insertion; readonly reader: string }
  | { readonly kind: 'cardOut'; readonly insertion: Insertion };

export type MeterCardIdentity = {
  readonly cardClass: CardClass;
  /** 16 hex digits, upper case. */
  readonly cardId: string;
  /** The company's number, three digits. */
  readonly company: string;
  readonly meter: string;
  readonly unit: CardUnit;
};

/** What the card says of itself. Not proven before the centre has looked at the evidence. */
export type MeterCardReading = {
  /** Class A: status and its MAC; class B: the whole image. */
  readonly evidence: Uint8Array;
  readonly counter: number;
  /** In the card's unit; null where the card does not say (class B counts loads, not what is left). */
  readonly balance: number | null;
  readonly maximum: number | null;
  readonly last: { readonly loadId: string; readonly amount: number } | null;
  readonly meter: MeterArea;
};

export type MeterCardFailure = {
  readonly reason: LoadReason;
  /** For support: a status word, an error of the card service. No secrets. */
  readonly detail: string | null;
};

export type LoadRequest = {
  /** 16 bytes. */
  readonly loadId: Uint8Array;
  /** In the card's unit. */
  readonly amount: number;
  readonly unit: CardUnit;
  /** 8 bytes naming this till. */
  readonly terminal: Uint8Array;
  /** The centre's, 16 bytes. */
  readonly nonce: Uint8Array;
};

/** What the centre needs to see before it authorises: class A the card's word on the order, class B the image. */
export type Preparation =
  | {
      readonly cardClass: 'A';
      readonly order: Uint8Array;
      readonly answer: Uint8Array;
      readonly s1: Uint8Array;
    }
  | { readonly cardClass: 'B'; readonly image: Uint8Array };

/** The centre's word. Never journalled or logged. */
export type Authorisation =
  | { readonly cardClass: 'A'; readonly s2: Uint8Array }
  | {
      readonly cardClass: 'B';
      readonly slot: 'a' | 'b';
      readonly record: Uint8Array;
      readonly psc: Uint8Array;
    };

/** How an order to write ended. `refused`: by the card's own word nothing was written. */
export type WriteAnswer =
  /** Class A: the card's answer and S3. Class B: the image that was read back, and is as it was ordered. */
  | {
      readonly kind: 'written';
      readonly proof:
        { readonly answer: Uint8Array; readonly s3: Uint8Array } | { readonly image: Uint8Array };
    }
  | { readonly kind: 'refused'; readonly failure: MeterCardFailure }
  | { readonly kind: 'unknown'; readonly failure: MeterCardFailure };

type Answer<T> = Promise<
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: MeterCardFailure }
>;

export type MeterCardPort = {
  service(): CardServiceView;
  /** Tells of what is there already, then of what comes and goes, until the answer is called. */
  watch(heard: (event: MeterCardEvent) => void): () => void;
  /** Which card it is. `foreign`: none of ours. */
  identify(insertion: Insertion): Answer<MeterCardIdentity>;
  /** Resets the card, which kills any order it was given, and reads it. `nonce`: 16 bytes of the centre. */
  read(insertion: Insertion, nonce: Uint8Array): Answer<MeterCardReading>;
  prepare(insertion: Insertion, request: LoadRequest): Answer<Preparation>;
  /** Directly behind `prepare`: any other command in between kills the order. */
  write(insertion: Insertion, authorisation: Authorisation): Promise<WriteAnswer>;
  dispose(): Promise<void>;
};
