import {
  parseEntryBody,
  type EntryBody,
  type PaymentAccepted,
  type PaymentStornoed,
  type ShiftClosed,
  type ShiftOpened,
  type SignedEntry,
} from '../../contracts/journal.ts';
import { cashOfShift, overShortOf, vaultOf } from '../ledger/accounts.ts';
import { sha256 } from '../registry/identity.ts';
import type { Device } from '../registry/workstations.ts';
import { storable } from './printable.ts';
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
  readonly unreadable: string | null;
};

/** Reads a body. An entry is a fact even when this program cannot read it: then a person will. */
export function readEntry(entry: SignedEntry): ReadEntry {
  try {
    return { entry, body: parseEntryBody(entry.body), unreadable: null };
  } catch (error) {
    return {
      entry,
      body: undefined,
      unreadable: error instanceof Error ? error.message.slice(0, 300) : 'unreadable',
    };
  }
}

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
  for (const [i, { body }] of entries.entries()) {
    if (body?.type === 'payment.accepted')
      addPayment(draft, device, i, body.entryId, body.wallTime, body.payload);
    else if (body?.type === 'payment.stornoed')
      addStorno(draft, device, i, body.entryId, body.wallTime, body.payload);
    else if (body?.type === 'shift.opened') draft.shifts.push(opened(device, i, body.entryId, body.payload));
    else if (body?.type === 'shift.closed') draft.shifts.push(closed(device, i, body.entryId, body.payload));
  }
  return draft;
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
  taken: string,
  payment: PaymentAccepted,
): void {
  const hash = contentHash(payment);
  if (!addsUp(payment)) {
    draft.unplaced.push({
      i,
      id: entry,
      hash,
      date: payment.businessDate,
      cash: cashOfShift(payment.shiftId),
      amount: tendered(payment.tenders),
      reason: 'totalsDisagree',
      device: device.deviceId,
      payment: payment.paymentId,
      detail: { receiptNo: storable(payment.receiptNo) },
    });
    return;
  }
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
    debit: cashOfShift(payment.shiftId),
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
  taken: string,
  storno: PaymentStornoed,
): void {
  const hash = contentHash(storno);
  if (!addsUp(storno)) {
    draft.unplaced.push({
      i,
      id: entry,
      hash,
      date: storno.businessDate,
      cash: cashOfShift(storno.shiftId),
      amount: -tendered(storno.tenders),
      reason: 'totalsDisagree',
      device: device.deviceId,
      payment: storno.paymentId,
      detail: { receiptNo: storable(storno.receiptNo) },
    });
    return;
  }
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
    credit: cashOfShift(storno.shiftId),
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
  hash: contentHash(shift),
  date: shift.businessDate,
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
  hash: contentHash(shift),
  date: shift.businessDate,
  entries: [
    [vaultOf(device.branchId), shift.countedTotal],
    [cashOfShift(shift.shiftId), -shift.expectedTotal],
    [overShortOf(device.branchId), shift.expectedTotal - shift.countedTotal],
  ],
});
