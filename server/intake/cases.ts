import { sql, type Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { mintId } from '../registry/identity.ts';

export type NewCase = {
  readonly kind: string;
  /** One case per event: the same trouble told twice opens no second one. */
  readonly eventKey: string;
  readonly deviceId?: string;
  readonly paymentId?: string;
  readonly amount?: number;
  readonly detail: Readonly<Record<string, string | number | null>>;
};

/** Opens a case for a person at the centre. */
export async function openCase(db: Kysely<Tables>, one: NewCase): Promise<void> {
  await db
    .insertInto('case_file')
    .values({
      case_id: mintId(),
      kind: one.kind,
      opened_at: sql<string>`now()`,
      event_key: one.eventKey,
      device_id: one.deviceId ?? null,
      payment_id: one.paymentId ?? null,
      journal_id: null,
      amount: one.amount ?? null,
      detail: JSON.stringify(one.detail),
      owner: null,
      resolution: null,
    })
    .onConflict((conflict) => conflict.column('event_key').doNothing())
    .execute();
}

/** Closes the case of an event that has ended by itself; nothing where none is open. */
export async function closeCase(db: Kysely<Tables>, eventKey: string, resolution: string): Promise<void> {
  await db
    .updateTable('case_file')
    .set({ state: 'closed', resolution, closed_at: sql<string>`now()` })
    .where('event_key', '=', eventKey)
    .where('state', '=', 'open')
    .execute();
}
