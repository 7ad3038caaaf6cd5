import type { EntryBody, PosPrepared, Tender } from '../../contracts/journal.ts';
import { sum, type Qepik } from '../../contracts/money.ts';
import type { PosTotals } from '../../contracts/pos.ts';

type Attempt = {
  readonly prepared: PosPrepared;
  authorised: boolean;
  decision: 'otherTender' | 'manual' | null;
  outcome: 'done' | 'declined' | 'notDone' | 'manual' | null;
  recordedAs: string | null;
  carried: boolean;
};

/**
 * The part of what must hold of a journal that is about cards (soundness.ts): one last word on each attempt, on evidence,
 * and the money in the books exactly where the terminal moved it. `claim` hears what does not hold.
 */
export function cardClaims(claim: (holds: boolean, what: string) => void): (body: EntryBody) => void {
  const attempts = new Map<string, Attempt>();
  const saleOf = new Map<string, string>();
  const takenBack = new Set<string>();
  const shiftsOpen = new Set<string>();
  let day = { count: 0, sum: 0 };

  const open = (): Attempt[] => [...attempts.values()].filter((one) => one.outcome === null);
  const running = (attemptId: string, what: string): Attempt | undefined => {
    const attempt = attempts.get(attemptId);
    claim(attempt !== undefined && attempt.outcome === null, `${what} of ${attemptId}, which is not open`);
    return attempt;
  };
  /** The card's share of a record: its attempt ended with this record, for this amount, and carries it once. */
  const carried = (tenders: readonly Tender[], recordId: string, sale: boolean): Attempt | undefined => {
    const cards = tenders.filter((tender) => tender.kind === 'card');
    claim(cards.length <= 1, `${recordId} has two card tenders`);
    const [tender] = cards;
    if (!tender) return undefined;
    const attempt = attempts.get(tender.attemptId);
    claim(attempt?.outcome === 'done', `${recordId} rests on ${tender.attemptId}, which was not made`);
    claim(attempt?.recordedAs === recordId, `${recordId} is not what ${tender.attemptId} was recorded as`);
    claim(attempt?.prepared.amount === tender.amount, `${recordId}: another amount than at the terminal`);
    claim((attempt?.prepared.kind === 'sale') === sale, `${recordId} rests on the wrong kind of operation`);
    claim(attempt?.carried === false, `${tender.attemptId} is in the books twice`);
    if (attempt) attempt.carried = true;
    return attempt;
  };

  return (body) => {
    switch (body.type) {
      case 'shift.opened':
        shiftsOpen.add(body.payload.shiftId);
        return;
      case 'pos.prepared': {
        const { payload } = body;
        const { attemptId, original, payment, storno } = payload;
        claim(!attempts.has(attemptId), `attempt ${attemptId} twice`);
        claim(open().length === 0, `${attemptId} begun over an open attempt`);
        const queued = payment === null && storno === null;
        claim(queued || shiftsOpen.has(payload.shiftId), `${attemptId} outside an open shift`);
        claim((payload.kind === 'sale') === (payment !== null), `${attemptId}: a sale and its payment`);
        claim((payload.kind === 'sale') === (original === null), `${attemptId}: what it takes back`);
        const whole = payment ?? storno;
        claim(whole === null || cardPart(whole) === payload.amount, `${attemptId}: the card's share`);
        if (original !== null) {
          const sale = attempts.get(original.attemptId);
          claim(sale?.prepared.kind === 'sale' && sale.outcome === 'done', `${attemptId} takes back nothing`);
          claim(sale?.prepared.amount === payload.amount, `${attemptId} takes back another amount`);
          claim(!takenBack.has(original.attemptId), `${attemptId} takes back what was taken back`);
          claim(!queued || sale?.recordedAs === null, `${attemptId} takes back a payment without a storno`);
        }
        attempts.set(attemptId, {
          prepared: payload,
          authorised: false,
          decision: null,
          outcome: null,
          recordedAs: null,
          carried: false,
        });
        return;
      }
      case 'pos.authorised': {
        const { attemptId, result } = body.payload;
        const attempt = running(attemptId, 'approval');
        claim(attempt?.prepared.amount === result.amount, `${attemptId} approved for another amount`);
        if (attempt) attempt.authorised = true;
        return;
      }
      case 'pos.decided': {
        const { attemptId, decision, by, approvedBy } = body.payload;
        const attempt = running(attemptId, 'decision');
        claim(by.userId !== approvedBy.userId, `${attemptId} decided by its teller alone`);
        claim(
          decision === 'manual' || attempt?.prepared.kind === 'sale',
          `${attemptId}: other money for what`,
        );
        if (attempt) attempt.decision = decision;
        return;
      }
      case 'pos.concluded': {
        const { attemptId, outcome, by, result, recordedAs, amount, kind } = body.payload;
        const attempt = running(attemptId, 'last word');
        if (!attempt) return;
        const { prepared, decision, authorised } = attempt;
        claim(prepared.amount === amount && prepared.kind === kind, `${attemptId} ended as something else`);
        claim((outcome === 'done') === (result !== null), `${attemptId} ${outcome}, and its evidence`);
        claim(result === null || result.amount === amount, `${attemptId} made for another amount`);
        claim((outcome === 'manual') === (by === 'supervisor'), `${attemptId} ${outcome} by ${by}`);
        claim(outcome !== 'manual' || decision === 'manual', `${attemptId} given up by nobody`);
        claim(outcome !== 'declined' || !authorised, `${attemptId} declined after our yes`);
        claim(
          !(outcome === 'notDone' && authorised) || by === 'resolve',
          `${attemptId} undone without evidence`,
        );
        const follows = prepared.payment?.paymentId ?? prepared.storno?.stornoId ?? null;
        const due = outcome === 'done' && (decision === null || kind !== 'sale') ? follows : null;
        claim(recordedAs === due, `${attemptId} ${outcome} recorded as ${recordedAs}, due was ${due}`);
        attempt.outcome = outcome;
        attempt.recordedAs = recordedAs;
        if (outcome !== 'done') return;
        if (prepared.original) takenBack.add(prepared.original.attemptId);
        day = {
          count: day.count + (kind === 'reversal' ? -1 : 1),
          sum: day.sum + (kind === 'sale' ? amount : -amount),
        };
        return;
      }
      case 'payment.accepted': {
        const { paymentId, tenders, lines, total } = body.payload;
        const attempt = carried(tenders, paymentId, true);
        if (!attempt) return;
        const intent = attempt.prepared.payment;
        claim(
          JSON.stringify(intent?.lines) === JSON.stringify(lines),
          `${paymentId}: other lines than intended`,
        );
        claim(intent?.total === total, `${paymentId}: another total than intended`);
        saleOf.set(paymentId, attempt.prepared.attemptId);
        return;
      }
      case 'payment.stornoed': {
        const { stornoId, paymentId, tenders } = body.payload;
        const attempt = carried(tenders, stornoId, false);
        claim(
          attempt?.prepared.original?.attemptId === saleOf.get(paymentId),
          `${stornoId} gives back another card's money`,
        );
        return;
      }
      case 'shift.closed': {
        const { shiftId } = body.payload;
        shiftsOpen.delete(shiftId);
        const left = [...attempts.values()].filter((one) => one.prepared.shiftId === shiftId);
        for (const { prepared, outcome, decision, recordedAs, carried: written } of left) {
          claim(outcome !== null || decision !== null, `a shift closed over ${prepared.attemptId}`);
          claim(recordedAs === null || written, `a shift closed before ${prepared.attemptId} was recorded`);
        }
        return;
      }
      case 'pos.dayClosed': {
        claim(
          open().every((one) => one.decision !== null),
          'a terminal day closed over an open attempt',
        );
        claim(sameTotals(body.payload.journal, day), 'the totals of a terminal day are the entries');
        day = { count: 0, sum: 0 };
        return;
      }
      default:
        return;
    }
  };
}

const cardPart = (whole: { readonly total: Qepik; readonly tenders: readonly { amount: Qepik }[] }): number =>
  whole.total - sum(whole.tenders.map((tender) => tender.amount));

const sameTotals = (told: PosTotals, counted: { readonly count: number; readonly sum: number }): boolean =>
  told.count === counted.count && told.sum === counted.sum;
