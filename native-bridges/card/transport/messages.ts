import type { CardFailure, CardProtocol } from './port.ts';

/** What the transport and its card process say to each other; everything survives a structured clone. */

export type CardCommand =
  | {
      readonly kind: 'connect';
      readonly reader: string;
      readonly exclusive: boolean;
      readonly protocol: CardProtocol | null;
    }
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset'; readonly how: 'cold' | 'warm' }
  | { readonly kind: 'control'; readonly code: number; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly how: 'leave' | 'reset' | 'unpower' };

/** `no` numbers the question, `connection` is the parent's number for a card that is or is to be open. */
export type CardRequest = {
  readonly no: number;
  readonly connection: number;
  readonly command: CardCommand;
};

/** `bytes` is the answer to reset after `connect` and `reset`, the answer after `transmit` and `control`, else empty. */
export type CardAnswer =
  | { readonly no: number; readonly ok: true; readonly bytes: Uint8Array; readonly protocol: CardProtocol }
  | { readonly no: number; readonly ok: false; readonly error: CardFailure };

/** A reader as PC/SC shows it. `events` counts cards put in and taken out. */
export type RawReader = {
  readonly name: string;
  readonly flags: number;
  readonly events: number;
  readonly atr: Uint8Array;
};

export type RawSight =
  | { readonly state: 'running'; readonly session: number; readonly readers: readonly RawReader[] }
  | { readonly state: 'away'; readonly reason: 'noLibrary' | 'noService'; readonly detail: string };

/** What the card process says: an answer, or what is to be seen. */
export type FromCardProcess =
  | { readonly kind: 'answer'; readonly answer: CardAnswer }
  | { readonly kind: 'sight'; readonly sight: RawSight };
