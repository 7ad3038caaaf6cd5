import type { SessionState } from '../../contracts/ipw.ts';
import { fail, ok } from '../../contracts/result.ts';
import type { Pieces } from '../../contracts/rules/denominations.ts';
import { piecesSchema } from '../../contracts/rules/denominations.ts';
import { resumed } from '../machines/payment.ts';
import {
  again,
  countOf,
  factsOf,
  loggedIn,
  ownShift,
  personOf,
  record,
  workstationOf,
  type CounterContext,
  type SessionUser,
} from './context.ts';
import type { Area } from './area.ts';
import { nextCustomer } from './next-customer.ts';
import { trust } from './people.ts';

/** Who is at the counter. A person who leaves keeps the shift; a window that reloads finds the person still here. */
export function sessionHandlers(
  context: CounterContext,
): Area<'session.login' | 'session.logout' | 'session.language'> {
  const { ports, desk } = context;
  return {
    'session.login': async ({ username, password }) => {
      if (factsOf(context).device === null) return fail('notEnrolled');
      const trusted = await trust(context, username, password, 'login');
      if (!trusted.ok) return again(trusted.error);
      const { user, offline } = trusted.value;
      if (desk.user && desk.user.userId !== user.userId) {
        const left = leave(context, desk.user);
        if (!left.ok) return again(left.error);
      }
      const entryId = ports.machine.mintId();
      const written = record(context, entryId, 'user.loggedIn', {
        user: personOf(user),
        role: user.role,
        offline,
      });
      if (!written.ok) return again(written.error);
      const cameBack = desk.user?.userId === user.userId;
      desk.user = { ...user, offline };
      if (!cameBack) takeUpPayment(context, user.userId);
      context.changed();
      return ok({});
    },
    'session.logout': async () => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const left = leave(context, user.value);
      return left.ok ? ok({}) : again(left.error);
    },
    'session.language': async ({ language }) => {
      ports.settings.setLanguage(language);
      context.changed();
      return ok({});
    },
  };
}

/** Writes down that a person left, and clears what they had not finished. Their shift stays open. */
function leave(context: CounterContext, user: SessionUser) {
  const { ports, desk } = context;
  const written = record(context, ports.machine.mintId(), 'user.loggedOut', { user: personOf(user) });
  if (written.ok) {
    desk.user = null;
    nextCustomer(context, 'leaving');
  }
  return written;
}

/**
 * A payment that was written down when the process ended, before its receipt was noted, is shown again to the teller who
 * took it: the money was taken, and the screen must say so.
 */
function takeUpPayment(context: CounterContext, userId: string): void {
  const { desk } = context;
  const paymentId = desk.interrupted;
  if (paymentId === null) return;
  const seq = factsOf(context).payments.get(paymentId)?.seq;
  if (seq === undefined) return;
  const { payload } = context.ledger.read(seq, 'payment.accepted').body;
  if (payload.teller.userId !== userId) return;
  desk.interrupted = null;
  desk.payment = resumed(payload, desk.payment.revision + 1);
}

/** Pieces as a screen may show them: what the estimate has below zero is shown as none. */
export const shownPieces = (pieces: Pieces) =>
  piecesSchema.parse(
    pieces.filter(({ count }) => count > 0).map((p) => ({ ...p, count: Math.min(p.count, 100_000) })),
  );

export function sessionView(context: CounterContext): SessionState {
  const { desk, options, ports } = context;
  const shift = ownShift(context);
  const stage = shift.ok ? countOf(context, shift.value.shiftId).stage : 'open';
  return {
    enrolled: factsOf(context).device !== null,
    workstation: workstationOf(context),
    user: desk.user ? { ...desk.user } : null,
    shift: shift.ok
      ? {
          shiftId: shift.value.shiftId,
          shiftNo: shift.value.shiftNo,
          businessDate: shift.value.businessDate,
          openedAt: shift.value.openedAt,
          state: stage === 'open' ? 'open' : 'counting',
          floatTotal: shift.value.floatTotal,
          paymentCount: shift.value.paymentCount,
          paymentTotal: shift.value.paymentTotal,
          stornoCount: shift.value.stornoCount,
          // Whoever counts must not be able to look it up.
          drawer: stage === 'open' ? shownPieces(shift.value.drawer) : [],
        }
      : null,
    language: ports.settings.language(),
    demo: options.demo,
  };
}
