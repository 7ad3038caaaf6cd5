import { assert, unreachable } from '../contracts/assert.ts';
import { SUBSCRIBER_ACCOUNTS_MAX, type Subscriber } from '../contracts/domain.ts';
import type { PaymentLine, Tender } from '../contracts/journal.ts';
import { add, negate, subtract, sum, ZERO } from '../contracts/money.ts';
import { foldText } from '../contracts/rules/fold-text.ts';
import { combine, fewestPieces, type Pieces } from '../contracts/rules/denominations.ts';
import { parseReceiptNumber } from '../contracts/rules/receipt-number.ts';
import {
  accountKey,
  emptyFacts,
  type Facts,
  type OwnLine,
  type PaymentFacts,
  type ShiftFacts,
  type SubscriberChange,
} from './facts.ts';
import { applyLoadEntry, loadsPaid } from './fold-load.ts';
import { applyPosEntry } from './fold-pos.ts';
import type { EntryReceipt, StoredEntry } from './ports/journal.ts';

/** The workstation's state from its journal. The same entries always give the same facts, in one go or one by one. */
export function foldJournal(entries: Iterable<StoredEntry>): Facts {
  const facts = emptyFacts();
  for (const entry of entries) applyEntry(facts, entry);
  return facts;
}

/** Takes one more entry into account. Entries come in order, each once. */
export function applyEntry(facts: Facts, entry: StoredEntry): void {
  assert(entry.seq === facts.headSeq + 1, `entry ${entry.seq} cannot follow entry ${facts.headSeq}`);
  facts.headSeq = entry.seq;
  applyBody(facts, entry);
  if (entry.sync === 'acknowledged') settle(facts, entry);
}

/** Takes the centre's acknowledgements into account: how its own lines count from now on (figures.ts). */
export function applyReceipts(facts: Facts, receipts: readonly EntryReceipt[]): void {
  for (const receipt of receipts) settle(facts, receipt);
}

function settle(facts: Facts, receipt: Pick<StoredEntry, 'seq' | 'outcome' | 'postedAt'>): void {
  for (const line of facts.waitingLines.get(receipt.seq) ?? []) {
    line.outcome = receipt.outcome;
    line.postedAt = receipt.postedAt;
  }
  facts.waitingLines.delete(receipt.seq);
  facts.waitingChanges.delete(receipt.seq);
}

