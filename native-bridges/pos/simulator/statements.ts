import type { Fields, PtMessage, Tlv } from '../zvt/message.ts';
import { encodeTlv } from '../zvt/tlv.ts';
import { encodeTotals } from '../zvt/totals.ts';
import { cardOf, maskPan } from './cards.ts';
import type { ClosedDay, Conditions, Terminal, Transaction } from './terminal-state.ts';

/** What the terminal says, made of what it holds. */

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.codePointAt(0) ?? 0x3f);
const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Fields 04 0F carries of a transaction. TLV only where the till sent one; 49 only where it was asked. */
export function statementOf(
  { terms, session }: Pick<Terminal, 'terms' | 'session'>,
  transaction: Transaction,
  withCurrency: boolean,
): Fields & { readonly name: 'statusInformation' } {
  const card = cardOf(transaction.card);
  const { stamp, originalTrace } = transaction;
  return {
    name: 'statusInformation',
    result: transaction.result,
    amount: transaction.amount,
    ...(withCurrency ? { currency: transaction.currency } : {}),
    trace: terms.longTrace && session.tlv ? '000000' : transaction.trace,
    ...(originalTrace === null ? {} : { originalTrace }),
    time: stamp.slice(8, 14),
    date: stamp.slice(4, 8),
    terminalId: terms.terminalId,
    merchantId: terms.merchantId,
    receiptNo: transaction.receiptNo,
    turnoverNo: transaction.turnoverNo,
    maskedPan: terms.panInClear ? card.pan : maskPan(card.pan),
    cardType: card.cardType,
    cardName: card.label,
    ...(transaction.authCode === '' ? {} : { authCode: transaction.authCode }),
    ...(session.tlv ? { tlv: detailsOf(terms, transaction) } : {}),
  };
}

/** 2F {1F10 how the customer proved himself, 1F11 online, 1F12 technology}, 60 {43 AID, 44 label}, 1F2B, 1F1F. */
function detailsOf(terms: Terminal['terms'], transaction: Transaction): readonly Tlv[] {
  const card = cardOf(transaction.card);
  return [
    {
      tag: 0x2f,
      value: encodeTlv([
        { tag: 0x1f10, value: Uint8Array.of(transaction.pinUsed ? 0x02 : 0x00) },
        { tag: 0x1f11, value: Uint8Array.of(0x01) },
        { tag: 0x1f12, value: Uint8Array.of(transaction.contactless ? 0x02 : 0x01) },
      ]),
    },
    {
      tag: 0x60,
      value: encodeTlv([
        { tag: 0x43, value: bytesOf(card.aid) },
        { tag: 0x44, value: ascii(card.label) },
      ]),
    },
    ...(terms.longTrace ? [{ tag: 0x1f2b, value: bytesOf(transaction.trace.padStart(8, '0')) }] : []),
    ...(terms.uniqueIds ? [{ tag: 0x1f1f, value: bytesOf(transaction.reference) }] : []),
  ];
}

/** 04 0F of totals: BMP 60 beside the sum. */
export function dayStatement({ terms }: Pick<Terminal, 'terms'>, day: ClosedDay): PtMessage {
  return {
    name: 'statusInformation',
    result: 0,
    amount: Math.max(0, day.sum),
    trace: day.trace,
    time: day.stamp.slice(8, 14),
    date: day.stamp.slice(4, 8),
    terminalId: terms.terminalId,
    totals: encodeTotals(day),
  };
}

/** The terminal status of 05 01, the gravest first. */
export function statusCodeOf(state: Terminal): number {
  const { conditions, procedure, cardInside } = state;
  if (procedure !== null) return 0x9c;
  if (conditions.outOfOrder) return 0xdf;
  if (conditions.initialisationNeeded) return 0x51;
  if (conditions.clockWrong) return 0x62;
  if (conditions.diagnosisNeeded) return 0xc2;
  if (cardInside !== null) return 0xdc;
  return conditions.endOfDayOpen ? 0xf0 : 0x00;
}

/** The status byte 19 of a registration's completion: 01 initialisation needed, 02 diagnosis needed. */
export const needsOf = ({ initialisationNeeded, diagnosisNeeded }: Conditions): number =>
  (initialisationNeeded ? 0x01 : 0) | (diagnosisNeeded ? 0x02 : 0);

/** Why no money is moved now, or null. */
export function hindrance({ conditions, cardInside }: Terminal): number | null {
  if (conditions.outOfOrder) return 0xdf;
  if (conditions.initialisationNeeded) return 0x83;
  if (conditions.diagnosisNeeded) return 0xc2;
  if (conditions.endOfDayOpen) return 0xf0;
  return cardInside === null ? null : 0xdc;
}
