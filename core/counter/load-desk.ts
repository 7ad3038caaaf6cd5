import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { PaymentAccepted, Person } from '../../contracts/journal.ts';
import type { LoadReason } from '../../contracts/load-reasons.ts';
import type { Failure } from '../../contracts/result.ts';
import type { Instant } from '../../contracts/time.ts';
import {
  loadStep,
  owedLoad,
  type LoadAnswer,
  type LoadConclusion,
  type LoadEvent,
  type LoadEvidence,
  type LoadState,
} from '../machines/load.ts';
import type { Authorisation, LoadRequest } from '../ports/meter-card.ts';
import { within } from '../sync/within.ts';
import { byWhom, loadLine, orderFor, proofFor, stateOf, type LoadOnCard } from './load-parts.ts';
import { fromBase64Url, idBytes, terminalBytes, toBase64Url } from './bytes.ts';
import { factsOf, instantNow, record, workstationCode, type CounterContext } from './context.ts';
import { CENTRE_TIMEOUT_MS, nonceOf, type CardHere } from './meter-desk.ts';

/** What a load is waiting for while it is worked on. */
export type LoadDoing = 'payment' | 'card' | 'centre' | 'writing' | 'reading';

export type LiveLoad = {
  readonly state: LoadState;
  readonly doing: LoadDoing | null;
  /** What the centre said against it, for the screen; beside the machine's reason. */
  readonly refusal: Failure | null;
  readonly since: Instant;
};

/**
 * Performs what the machine of a load (machines/load.ts) says: asks card and centre, writes the intent down before the order
 * goes to the card, reads the card when the answer is lost, and brings the proof to the centre until it has it. A load is
 * done with the card alone (meter-desk.ts); it ends, or waits for its card, whoever asked for it.
 */
export type LoadDesk = {
  /** Takes up every load the journal holds open. */
  start(): void;
  stop(): void;
  /** Writes the loads of a payment just recorded, if their card is in a reader. Answers when that has ended one way or other. */
  paid(payment: PaymentAccepted): Promise<void>;
  /** Writes a load onto the card in the reader; `load` describes one that another till took the money for. */
  finish(load: LoadOnCard): Promise<void>;
  /** A card was read and the centre knows it: what was unknown is settled, and what is owed goes on. */
  cardRead(card: CardHere): void;
  /** The centre has ended the load without writing it. */
  cancelled(loadId: Id, terms: CancelTerms): boolean;
  live(loadId: Id): LiveLoad | undefined;
  /** The load in front of the teller. */
  shown(): Id | null;
  seen(loadId: Id): boolean;
  /** Another card or another customer: a load that has ended is not in front of the teller any more. */
  turnAway(): void;
};

export type CancelTerms = {
  readonly evidence: LoadEvidence | null;
  readonly approvedBy: Person;
  readonly note: string;
  /** Ended without the card's word. */
  readonly writtenOff: boolean;
};

type Kept = {
  state: LoadState;
  readonly load: LoadOnCard;
  doing: LoadDoing | null;
  refusal: Failure | null;
  since: Instant;
  /** The order of the centre, between the intent and the card; nowhere else. */
  authorisation: { readonly word: Authorisation; readonly insertion: number } | null;
  terms: CancelTerms | null;
  callOff: () => void;
};

const DRAIN_MS = 15_000;
const CONFIRM_EVERY_MS = 20_000;

