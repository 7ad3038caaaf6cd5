import type { PosReason } from '../../../contracts/pos.ts';
import { posReason, type PosReasonCode } from '../../../contracts/pos-reasons.ts';

/** Error ids of PA00P015, chapter "error messages", that have words of their own. */
const BY_ERROR: Readonly<Record<number, PosReasonCode>> = {
  0x64: 'cardUnreadable',
  0x65: 'cardUnreadable',
  0x6a: 'memoryFull',
  0x6b: 'notRegistered',
  0x6c: 'cancelled',
  0x6f: 'currencyWrong',
  0x77: 'endOfDayImpossible',
  0x78: 'cardExpired',
  0x7a: 'cardUnknown',
  0x7d: 'hostAway',
  0x83: 'functionImpossible',
  0x9a: 'protocolError',
  0x9b: 'hostAway',
  0x9c: 'busy',
  0xa0: 'hostAway',
  0xa1: 'hostAway',
  0xa3: 'hostAway',
  0xb1: 'endOfDayOpen',
  0xb2: 'memoryFull',
  0xb4: 'alreadyReversed',
  0xb5: 'reversalImpossible',
  0xb7: 'amountNotAllowed',
  0xc2: 'diagnosisNeeded',
  0xc3: 'amountNotAllowed',
  0xc6: 'currencyWrong',
  0xc8: 'amountNotAllowed',
  0xcc: 'printerTrouble',
  0xdc: 'cardStillIn',
  0xdf: 'outOfOrder',
  0xe0: 'busy',
  0xf0: 'endOfDayOpen',
};

/** Response codes of the bank's host (ISO 8583, field 39) as ZVT carries them in 01..63 hex. */
const BY_HOST: Readonly<Record<number, PosReasonCode>> = {
  13: 'amountNotAllowed',
  14: 'cardUnknown',
  33: 'cardExpired',
  51: 'insufficientFunds',
  54: 'cardExpired',
  55: 'wrongPin',
  57: 'cardUnknown',
  61: 'amountNotAllowed',
  75: 'wrongPin',
  91: 'hostAway',
};

export const hexByte = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

/** Why a terminal said no: its error id (27, 84 xx, 06 1E) in our words, with the id itself beside it. */
export function reasonOfError(error: number | null): PosReason {
  if (error === null) return posReason('answerUnclear', 'ZVT 06 1E');
  const detail = `ZVT ${hexByte(error)}`;
  if (error > 0 && error < 0x64) return posReason(BY_HOST[error] ?? 'declined', detail);
  return posReason(BY_ERROR[error] ?? 'other', detail);
}

const BY_STATUS: Readonly<Record<number, PosReasonCode>> = {
  0x51: 'initialisationNeeded',
  0x62: 'clockWrong',
  0x6b: 'notRegistered',
  0x9c: 'busy',
  0xb1: 'endOfDayOpen',
  0xc2: 'diagnosisNeeded',
  0xcc: 'printerTrouble',
  0xdc: 'cardStillIn',
  0xdf: 'outOfOrder',
  0xe0: 'busy',
  0xe1: 'cardStillIn',
  0xf0: 'endOfDayOpen',
};

/** What the terminal says of itself when it is asked (05 01); null when it is ready. */
export function reasonOfStatus(status: number): PosReason | null {
  if (status === 0) return null;
  return posReason(BY_STATUS[status] ?? 'other', `ZVT ${hexByte(status)}`);
}

/** States that pass by themselves or by the customer taking the card: worth asking again in a moment. */
export const passesByItself = (status: number): boolean => [0x9c, 0xdc, 0xe1].includes(status);
