import type { Tender } from '../../contracts/journal.ts';
import { add, negate, qepik, subtract, sum, ZERO, type Qepik } from '../../contracts/money.ts';
import { worth } from '../../contracts/rules/denominations.ts';
import { parseReceiptNumber } from '../../contracts/rules/receipt-number.ts';
import type { StoredEntry } from '../ports/journal.ts';
import { cardClaims } from './soundness-cards.ts';
import { loadClaims } from './soundness-loads.ts';

/**
 * What must hold of every journal a counter can ever have written, whatever happened to it. Answers what does not, in
 * words; an empty list is a sound journal. It reads the entries alone and shares nothing with the fold.
 */
export function unsound(entries: Iterable<StoredEntry>): string[] {
  const wrong: string[] = [];
  const claim = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };
  const serials = new Map<string, number>();
  const payments = new Map<string, { shiftId: string; stornoed: boolean; total: Qepik }>();
  const shifts = new Map<string, { open: boolean; cash: Qepik; teller: string }>();
  const codes = new Set<string>();
  const ids = new Set<string>();
  const copies = new Map<string, number>();
  const aboutCards = cardClaims(claim);
  const aboutLoads = loadClaims(claim);
  let [seq, shiftNo, zNo] = [0, 0, 0];

  const numbered = (receiptNo: string, businessDate: string): void => {
    const parsed = parseReceiptNumber(receiptNo);
    const next = (serials.get(businessDate) ?? 0) + 1;
    claim(
      parsed?.serial === next && parsed.businessDate === businessDate,
      `${receiptNo} is not number ${next} of ${businessDate}`,
    );
    serials.set(businessDate, next);
  };
  const fresh = (id: string, what: string): void => {
    claim(!ids.has(id), `${what} ${id} twice`);
    ids.add(id);
  };

  for (const { seq: own, body } of entries) {
    seq += 1;
    claim(own === seq, `entry ${own} stands at ${seq}`);
    aboutCards(body);
    aboutLoads(body);
    switch (body.type) {
      case 'shift.opened': {
        const { payload } = body;
        shiftNo += 1;
        fresh(payload.shiftId, 'shift');
        claim(payload.shiftNo === shiftNo, `shift ${payload.shiftNo} where ${shiftNo} was due`);
        claim(worth(payload.float) === payload.floatTotal, 'the float adds up');
        claim(
          ![...shifts.values()].some((s) => s.open && s.teller === payload.teller.userId),
          'two open shifts of one teller',
        );
        shifts.set(payload.shiftId, { open: true, cash: payload.floatTotal, teller: payload.teller.userId });
        break;
      }
      case 'payment.accepted': {
        const { payload } = body;
        const shift = shifts.get(payload.shiftId);
        fresh(payload.paymentId, 'payment');
        for (const line of payload.lines) fresh(line.lineId, 'line');
        numbered(payload.receiptNo, payload.businessDate);
        claim(
          shift?.open === true && shift.teller === payload.teller.userId,
          `${payload.receiptNo} outside an open shift of its teller`,
        );
        claim(
          sum(payload.lines.flatMap((l) => [l.amount, l.fee])) === payload.total,
          `${payload.receiptNo}: Σ lines`,
        );
        claim(sum(payload.tenders.map((t) => t.amount)) === payload.total, `${payload.receiptNo}: Σ tenders`);
        for (const t of payload.tenders) {
          if (t.kind !== 'cash') continue;
          claim(subtract(t.received, t.change) === t.amount, `${payload.receiptNo}: received − change`);
          claim(
            t.changePieces === null || worth(t.changePieces) === t.change,
            `${payload.receiptNo}: change in pieces`,
          );
        }
        if (shift) shift.cash = add(shift.cash, inCash(payload.tenders));
        payments.set(payload.paymentId, { shiftId: payload.shiftId, stornoed: false, total: payload.total });
        break;
      }
      case 'payment.stornoed': {
        const { payload } = body;
        const payment = payments.get(payload.paymentId);
        const shift = shifts.get(payload.shiftId);
        fresh(payload.stornoId, 'storno');
        for (const line of payload.lines) fresh(line.lineId, 'line');
        numbered(payload.receiptNo, payload.businessDate);
        claim(payment !== undefined && !payment.stornoed, `${payload.receiptNo} cancels nothing, or again`);
        claim(
          payment?.shiftId === payload.shiftId && shift?.open === true,
          `${payload.receiptNo} in another or closed shift`,
        );
        claim(payment?.total === payload.total, `${payload.receiptNo}: another total`);
        claim(
          payload.approvedBy.userId !== payload.teller.userId,
          `${payload.receiptNo} approved by its teller`,
        );
        if (payment) payment.stornoed = true;
        if (shift) shift.cash = add(shift.cash, negate(inCash(payload.tenders)));
        break;
      }
      case 'shift.closed': {
        const { payload } = body;
        const shift = shifts.get(payload.shiftId);
        zNo += 1;
        claim(payload.zNo === zNo, `Z ${payload.zNo} where ${zNo} was due`);
        claim(shift?.open === true, 'a shift closed twice');
        claim(
          payload.expectedTotal === (shift?.cash ?? ZERO),
          `Z ${zNo}: expected ${payload.expectedTotal}, the entries say ${shift?.cash}`,
        );
        claim(payload.difference === payload.countedTotal - payload.expectedTotal, `Z ${zNo}: difference`);
        claim(payload.countedTotal === worth(payload.counted), `Z ${zNo}: count`);
        if (shift) shift.open = false;
        break;
      }
      case 'receipt.printed': {
        const { subjectId, slip, copy } = body.payload;
        const paper = slip ? `${subjectId} ${slip}` : subjectId;
        claim(copy > (copies.get(paper) ?? -1), `copy ${copy} of ${paper} again`);
        copies.set(paper, copy);
        break;
      }
      case 'subscriber.registered':
        claim(!codes.has(body.payload.code), `code ${body.payload.code} given twice`);
        codes.add(body.payload.code);
        break;
      default:
        break;
    }
  }
  for (const shift of shifts.values()) claim(shift.cash >= qepik(0), 'a drawer below zero');
  return wrong;
}

const inCash = (tenders: readonly Tender[]): Qepik =>
  sum(tenders.filter((tender) => tender.kind === 'cash').map((tender) => tender.amount));
