import type { Kysely } from 'kysely';
import { billerSchema, type Biller } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import type { Tables } from '../db/tables.ts';

/** All companies with their rules and fees, by number; or one. */
export async function readBillers(db: Kysely<Tables>, billerId?: Id): Promise<Biller[]> {
  let billers = db.selectFrom('biller').selectAll().orderBy('number');
  let fees = db.selectFrom('fee_rule').selectAll().orderBy('fee_rule_id');
  if (billerId !== undefined) {
    billers = billers.where('biller_id', '=', billerId);
    fees = fees.where('biller_id', '=', billerId);
  }
  const [rows, rules] = await Promise.all([billers.execute(), fees.execute()]);
  return rows.map((row) =>
    billerSchema.parse({
      id: row.biller_id,
      number: row.number,
      code: row.code,
      name: row.name,
      service: row.service,
      status: row.status,
      fetch: row.fetch_mode,
      exactness: row.exactness,
      minAmount: row.min_amount,
      maxAmount: row.max_amount,
      advanceAllowed: row.advance_allowed,
      accountMask: row.account_mask,
      accountExample: row.account_example,
      offline: row.offline,
      priority: row.priority,
      fees: rules
        .filter((rule) => rule.biller_id === row.biller_id)
        .map((rule) => ({
          id: rule.fee_rule_id,
          channel: rule.channel,
          borneBy: rule.borne_by,
          fixed: rule.fixed,
          basisPoints: rule.basis_points,
          floor: rule.floor,
          cap: rule.cap,
          validFrom: rule.valid_from,
          validTo: rule.valid_to,
        })),
    }),
  );
}
