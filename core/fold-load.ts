import { unreachable } from '../contracts/assert.ts';
import type { Id } from '../contracts/ids.ts';
import type { EntryBody, PaymentLine } from '../contracts/journal.ts';
import type { LoadReason } from '../contracts/load-reasons.ts';
import type { LineLoad } from '../contracts/meter-card.ts';
import type { Qepik } from '../contracts/money.ts';
import type { Instant } from '../contracts/time.ts';
import type { Facts } from './facts.ts';
import type { LoadEvidence } from './machines/load.ts';

/** The part of the fold that is about loads of meter cards (fold.ts). */

export type LoadFacts = LineLoad & {
  readonly billerId: Id;
  readonly account: string;
  /** Null where another till took the money. */
  readonly paymentId: Id | null;
  readonly amount: Qepik | null;
  /** `unknown`: an order may be at the card and no last word is here. */
  stage: 'owed' | 'unknown' | 'written' | 'confirmed' | 'cancelled';
  /** The card's counter in the last order. */
  counter: number | null;
  reason: LoadReason | null;
  /** The proof the centre is to be given. */
  evidence: LoadEvidence | null;
  /** When the journal last said something of it. */
  since: Instant;
};

type LoadEntry = EntryBody<'load.intended' | 'load.concluded' | 'load.confirmed'>;

/** From the payment on somebody is owed a load. */
export function loadsPaid(facts: Facts, paymentId: Id, lines: readonly PaymentLine[], since: Instant): void {
  for (const { load, billerId, account, amount } of lines) {
    if (!load) continue;
    facts.loads.set(load.loadId, {
      ...load,
      billerId,
      account,
      paymentId,
      amount,
      stage: 'owed',
      counter: null,
      reason: null,
      evidence: null,
      since,
    });
    facts.openLoads.add(load.loadId);
  }
}

export function applyLoadEntry(facts: Facts, body: LoadEntry): void {
  switch (body.type) {
    case 'load.intended': {
      const { by: _by, workstation: _workstation, counter, ...intended } = body.payload;
      const { loadId } = intended;
      const known = facts.loads.get(loadId);
      facts.loads.set(loadId, {
        ...intended,
        // A load that another till took the money for is known by its intent.
        paymentId: known?.paymentId ?? intended.paymentId,
        amount: known?.amount ?? null,
        evidence: null,
        reason: null,
        stage: 'unknown',
        counter,
        since: body.wallTime,
      });
      facts.openLoads.add(loadId);
      return;
    }
    case 'load.concluded': {
      const { loadId, outcome, reason, evidence } = body.payload;
      const load = facts.loads.get(loadId);
      if (!load) return;
      load.stage = outcome === 'notWritten' ? 'owed' : outcome;
      load.reason = reason;
      load.evidence = evidence;
      load.since = body.wallTime;
      if (outcome === 'cancelled') facts.openLoads.delete(loadId);
      return;
    }
    case 'load.confirmed': {
      const load = facts.loads.get(body.payload.loadId);
      if (load) load.stage = 'confirmed';
      if (load) load.since = body.wallTime;
      facts.openLoads.delete(body.payload.loadId);
      return;
    }
    default:
      unreachable(body);
  }
}
