import { sql, type Kysely } from 'kysely';
import { subscriberSchema, type Subscriber } from '../../contracts/domain.ts';
import type { Tables } from '../db/tables.ts';

/** A subscriber's columns and accounts in the words of the contract; joined into queries as `subscriber s`. */
export const SUBSCRIBER_COLUMNS = sql`s.subscriber_id as "subscriberId", s.code, s.name, s.address, s.phone, s.email, s.language,
  coalesce((select jsonb_agg(jsonb_build_object('billerId', a.biller_id, 'account', a.account, 'label', a.label) order by a.bound_at, a.biller_id, a.account)
    from subscriber_account a where a.subscriber_id = s.subscriber_id), '[]') as accounts`;

/** The subscriber with a registration code, or `undefined`. */
export async function findSubscriber(db: Kysely<Tables>, code: string): Promise<Subscriber | undefined> {
  const { rows } =
    await sql<Subscriber>`select ${SUBSCRIBER_COLUMNS} from subscriber s where s.code = ${code}`.execute(db);
  return rows[0] ? subscriberSchema.parse(rows[0]) : undefined;
}