function applyBody(facts: Facts, { seq, body }: StoredEntry): void {
  switch (body.type) {
    case 'device.enrolled':
      facts.device = { deviceId: body.payload.deviceId, workstation: body.payload.workstation };
      for (const { businessDate, serial } of body.payload.numbers?.receipts ?? [])
        facts.lastSerial.set(businessDate, serial);
      facts.lastShiftNo = body.payload.numbers?.shiftNo ?? 0;
      facts.lastZNo = body.payload.numbers?.zNo ?? 0;
      return;
    case 'user.loggedIn':
    case 'user.loggedOut':
      return; // kept for the centre's audit; whoever was logged in logs in again after a restart
    case 'shift.opened':
      openShift(facts, { ...body.payload, openedAt: body.wallTime });
      return;
    case 'shift.closed': {
      const shift = facts.shifts.get(body.payload.shiftId);
      if (shift) shift.closed = true;
      facts.openShiftOf.delete(body.payload.teller.userId);
      facts.lastZNo = Math.max(facts.lastZNo, body.payload.zNo);
      return;
    }
    case 'payment.accepted': {
      const { paymentId, lines, ...payment } = body.payload;
      facts.payments.set(paymentId, {
        paymentId,
        seq,
        shiftId: payment.shiftId,
        receiptNo: payment.receiptNo,
        takenAt: body.wallTime,
        tellerName: payment.teller.name,
        total: payment.total,
        online: payment.online,
        payerName: payment.payerName,
        card: cardPart(payment.tenders),
        accounts: lines.map((line) => line.account),
        names: ` ${foldText([payment.payerName ?? '', ...lines.map((line) => line.holder)].join(' '))}`,
        stornoId: null,
        print: null,
      });
      facts.unprinted.add(paymentId);
      loadsPaid(facts, paymentId, lines, body.wallTime);
      useSerial(facts, payment.receiptNo);
      overlay(facts, seq, lines, 1);
      inShift(facts, payment.shiftId, (shift) => {
        shift.paymentCount += 1;
        shift.paymentTotal = add(shift.paymentTotal, payment.total);
        shift.fees = add(shift.fees, sum(lines.map((line) => line.fee)));
        if (!payment.online) shift.offlineTotal = add(shift.offlineTotal, payment.total);
        moveCash(shift, payment.tenders, 1);
        moveCard(shift, payment.tenders, 1);
      });
      recorded(facts, payment.tenders);
      return;
    }
    case 'payment.stornoed': {
      const { stornoId, paymentId, lines, ...storno } = body.payload;
      const payment = facts.payments.get(paymentId);
      if (payment) payment.stornoId = stornoId;
      facts.stornos.set(stornoId, { stornoId, paymentId, seq, receiptNo: storno.receiptNo, print: null });
      facts.unprinted.add(stornoId);
      useSerial(facts, storno.receiptNo);
      overlay(facts, seq, lines, -1);
      inShift(facts, storno.shiftId, (shift) => {
        shift.stornoCount += 1;
        shift.stornoTotal = add(shift.stornoTotal, storno.total);
        if (payment?.online === false) shift.offlineTotal = subtract(shift.offlineTotal, storno.total);
        moveCash(shift, storno.tenders, -1);
        moveCard(shift, storno.tenders, -1);
      });
      recorded(facts, storno.tenders);
      return;
    }
    case 'pos.prepared':
    case 'pos.authorised':
    case 'pos.decided':
    case 'pos.concluded':
    case 'pos.dayClosed':
      applyPosEntry(facts, seq, body);
      return;
    case 'load.intended':
    case 'load.concluded':
    case 'load.confirmed':
      applyLoadEntry(facts, body);
      return;
    case 'receipt.printed': {
      const { subjectId, copy, printed, slip } = body.payload;
      const attempt = slip && facts.attempts.get(subjectId);
      if (attempt) attempt.copies[slip] = Math.max(attempt.copies[slip], copy);
      if (slip) return;
      const subject = facts.payments.get(subjectId) ?? facts.stornos.get(subjectId);
      facts.unprinted.delete(subjectId);
      if (!subject) return;
      subject.print = {
        first: subject.print?.first ?? printed,
        lastCopy: Math.max(subject.print?.lastCopy ?? 0, copy),
      };
      return;
    }
    case 'subscriber.registered': {
      const { by: _by, workstation: _workstation, ...subscriber } = body.payload;
      facts.registrations.set(subscriber.subscriberId, { seq, code: subscriber.code });
      facts.usedSerials.add(serialOf(subscriber.code));
      facts.waitingChanges.set(seq, { kind: 'registered', code: subscriber.code, subscriber });
      return;
    }
    case 'subscriber.accountBound':
    case 'subscriber.accountUnbound': {
      const { billerId, account, label, code } = body.payload;
      const kind = body.type === 'subscriber.accountBound' ? 'bound' : 'unbound';
      facts.waitingChanges.set(seq, { kind, code, account: { billerId, account, label } });
      return;
    }
    default:
      unreachable(body);
  }
}

function openShift(
  facts: Facts,
  opened: Pick<ShiftFacts, 'shiftId' | 'shiftNo' | 'businessDate' | 'teller' | 'openedAt' | 'floatTotal'> & {
    readonly float: Pieces;
  },
): void {
  facts.shifts.set(opened.shiftId, {
    shiftId: opened.shiftId,
    shiftNo: opened.shiftNo,
    businessDate: opened.businessDate,
    teller: opened.teller,
    openedAt: opened.openedAt,
    floatTotal: opened.floatTotal,
    closed: false,
    paymentCount: 0,
    paymentTotal: ZERO,
    fees: ZERO,
    stornoCount: 0,
    stornoTotal: ZERO,
    cash: opened.floatTotal,
    drawer: combine(opened.float, []),
    offlineTotal: ZERO,
    cards: { count: 0, charged: ZERO, reversed: ZERO },
  });
  facts.openShiftOf.set(opened.teller.userId, opened.shiftId);
  facts.lastShiftNo = Math.max(facts.lastShiftNo, opened.shiftNo);
}

function inShift(facts: Facts, shiftId: string, change: (shift: ShiftFacts) => void): void {
  const shift = facts.shifts.get(shiftId);
  if (shift) change(shift);
}

