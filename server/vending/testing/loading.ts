import type { Result } from '../../../contracts/result.ts';
import { mintId } from '../../registry/identity.ts';
import type { authoriseLoad } from '../authorise.ts';
import { cancelLoad } from '../cancel.ts';
import { confirmByCard } from '../confirm.ts';
import { listLoads } from '../list.ts';
import type { Vending } from '../read-card.ts';
import { SUPERVISOR, valueOf, type TestTill } from './counter.ts';
import type { ModelMemory, ModelPurse, S3 } from './model-cards.ts';

/** Steps of a load that many tests take. */

/** The order of an authorisation, class A. */
export const s2Of = (result: Awaited<ReturnType<typeof authoriseLoad>>): string => {
  const answer = valueOf(result);
  if (answer.cardClass !== 'A') throw new Error('class A');
  return answer.s2;
};
/** What the card answered to LOAD. */
export const wrote = (s3: S3 | null): S3 => {
  if (!s3) throw new Error('the card refused');
  return s3;
};

export const loading = (vending: () => Vending) => {
  const confirm = (till: TestTill, loadId: string, s3: S3) =>
    confirmByCard(vending(), till.device, { loadId, evidence: { kind: 's3', ...s3 } });
  const cancel = async (
    till: TestTill,
    loadId: string,
    card: ModelPurse | null,
    nonce?: string,
  ): Promise<Result<unknown>> => {
    const own = nonce ?? (await till.nonce());
    return cancelLoad(vending(), till.device, {
      loadId,
      evidence: card && { kind: 'status', nonce: own, bytes: card.status(own) },
      supervisor: SUPERVISOR,
    });
  };
  const stateOf = async (loadId: string) =>
    (
      await listLoads(
        vending().database.pool,
        { cardId: null, account: null, loadIds: [loadId], open: false },
        null,
      )
    )[0];
  /** Up to the order, at one till. */
  const paidLoad = async (
    till: TestTill,
    card: ModelPurse | ModelMemory,
    amount = 2_000,
  ): Promise<string> => {
    const loadId = mintId();
    valueOf(await till.read(card));
    valueOf(await till.quote(card, amount, loadId));
    await till.pay(card, loadId, amount);
    return loadId;
  };
  /** Onto the card, and confirmed. */
  const loaded = async (till: TestTill, card: ModelPurse, amount = 2_000): Promise<string> => {
    const loadId = await paidLoad(till, card, amount);
    valueOf(await confirm(till, loadId, wrote(card.load(s2Of(await till.authorise(card, loadId, amount))))));
    return loadId;
  };
  return { confirm, cancel, stateOf, paidLoad, loaded };
};
