import type { z } from 'zod';
import type { meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { qepik } from '../../contracts/money.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { feeFor } from '../../contracts/rules/fees.ts';
import { bakuDate } from '../../contracts/time.ts';
import { inTransaction } from '../db/database.ts';
import { readBillers } from '../registry/billers.ts';
import type { Device } from '../registry/workstations.ts';
import type { Vending } from './read-card.ts';
import {
  authorisedToday,
  findCard,
  findLoad,
  lockCard,
  note,
  rulesOf,
  usedThisYear,
  type CardRow,
  type LoadRow,
  type Queries,
} from './rows.ts';
import { judgeLoad, type RuleCode } from './rules.ts';

type QuoteContract = (typeof meterCardCentreContract)['load.quote'];
type Answer = z.input<QuoteContract['output']>;
type QuoteCode = RuleCode | Exclude<QuoteContract['errors'][number], 'deviceQuarantined'>;

/** How long a price holds, and how long after a reading it may be asked. */
const QUOTE_MINUTES = 30;
const READ_MINUTES = 15;

/** `load.quote`: what an amount buys on a card that this device has just read. Money that comes later buys this, whenever. */
export async function quoteLoad(
  { database }: Vending,
  device: Device,
  { loadId, cardId, amount }: z.output<QuoteContract['input']>,
): Promise<Result<Answer, QuoteCode>> {
  const known = await findCard(database.pool, cardId);
  if (!known) return fail('meterCardUnknown');
  const [biller] = await readBillers(database.db, known.biller_id);
  if (biller?.status !== 'live') return fail('billerNotLive');
  return inTransaction(database, async ({ client }) => {
    const card = await lockCard(client, cardId);
    const before = await findLoad(client, loadId);
    if (before) return repeated(before, card, amount);
    const refusal = await cardObjection(client, card, device);
    if (refusal) return fail(refusal);
    const found = await rulesOf(client, card.biller_id);
    if (!found) return fail('loadsNotTaken');
    const judged = judgeLoad(
      found.rules,
      {
        cardClass: card.class,
        counter: card.counter,
        takenThrough: card.read_taken_through ?? 0,
        known: card.read_known ?? false,
        creditOwed: card.credit_owed,
        usedThisYear: await usedThisYear(client, card),
        openOnCard: await hasOpenLoad(client, cardId),
        ...(await authorisedToday(client, card, device.deviceId)),
      },
      amount,
    );
    if (!judged.ok) return judged;
    const fee = feeFor(biller.fees, 'counter', bakuDate(Date.now()), qepik(amount));
    await client.query(
      `insert into meter_load (load_id, card_id, biller_id, account, amount, fee, gross_units, credit_deducted, tiers, expires_at, quoted_device)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + make_interval(mins => $10), $11)`,
      [
        loadId,
        cardId,
        card.biller_id,
        card.account,
        amount,
        fee.amount,
        judged.value.grossUnits,
        judged.value.creditDeducted,
        JSON.stringify(judged.value.tiers),
        QUOTE_MINUTES,
        device.deviceId,
      ],
    );
    await note(client, { cardId, loadId, kind: 'quoted', deviceId: device.deviceId, detail: { amount } });
    const made = await findLoad(client, loadId);
    if (!made) throw new Error('a load was just written');
    return ok(answerOf(made, card));
  });
}

/** The same question again gets its first answer. */
function repeated(load: LoadRow, card: CardRow, amount: number): Result<Answer, QuoteCode> {
  if (load.card_id !== card.card_id || load.amount !== amount) return fail('idempotencyConflict');
  return load.state === 'quoted' && load.expired ? fail('loadQuoteExpired') : ok(answerOf(load, card));
}

async function cardObjection(
  queries: Queries,
  card: CardRow,
  device: Device,
): Promise<'meterCardBlocked' | 'meterCardReadFirst' | 'accountUnknown' | null> {
  if (card.state !== 'active') return 'meterCardBlocked';
  const { rows } = await queries.query<{ fresh: boolean; payable: boolean }>(
    `select read_device = $2 and read_at > clock_timestamp() - make_interval(mins => $3) as fresh,
       exists (select from biller_account a where a.biller_id = c.biller_id and a.account = c.account and a.active)
         or exists (select from biller b where b.biller_id = c.biller_id and b.offline = 'mask' and c.account ~ b.account_mask) as payable
     from meter_card c where card_id = $1`,
    [card.card_id, device.deviceId, READ_MINUTES],
  );
  if (rows[0]?.fresh !== true) return 'meterCardReadFirst';
  return rows[0].payable ? null : 'accountUnknown';
}

async function hasOpenLoad(queries: Queries, cardId: string): Promise<boolean> {
  const { rows } = await queries.query(
    `select from meter_load where card_id = $1 and state in ('paid', 'authorised') limit 1`,
    [cardId],
  );
  return rows.length > 0;
}

const answerOf = (load: LoadRow, card: CardRow): Answer => ({
  unit: card.unit,
  units: load.units,
  tiers: load.tiers.map((tier) => ({ ...tier, amount: qepik(tier.amount) })),
  creditDeducted: load.credit_deducted,
  fee: qepik(load.fee),
  expiresAt: load.expires_at,
});
