import {
  parseEntryBody,
  type EntryBody,
  type PaymentAccepted,
  type PaymentStornoed,
  type PosConcluded,
  type ShiftClosed,
  type ShiftOpened,
  type SignedEntry,
} from '../../contracts/journal.ts';
import { bakuDate, type Instant } from '../../contracts/time.ts';
import { cashOfShift, overShortOf, posClearingOf, refundsDueOf, vaultOf } from '../ledger/accounts.ts';
import { sha256 } from '../registry/identity.ts';
import type { Device } from '../registry/workstations.ts';
import { storable, storableDate, storableInstant } from './printable.ts';
import type {
  LineItem,
  PaymentItem,
  PostingBatch,
  ShiftItem,
  StornoItem,
  StornoLineItem,
  UnplacedItem,
} from './post-batch.ts';

/** A journal entry read: its body, or why it could not be read. */
export type ReadEntry = {
  readonly entry: SignedEntry;
  readonly body: EntryBody | undefined;
  /** When it was written by the device's clock; null where nobody could read that, or no calendar has it. */
  readonly wallTime: Instant | null;
  readonly unreadable: string | null;
};

/** Reads a body. An entry is a fact even when this program cannot read it: then a person will. */
export function readEntry(entry: SignedEntry): ReadEntry {
  try {
    const body = parseEntryBody(entry.body);
    return { entry, body, wallTime: storableInstant(body.wallTime), unreadable: null };
  } catch (error) {
    return {
      entry,
      body: undefined,
      wallTime: null,
      unreadable: error instanceof Error ? error.message.slice(0, 300) : 'unreadable',
    };
  }
}

/** Whether an entry has a posting of its own. */
export const movesMoney = (body: EntryBody): boolean =>
  body.type === 'payment.accepted' ||
  body.type === 'payment.stornoed' ||
  body.type === 'shift.opened' ||
  body.type === 'shift.closed' ||
  (body.type === 'pos.concluded' && isCharge(body.payload));

type Draft = {
  payments: PaymentItem[];
  lines: LineItem[];
  stornos: StornoItem[];
  stornoLines: StornoLineItem[];
  shifts: ShiftItem[];
  unplaced: UnplacedItem[];
};

/** Turns the entries that move money into a batch for the ledger. Items are numbered by the entry's place in the list. */
export function toPostings(device: Device, entries: readonly ReadEntry[]): PostingBatch {
  const draft: Draft = { payments: [], lines: [], stornos: [], stornoLines: [], shifts: [], unplaced: [] };
  for (const [i, { body, wallTime }] of entries.entries()) {
    if (body?.type === 'payment.accepted') addPayment(draft, device, i, body.entryId, wallTime, body.payload);
    else if (body?.type === 'payment.stornoed')
      addStorno(draft, device, i, body.entryId, wallTime, body.payload);
    else if (body?.type === 'shift.opened') draft.shifts.push(opened(device, i, body.entryId, body.payload));
    else if (body?.type === 'shift.closed') draft.shifts.push(closed(device, i, body.entryId, body.payload));
    else if (body?.type === 'pos.concluded') addCharge(draft, device, i, body.entryId, body.payload);
  }
  return draft;
}

/** The day under which the cash of an entry is booked that names an impossible one. */
const today = (): string => bakuDate(Date.now());

const bookedOn = (date: string): { date: string; reason?: string } =>
  storableDate(date) ? { date } : { date: today(), reason: 'notPostable' };

const RECEIPT_NO_MAX = 60;

/** Why the money of an entry cannot be placed as what it says it is, whatever the database thinks; null when it can. */
function unplaceable(
  record: Money & { readonly businessDate: string; readonly receiptNo: string },
  taken: Instant | null,
): 'totalsDisagree' | 'notPostable' | null {
  if (!addsUp(record)) return 'totalsDisagree';
  const sane =
    storableDate(record.businessDate) && taken !== null && record.receiptNo.length <= RECEIPT_NO_MAX;
  return sane ? null : 'notPostable';
}

/** The cash that changed hands over a record that cannot be placed: `sign` 1 came into the drawer, −1 went out of it. */
function unplaced(
  device: Device,
  i: number,
  entry: string,
  hash: string,
  record: PaymentAccepted | PaymentStornoed,
  sign: 1 | -1,
  reason: string,
): UnplacedItem {
  return {
    i,
    id: entry,
    hash,
    date: bookedOn(record.businessDate).date,
    ...unplacedMoney(device, record, sign),
    reason,
    device: device.deviceId,
    payment: record.paymentId,
    detail: { receiptNo: storable(record.receiptNo.slice(0, RECEIPT_NO_MAX)) },
  };
}

/** The ledger account of the cards among the tenders; of several terminals (no counter does that), the first one's. */
export const cardAccountOf = (device: Device, tenders: PaymentAccepted['tenders']): string =>
  posClearingOf(device.participantId, tenders.find((tender) => tender.kind === 'card')?.terminalId ?? null);

/** On which accounts money moved: all cash or all card on one; of both, the card's part is told apart. */
function moneyOf(
  device: Device,
  { shiftId, tenders }: PaymentAccepted | PaymentStornoed,
): { readonly account: string; readonly card?: { readonly card: number; readonly cardAccount: string } } {
  const cards = tenders.filter((tender) => tender.kind === 'card');
  if (cards.length === 0) return { account: cashOfShift(shiftId) };
  const cardAccount = cardAccountOf(device, tenders);
  return cards.length === tenders.length
    ? { account: cardAccount }
    : { account: cashOfShift(shiftId), card: { card: tendered(cards), cardAccount } };
}

