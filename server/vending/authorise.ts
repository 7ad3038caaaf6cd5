import type { z } from 'zod';
import { AUTHORISE_SECONDS, type meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { writeRecordBody, recordMacInput } from '../../contracts/rules/meter-card/memory-card.ts';
import { join } from '../../contracts/rules/meter-card/meter-area.ts';
import { readInitAnswer, readOrder, s1MacInput, s2MacInput } from '../../contracts/rules/meter-card/purse.ts';
import { inTransaction, type Transaction } from '../db/database.ts';
import { sha256 } from '../registry/identity.ts';
import type { Device } from '../registry/workstations.ts';
import { fromBase64url, sameBytes, terminalOf, toBase64url, toHex, uuidBytes } from './bytes.ts';
import { askKeys, judgeReading, keysOf, readEvidence } from './card-reading.ts';
import { spendNonce } from './nonces.ts';
import type { Vending } from './read-card.ts';
import {
  authorisedToday,
  findCard,
  findLoad,
  lockCard,
  lockLoad,
  note,
  rulesOf,
  type CardRow,
  type LoadRow,
} from './rows.ts';
import { dayObjection, meterObjection } from './rules.ts';

type AuthoriseContract = (typeof meterCardCentreContract)['load.authorise'];
type Input = z.output<AuthoriseContract['input']>;
type Answer = z.input<AuthoriseContract['output']>;
type Code = Exclude<AuthoriseContract['errors'][number], 'deviceQuarantined'>;

/** A card's request, proven by its key, and the order that would answer it. It leaves only after the books have it. */
type Prepared = {
  readonly nonce: Uint8Array;
  readonly units: number;
  readonly counter: number;
  readonly takenThrough: number;
  readonly answer: Answer;
};

/**
 * `load.authorise`: the order to a card. MACs are made before anything is held, the books decide, and only when they have
 * committed does the order leave. The same request again gets the same order; a new one of the same card at the same counter
 * gets a new order, the old being dead with its challenge (class A) or the same record (class B).
 */
export async function authoriseLoad(
  { database, keys }: Vending,
  device: Device,
  input: Input,
): Promise<Result<Answer, Code>> {
  const load = await findLoad(database.pool, input.loadId);
  if (!load) return fail('loadUnknown');
  const card = await findCard(database.pool, load.card_id);
  if (!card) return fail('meterCardUnknown');
  if (card.class !== input.cardClass) return fail('evidenceWrong');
  const prepared = await askKeys<Prepared, 'evidenceWrong' | 'keyStoreAway'>(() =>
    input.cardClass === 'A'
      ? preparePurse(keys, card, load, device, input)
      : prepareMemoryCard(keys, card, load, input),
  );
  if (!prepared.ok) return prepared;
  const hash = sha256(JSON.stringify(input));
  return inTransaction(database, async (transaction) => {
    const held = await lockCard(transaction.client, card.card_id);
    const refusal = await decide(
      transaction,
      device,
      held,
      await lockLoad(transaction.client, load.load_id),
      prepared.value,
      hash,
    );
    return refusal ? fail(refusal) : ok(prepared.value.answer);
  });
}

async function preparePurse(
  keys: Vending['keys'],
  card: CardRow,
  load: LoadRow,
  device: Device,
  input: Extract<Input, { cardClass: 'A' }>,
): Promise<Result<Prepared, 'evidenceWrong'>> {
  const orderBytes = fromBase64url(input.initOrder);
  const answerBytes = fromBase64url(input.initAnswer);
  const order = readOrder(orderBytes);
  const init = readInitAnswer(answerBytes);
  const fits =
    order !== null &&
    init !== null &&
    toHex(init.cardId) === card.card_id &&
    init.keyRevision === card.key_revision &&
    order.unit === card.unit &&
    sameBytes(order.loadId, uuidBytes(load.load_id)) &&
    sameBytes(order.terminal, terminalOf(device.deviceId));
  if (!fits) return fail('evidenceWrong');
  const genuine = await keys.verify(
    'init',
    keysOf(card),
    s1MacInput(orderBytes, answerBytes),
    fromBase64url(input.s1),
  );
  if (!genuine) return fail('evidenceWrong');
  const s2 = await keys.mac('load', keysOf(card), s2MacInput(init, order));
  return ok({
    nonce: order.nonce,
    units: order.amount,
    counter: init.counter,
    takenThrough: init.takenThrough,
    answer: { cardClass: 'A', counter: init.counter, s2: toBase64url(s2) },
  });
}

/** The record after the one that the image holds, for the other slot. */
async function prepareMemoryCard(
  keys: Vending['keys'],
  card: CardRow,
  load: LoadRow,
  input: Extract<Input, { cardClass: 'B' }>,
): Promise<Result<Prepared, 'evidenceWrong' | 'keyStoreAway'>> {
  const nonce = fromBase64url(input.nonce);
  const read = await readEvidence(keys, card, nonce, fromBase64url(input.image));
  if (!read.ok) return read;
  const { counter, slot, credit, meter } = read.value;
  const known = judgeReading(
    { counter: card.counter, lastLoadId: card.last_load_id, ordered: null },
    read.value,
  );
  const body = writeRecordBody({
    sequence: counter + 1,
    loadId: uuidBytes(load.load_id),
    amount: load.units,
    credit: (credit + load.units) % 2 ** 32,
  });
  const mac = await keys.mac('record', keysOf(card), recordMacInput(keysOf(card).cardId, body));
  return ok({
    nonce,
    units: load.units,
    // A card that is not as known is read first, whatever it counts.
    counter: known === 'asKnown' ? counter : -1,
    takenThrough: meter.takenThrough,
    answer: {
      cardClass: 'B',
      counter,
      slot: slot === 'a' ? 'b' : 'a',
      record: toBase64url(join(body, mac)),
      psc: toBase64url(await keys.psc(keysOf(card))),
    },
  });
}

/** Whether the books let the order go. Card and load are held. */
async function decide(
  { client }: Transaction,
  device: Device,
  card: CardRow,
  load: LoadRow,
  { nonce, units, counter, takenThrough }: Prepared,
  hash: string,
): Promise<Code | null> {
  if (load.state === 'confirmed') return 'loadWritten';
  if (load.state === 'cancelled' || load.state === 'writtenOff' || load.stornoed_at !== null)
    return 'loadCancelled';
  if (load.state === 'quoted') return 'loadNotPaid';
  if (card.state !== 'active') return 'meterCardBlocked';
  // The answer to this very request was lost on its way.
  const again =
    load.state === 'authorised' && load.request_hash === hash && load.authorised_device === device.deviceId;
  if (again && load.counter === card.counter) return null;
  if (await otherOrder({ client }, load)) return 'loadOpenOnCard';
  if (counter !== card.counter || units !== load.units) return 'meterCardReadFirst';
  const refusal = await ruleAgainst({ client }, device, card, load, takenThrough);
  if (refusal) return refusal;
  if ((await spendNonce(client, device.deviceId, nonce, AUTHORISE_SECONDS)) === undefined)
    return 'nonceStale';
  await client.query(
    `update meter_load set state = 'authorised', counter = $2, authorised_at = clock_timestamp(), authorised_turn = nextval('meter_turn'),
       authorised_device = $3, request_hash = $4 where load_id = $1`,
    [load.load_id, counter, device.deviceId, hash],
  );
  await note(client, {
    cardId: card.card_id,
    loadId: load.load_id,
    kind: 'authorised',
    deviceId: device.deviceId,
    detail: { counter, units },
  });
  return null;
}

/** Rules bind until the card has the load; a company that was suspended since still owes it. */
async function ruleAgainst(
  { client }: Pick<Transaction, 'client'>,
  device: Device,
  card: CardRow,
  load: LoadRow,
  takenThrough: number,
): Promise<Code | null> {
  const found = await rulesOf(client, card.biller_id);
  if (!found) return null;
  const { rules } = found;
  const seen = { counter: card.counter, takenThrough, known: card.read_known ?? false };
  const objection = meterObjection(rules, seen);
  if (objection !== null || load.state !== 'paid') return objection;
  return dayObjection(rules, await authorisedToday(client, card, device.deviceId), load.amount);
}

async function otherOrder({ client }: Pick<Transaction, 'client'>, load: LoadRow): Promise<boolean> {
  const { rows } = await client.query(
    `select from meter_load where card_id = $1 and state = 'authorised' and load_id <> $2`,
    [load.card_id, load.load_id],
  );
  return rows.length > 0;
}
