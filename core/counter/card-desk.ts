import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PosPrepared } from '../../contracts/journal.ts';
import type { LiveCode, PosReason, PosStep } from '../../contracts/pos.ts';
import { posReason } from '../../contracts/pos-reasons.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import type { AttemptFacts } from '../facts.ts';
import {
  attemptStep,
  preparedAttempt,
  type AttemptEvent,
  type AttemptState,
  type Conclusion,
} from '../machines/pos-attempt.ts';
import type { HoldApproval, PosAnswer, PosEvent, Resolution } from '../ports/pos.ts';
import {
  again,
  factsOf,
  instantNow,
  record,
  stepPayment,
  type CounterContext,
  type JournalCode,
} from './context.ts';
import { recordMoney } from './card-record.ts';
import {
  attemptFor,
  END_WORDS,
  heldCash,
  isOwnTerminal,
  originalOf,
  storyOf,
  type LiveAttempt,
} from './card-state.ts';

/**
 * Performs what the machine of an attempt (machines/pos-attempt.ts) says: sends it once, writes the approval down before the
 * terminal gets its yes, asks what became of it for as long as nobody knows, and writes down the money that follows. It
 * needs no window and no teller: whoever asked may be gone.
 */
export type CardDesk = {
  /** Takes up every attempt the journal holds open, and whatever was to follow from those that ended. */
  start(): void;
  stop(): void;
  /** Writes an attempt down. From then on it has an outcome, whether or not anybody waits for it. */
  prepare(prepared: PosPrepared): Result<null, JournalCode>;
  /** Carries out an attempt just prepared. Answers when it has ended or its outcome is unknown. */
  run(attemptId: Id): Promise<void>;
  /** Asks the terminal now. Answers when it has answered. */
  ask(attemptId: Id): Promise<void>;
  /** Tells the attempt of a supervisor's decision, which is in the journal. */
  decided(attemptId: Id, decision: 'otherTender' | 'manual'): void;
  /** The terminal was asked to stop the attempt in hand. */
  stopAsked(attemptId: Id): void;
  /** What is known of an attempt beyond the journal; undefined for one that ended before this process. */
  live(attemptId: Id): LiveAttempt | undefined;
  /** The attempt whose answer is being waited for. */
  inHand(): Id | null;
  /** Since when the terminal's health is what it is. */
  healthSince(): Instant;
  /** What goes on at the terminal. */
  atTerminal(): { readonly code: LiveCode; readonly text: string | null; readonly at: Instant } | null;
  /** Attempts that ended while nobody waited for them, newest first, until somebody has seen them. */
  ended(): readonly Id[];
  /** Answers whether it was among them. */
  seen(attemptId: Id): boolean;
};

type Kept = {
  state: AttemptState;
  steps: PosStep[];
  nextAskAt: Instant | null;
  stopAsked: boolean;
  callOff: () => void;
  asking: Promise<void> | null;
};

const STEPS_MAX = 40;
/** Somebody says that they have read it; nobody comes back for what is older than a shift. */
const ENDED_SHOWN_MS = 12 * 3_600_000;
const ENDED_KEPT = 50;
const MEND_EVERY_MS = 5_000;
const REVERSE_EVERY_MS = 30_000;

