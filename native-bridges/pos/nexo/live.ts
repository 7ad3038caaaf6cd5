import type { LiveCode } from '../../../contracts/pos.ts';
import { maskText } from './mask.ts';
import { displayRequestSchema, eventSchema, type Parts } from './messages.ts';

/** What a terminal tells of its progress, in codes of ours with its own text beside them. */
export type LiveWord = { readonly code: LiveCode; readonly text: string | null };

/** Events of a tender as Adyen names them, and predefined contents of nexo Retailer. */
const EVENTS: Readonly<Record<string, LiveCode>> = {
  TENDER_CREATED: 'insertCard',
  PRESENT_CARD: 'insertCard',
  INSERT_CARD: 'insertCard',
  ASK_CONTACTLESS_RETRY: 'insertCard',
  CARD_INSERTED: 'pleaseWait',
  CARD_PRESENTED: 'pleaseWait',
  CARD_SWIPED: 'pleaseWait',
  WAIT_FOR_APP_SELECTION: 'seePinPad',
  ASK_DCC: 'seePinPad',
  WAIT_FOR_AMOUNT_ADJUSTMENT: 'confirmAmount',
  WAIT_FOR_PIN: 'enterPin',
  PIN_DIGIT_ENTERED: 'enterPin',
  PIN_ENTERED: 'pleaseWait',
  WRONG_PIN: 'wrongPin',
  PROCESSING: 'waitingForHost',
  PROCESSING_TENDER: 'waitingForHost',
  CHECK_SIGNATURE: 'waitingForCashier',
  ASK_SIGNATURE: 'seePinPad',
  PRINT_RECEIPT: 'printing',
  REMOVE_CARD: 'removeCard',
  WAIT_FOR_CARD_REMOVAL: 'removeCard',
  APPROVED: 'approved',
  DECLINED: 'declined',
  CANCELLED: 'aborting',
  RECONCILIATION: 'endOfDay',
};

const NOTICES: Readonly<Record<string, LiveCode>> = {
  CardInserted: 'pleaseWait',
  CardRemoved: 'pleaseWait',
  Abort: 'aborting',
};

/** `…&event=WAIT_FOR_PIN` or `WAIT_FOR_PIN`. */
const eventNameOf = (reference: string): string =>
  reference.includes('=') ? (new URLSearchParams(reference).get('event') ?? '') : reference;

/** What a display request says; empty when it says nothing that is for people. */
export function liveWordsOf(parts: Parts): readonly LiveWord[] {
  const display = displayRequestSchema.safeParse(parts.DisplayRequest);
  if (!display.success) return [];
  return (display.data.DisplayOutput ?? []).flatMap(({ OutputContent: content }): LiveWord[] => {
    const lines = (content?.OutputText ?? []).map(({ Text }) => Text ?? '').filter((line) => line !== '');
    const text = lines.length === 0 ? null : maskText(lines.join(' ')).slice(0, 200);
    const code = EVENTS[eventNameOf(content?.PredefinedContent?.ReferenceID ?? '')];
    if (code !== undefined) return [{ code, text }];
    return text === null ? [] : [{ code: 'text', text }];
  });
}

export type Notice =
  | { readonly kind: 'live'; readonly word: LiveWord }
  | { readonly kind: 'rejected'; readonly message: string; readonly details: string }
  | { readonly kind: 'outOfOrder' }
  | { readonly kind: 'other' };

/** What an event notification says. `rejected`: a message of ours that the terminal does not take, as text. */
export function noticeOf(parts: Parts): Notice {
  const event = eventSchema.safeParse(parts.EventNotification);
  if (!event.success) return { kind: 'other' };
  const { EventToNotify: name, EventDetails: details, RejectedMessage: rejected } = event.data;
  if (name === 'Reject') {
    const message = Buffer.from(rejected ?? '', 'base64').toString('utf8');
    return { kind: 'rejected', message, details: maskText(details ?? '') };
  }
  if (name === 'OutOfOrder') return { kind: 'outOfOrder' };
  const code = NOTICES[name];
  return code === undefined ? { kind: 'other' } : { kind: 'live', word: { code, text: null } };
}
