import type { Slot } from '../../../contracts/rules/meter-card/memory-card.ts';
import type { MeterArea } from '../../../contracts/rules/meter-card/meter-area.ts';
import type { CardUnit, LoadAnswer, LoadOrder } from '../../../contracts/rules/meter-card/purse.ts';
import type { ReaderProfile } from '../readers/profile.ts';
import type { Answered, Trouble, Connection } from './connection.ts';

/** What a meter card is, as it says itself; the centre alone can prove it. */
export type CardIdentity = {
  /** B: a memory card, which can be copied and has lower limits. */
  readonly cardClass: 'A' | 'B';
  readonly cardId: Uint8Array;
  /** Three digits. */
  readonly company: string;
  readonly meter: string;
  readonly unit: CardUnit;
  readonly keyRevision: number;
};

/** What can be shown of a card. Nobody but the centre has checked it. */
export type CardView = {
  readonly counter: number;
  /** Loaded and not yet taken by the meter, in the card's unit. Null: a memory card whose records do not tell. */
  readonly balance: number | null;
  /** What the card can hold; null: a memory card has no limit of its own. */
  readonly maximum: number | null;
  readonly last: { readonly loadId: Uint8Array; readonly amount: number } | null;
  readonly meter: MeterArea;
};

export type CardReading = {
  /** For the centre, as it came. Class A: status ‖ MAC, 87 bytes. Class B: the whole image, 256 bytes. */
  readonly evidence: Uint8Array;
  readonly view: CardView;
};

/** What became of a load. `unknown`: it may or may not be on the card; only reading it again tells. */
export type Loaded<T> =
  | { readonly outcome: 'loaded'; readonly value: T }
  | { readonly outcome: 'refused' | 'unknown'; readonly error: Trouble };

type Card = {
  readonly driver: string;
  readonly identity: CardIdentity;
  /**
   * Reads the card. Class A: signed over the nonce, and any order given before is dead then.
   * @param nonce 16 bytes of the centre; class B has no use for it
   */
  readStatus(nonce: Uint8Array): Promise<Answered<CardReading>>;
};

/** A card with a processor: it checks the centre's order itself. */
export type PurseCard = Card & {
  readonly cardClass: 'A';
  /** INIT LOAD. Nothing may be said to the card between this and `load`. A failure has changed nothing. */
  initLoad(order: LoadOrder): Promise<Answered<{ readonly answer: Uint8Array; readonly s1: Uint8Array }>>;
  /** LOAD, once. `answer` and `s3` are the proof of it. */
  load(s2: Uint8Array): Promise<
    Loaded<{
      readonly answer: Uint8Array;
      readonly s3: Uint8Array;
      /** What the answer says. */
      readonly said: LoadAnswer;
    }>
  >;
};

/** A card that only remembers. */
export type MemoryCard = Card & {
  readonly cardClass: 'B';
  /**
   * Writes the centre's record into the slot it named, reads it back and compares. Refused without a byte written: another
   * card, a slot that holds what the record follows, a presentation counter below 07 (the code is then not presented either).
   * @param psc three bytes, neither kept nor logged here
   */
  write(load: {
    readonly record: Uint8Array;
    readonly slot: Slot;
    readonly psc: Uint8Array;
  }): Promise<Loaded<{ readonly image: Uint8Array }>>;
};

export type MeterCard = PurseCard | MemoryCard;

/** How one kind of card is known and spoken to. */
export type CardDriver = {
  readonly name: string;
  /** Whether an ATR can be a card of this kind. */
  matches(atr: Uint8Array): boolean;
  /** Asks the card. Null: it is not one of this kind. Writes nothing. */
  probe(connection: Connection, reader: ReaderProfile): Promise<Answered<MeterCard | null>>;
};

/** Every exchange with a card has this long; the slowest card known answers in a tenth of it. */
export const EXCHANGE_MS = 5000;
