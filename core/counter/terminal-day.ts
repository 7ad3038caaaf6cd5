import type { Id } from '../../contracts/ids.ts';
import type { PosDayClosed } from '../../contracts/journal.ts';
import { NO_RECEIPTS, type PosReason, type PosTotals, type TerminalReceipts } from '../../contracts/pos.ts';
import { posReason, posReasonText } from '../../contracts/pos-reasons.ts';
import { fail, ok } from '../../contracts/result.ts';
import { bakuDate } from '../../contracts/time.ts';
import type { AttemptFacts } from '../facts.ts';
import type { PosTotalsAnswer } from '../ports/pos.ts';
import type { Area } from './area.ts';
import { again, factsOf, loggedIn, personOf, record, type CounterContext } from './context.ts';
import { cardRow } from './terminal-view.ts';
import { terminalIdle } from './terminal.ts';

const SUSPECTS_MAX = 50;

/** The terminal's end of day: its totals beside the journal's, closed only when nothing is open, kept for ever. */
export function terminalDayHandlers(
  context: CounterContext,
): Area<'terminal.totals' | 'terminal.endOfDay' | 'terminal.closedDays'> {
  const { pos, machine } = context.ports;
  let closing = false;

  return {
    'terminal.totals': async () => {
      const ready = terminalIdle(context);
      if (!ready.ok) return ready;
      const answer = await pos.totals();
      const terminal = answer.kind === 'totals' ? answer.totals : null;
      const { totals: journal, attempts } = factsOf(context).posDay;
      const suspects = suspectsOf(context, terminal, journal);
      return ok({
        terminal,
        reason: answer.kind === 'totals' ? null : answer.reason,
        journal,
        // An attempt that is still open is of no day yet, and may all the same be in the terminal's figures.
        rows: [...new Set([...attempts, ...suspects])].map((id) => cardRow(context, id)).reverse(),
        suspects,
      });
    },

    'terminal.closedDays': async ({ limit }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const facts = factsOf(context);
      const days = [...facts.posCloses.values()].slice(-limit).reverse();
      return ok({
        days: days.map((seq) => {
          const { body } = context.ledger.read(seq, 'pos.dayClosed');
          const suspects = body.payload.suspects.filter((id) => facts.attempts.has(id));
          return {
            at: body.wallTime,
            closed: body.payload,
            suspects: suspects.map((id) => cardRow(context, id)),
          };
        }),
      });
    },

    'terminal.endOfDay': async ({ closingId }) => {
      const known = closedBefore(context, closingId);
      if (known) return ok({ closed: known });
      const ready = terminalIdle(context);
      if (!ready.ok) return ready;
      const { user } = context.desk;
      if (user === null) return fail('notLoggedIn');
      const facts = factsOf(context);
      // What a supervisor has decided on is in their hands; its charge may still be in these totals, and is a suspect.
      const undecided = [...facts.openAttempts].some((id) => facts.attempts.get(id)?.decision === null);
      if (undecided || facts.unrecorded.size > 0) return fail('cardAttemptOpen');
      const writable = context.ledger.probe();
      if (!writable.ok) return again(writable.error);
      if (closing) return fail('terminalBusy');
      closing = true;
      const outcome = await closeDay(context).finally(() => (closing = false));
      if (outcome.kind === 'open')
        return fail('terminalDayNotClosed', {
          reason: posReasonText(outcome.reason, context.ports.settings.language()),
        });
      const { totals: journal } = factsOf(context).posDay;
      const closed: PosDayClosed = {
        closingId,
        driver: pos.settings().kind,
        terminalId: pos.health().terminalId,
        businessDate: bakuDate(machine.nowMs() + (context.sync.link().skewMs ?? 0)),
        by: personOf(user),
        terminal: outcome.totals,
        journal,
        suspects: suspectsOf(context, outcome.totals, journal),
        receipts: outcome.receipts,
        reason: outcome.reason,
      };
      const written = record(context, closingId, 'pos.dayClosed', closed);
      return written.ok ? ok({ closed }) : again(written.error);
    },
  };
}

type DayOutcome =
  | { readonly kind: 'open'; readonly reason: PosReason }
  | {
      readonly kind: 'closed';
      readonly totals: PosTotals | null;
      readonly receipts: TerminalReceipts;
      readonly reason: PosReason | null;
    };

async function closeDay(context: CounterContext): Promise<DayOutcome> {
  const { pos } = context.ports;
  const before = await pos.totals();
  const unheard = closedUnheard(factsOf(context).posDay.totals, before);
  if (unheard === null) return dayOutcome(context, before, await pos.endOfDay());
  const papers = await pos.reprint();
  const receipts = papers.kind === 'receipts' ? papers.receipts : NO_RECEIPTS;
  return { kind: 'closed', totals: unheard, receipts, reason: posReason('answerUnclear') };
}

/**
 * The close whose answer nobody wrote down (the line was cut for longer, the power failed): the terminal counts nothing, and
 * the last thing it did was to close a day of just what the journal counts. Any other day is not taken for this one.
 */
function closedUnheard(journal: PosTotals, now: PosTotalsAnswer): PosTotals | null {
  if (now.kind !== 'totals' || !isNothing(now.totals) || isNothing(journal)) return null;
  const { closedBefore = null } = now;
  const isOurs = closedBefore?.count === journal.count && closedBefore.sum === journal.sum;
  return isOurs ? closedBefore : null;
}

const isNothing = ({ count, sum }: PosTotals): boolean => count === 0 && sum === 0;

/** A close whose answer was lost is asked after by the totals: a closed day counts nothing. */
async function dayOutcome(
  context: CounterContext,
  before: PosTotalsAnswer,
  answer: PosTotalsAnswer,
): Promise<DayOutcome> {
  if (answer.kind === 'totals')
    return { kind: 'closed', totals: answer.totals, receipts: answer.receipts, reason: null };
  if (answer.kind === 'failed') return { kind: 'open', reason: answer.reason };
  const after = await context.ports.pos.totals();
  if (after.kind !== 'totals') return { kind: 'open', reason: answer.reason };
  const { totals: journal } = factsOf(context).posDay;
  const counted = before.kind === 'totals' ? before.totals : closedUnheard(journal, after);
  const emptied = isNothing(after.totals);
  const hadSome = counted === null || counted.count > 0;
  return emptied && hadSome
    ? { kind: 'closed', totals: counted, receipts: NO_RECEIPTS, reason: posReason('answerUnclear') }
    : { kind: 'open', reason: answer.reason };
}

function closedBefore(context: CounterContext, closingId: Id): PosDayClosed | undefined {
  const seq = factsOf(context).posCloses.get(closingId);
  return seq === undefined ? undefined : context.ledger.read(seq, 'pos.dayClosed').body.payload;
}

/** Attempts that may explain a difference: whatever nobody is sure of, and whatever comes to just the difference. */
function suspectsOf(context: CounterContext, terminal: PosTotals | null, journal: PosTotals): Id[] {
  const facts = factsOf(context);
  const difference = terminal === null ? 0 : Math.abs(terminal.sum - journal.sum);
  const unsure = (attempt: AttemptFacts): boolean =>
    attempt.concluded === null ||
    attempt.concluded.outcome === 'manual' ||
    (attempt.authorisedSeq !== null && attempt.concluded.outcome !== 'done');
  const all = [...facts.posDay.attempts, ...facts.openAttempts].flatMap((id) => facts.attempts.get(id) ?? []);
  return all
    .filter((attempt) => unsure(attempt) || (difference > 0 && attempt.amount === difference))
    .map((attempt) => attempt.attemptId)
    .slice(-SUSPECTS_MAX);
}