function unplacedMoney(
  device: Device,
  record: PaymentAccepted | PaymentStornoed,
  sign: 1 | -1,
): Pick<UnplacedItem, 'cash' | 'amount' | 'card' | 'cardAccount'> {
  const { account, card } = moneyOf(device, record);
  const amount = sign * tendered(record.tenders);
  return { cash: account, amount, ...(card ? { ...card, card: sign * card.card } : {}) };
}

/** Whether an attempt moved money that no payment or storno moves in the books. */
const isCharge = ({ outcome, recordedAs }: PosConcluded): boolean =>
  outcome === 'done' && recordedAs === null;

/** A charge that no payment takes is owed to whoever bore it, until it is reversed or refunded. */
function addCharge(draft: Draft, device: Device, i: number, id: string, concluded: PosConcluded): void {
  if (!isCharge(concluded)) return;
  const sign = concluded.kind === 'sale' ? 1 : -1;
  draft.shifts.push({
    i,
    id,
    kind: sign === 1 ? 'cardCharge' : 'cardReturn',
    hash: contentHash([device.deviceId, concluded]),
    ...bookedOn(concluded.businessDate),
    device: device.deviceId,
    entries: [
      [posClearingOf(device.participantId, concluded.result?.terminalId ?? null), sign * concluded.amount],
      [refundsDueOf(device.participantId), -sign * concluded.amount],
    ],
  });
}

const contentHash = (payload: unknown): string => sha256(JSON.stringify(payload));

type Money = {
  readonly lines: readonly { readonly amount: number; readonly fee: number }[];
  readonly tenders: readonly { readonly amount: number }[];
  readonly total: number;
};

/** Σ lines + fees = total = Σ tenders, or the money that changed hands cannot be placed. */
const addsUp = ({ lines, tenders, total }: Money): boolean =>
  lines.reduce((sum, line) => sum + line.amount + line.fee, 0) === total && tendered(tenders) === total;

const tendered = (tenders: Money['tenders']): number =>
  tenders.reduce((sum, tender) => sum + tender.amount, 0);

function addPayment(
  draft: Draft,
  device: Device,
  i: number,
  entry: string,
  taken: Instant | null,
  payment: PaymentAccepted,
): void {
  const hash = contentHash(payment);
  const reason = unplaceable(payment, taken);
  if (reason !== null || taken === null) {
    draft.unplaced.push(unplaced(device, i, entry, hash, payment, 1, reason ?? 'notPostable'));
    return;
  }
  const money = moneyOf(device, payment);
  draft.payments.push({
    i,
    id: payment.paymentId,
    entry,
    hash,
    channel: 'counter',
    device: device.deviceId,
    participant: device.participantId,
    shift: payment.shiftId,
    date: payment.businessDate,
    receipt: payment.receiptNo,
    code: payment.subscriberCode,
    total: payment.total,
    fees: payment.lines.reduce((sum, line) => sum + line.fee, 0),
    currency: payment.currency,
    taken,
    debit: money.account,
    ...money.card,
  });
  for (const [index, line] of payment.lines.entries()) {
    draft.lines.push({
      i,
      p: payment.paymentId,
      n: index + 1,
      id: line.lineId,
      b: line.billerId,
      a: line.account,
      m: line.amount,
      f: line.fee,
      bill: line.billNo,
      d: device.district,
    });
  }
}

function addStorno(
  draft: Draft,
  device: Device,
  i: number,
  entry: string,
  taken: Instant | null,
  storno: PaymentStornoed,
): void {
  const hash = contentHash(storno);
  const reason = unplaceable(storno, taken);
  if (reason !== null || taken === null) {
    draft.unplaced.push(unplaced(device, i, entry, hash, storno, -1, reason ?? 'notPostable'));
    return;
  }
  const money = moneyOf(device, storno);
  draft.stornos.push({
    i,
    id: storno.stornoId,
    entry,
    hash,
    of: storno.paymentId,
    device: device.deviceId,
    participant: device.participantId,
    shift: storno.shiftId,
    date: storno.businessDate,
    receipt: storno.receiptNo,
    total: storno.total,
    taken,
    credit: money.account,
    ...money.card,
  });
  for (const [index, line] of storno.lines.entries()) {
    draft.stornoLines.push({
      i,
      n: index + 1,
      id: line.lineId,
      r: line.reversesLineId,
      m: line.amount,
      f: line.fee,
    });
  }
}

const opened = (device: Device, i: number, id: string, shift: ShiftOpened): ShiftItem => ({
  i,
  id,
  kind: 'shiftOpened',
  // With the device: a float told by two of them is two floats.
  hash: contentHash([device.deviceId, shift]),
  ...bookedOn(shift.businessDate),
  device: device.deviceId,
  entries: [
    [cashOfShift(shift.shiftId), shift.floatTotal],
    [vaultOf(device.branchId), -shift.floatTotal],
  ],
});

/** What was counted goes to the vault; what was expected leaves the drawer; the rest is over or short. */
const closed = (device: Device, i: number, id: string, shift: ShiftClosed): ShiftItem => ({
  i,
  id,
  kind: 'shiftClosed',
  // With the device: a float told by two of them is two floats.
  hash: contentHash([device.deviceId, shift]),
  ...bookedOn(shift.businessDate),
  device: device.deviceId,
  entries: [
    [vaultOf(device.branchId), shift.countedTotal],
    [cashOfShift(shift.shiftId), -shift.expectedTotal],
    [overShortOf(device.branchId), shift.expectedTotal - shift.countedTotal],
  ],
});
