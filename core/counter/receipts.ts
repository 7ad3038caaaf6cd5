import type { PaymentRow } from '../../contracts/ipw.ts';
import type { Id } from '../../contracts/ids.ts';
import { parseAmount, ZERO } from '../../contracts/money.ts';
import { fail, ok } from '../../contracts/result.ts';
import { foldText } from '../../contracts/rules/fold-text.ts';
import { toBase64 } from './base64.ts';
import type { PaymentFacts } from '../facts.ts';
import type { Area } from './area.ts';
import { again, factsOf, loggedIn, openDrawer, personOf, type CounterContext } from './context.ts';
import { documentOf } from './paper.ts';

/** The workstation's receipts: looking for one, seeing it, and printing it again. */
export function receiptHandlers(
  context: CounterContext,
): Area<'receipts.list' | 'receipts.get' | 'receipts.print' | 'receipts.pdf'> {
  return {
    'receipts.list': async ({ text, limit }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const matches = matcher(text);
      const found: PaymentFacts[] = [];
      for (const payment of [...factsOf(context).payments.values()].reverse()) {
        if (found.length >= limit) break;
        if (matches(payment)) found.push(payment);
      }
      return ok({ rows: found.map((payment) => rowOf(context, payment)) });
    },

    'receipts.get': async ({ paymentId }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const facts = factsOf(context);
      const payment = facts.payments.get(paymentId);
      if (!payment) return fail('receiptUnknown');
      const storno = facts.stornos.get(payment.stornoId ?? '');
      return ok({
        payment: context.ledger.read(payment.seq, 'payment.accepted').body.payload,
        storno: storno ? context.ledger.read(storno.seq, 'payment.stornoed').body.payload : null,
        document: documentOf(context, 'payment', paymentId, 0),
        stornoDocument: storno ? documentOf(context, 'storno', storno.stornoId, 0) : null,
      });
    },

    'receipts.print': async ({ paymentId, which }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const id = subjectOf(context, paymentId, which);
      if (id === undefined) return fail('receiptUnknown');
      const copied = await context.paper.copy(which, id, personOf(user.value));
      return copied.ok ? ok({ copy: copied.value.copy }) : again(copied.error);
    },

    'receipts.pdf': async ({ paymentId, which }) => {
      const user = loggedIn(context);
      if (!user.ok) return user;
      const id = subjectOf(context, paymentId, which);
      if (id === undefined) return fail('receiptUnknown');
      const made = await context.paper.pdf(which, id, personOf(user.value));
      return made.ok ? ok({ pdfBase64: toBase64(made.value.pdf), copy: made.value.copy }) : again(made.error);
    },
  };
}

const subjectOf = (
  context: CounterContext,
  paymentId: string,
  which: 'payment' | 'storno',
): string | undefined => {
  const payment = factsOf(context).payments.get(paymentId);
  return which === 'payment' ? payment?.paymentId : (payment?.stornoId ?? undefined);
};

/** Number, account, name, amount, or the last digits of the card; an empty text matches all. */
function matcher(text: string): (payment: PaymentFacts) => boolean {
  const typed = text.trim();
  if (typed === '') return () => true;
  const upper = typed.toUpperCase();
  const words = foldText(typed)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ` ${word}`);
  const amount = parseAmount(typed);
  return (payment) => {
    if (payment.receiptNo.includes(upper) || payment.total === amount) return true;
    if (payment.card?.ends === typed) return true;
    if (payment.accounts.some((account) => account.toUpperCase().startsWith(upper))) return true;
    return words.length > 0 && words.every((word) => payment.names.includes(word));
  };
}

function rowOf(context: CounterContext, payment: PaymentFacts): PaymentRow {
  const entry = context.ledger.read(payment.seq, 'payment.accepted');
  const shift = openDrawer(context);
  const stornoed = payment.stornoId !== null;
  return {
    paymentId: payment.paymentId,
    receiptNo: payment.receiptNo,
    takenAt: payment.takenAt,
    teller: payment.tellerName,
    total: payment.total,
    payerName: payment.payerName,
    accounts: [...payment.accounts],
    stornoed,
    stornoAllowed: !stornoed && shift.ok && shift.value.shiftId === payment.shiftId,
    copies: payment.print?.lastCopy ?? 0,
    byCard: payment.card?.amount ?? ZERO,
    cardEnds: payment.card?.ends ?? null,
    loads: entry.body.payload.lines.flatMap(({ load }) =>
      load ? [{ units: load.units, unit: load.unit, state: loadState(context, load.loadId) }] : [],
    ),
    sync: entry.sync,
    outcome: entry.outcome,
  };
}

function loadState(context: CounterContext, loadId: Id): PaymentRow['loads'][number]['state'] {
  const stage = factsOf(context).loads.get(loadId)?.stage;
  if (stage === 'cancelled') return 'cancelled';
  return stage === 'written' || stage === 'confirmed' ? 'onCard' : 'owed';
}
