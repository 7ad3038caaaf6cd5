import { assert } from '../../contracts/assert.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Person } from '../../contracts/journal.ts';
import type { LoadFacts } from '../fold-load.ts';
import { owedLoad, type LoadEvidence, type LoadState } from '../machines/load.ts';
import type { Preparation } from '../ports/meter-card.ts';
import { toBase64Url } from './bytes.ts';
import { factsOf, personOf, type CounterContext } from './context.ts';
import { nonceOf } from './meter-desk.ts';

/** Small parts of load-desk.ts: how a load is named, begun and asked for. */

export type LoadOnCard = Pick<
  LoadFacts,
  'loadId' | 'cardId' | 'cardClass' | 'meter' | 'units' | 'unit' | 'billerId' | 'account'
>;

/** What the journal names a load by. */
export const loadLine = ({ loadId, cardId, cardClass, meter, units, unit }: LoadOnCard) => ({
  loadId,
  cardId,
  cardClass,
  meter,
  units,
  unit,
});

/** The machine of a load as the journal left it. */
export function stateOf({ stage, counter, reason }: LoadFacts): LoadState {
  const conclusion = null;
  if (stage === 'unknown') return { ...owedLoad, stage, counter, reason: 'stopped', before: 'unknown' };
  return { ...owedLoad, stage, counter, reason, conclusion };
}

/** Whoever is at the till; after a restart with nobody there, whoever took the money. */
export function byWhom(context: CounterContext, loadId: Id): Person {
  const { user } = context.desk;
  if (user) return personOf(user);
  const facts = factsOf(context);
  const payment = facts.payments.get(facts.loads.get(loadId)?.paymentId ?? '');
  assert(payment !== undefined, 'a load is begun by somebody at the till or for a payment of this till');
  return context.ledger.read(payment.seq, 'payment.accepted').body.payload.teller;
}

/** What the centre is asked to authorise. */
export const orderFor = (loadId: Id, prepared: Preparation, nonce: string) =>
  prepared.cardClass === 'A'
    ? {
        cardClass: 'A' as const,
        loadId,
        initOrder: toBase64Url(prepared.order),
        initAnswer: toBase64Url(prepared.answer),
        s1: toBase64Url(prepared.s1),
      }
    : { cardClass: 'B' as const, loadId, nonce, image: toBase64Url(prepared.image) };

type Proof = Exclude<LoadEvidence, { kind: 'image' }>;

/** What the centre is told of a load that was written; null while it cannot be told. An image answers a nonce of now. */
export async function proofFor(
  context: CounterContext,
  evidence: Exclude<LoadEvidence, { kind: 'status' }>,
): Promise<Proof | null> {
  if (context.sync.link().line !== 'online') return null;
  if (evidence.kind === 's3') return evidence;
  const fresh = await nonceOf(context);
  return fresh.ok ? { kind: 'status', nonce: fresh.value.nonce, bytes: evidence.bytes } : null;
}
