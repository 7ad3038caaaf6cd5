import type { LoadReason } from '../../../contracts/load-reasons.ts';
import type { CardConnection, CardFailure, CardFailureCode } from '../transport/port.ts';

/** What a driver needs of an open card. */
export type Connection = Pick<CardConnection, 'reader' | 'atr' | 'protocol' | 'transmit' | 'reset'>;

/** Why a card was not read or written. */
export type Trouble = {
  readonly reason: LoadReason;
  /** For the log and for whoever looks after the reader: an ATR, a status word. Never a secret. */
  readonly detail: string;
};

export type Answered<T> = { readonly ok: true; readonly value: T } | Failed;
export type Failed = { readonly ok: false; readonly error: Trouble };

export const failed = (reason: LoadReason, detail = ''): Failed => ({ ok: false, error: { reason, detail } });

const REASONS = {
  noService: 'noService',
  noReader: 'noReader',
  noCard: 'noCard',
  removed: 'removed',
  wasReset: 'answerLost',
  sharing: 'readerTaken',
  mute: 'mute',
  unsupported: 'unreadable',
  comm: 'answerLost',
  timeout: 'mute',
  processEnded: 'answerLost',
  unknownState: 'answerLost',
  closed: 'stopped',
} as const satisfies Record<CardFailureCode, LoadReason>;

/** A failure of the way to the card, in the words of the counter. */
export const troubleOf = ({ code, detail }: CardFailure): Failed =>
  failed(REASONS[code], detail === '' ? code : `${code}: ${detail}`);
