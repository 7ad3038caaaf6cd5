import type { IpwContract } from '../../contracts/ipw.ts';
import type { Handlers } from '../../contracts/rpc/definition.ts';
import { createSync } from '../sync/sync.ts';
import { withWaitingChanges } from '../fold.ts';
import { acceptHandlers } from './accept.ts';
import { basketHandlers, counterView } from './basket.ts';
import { cardHandlers } from './card.ts';
import { cardArchiveHandlers } from './card-archive.ts';
import { createCardDesk } from './card-desk.ts';
import { freeCodes } from './codes.ts';
import { factsOf, newDesk, type CounterContext, type CounterOptions, type CounterPorts } from './context.ts';
import { findHandlers } from './find.ts';
import { journalHandlers } from './journal-rows.ts';
import { createLoadDesk } from './load-desk.ts';
import { meterCardHandlers } from './meter-card.ts';
import { createMeterDesk } from './meter-desk.ts';
import { meterCardView } from './meter-card-view.ts';
import { createPaper } from './paper.ts';
import { printerHandlers, watchPrinter } from './printer.ts';
import { receiptHandlers } from './receipts.ts';
import { createLedger } from './recording.ts';
import { sessionHandlers, sessionView } from './session.ts';
import { setupHandlers } from './setup.ts';
import { shiftHandlers } from './shift.ts';
import { statusView } from './status.ts';
import { stornoHandlers } from './storno.ts';
import { subscriberHandlers } from './subscriber.ts';
import { terminalHandlers } from './terminal.ts';
import { terminalDayHandlers } from './terminal-day.ts';
import { terminalPaperHandlers } from './terminal-papers.ts';
import { terminalView } from './terminal-view.ts';
import { onceATurn, topicOf } from './topics.ts';

export type { CounterOptions, CounterPorts } from './context.ts';

/** One counter: its handlers for whoever reaches it over a channel, and its own work behind them. */
export type Counter = {
  readonly handlers: Handlers<IpwContract>;
  /**
   * Folds the journal, takes up what was under way when the last process ended, and begins to sync. Call once, before the
   * handlers are served. Throws when the journal cannot be read.
   */
  start(): void;
  /** Stops timers and requests. What is in the journal is safe; what is being asked of the centre is asked again. */
  stop(): void;
};

/** Composes the use cases over the ports of one workstation. */
export function createCounter(ports: CounterPorts, options: CounterOptions): Counter {
  const { machine, journal } = ports;
  const desk = newDesk(() => machine.mintId());

  const changed = onceATurn(
    () => {
      session.look();
      status.look();
      counter.look();
      terminal.look();
      meterCard.look();
    },
    (error) => machine.log('error', 'topic.fault', { error: String(error) }),
  );
  const ledger = createLedger(journal, () => {
    sync.wake();
    changed();
  });
  const sync = createSync(ports, {
    enrolled: () => factsOf(context).device !== null,
    acknowledged: (receipts) => ledger.acknowledged(receipts),
    resumed: () => ledger.refold(),
    pageApplied: ({ restart, subscribers }) => keepOwnChanges(context, restart, subscribers),
    freeCodes: () => freeCodes(context),
    changed,
  });
  const paper = createPaper(() => context);
  const cards = createCardDesk(() => context);
  const meters = createMeterDesk(() => context);
  const loads = createLoadDesk(() => context);
  const context: CounterContext = {
    ports,
    options,
    desk,
    sync,
    ledger,
    paper,
    cards,
    meters,
    loads,
    printing: new Map(),
    changed,
  };
  const printer = watchPrinter(() => context);

  const session = topicOf(() => sessionView(context));
  const status = topicOf(() => statusView(context, printer));
  const counter = topicOf(() => counterView(context));
  const terminal = topicOf(() => terminalView(context));
  const meterCard = topicOf(() => meterCardView(context));

  return {
    handlers: {
      session: session.source,
      status: status.source,
      counter: counter.source,
      terminal: terminal.source,
      meterCard: meterCard.source,
      ...setupHandlers(context),
      ...sessionHandlers(context),
      ...shiftHandlers(context),
      ...findHandlers(context),
      ...basketHandlers(context),
      ...acceptHandlers(context),
      ...cardHandlers(context),
      ...cardArchiveHandlers(context),
      ...terminalHandlers(context),
      ...terminalDayHandlers(context),
      ...terminalPaperHandlers(context),
      ...meterCardHandlers(context),
      ...receiptHandlers(context),
      ...stornoHandlers(context),
      ...subscriberHandlers(context),
      ...journalHandlers(context),
      ...printerHandlers(context, printer),
    },
    start() {
      ledger.refold();
      ledger.probe();
      takeUpPapers(context);
      printer.start();
      cards.start();
      loads.start();
      meters.start();
      sync.start();
      changed();
    },
    stop() {
      sync.stop();
      cards.stop();
      meters.stop();
      loads.stop();
      printer.stop();
    },
  };
}

/** Receipts that were due when the last process ended come out first, before anything new can be sold. */
function takeUpPapers(context: CounterContext): void {
  const { payments, unprinted } = factsOf(context);
  for (const id of unprinted) {
    const which = payments.has(id) ? 'payment' : 'storno';
    if (which === 'payment') context.desk.interrupted = id;
    context.ports.machine.log('info', 'print.takenUp', { which, id });
    context.paper.takeUp(which, id).catch((error: unknown) => {
      context.ports.machine.log('error', 'print.fault', { error: String(error) });
    });
  }
}

/** A page of the centre must not hide what was registered or bound here and is still on its way there. */
function keepOwnChanges(
  context: CounterContext,
  restart: boolean,
  arrived: readonly { readonly code: string }[],
): void {
  const { replica } = context.ports;
  const codes = new Set([...factsOf(context).waitingChanges.values()].map((change) => change.code));
  for (const code of codes) {
    if (!restart && !arrived.some((subscriber) => subscriber.code === code)) continue;
    const own = withWaitingChanges(factsOf(context), code, replica.subscriber(code));
    if (own) replica.putSubscriber(own);
  }
}