export function createCardDesk(contextOf: () => CounterContext): CardDesk {
  const kept = new Map<Id, Kept>();
  const ended: { readonly attemptId: Id; readonly atMs: number }[] = [];
  let running = false;
  let hand: Id | null = null;
  let live: { code: LiveCode; text: string | null; at: Instant } | null = null;
  let health = { state: '', since: '' };
  let stopWatching = (): void => undefined;
  let callOffMend = (): void => undefined;
  let callOffReverse = (): void => undefined;

  const fault = (what: string, error: unknown): void =>
    contextOf().ports.machine.log('error', what, { error: String(error) });
  const factsFor = (attemptId: Id): AttemptFacts => {
    const attempt = factsOf(contextOf()).attempts.get(attemptId);
    assert(attempt !== undefined, 'an attempt at work is in the journal');
    return attempt;
  };
  const preparedOf = (attemptId: Id): PosPrepared =>
    contextOf().ledger.read(factsFor(attemptId).seq, 'pos.prepared').body.payload;

  function note(
    attemptId: Id,
    what: PosStep['what'],
    more: { live?: LiveCode; reason?: PosReason | null } = {},
  ): void {
    const one = kept.get(attemptId);
    if (!one) return;
    const step: PosStep = {
      at: instantNow(contextOf()),
      what,
      live: more.live ?? null,
      reason: more.reason ?? null,
    };
    const last = one.steps.at(-1);
    const same = last?.what === step.what && last.live === step.live;
    // Said again, or again without the reason it was said with.
    if (same && (step.reason === null || last.reason?.code === step.reason.code)) return;
    one.steps = [...one.steps, step].slice(-STEPS_MAX);
    contextOf().changed();
  }

  /** One step of the machine and what follows from it. */
  function step(attemptId: Id, event: AttemptEvent): void {
    const one = kept.get(attemptId);
    if (!one) return;
    const { state, effects } = attemptStep(one.state, event);
    one.state = state;
    contextOf().changed();
    for (const effect of effects) {
      if (effect.kind === 'append') conclude(attemptId, effect.conclusion);
      else if (effect.kind === 'askAfter') askAfter(attemptId, one, effect.ms);
      else if (effect.kind === 'record') mend();
      else reverseSoon(0);
    }
  }

  /** The last word into the journal. Whatever goes wrong, the journal alone knows whether it is in it. */
  function conclude(attemptId: Id, conclusion: Conclusion): void {
    const context = contextOf();
    const prepared = preparedOf(attemptId);
    const { outcome, by, result, reason, receipts } = conclusion;
    const follows = prepared.payment?.paymentId ?? prepared.storno?.stornoId ?? null;
    try {
      record(context, context.ports.machine.mintId(), 'pos.concluded', {
        attemptId,
        kind: prepared.kind,
        outcome,
        by,
        amount: prepared.amount,
        currency: prepared.currency,
        businessDate: prepared.businessDate,
        result,
        reason,
        receipts,
        recordedAs: conclusion.records ? follows : null,
      });
    } finally {
      const written = factsFor(attemptId).concluded !== null;
      if (written) note(attemptId, END_WORDS[outcome], { reason });
      if (written) release(attemptId, prepared, reason);
      // A reversal that never reached the terminal is due again.
      if (factsOf(context).unreversed.size > 0) reverseSoon(REVERSE_EVERY_MS);
      step(attemptId, { kind: written ? 'recorded' : 'notRecorded' });
    }
  }

  /** A basket whose card was not charged goes back to the money; what ended behind people's backs is kept to be seen. */
  function release(attemptId: Id, prepared: PosPrepared, reason: PosReason | null): void {
    const context = contextOf();
    const { concluded } = factsFor(attemptId);
    const onDesk = context.desk.payment.stage === 'charging' && context.desk.payment.attemptId === attemptId;
    if (!onDesk && hand !== attemptId) keepEnded(attemptId);
    if (!onDesk || concluded?.outcome === 'done') return;
    const refused = {
      reason: reason ?? posReason('answerUnclear'),
      amount: prepared.amount,
      cashHeld: heldCash(prepared),
    };
    stepPayment(context, { kind: 'chargeEnded', attemptId, refused });
  }

  /** Nobody waited for it: it is said on every screen until somebody has read it. */
  function keepEnded(attemptId: Id): void {
    ended.unshift({ attemptId, atMs: contextOf().ports.machine.nowMs() });
    ended.splice(ENDED_KEPT);
    contextOf().changed();
  }

  function askAfter(attemptId: Id, one: Kept, ms: number): void {
    one.callOff();
    if (!running) return;
    const { machine } = contextOf().ports;
    one.nextAskAt = new Date(machine.nowMs() + ms).toISOString();
    note(attemptId, one.state.asks === 0 ? 'lost' : 'stillUnknown');
    one.callOff = machine.after(
      ms,
      () => void ask(attemptId).catch((error: unknown) => fault('pos.askFault', error)),
    );
  }

  function ask(attemptId: Id): Promise<void> {
    const one = kept.get(attemptId);
    if (!one || one.state.stage !== 'unknown') return Promise.resolve();
    if (one.asking) return one.asking;
    one.callOff();
    one.nextAskAt = null;
    note(attemptId, 'asked');
    one.asking = resolution(attemptId)
      .then((found) => {
        note(
          attemptId,
          found.kind === 'charged' ? 'found' : found.kind === 'notCharged' ? 'notFound' : 'stillUnknown',
          {
            reason: found.kind === 'charged' ? null : found.reason,
          },
        );
        one.asking = null;
        step(attemptId, { kind: 'resolved', resolution: found });
      })
      .finally(() => (one.asking = null));
    contextOf().changed();
    return one.asking;
  }

  async function resolution(attemptId: Id): Promise<Resolution> {
    try {
      return await contextOf().ports.pos.resolve(attemptFor(preparedOf(attemptId)));
    } catch (error) {
      fault('pos.resolveFault', error);
      return { kind: 'stillUnknown', reason: posReason('answerUnclear') };
    }
  }

  /** The approval into the journal before the terminal gets its yes. Answers what the journal says, whatever was thrown. */
  const holdFor =
    (attemptId: Id, amount: number): HoldApproval =>
    async (result, receipts) => {
      const context = contextOf();
      const one = kept.get(attemptId);
      const waiting = one?.state.stage === 'sent' || one?.state.stage === 'authorised';
      if (!running || !waiting || result.amount !== amount) return false;
      const before = factsFor(attemptId).authorisedSeq;
      try {
        record(context, context.ports.machine.mintId(), 'pos.authorised', { attemptId, result, receipts });
      } catch (error) {
        fault('pos.holdFault', error);
      }
      const stored = factsFor(attemptId).authorisedSeq !== before;
      if (stored) {
        note(attemptId, 'stored');
        step(attemptId, { kind: 'authorised' });
      }
      return stored;
    };

  async function send(prepared: PosPrepared): Promise<PosAnswer> {
    const { pos } = contextOf().ports;
    const attempt = attemptFor(prepared);
    const hold = holdFor(prepared.attemptId, prepared.amount);
    try {
      if (prepared.kind === 'sale') return await pos.pay(attempt, hold);
      return await (prepared.kind === 'reversal' ? pos.reverse(attempt, hold) : pos.refund(attempt, hold));
    } catch (error) {
      fault('pos.sendFault', error);
      return { kind: 'unknown', reason: posReason('answerUnclear') };
    }
  }

  /** Writes down what attempts that were made still owe to the books; again in a while where the journal cannot. */
  function mend(): void {
    callOffMend();
    const context = contextOf();
    for (const attemptId of factsOf(context).unrecorded) {
      try {
        recordMoney(context, attemptId);
        note(attemptId, 'recorded');
      } catch (error) {
        fault('pos.recordFault', error);
      }
    }
    if (running && factsOf(context).unrecorded.size > 0)
      callOffMend = context.ports.machine.after(MEND_EVERY_MS, mend);
  }

  function reverseSoon(ms: number): void {
    callOffReverse();
    if (!running) return;
    callOffReverse = contextOf().ports.machine.after(ms, () => {
      void reverseNext()
        .catch((error: unknown) => fault('pos.reverseFault', error))
        .finally(() => {
          if (factsOf(contextOf()).unreversed.size > 0) reverseSoon(REVERSE_EVERY_MS);
        });
    });
  }

  /** Takes back a charge that no payment takes, as an attempt of its own, once the terminal is free. */
  async function reverseNext(): Promise<void> {
    const context = contextOf();
    const facts = factsOf(context);
    const saleId = [...facts.unreversed].find((id) => isOwnTerminal(context, originalOf(context, id)));
    if (saleId === undefined) return;
    if (facts.openAttempts.size > 0 || context.ports.pos.health().state !== 'ready') return;
    const taken = await context.ports.pos.snapshot();
    if (taken.kind === 'failed' || !running || factsOf(context).openAttempts.size > 0) return;
    const { payment: _payment, ...rest } = preparedOf(saleId);
    const attemptId = context.ports.machine.mintId();
    const prepared: PosPrepared = {
      ...rest,
      attemptId,
      kind: 'reversal',
      snapshot: taken.snapshot,
      payment: null,
      storno: null,
      original: originalOf(context, saleId),
    };
    if (!prepare(prepared).ok) return;
    note(attemptId, 'reversalQueued');
    await run(attemptId);
    const outcome = factsFor(attemptId).concluded?.outcome;
    // One that was not made is due again; how it ended is said once.
    if (outcome === 'done' || outcome === 'declined') keepEnded(attemptId);
  }

  function prepare(prepared: PosPrepared): Result<null, JournalCode> {
    const context = contextOf();
    const written = record(context, prepared.attemptId, 'pos.prepared', prepared);
    if (!written.ok) return again(written.error);
    keep(prepared.attemptId, preparedAttempt(prepared.kind, prepared.amount));
    note(prepared.attemptId, 'written');
    return ok(null);
  }

  function keep(attemptId: Id, state: AttemptState, steps: PosStep[] = []): void {
    kept.set(attemptId, {
      state,
      steps,
      nextAskAt: null,
      stopAsked: false,
      callOff: () => undefined,
      asking: null,
    });
  }

  async function run(attemptId: Id): Promise<void> {
    const one = kept.get(attemptId);
    assert(one?.state.stage === 'prepared', 'an attempt is carried out once');
    hand = attemptId;
    live = null;
    step(attemptId, { kind: 'sent' });
    note(attemptId, 'sent');
    try {
      const answer = await send(preparedOf(attemptId));
      if (!running) return; // the next process takes it up from the journal
      if (answer.kind === 'unknown') note(attemptId, 'lost', { reason: answer.reason });
      step(attemptId, { kind: 'answered', answer });
    } finally {
      if (hand === attemptId) hand = null;
      live = null;
      contextOf().changed();
    }
  }

  /** An attempt of an earlier process: its story is told from the journal, and the terminal is asked at once. */
  function takeUp(attemptId: Id): void {
    const { state, steps } = storyOf(contextOf(), factsFor(attemptId));
    keep(attemptId, state, steps);
    note(attemptId, 'lost', { reason: posReason('stopped') });
    step(attemptId, { kind: 'resumed' });
  }

  function hear(event: PosEvent): void {
    const context = contextOf();
    if (event.kind === 'live') {
      live = { code: event.code, text: event.text, at: instantNow(context) };
      if (hand !== null) note(hand, 'live', { live: event.code });
    } else if (event.kind === 'health' && event.health.state === 'ready') {
      for (const [attemptId, one] of kept) {
        if (one.state.stage === 'unknown' && !one.asking) askAfter(attemptId, one, 0);
      }
      if (factsOf(context).unreversed.size > 0) reverseSoon(0);
    }
    if (event.kind === 'live' || event.kind === 'health') context.changed();
  }

  return {
    start() {
      running = true;
      const context = contextOf();
      stopWatching = context.ports.pos.watch(hear);
      mend();
      for (const attemptId of factsOf(context).openAttempts) takeUp(attemptId);
      if (factsOf(context).unreversed.size > 0) reverseSoon(0);
      context.ports.pos.open();
    },
    stop() {
      running = false;
      stopWatching();
      callOffMend();
      callOffReverse();
      for (const one of kept.values()) one.callOff();
    },
    prepare,
    run,
    ask,
    decided(attemptId, decision) {
      note(attemptId, 'decided');
      step(attemptId, { kind: 'decided', decision });
    },
    stopAsked(attemptId) {
      const one = kept.get(attemptId);
      if (!one) return;
      one.stopAsked = true;
      note(attemptId, 'stopAsked');
      contextOf().changed();
    },
    live: (attemptId) => kept.get(attemptId),
    inHand: () => hand,
    atTerminal: () => live,
    healthSince() {
      const { state } = contextOf().ports.pos.health();
      if (health.state !== state) health = { state, since: instantNow(contextOf()) };
      return health.since;
    },
    ended() {
      const since = contextOf().ports.machine.nowMs() - ENDED_SHOWN_MS;
      return ended.filter((one) => one.atMs >= since).map((one) => one.attemptId);
    },
    seen(attemptId) {
      const at = ended.findIndex((one) => one.attemptId === attemptId);
      if (at < 0) return false;
      ended.splice(at, 1);
      contextOf().changed();
      return true;
    },
  };
}
