import type { JournalRow } from '../../contracts/ipw.ts';
import { unreachable } from '../../contracts/assert.ts';
import type { EntryBody } from '../../contracts/journal.ts';
import type { PosResult } from '../../contracts/pos.ts';
import { negate, type Qepik } from '../../contracts/money.ts';
import { ok } from '../../contracts/result.ts';
import { formatRegistrationCode } from '../../contracts/rules/damm.ts';
import type { StoredEntry } from '../ports/journal.ts';
import type { Area } from './area.ts';
import { loggedIn, type CounterContext } from './context.ts';

/** The journal as people read it: what, when, how far it has come, and why it waits. */
export function journalHandlers(context: CounterContext): Area<'journal.list' | 'sync.now'> {
  return {
    'journal.list': async ({ before, limit, waitingOnly }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      return ok({ rows: context.ports.journal.readBack(before, limit, waitingOnly).map(rowOf) });
    },
    'sync.now': async () => {
      await context.sync.now();
      return ok({});
    },
  };
}

function rowOf({ seq, body, sync, outcome, note }: StoredEntry): JournalRow {
  return { seq, type: body.type, wallTime: body.wallTime, ...known(body), sync, outcome, note };
}

/** What a person knows the entry by, and the money it moved: into the drawer positive, out of it negative. */
function known(body: EntryBody): { subject: string; amount: Qepik | null } {
  switch (body.type) {
    case 'device.enrolled':
      return { subject: body.payload.workstation, amount: null };
    case 'user.loggedIn':
    case 'user.loggedOut':
      return { subject: body.payload.user.name, amount: null };
    case 'shift.opened':
      return { subject: `№ ${body.payload.shiftNo}`, amount: body.payload.floatTotal };
    case 'shift.closed':
      return { subject: `Z ${body.payload.zNo}`, amount: body.payload.countedTotal };
    case 'payment.accepted':
      return { subject: body.payload.receiptNo, amount: body.payload.total };
    case 'payment.stornoed':
      return { subject: body.payload.receiptNo, amount: negate(body.payload.total) };
    case 'pos.prepared':
      return {
        subject: `${body.payload.kind} · ${body.payload.attemptId.slice(-6)}`,
        amount: body.payload.amount,
      };
    case 'pos.authorised':
      return { subject: cardSubject(body.payload), amount: body.payload.result.amount };
    case 'pos.decided':
      return { subject: `${body.payload.decision} · ${body.payload.attemptId.slice(-6)}`, amount: null };
    case 'pos.concluded':
      return {
        subject: `${body.payload.outcome} · ${body.payload.attemptId.slice(-6)}`,
        amount: body.payload.amount,
      };
    case 'pos.dayClosed':
      return { subject: body.payload.terminalId ?? '', amount: body.payload.journal.sum };
    case 'load.intended':
      return { subject: `${body.payload.meter} · ${body.payload.cardId.slice(-6)}`, amount: null };
    case 'load.concluded':
      return { subject: `${body.payload.outcome} · ${body.payload.cardId.slice(-6)}`, amount: null };
    case 'load.confirmed':
      return { subject: body.payload.loadId.slice(-6), amount: null };
    case 'receipt.printed':
      return { subject: body.payload.receiptNo, amount: null };
    case 'subscriber.registered':
    case 'subscriber.accountBound':
    case 'subscriber.accountUnbound':
      return { subject: formatRegistrationCode(body.payload.code), amount: null };
    default:
      return unreachable(body);
  }
}

const cardSubject = ({ attemptId, result }: { attemptId: string; result: PosResult }): string =>
  `${result.cardName ?? ''} ${result.maskedPan ?? ''} · ${attemptId.slice(-6)}`.trim();
