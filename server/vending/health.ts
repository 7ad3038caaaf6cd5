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
  const parts: Part[] = [];
  for (const row of rows) {
    const state = stateOf(row, store);
    parts.push({
      part: 'company',
      billerId: row.biller_id,
      name: row.name,
      service: row.service,
      ...state,
      sinceWhen: await since(database, 'company', row.biller_id, state),
    });
  }
  const state: State =
    store.state === 'up' ? { state: 'up', reason: null } : { state: 'down', reason: 'away' };
  parts.push({
    part: 'keyStore',
    billerId: null,
    name: keys.kind === 'pkcs11' ? 'PKCS#11' : 'KÖMİS',
    service: null,
    ...state,
    sinceWhen: await since(database, 'keyStore', 'keyStore', state),
  });
  return parts;
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

/** Keeps a state, and answers since when it is so. */
async function since(
  { pool }: Vending['database'],
  part: string,
  id: string,
  { state, reason }: State,
): Promise<Instant> {
  const kept = await pool.query<{ since: Instant }>(
    'select since from health_since where part = $1 and id = $2 and state = $3 and reason is not distinct from $4',
    [part, id, state, reason],
  );
  if (kept.rows[0]) return kept.rows[0].since;
  const { rows } = await pool.query<{ since: Instant }>(
    `insert into health_since as h (part, id, state, reason) values ($1, $2, $3, $4)
     on conflict (part, id) do update set state = excluded.state, reason = excluded.reason,
       since = case when (h.state, h.reason) is distinct from (excluded.state, excluded.reason) then excluded.since else h.since end
     returning since`,
    [part, id, state, reason],
  );
  return rows[0]?.since ?? new Date().toISOString();
}
