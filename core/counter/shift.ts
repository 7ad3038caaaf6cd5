import { fail, ok } from '../../contracts/result.ts';
import { worth } from '../../contracts/rules/denominations.ts';
import { qepik } from '../../contracts/money.ts';
import { bakuDate } from '../../contracts/time.ts';
import type { Id } from '../../contracts/ids.ts';
import type { ShiftOpened } from '../../contracts/journal.ts';
import type { AttemptFacts } from '../facts.ts';
import { closingRecord } from '../machines/records.ts';
import { countStep, type CountEvent } from '../machines/shift.ts';
import type { Area } from './area.ts';
import {
  again,
  countOf,
  factsOf,
  loggedIn,
  ownShift,
  personOf,
  record,
  workstationCode,
  type CounterContext,
} from './context.ts';

/** Opening, counting and closing a teller's shift. Each teller has one of their own; several may be open at a counter. */
export function shiftHandlers(context: CounterContext): Area<'shift.open' | 'shift.count' | 'shift.close'> {
  const { desk, ports } = context;

  const step = (shiftId: string, event: CountEvent) => {
    const { state, effects } = countStep(countOf(context, shiftId), event);
    if (state.stage === 'open' || state.stage === 'closed') desk.counts.delete(shiftId);
    else desk.counts.set(shiftId, state);
    context.changed();
    return effects;
  };

  return {
    'shift.open': async ({ shiftId, float }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const facts = factsOf(context);
      const known = facts.shifts.get(shiftId);
      if (known) {
        // Asked again after a lost answer.
        return known.teller.userId === user.value.userId && known.floatTotal === worth(float)
          ? ok({ shiftNo: known.shiftNo })
          : fail('idempotencyConflict');
      }
      if (facts.openShiftOf.has(user.value.userId)) return fail('shiftAlreadyOpen');
      const opened: ShiftOpened = {
        shiftId,
        shiftNo: facts.lastShiftNo + 1,
        // By the centre's clock where it was heard: a PC's own may be days off.
        businessDate: bakuDate(ports.machine.nowMs() + (context.sync.link().skewMs ?? 0)),
        workstation: workstationCode(context),
        teller: personOf(user.value),
        float,
        floatTotal: worth(float),
      };
      const written = record(context, shiftId, 'shift.opened', opened);
      return written.ok ? ok({ shiftNo: opened.shiftNo }) : again(written.error);
    },

    'shift.count': async ({ cancel }) => {
      const shift = ownShift(context);
      if (!shift.ok) return shift;
      if (!cancel && hasOpenWork(context, shift.value.shiftId)) return fail('shiftHasOpenWork');
      step(shift.value.shiftId, { kind: cancel ? 'countCancelled' : 'countBegun' });
      return ok({});
    },

    'shift.close': async ({ counted, reason }) => {
      const shift = ownShift(context);
      if (!shift.ok) return shift;
      const { shiftId } = shift.value;
      if (hasOpenWork(context, shiftId)) return fail('shiftHasOpenWork');
      step(shiftId, { kind: 'countBegun' });
      const why = reason === '' ? null : reason;
      const signedFor = openAttempts(context, shiftId).map((attempt) => attempt.attemptId);
      const facts = factsOf(context);
      const code = workstationCode(context);
      const closing = closingRecord(facts, shift.value, code, counted, why, signedFor);
      const tolerance = ports.replica.counter()?.policy.countTolerance ?? qepik(0);
      const [effect] = step(shiftId, { kind: 'counted', record: closing, tolerance });
      if (effect?.kind !== 'append') return fail('countDiffers');
      let closed = false;
      try {
        const written = record(context, ports.machine.mintId(), 'shift.closed', effect.record);
        closed = written.ok;
        return written.ok ? ok(effect.record) : again(written.error);
      } finally {
        step(shiftId, { kind: closed ? 'recorded' : 'notRecorded' });
      }
    },
  };
}

/** Attempts of a shift without a last word. */
const openAttempts = (context: CounterContext, shiftId: Id): AttemptFacts[] => {
  const { attempts, openAttempts: open } = factsOf(context);
  return [...open].flatMap((id) => attempts.get(id) ?? []).filter((one) => one.shiftId === shiftId);
};

/** A customer whose money is not settled yet: in hand, or with a card whose outcome no supervisor has signed for. */
function hasOpenWork(context: CounterContext, shiftId: Id): boolean {
  const { payment } = context.desk;
  if (payment.stage === 'draft' ? payment.lines.length > 0 : IN_HAND.has(payment.stage)) return true;
  const { attempts, unrecorded } = factsOf(context);
  return (
    // What a supervisor gave up ends with the next question; until then its storno may still follow, into this shift.
    openAttempts(context, shiftId).some((attempt) => attempt.decision !== 'otherTender') ||
    [...unrecorded].some((id) => attempts.get(id)?.shiftId === shiftId)
  );
}

const IN_HAND: ReadonlySet<string> = new Set(['tendering', 'charging', 'recording']);
