import { randomBytes } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** A secret of the centre, made on first use and kept in the database, so that every process has the same. */
export async function centreSecret(db: Kysely<Tables>, name: string): Promise<Buffer> {
  const fresh = randomBytes(32).toString('base64url');
  await db
    .insertInto('centre_meta')
    .values({ name, value: fresh })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await db
    .selectFrom('centre_meta')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return Buffer.from(value, 'base64url');
}

/**
 * The epoch of transaction numbers: what replica cursors count in. It changes when the database is restored or moved to
 * another server, where the numbers begin anew; then rows numbered in the old count are numbered in the new one, and every
 * workstation loads its replica afresh.
 */
export async function replicaEpoch(db: Kysely<Tables>): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ epoch: string }>`
      select substr(encode(sha256(convert_to(concat_ws('/', s.system_identifier, c.timeline_id, d.oid), 'UTF8')), 'hex'), 1, 12) as epoch
      from pg_control_system() s, pg_control_checkpoint() c, pg_database d where d.datname = current_database()`.execute(
      trx,
    );
    const epoch = rows[0]?.epoch ?? '';
    await trx
      .insertInto('centre_meta')
      .values({ name: 'replicaEpoch', value: epoch })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const known = await trx
      .selectFrom('centre_meta')
      .select('value')
      .where('name', '=', 'replicaEpoch')
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (known.value !== epoch) {
      for (const table of ['biller_account', 'biller_list_state', 'payment_line', 'subscriber']) {
        await sql`update ${sql.table(table)} set changed_xid = pg_current_xact_id() where changed_xid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(
          trx,
        );
      }
      await trx.updateTable('centre_meta').set({ value: epoch }).where('name', '=', 'replicaEpoch').execute();
    }
    return epoch;
  });
}