/** Serials are counted per business date; both halves of a receipt number come from the record itself. */
function useSerial(facts: Facts, receiptNo: string): void {
  const parsed = parseReceiptNumber(receiptNo);
  if (!parsed) return;
  const last = facts.lastSerial.get(parsed.businessDate) ?? 0;
  facts.lastSerial.set(parsed.businessDate, Math.max(last, parsed.serial));
}

function overlay(facts: Facts, seq: number, lines: readonly PaymentLine[], sign: 1 | -1): void {
  // What is loaded onto a meter's card was never owed on the account.
  const onBills = lines.filter((line) => !line.load);
  const own = onBills.map(({ lineId, billerId, account, amount }): OwnLine => ({
    lineId,
    billerId,
    account,
    amount: sign === 1 ? amount : negate(amount),
    seq,
    outcome: null,
    postedAt: null,
  }));
  for (const line of own) {
    const key = accountKey(line.billerId, line.account);
    const known = facts.ownLines.get(key);
    if (known) known.push(line);
    else facts.ownLines.set(key, [line]);
  }
  facts.waitingLines.set(seq, own);
}

/**
 * Cash that came in (payment) or went back (storno). Where nobody counted pieces on screen, people are taken to have
 * given the fewest. On a storno `received` are the pieces handed back.
 */
function moveCash(shift: ShiftFacts, tenders: readonly Tender[], sign: 1 | -1): void {
  for (const tender of tenders) {
    if (tender.kind !== 'cash') continue;
    const received = tender.receivedPieces ?? fewestPieces(tender.received);
    const change = tender.changePieces ?? fewestPieces(tender.change);
    shift.cash = sign === 1 ? add(shift.cash, tender.amount) : subtract(shift.cash, tender.amount);
    shift.drawer = combine(combine(shift.drawer, received, sign), change, sign === 1 ? -1 : 1);
  }
}

/** The cards' part of a shift's sums. */
function moveCard(shift: ShiftFacts, tenders: readonly Tender[], sign: 1 | -1): void {
  const card = cardPart(tenders);
  if (card === null) return;
  const { count, charged, reversed } = shift.cards;
  shift.cards =
    sign === 1
      ? { count: count + 1, charged: add(charged, card.amount), reversed }
      : { count, charged, reversed: add(reversed, card.amount) };
}

function cardPart(tenders: readonly Tender[]): PaymentFacts['card'] {
  const card = tenders.find((tender) => tender.kind === 'card');
  return card ? { attemptId: card.attemptId, amount: card.amount, ends: endsOf(card.maskedPan) } : null;
}

/** The last digits of a masked card number, which is what its holder knows it by. */
const endsOf = (maskedPan: string | null): string | null => /\d+$/.exec(maskedPan ?? '')?.[0] ?? null;

/** The record that an attempt was waiting for. */
function recorded(facts: Facts, tenders: readonly Tender[]): void {
  const card = cardPart(tenders);
  if (card) facts.unrecorded.delete(card.attemptId);
}

/** The serial of a registration code: all but its check digit. */
export const serialOf = (code: string): number => Number(code.slice(0, -1));

/** The serial the next receipt of a business date bears. */
export const nextSerial = (facts: Facts, businessDate: string): number =>
  (facts.lastSerial.get(businessDate) ?? 0) + 1;

/** A subscriber as the replica has it, with what this counter changed and the centre does not have yet. */
export function withWaitingChanges(
  facts: Facts,
  code: string,
  known: Subscriber | undefined,
): Subscriber | undefined {
  let subscriber = known;
  for (const change of facts.waitingChanges.values()) {
    if (change.code === code) subscriber = applyChange(subscriber, change);
  }
  return subscriber;
}

function applyChange(subscriber: Subscriber | undefined, change: SubscriberChange): Subscriber | undefined {
  if (change.kind === 'registered') return subscriber ?? change.subscriber;
  if (!subscriber) return undefined;
  const others = subscriber.accounts.filter((bound) => !sameAccount(bound, change.account));
  // Bound here while other counters filled the code up: the centre will not have it either.
  const room = others.length < SUBSCRIBER_ACCOUNTS_MAX;
  return {
    ...subscriber,
    accounts: change.kind === 'bound' && room ? [...others, change.account] : others,
  };
}

export const sameAccount = (
  a: { readonly billerId: string; readonly account: string },
  b: { readonly billerId: string; readonly account: string },
): boolean => a.billerId === b.billerId && a.account === b.account;
