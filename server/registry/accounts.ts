import { sql, type Kysely } from 'kysely';
import type { AccountView, Biller } from '../../contracts/domain.ts';
import { qepik } from '../../contracts/money.ts';
import { owedOn, type StatedBill } from '../../contracts/rules/owed.ts';
import type { Instant } from '../../contracts/time.ts';
import type { Tables } from '../db/tables.ts';

/**
 * One account with what is owed on it now: the company's figures less the payments posted since (contracts/rules/owed.ts).
 * An account that is on no list is `known: false` and owes nothing but what was paid in advance.
 */
export async function viewAccount(db: Kysely<Tables>, biller: Biller, account: string): Promise<AccountView> {
  const row = (
    await sql<{
      holder: string;
      address: string;
      phone: string | null;
      active: boolean;
      bills: StatedBill[];
      as_of: Instant;
      payments_through: Instant;
    }>`select a.holder, a.address, a.phone, a.active, a.bills,
        case when a.active then greatest(a.as_of, s.full_as_of) else a.as_of end as as_of,
        case when a.active then greatest(a.payments_through, s.full_payments_through) else a.payments_through end as payments_through
      from biller_account a left join biller_list_state s on s.biller_id = a.biller_id
      where a.biller_id = ${biller.id} and a.account = ${account}`.execute(db)
  ).rows[0];
  const credits = await db
    .selectFrom('payment_line')
    .select(['line_id', 'amount', 'posted_at'])
    .where('biller_id', '=', biller.id)
    .where('account', '=', account)
    // What was loaded onto a meter card is no payment of a bill.
    .where(
      sql<boolean>`not exists (select from meter_load_payment n where n.line_id = payment_line.line_id or n.storno_line_id = payment_line.line_id)`,
    )
    .$if(row !== undefined, (query) => query.where('posted_at', '>', row?.payments_through ?? ''))
    .execute();
  const owed = owedOn(
    (row?.bills ?? []).map((bill) => ({ ...bill, amount: qepik(bill.amount) })),
    credits.map((credit) => ({
      lineId: credit.line_id,
      amount: qepik(credit.amount),
      postedAt: credit.posted_at,
    })),
    row?.payments_through,
  );
  return {
    billerId: biller.id,
    account,
    holder: row?.holder ?? '',
    address: row?.address ?? '',
    phone: row?.phone ?? null,
    known: row?.active ?? false,
    owed: owed.owed,
    paidSince: owed.paidSince,
    bills: [...owed.bills],
    asOf: row?.as_of ?? null,
    source: 'centre',
  };
}
