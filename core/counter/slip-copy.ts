import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Person } from '../../contracts/journal.ts';
import type { TerminalReceipts, TerminalSlip } from '../../contracts/pos.ts';
import type { ReceiptDocument } from '../../contracts/receipt.ts';
import type { AttemptFacts } from '../facts.ts';
import { terminalSlipCopy } from '../receipts/terminal-slip.ts';
import { factsOf, instantNow, workstationOf, type CounterContext } from './context.ts';
import { cardRow } from './terminal-view.ts';

/** The next copy of one of the terminal's papers of an attempt, as the journal has it. Null where it sent none. */
export function slipCopy(
  context: CounterContext,
  attemptId: Id,
  slip: TerminalSlip,
  by: Person,
): ReceiptDocument | null {
  const attempt = factsOf(context).attempts.get(attemptId);
  assert(attempt !== undefined, 'the journal holds the attempt');
  const { receipts, receiptNo, kind, amount, since, teller } = cardRow(context, attemptId);
  if (receipts[slip].length === 0) return null;
  const of = { kind, amount, at: since, teller, receiptNo, givenBack: isGivenBack(context, attempt) };
  return terminalSlipCopy({
    ...issued(context, by),
    language: payersLanguage(context, attempt),
    slip,
    lines: receipts[slip],
    copy: attempt.copies[slip] + 1,
    of,
  });
}

/** A paper the terminal has just said again. Whose operation it is of, only its own words tell. Null where it sent none. */
export function lastSlipCopy(
  context: CounterContext,
  receipts: TerminalReceipts,
  slip: TerminalSlip,
  by: Person,
): ReceiptDocument | null {
  if (receipts[slip].length === 0) return null;
  const language = context.ports.settings.language();
  return terminalSlipCopy({
    ...issued(context, by),
    language,
    slip,
    lines: receipts[slip],
    copy: null,
    of: null,
  });
}

function issued(context: CounterContext, by: Person) {
  const workstation = workstationOf(context);
  assert(workstation !== null, 'papers are issued by an enrolled workstation');
  return { workstation, reprint: { by: by.name, at: instantNow(context) } };
}

const payersLanguage = (context: CounterContext, { seq }: AttemptFacts) => {
  const { payment, storno } = context.ledger.read(seq, 'pos.prepared').body.payload;
  return payment?.language ?? storno?.language ?? context.ports.settings.language();
};

/** Whether an operation of its own took the charge back. */
const isGivenBack = (context: CounterContext, { attemptId }: AttemptFacts): boolean =>
  [...factsOf(context).attempts.values()].some(
    (one) => one.originalId === attemptId && one.concluded?.outcome === 'done',
  );
