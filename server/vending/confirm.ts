import type { z } from 'zod';
import type { meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { readLoadAnswer, s3MacInput } from '../../contracts/rules/meter-card/purse.ts';
import { inTransaction } from '../db/database.ts';
import type { Device } from '../registry/workstations.ts';
import { fromBase64url, uuidBytes } from './bytes.ts';
import { askKeys, keysOf } from './card-reading.ts';
import { spendNonce } from './nonces.ts';
import { checkEvidence, type EvidenceCode, type Vending } from './read-card.ts';
import { findCard, findLoad, lockCard, lockLoad, type LoadRow } from './rows.ts';
import { confirmLoad, settleReading } from './settle.ts';

type ConfirmContract = (typeof meterCardCentreContract)['load.confirm'];
type Input = z.output<ConfirmContract['input']>;
type Answer = { readonly result: 'confirmed' | 'already' };
type Code = EvidenceCode | 'loadUnknown' | 'loadNotOnCard' | 'loadCancelled';

/** `load.confirm`: the card's proof that it has a load. A wrong one changes nothing; a right one again changes nothing more. */
export async function confirmByCard(
  vending: Vending,
  device: Device,
  { loadId, evidence }: Input,
): Promise<Result<Answer, Code>> {
  const load = await findLoad(vending.database.pool, loadId);
  if (!load) return fail('loadUnknown');
  if (load.state === 'confirmed') return ok({ result: 'already' });
  return evidence.kind === 's3'
    ? byAnswer(vending, device, load, evidence)
    : byReading(vending, device, load, evidence);
}

/** S3 covers card, new counter, balance, load and amount: it proves the load alone, whenever it comes. */
async function byAnswer(
  { database, keys }: Vending,
  device: Device,
  load: LoadRow,
  { answer, s3 }: Extract<Input['evidence'], { kind: 's3' }>,
): Promise<Result<Answer, Code>> {
  const card = await findCard(database.pool, load.card_id);
  const said = readLoadAnswer(fromBase64url(answer));
  if (!card || card.class !== 'A' || !said) return fail('evidenceWrong');
  const genuine = await askKeys(async () =>
    ok(
      await keys.verify(
        'status',
        keysOf(card),
        s3MacInput(keysOf(card).cardId, said, { loadId: uuidBytes(load.load_id), amount: load.units }),
        fromBase64url(s3),
      ),
    ),
  );
  if (!genuine.ok) return genuine;
  if (!genuine.value) return fail('evidenceWrong');
  return inTransaction(database, async (transaction) => {
    const held = await lockCard(transaction.client, card.card_id);
    const now = await lockLoad(transaction.client, load.load_id);
    if (now.state === 'confirmed') return ok({ result: 'already' });
    // A genuine S3 of a load that has ended otherwise: a reading of the card tells the whole story, and opens the case.
    if (now.state === 'cancelled' || now.state === 'writtenOff') return fail('loadCancelled');
    if (now.state !== 'authorised' || said.counter !== held.counter + 1) return fail('evidenceWrong');
    await confirmLoad(transaction, held, now, {
      deviceId: device.deviceId,
      by: 's3',
      evidence: `${answer}.${s3}`,
    });
    return ok({ result: 'confirmed' });
  });
}

async function byReading(
  vending: Vending,
  device: Device,
  load: LoadRow,
  { nonce, bytes }: Extract<Input['evidence'], { kind: 'status' }>,
): Promise<Result<Answer, Code>> {
  const checked = await checkEvidence(vending, nonce, bytes);
  if (!checked.ok) return checked;
  if (checked.value.card.card_id !== load.card_id) return fail('evidenceWrong');
  return inTransaction(vending.database, async (transaction) => {
    const turn = await spendNonce(transaction.client, device.deviceId, checked.value.nonce);
    if (turn === undefined) return fail('nonceStale');
    const settled = await settleReading(transaction, load.card_id, checked.value.reading, {
      deviceId: device.deviceId,
      turn,
    });
    if (settled.kind === 'incident') return fail('meterCardIncident');
    if (settled.kind === 'overtaken') return fail('nonceStale');
    const now = await lockLoad(transaction.client, load.load_id);
    if (now.state === 'confirmed') return ok({ result: 'confirmed' });
    return fail(now.state === 'cancelled' || now.state === 'writtenOff' ? 'loadCancelled' : 'loadNotOnCard');
  });
}
