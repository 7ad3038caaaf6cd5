import type { z } from 'zod';
import type { meterCardCentreContract } from '../../contracts/centre-meter-card.ts';
import type { Localized } from '../../contracts/domain.ts';
import type { Instant } from '../../contracts/time.ts';
import type { KeyStoreHealth, MasterRef } from '../keys/key-store.ts';
import type { Vending } from './read-card.ts';

type Part = z.input<(typeof meterCardCentreContract)['health.board']['output']>['parts'][number];
type State = Pick<Part, 'state' | 'reason'>;

type BillerRow = {
  readonly biller_id: string;
  readonly name: string;
  readonly service: Localized;
  readonly status: 'onboarding' | 'live' | 'suspended' | 'closed';
  /** Master keys that its active cards need. */
  readonly masters: MasterRef[];
};

/**
 * `health.board`: whose side stopped. A company is down while it takes no payments, or while the store lacks the keys of its
 * cards; the store while it does not answer. Since when is kept, and moves only when a state does.
 */
export async function healthBoard({ database, keys }: Vending): Promise<Part[]> {
  const [store, { rows }] = await Promise.all([
    keys.health(),
    database.pool.query<BillerRow>(
      `select b.biller_id, b.name, b.service, b.status,
         coalesce((select json_agg(distinct jsonb_build_object('company', b.number, 'revision', c.key_revision))
           from meter_card c where c.biller_id = b.biller_id and c.state = 'active'), '[]') as masters
       from biller b order by b.number`,
    ),
  ]);
  const parts: Omit<Part, 'sinceWhen'>[] = rows.map((row) => ({
    part: 'company',
    billerId: row.biller_id,
    name: row.name,
    service: row.service,
    ...stateOf(row, store),
  }));
  parts.push({
    part: 'keyStore',
    billerId: null,
    name: keys.kind === 'pkcs11' ? 'PKCS#11' : 'KÖMİS',
    service: null,
    ...(store.state === 'up' ? { state: 'up', reason: null } : { state: 'down', reason: 'away' }),
  });
  return withTimes(database, parts);
}

function stateOf({ status, masters }: BillerRow, store: KeyStoreHealth): State {
  if (status !== 'live') return { state: 'down', reason: status };
  const lacks =
    store.state === 'up' &&
    masters.some(
      (needed) =>
        !store.masters.some(
          ({ company, revision }) => company === needed.company && revision === needed.revision,
        ),
    );
  return lacks ? { state: 'down', reason: 'noCardKeys' } : { state: 'up', reason: null };
}

type Kept = {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly since: Instant;
};

/** Keeps the states that have changed, and says of each since when it is so. */
async function withTimes(
  { pool }: Vending['database'],
  parts: readonly Omit<Part, 'sinceWhen'>[],
): Promise<Part[]> {
  const idOf = ({ part, billerId }: Pick<Part, 'part' | 'billerId'>): string => billerId ?? part;
  const { rows: kept } = await pool.query<Kept>('select id, state, reason, since from health_since');
  const known = new Map(kept.map((row) => [row.id, row]));
  const changed = parts.filter((part) => {
    const before = known.get(idOf(part));
    return before?.state !== part.state || before.reason !== part.reason;
  });
  if (changed.length > 0) {
    const { rows } = await pool.query<Kept>(
      `insert into health_since as h (part, id, state, reason)
       select x.part, x.id, x.state, x.reason from json_to_recordset($1::json) as x(part text, id text, state text, reason text) order by x.id
       on conflict (part, id) do update set state = excluded.state, reason = excluded.reason,
         since = case when (h.state, h.reason) is distinct from (excluded.state, excluded.reason) then excluded.since else h.since end
       returning id, state, reason, since`,
      [JSON.stringify(changed.map((part) => ({ ...part, id: idOf(part) })))],
    );
    for (const row of rows) known.set(row.id, row);
  }
  return parts.map((part) => ({
    ...part,
    sinceWhen: known.get(idOf(part))?.since ?? new Date().toISOString(),
  }));
}
