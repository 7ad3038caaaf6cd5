import type { StatusState } from '../../contracts/ipw.ts';
import { freeCodes } from './codes.ts';
import { factsOf, type CounterContext } from './context.ts';
import type { PrinterWatch } from './printer.ts';

/** The strip on top: the truth about every line and device, as data. */
export function statusView(context: CounterContext, printer: PrinterWatch): StatusState {
  const { journal, replica } = context.ports;
  const link = context.sync.link();
  const enrolled = factsOf(context).device !== null;
  const waiting = journal.waitingCount();
  const health = context.ledger.health();
  const accounts = replica.accountCount();
  return {
    centre: {
      link: !enrolled ? 'notEnrolled' : link.line === 'stopped' ? 'quarantined' : link.line,
      since: link.since,
      waiting: waiting.count,
      oldestWaiting: waiting.oldest,
      clockSkewMs: link.skewMs,
    },
    replica: {
      state: context.sync.loading() ? 'loading' : accounts === 0 ? 'empty' : 'ready',
      accounts,
      trueAt: replica.trueAt(),
    },
    printer: printer.status(),
    journal: { ...health, entries: journal.headSeq() },
    freeCodes: freeCodes(context),
  };
}