export function createLoadDesk(contextOf: () => CounterContext): LoadDesk {
  const kept = new Map<Id, Kept>();
  /** Settled when no effect of the load is under way any more. */
  const work = new Map<Id, Promise<void>>();
  let running = false;
  let shown: Id | null = null;

  const fault = (what: string, error: unknown): void =>
    contextOf().ports.machine.log('error', what, { error: String(error) });

  function keep(load: LoadOnCard, state: LoadState): Kept {
    const one: Kept = {
      state,
      load,
      doing: null,
      refusal: null,
      since: instantNow(contextOf()),
      authorisation: null,
      terms: null,
      callOff: () => undefined,
    };
    kept.set(load.loadId, one);
    return one;
  }

  function step(loadId: Id, event: LoadEvent): void {
    const one = kept.get(loadId);
    if (!one) return;
    const before = one.state.stage;
    const { state, effects } = loadStep(one.state, event);
    one.state = state;
    if (state.stage !== before) one.since = instantNow(contextOf());
    contextOf().changed();
    for (const effect of effects) {
      if (effect.kind === 'append') conclude(one, effect.conclusion);
      else if (effect.kind === 'appendIntent') intend(one);
      else if (effect.kind === 'confirm') confirmSoon(one, 0);
      // `authorise`, `write` and `read` are done by whoever is alone with the card: carryOut.
    }
  }

  /** Everything from the question to the card's answer, alone with the card. Answers when nothing is under way any more. */
  function carryOut(one: Kept): Promise<void> {
    const { loadId } = one.load;
    const running = work.get(loadId);
    if (running) return running;
    const { meters } = contextOf();
    const mine = meters
      .alone(() => attempt(one))
      .catch((error: unknown) => fault('load.fault', error))
      .finally(() => {
        one.doing = null;
        one.authorisation = null;
        work.delete(loadId);
        contextOf().changed();
      });
    work.set(loadId, mine);
    return mine;
  }

  async function attempt(one: Kept): Promise<void> {
    const { loadId } = one.load;
    if (one.state.stage === 'unknown') await readBack(one);
    step(loadId, { kind: 'begun' });
    if (one.state.stage !== 'asking') return;
    try {
      const authorised = await authorise(one);
      if (typeof authorised === 'string') {
        step(loadId, { kind: 'refused', reason: authorised });
        if (one.refusal?.code === 'loadWritten' || one.refusal?.code === 'loadCancelled') await lookUp(one);
        return;
      }
      step(loadId, { kind: 'authorised', counter: authorised });
    } catch (error) {
      step(loadId, { kind: 'refused', reason: 'unreadable' });
      throw error;
    }
    // The intent is in the journal now, or the load is owed again.
    if (!isWriting(one)) return;
    doing(one, 'writing');
    step(loadId, { kind: 'answered', answer: await write(one) });
    if (isUnknown(one)) await readBack(one);
  }

  const doing = (one: Kept, what: LoadDoing): void => {
    one.doing = what;
    contextOf().changed();
  };

  /** Card and centre are asked; answers the card's counter, or why not. Nothing is written by this. */
  async function authorise(one: Kept): Promise<number | LoadReason> {
    const context = contextOf();
    const { ports, meters } = context;
    one.refusal = null;
    const here = meters.card();
    if (here?.identity?.cardId !== one.load.cardId) return here?.identity ? 'otherCard' : 'noCard';
    if (!(await paymentAtCentre(one))) return 'notPaidYet';
    doing(one, 'card');
    const fresh = await nonceOf(context);
    if (!fresh.ok) return refusedBy(one, fresh.error);
    const request: LoadRequest = {
      loadId: idBytes(one.load.loadId),
      amount: one.load.units,
      unit: one.load.unit,
      terminal: terminalBytes(factsOf(context).device?.deviceId ?? ''),
      nonce: fromBase64Url(fresh.value.nonce),
    };
    const prepared = await ports.meterCards.prepare(here.insertion, request);
    if (!prepared.ok) return prepared.failure.reason;
    doing(one, 'centre');
    const asked = ports.centre['load.authorise'](
      orderFor(one.load.loadId, prepared.value, fresh.value.nonce),
    );
    const answer = await within(ports.machine, CENTRE_TIMEOUT_MS, asked);
    if (!answer.ok) return refusedBy(one, answer.error);
    const { value } = answer;
    const word: Authorisation =
      value.cardClass === 'A'
        ? { cardClass: 'A', s2: fromBase64Url(value.s2) }
        : {
            cardClass: 'B',
            slot: value.slot,
            record: fromBase64Url(value.record),
            psc: fromBase64Url(value.psc),
          };
    one.authorisation = { word, insertion: here.insertion };
    return value.counter;
  }

  function refusedBy(one: Kept, error: Failure): LoadReason {
    if (error.code === 'connectionLost') contextOf().sync.suspect();
    else one.refusal = error;
    if (error.code === 'connectionLost' || error.code === 'tooManyRequests') return 'centreAway';
    if (error.code === 'keyStoreAway') return 'keyStoreAway';
    return error.code === 'loadNotPaid' ? 'notPaidYet' : 'centreRefused';
  }

  /** The centre authorises what its own books show as paid: the payment goes there first. */
  async function paymentAtCentre(one: Kept): Promise<boolean> {
    const context = contextOf();
    const facts = factsOf(context);
    const payment = facts.payments.get(facts.loads.get(one.load.loadId)?.paymentId ?? '');
    if (!payment || !facts.waitingLines.has(payment.seq)) return true;
    doing(one, 'payment');
    const { machine } = context.ports;
    const endMs = machine.monotonicMs() + DRAIN_MS;
    while (running && factsOf(context).waitingLines.has(payment.seq) && machine.monotonicMs() < endMs) {
      await context.sync.now();
      if (factsOf(context).waitingLines.has(payment.seq)) await pause(500);
    }
    return !factsOf(context).waitingLines.has(payment.seq);
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((done) => void contextOf().ports.machine.after(ms, done));

  function intend(one: Kept): void {
    const context = contextOf();
    const { loadId } = one.load;
    assert(one.state.counter !== null, 'an authorisation names the counter');
    let written = false;
    try {
      const entry = record(context, context.ports.machine.mintId(), 'load.intended', {
        ...loadLine(one.load),
        counter: one.state.counter,
        billerId: one.load.billerId,
        account: one.load.account,
        paymentId: factsOf(context).loads.get(loadId)?.paymentId ?? null,
        by: byWhom(context, loadId),
        workstation: workstationCode(context),
      });
      written = entry.ok;
    } catch (error) {
      fault('load.intentFault', error);
      // Thrown after it was written perhaps: then the journal says so, and the card is read before anything else.
      written = factsOf(context).loads.get(loadId)?.stage === 'unknown';
      if (written) return step(loadId, { kind: 'resumed' });
    }
    step(loadId, { kind: written ? 'intended' : 'notIntended' });
  }

  async function write(one: Kept): Promise<LoadAnswer> {
    const { authorisation } = one;
    assert(authorisation !== null, 'only what the centre ordered is written');
    one.authorisation = null;
    try {
      const answer = await contextOf().ports.meterCards.write(authorisation.insertion, authorisation.word);
      if (answer.kind !== 'written') return { kind: answer.kind, reason: answer.failure.reason };
      const { proof } = answer;
      const evidence: LoadEvidence =
        'image' in proof
          ? { kind: 'image', bytes: toBase64Url(proof.image) }
          : { kind: 's3', answer: toBase64Url(proof.answer), s3: toBase64Url(proof.s3) };
      return { kind: 'written', evidence };
    } catch (error) {
      fault('load.writeFault', error);
      return { kind: 'unknown', reason: 'answerLost' };
    }
  }

  /** Reads the card in the reader for a load whose answer was lost, and settles it where the centre can. */
  async function readBack(one: Kept): Promise<void> {
    const { meters } = contextOf();
    const here = meters.card();
    if (here?.identity?.cardId !== one.load.cardId) return;
    doing(one, 'reading');
    const seen = await meters.readAlone(here.insertion);
    if (seen?.stage === 'known') settle(one, seen);
    if (isUnknown(one) && seen?.stage === 'known') await lookUp(one);
  }

  /** What a reading says of a load. The centre has judged the evidence; here its word is put down. */
  function settle(one: Kept, { centre, evidence }: CardHere): void {
    if (!centre) return;
    const { loadId } = one.load;
    const proof: LoadEvidence | null = evidence && { kind: 'status', ...evidence };
    const onCard =
      centre.card.last?.loadId === loadId ||
      (centre.resolved?.loadId === loadId && centre.resolved.outcome === 'applied');
    const notOnCard =
      (centre.resolved?.loadId === loadId && centre.resolved.outcome === 'notApplied') ||
      (centre.open?.loadId === loadId && centre.open.sayable === 'notLoaded');
    if (onCard && one.state.stage === 'written') confirmed(one);
    else if (onCard) step(loadId, { kind: 'found', found: 'applied', evidence: proof });
    else if (notOnCard) step(loadId, { kind: 'found', found: 'notApplied', evidence: proof });
  }

  /** What the centre has of a load, where no card is at hand: another till may have finished it. */
  async function lookUp(one: Kept): Promise<void> {
    const { centre, machine } = contextOf().ports;
    const { loadId } = one.load;
    const asked = centre['load.list']({ cardId: null, account: null, loadIds: [loadId], open: false });
    const answer = await within(machine, CENTRE_TIMEOUT_MS, asked);
    if (!answer.ok) return;
    const state = answer.value.loads.find((load) => load.loadId === loadId)?.state;
    if (state === 'confirmed') step(loadId, { kind: 'found', found: 'applied', evidence: null });
    if (state === 'writtenOff') return step(loadId, { kind: 'writtenOff' });
    if (state !== 'cancelled') return;
    if (one.state.stage === 'unknown') step(loadId, { kind: 'found', found: 'notApplied', evidence: null });
    step(loadId, { kind: 'cancelled', evidence: null });
  }

  /** The last word into the journal. Whatever goes wrong, the journal alone knows whether it is in it. */
  function conclude(one: Kept, conclusion: LoadConclusion): void {
    const context = contextOf();
    const { loadId, cardId } = one.load;
    const before = factsOf(context).headSeq;
    try {
      record(context, context.ports.machine.mintId(), 'load.concluded', {
        loadId,
        cardId,
        outcome: conclusion.outcome,
        by: conclusion.by,
        reason: conclusion.reason,
        evidence: conclusion.evidence,
        approvedBy: (conclusion.outcome === 'cancelled' && one.terms?.approvedBy) || null,
        note: (conclusion.outcome === 'cancelled' && one.terms?.note) || '',
      });
    } catch (error) {
      fault('load.concludeFault', error);
    } finally {
      if (conclusion.outcome === 'cancelled') one.terms = null;
      const written = factsOf(context).headSeq > before;
      step(loadId, { kind: written ? 'recorded' : 'notRecorded' });
    }
  }

  function confirmSoon(one: Kept, ms: number): void {
    one.callOff();
    if (!running) return;
    one.callOff = contextOf().ports.machine.after(ms, () => {
      confirm(one).catch((error: unknown) => {
        fault('load.confirmFault', error);
        confirmSoon(one, CONFIRM_EVERY_MS);
      });
    });
  }

  /** Brings the proof to the centre; for ever, because somebody there waits for it. */
  async function confirm(one: Kept): Promise<void> {
    if (one.state.stage !== 'written') return;
    const context = contextOf();
    const { loadId } = one.load;
    const evidence = one.state.conclusion?.evidence ?? factsOf(context).loads.get(loadId)?.evidence ?? null;
    if (evidence?.kind === 's3' || evidence?.kind === 'image') {
      const proof = await proofFor(context, evidence);
      if (proof) {
        const asked = context.ports.centre['load.confirm']({ loadId, evidence: proof });
        const answer = await within(context.ports.machine, CENTRE_TIMEOUT_MS, asked);
        if (answer.ok) confirmed(one);
        else one.refusal = answer.error.code === 'connectionLost' ? null : answer.error;
      }
    } else if ((await stateAtCentre(loadId)) === 'confirmed') {
      // A reading was judged by the centre when it was made; it only has to be looked up.
      confirmed(one);
    }
    if (one.state.stage === 'written') confirmSoon(one, CONFIRM_EVERY_MS);
  }

  async function stateAtCentre(loadId: Id): Promise<string | undefined> {
    const { centre, machine } = contextOf().ports;
    const asked = centre['load.list']({ cardId: null, account: null, loadIds: [loadId], open: false });
    const answer = await within(machine, CENTRE_TIMEOUT_MS, asked);
    return answer.ok ? answer.value.loads.find((load) => load.loadId === loadId)?.state : undefined;
  }

  function confirmed(one: Kept): void {
    const context = contextOf();
    const { loadId } = one.load;
    try {
      record(context, context.ports.machine.mintId(), 'load.confirmed', { loadId });
    } catch (error) {
      fault('load.confirmedFault', error);
    }
    if (factsOf(context).loads.get(loadId)?.stage === 'confirmed') {
      one.callOff();
      step(loadId, { kind: 'confirmed' });
    }
  }

  return {
    start() {
      running = true;
      const facts = factsOf(contextOf());
      for (const loadId of facts.openLoads) {
        const load = facts.loads.get(loadId);
        assert(load !== undefined, 'an open load is in the journal');
        const one = keep(load, stateOf(load));
        one.since = load.since;
        if (load.stage === 'written') confirmSoon(one, 0);
      }
    },
    stop() {
      running = false;
      for (const one of kept.values()) one.callOff();
    },
    async paid(payment) {
      for (const { load, billerId, account } of payment.lines) {
        if (!load) continue;
        const one = kept.get(load.loadId) ?? keep({ ...load, billerId, account }, owedLoad);
        shown = load.loadId;
        await carryOut(one);
      }
    },
    async finish(load) {
      const one = kept.get(load.loadId) ?? keep(load, owedLoad);
      shown = load.loadId;
      await carryOut(one);
    },
    cardRead(card) {
      const { desk } = contextOf();
      for (const one of kept.values()) {
        if (one.load.cardId !== card.identity?.cardId || work.has(one.load.loadId)) continue;
        const lost = one.state.stage === 'unknown';
        settle(one, card);
        const { stage } = one.state;
        // Its card is back and it was lost, or waits in front of the teller: it goes on by itself.
        const goesOn = stage === 'owed' && (lost || shown === one.load.loadId) && desk.user !== null;
        if (goesOn || stage === 'unknown')
          carryOut(one).catch((error: unknown) => fault('load.fault', error));
      }
    },
    cancelled(loadId, terms) {
      const one = kept.get(loadId);
      if (!one || work.has(loadId)) return false;
      one.terms = terms;
      if (terms.writtenOff) step(loadId, { kind: 'writtenOff' });
      else {
        // The centre cancels an order that went out on the card's own word alone: it is not on it.
        step(loadId, { kind: 'found', found: 'notApplied', evidence: terms.evidence });
        step(loadId, { kind: 'cancelled', evidence: terms.evidence });
      }
      return (one.state.stage as LoadState['stage']) === 'cancelled';
    },
    live: (loadId) => kept.get(loadId),
    shown: () => shown,
    turnAway() {
      const stage = kept.get(shown ?? '')?.state.stage;
      if (stage === 'written' || stage === 'confirmed' || stage === 'cancelled') shown = null;
    },
    seen(loadId) {
      if (shown !== loadId) return false;
      shown = null;
      contextOf().changed();
      return true;
    },
  };
}

const isWriting = (one: Kept): boolean => one.state.stage === 'writing';
const isUnknown = (one: Kept): boolean => one.state.stage === 'unknown';
