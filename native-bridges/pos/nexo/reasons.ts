import { posReason, type PosReasonCode } from '../../../contracts/pos-reasons.ts';
import type { PosReason } from '../../../contracts/pos.ts';
import { maskText } from './mask.ts';
import type { ResponsePart } from './messages.ts';

/** nexo Retailer's ErrorCondition in words of ours. */
const CONDITIONS: Readonly<Record<string, PosReasonCode>> = {
  Aborted: 'cancelled',
  Busy: 'busy',
  Cancel: 'cancelled',
  DeviceOut: 'outOfOrder',
  InProgress: 'busy',
  InsertedCard: 'cardStillIn',
  InvalidCard: 'cardUnknown',
  LoggedOut: 'notRegistered',
  MessageFormat: 'protocolError',
  NotAllowed: 'functionImpossible',
  NotFound: 'nothingHeld',
  PaymentRestriction: 'cardUnknown',
  Refusal: 'declined',
  UnavailableDevice: 'outOfOrder',
  UnavailableService: 'functionImpossible',
  UnreachableHost: 'hostAway',
  WrongPIN: 'wrongPin',
};

/** What the words beside the condition make more exact. */
const WORDS: readonly (readonly [RegExp, PosReasonCode])[] = [
  [/already[ _](?:been[ _])?(?:reversed|cancelled|refunded)/i, 'alreadyReversed'],
  [/reversal[ _](?:is[ _])?not[ _]possible|can ?not[ _]be[ _]reversed/i, 'reversalImpossible'],
  [/not[ _]enough[ _]balance|insufficient[ _]funds/i, 'insufficientFunds'],
  [/expired[ _]card|card[ _](?:is[ _])?expired/i, 'cardExpired'],
  [/timed?[ _]?out/i, 'customerTimedOut'],
  [/currency/i, 'currencyWrong'],
  [/card[ _]removed/i, 'cardRemoved'],
  [/invalid[ _]pin|incorrect[ _]pin|wrong[ _]pin/i, 'wrongPin'],
  [/invalid[ _]amount|amount[ _]too/i, 'amountNotAllowed'],
];

/** AdditionalResponse comes as plain words, as `key=value&…`, or as base64 of JSON. */
function wordsOf(additional: string): string {
  const text = additional.startsWith('ey') ? Buffer.from(additional, 'base64').toString('utf8') : additional;
  if (!/^[\w.]+=/.test(text)) return text;
  const fields = new URLSearchParams(text);
  return ['refusalReason', 'message', 'errorMessage'].flatMap((name) => fields.get(name) ?? []).join(', ');
}

/** Why a terminal said no, with its own code and words. */
export function reasonOf(response: ResponsePart): PosReason {
  const condition = response.ErrorCondition ?? '';
  const words = wordsOf(response.AdditionalResponse ?? '');
  const exact = WORDS.find(([pattern]) => pattern.test(words))?.[1];
  return posReason(
    exact ?? CONDITIONS[condition] ?? 'other',
    maskText([condition, words].filter((part) => part !== '').join(': ')),
  );
}
