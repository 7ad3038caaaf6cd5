import type { z } from 'zod';
import type { LoadView, meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import { qepik } from '../../contracts/money.ts';
import type { Queries } from './rows.ts';

export type LoadFilter = z.output<(typeof meterCardCentreContract)['load.list']['input']>;

/** At most this many loads are listed. */
export const LOADS_MAX = 200;

type Row = {
  readonly [K in keyof LoadView]: K extends 'amount' | 'fee' ? number : LoadView[K];
};

/**
 * Loads as people list them, the latest first. `participantId` null: of everybody.
 * @returns at most `limit`
 */
export async function listLoads(
  queries: Queries,
  filter: LoadFilter,
  participantId: string | null,
  limit = LOADS_MAX,
): Promise<LoadView[]> {
  // Whoever names a card, an account or a load has it before them; without, each house sees its own.
  const named = filter.cardId !== null || filter.account !== null || filter.loadIds !== null;
  const { rows } = await queries.query<Row>(
    `select l.load_id as "loadId", l.card_id as "cardId", l.biller_id as "billerId", l.account, coalesce(a.holder, '') as holder, c.class, c.unit,
       l.amount, l.units, l.fee, l.state, l.stornoed_at is not null as stornoed, l.payment_id as "paymentId", p.receipt_no as "receiptNo",
       l.business_date as "businessDate", coalesce(w.code, '') as "atWorkstation", l.quoted_at as "quotedAt", l.paid_at as "paidAt",
       l.authorised_at as "authorisedAt", l.ended_at as "endedAt"
     from meter_load l
     join meter_card c using (card_id)
     left join biller_account a on a.biller_id = l.biller_id and a.account = l.account
     left join payment p on p.payment_id = l.payment_id
     left join device d on d.device_id = coalesce(l.paid_device, l.quoted_device) left join org_unit w on w.unit_id = d.unit_id
     where ($1::text is null or l.card_id = $1)
       and ($2::uuid is null or (l.biller_id = $2 and l.account = $3))
       and ($4::uuid[] is null or l.load_id = any ($4))
       and (not $5 or l.state in ('paid', 'authorised'))
       and ($6::uuid is null or w.participant_id = $6)
     order by coalesce(l.paid_at, l.quoted_at) desc, l.load_id limit $7`,
    [
      filter.cardId,
      filter.account?.billerId ?? null,
      filter.account?.account ?? null,
      filter.loadIds,
      filter.open,
      named ? null : participantId,
      limit,
    ],
  );
  return rows.map((row) => ({
    ...row,
    amount: qepik(row.amount) as LoadView['amount'], // the column's own check: above zero
    fee: qepik(row.fee) as LoadView['fee'],
  }));
}
