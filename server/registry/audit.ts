import { sql, type Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';

/** Records who did what at the centre, chained. `detail` never holds a password, key or code. */
export async function audit(
  db: Kysely<Tables>,
  actor: string,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await sql`select audit_append(${actor}, ${action}, ${subject}, ${JSON.stringify(detail)}::jsonb)`.execute(
    db,
  );
}
