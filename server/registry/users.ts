import { hash, verify } from '@node-rs/argon2';
import { sql, type Kysely } from 'kysely';
import type { Role } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Tables } from '../db/tables.ts';
import { audit } from './audit.ts';
import { mintId } from './identity.ts';

/** argon2id (the library's default) at the cost OWASP recommends: 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Wrong tries before the first lock-out, of one minute; each further one doubles it, up to a day. */
const FREE_TRIES = 5;
const LONGEST_LOCK_MINUTES = 24 * 60;

export type User = {
  readonly userId: Id;
  readonly username: string;
  readonly name: string;
  readonly role: Role;
};

export type NewUser = {
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  /** The participant whose people they are; null works everywhere. */
  readonly participantId: Id | null;
};

/** Adds a person. The name they log in with is kept in lower case. */
export async function addUser(
  db: Kysely<Tables>,
  user: NewUser,
  actor: string,
): Promise<Result<User, 'nameTaken'>> {
  const row = {
    user_id: mintId(),
    username: user.username.toLowerCase(),
    name: user.name,
    role: user.role,
    participant_id: user.participantId,
    password_hash: await hash(user.password, COST),
  };
  const added = await db
    .insertInto('app_user')
    .values(row)
    .onConflict((c) => c.column('username').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return fail('nameTaken', { name: row.username });
  await audit(db, actor, 'user.added', row.username, { role: row.role });
  return ok({ userId: row.user_id, username: row.username, name: row.name, role: row.role });
}

/** Sets a new password and forgets the wrong tries. False when there is no such person. */
export async function resetPassword(
  db: Kysely<Tables>,
  username: string,
  password: string,
  actor: string,
): Promise<boolean> {
  const changed = await db
    .updateTable('app_user')
    .set({ password_hash: await hash(password, COST), failed_tries: 0, locked_until: null })
    .where('username', '=', username.toLowerCase())
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await audit(db, actor, 'user.passwordReset', username.toLowerCase());
  return true;
}

/** Blocks a person, or lets them in again. False when there is no such person. */
export async function setBlocked(
  db: Kysely<Tables>,
  username: string,
  blocked: boolean,
  actor: string,
): Promise<boolean> {
  const changed = await db
    .updateTable('app_user')
    .set({ status: blocked ? 'blocked' : 'active' })
    .where('username', '=', username.toLowerCase())
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await audit(db, actor, blocked ? 'user.blocked' : 'user.unblocked', username.toLowerCase());
  return true;
}

/** A hash nobody's password has: unknown names take as long as known ones. */
let decoy: Promise<string> | undefined;
const decoyHash = (): Promise<string> => (decoy ??= hash(mintId(), COST));

/**
 * Checks a password. The try is counted before it is checked, so that a hundred guesses at once count as a hundred;
 * the right password clears the count.
 */
export async function checkLogin(
  db: Kysely<Tables>,
  username: string,
  password: string,
): Promise<
  Result<User & { readonly participantId: Id | null }, 'loginWrong' | 'loginLocked' | 'userBlocked'>
> {
  const name = username.trim().toLowerCase();
  const counted = await db
    .updateTable('app_user')
    .set({
      failed_tries: sql`failed_tries + 1`,
      locked_until: sql`case when failed_tries + 1 >= ${FREE_TRIES}
        then now() + make_interval(mins => least(2 ^ least(failed_tries + 1 - ${FREE_TRIES}, 20), ${LONGEST_LOCK_MINUTES})::int) end`,
    })
    .where('username', '=', name)
    .where((where) =>
      where.or([where('locked_until', 'is', null), where('locked_until', '<=', sql<string>`now()`)]),
    )
    .returning(['user_id', 'username', 'name', 'role', 'status', 'participant_id', 'password_hash'])
    .executeTakeFirst();
  if (!counted) {
    const locked = await db
      .selectFrom('app_user')
      .select(sql<number>`ceil(extract(epoch from locked_until - now()) / 60)::int`.as('minutes'))
      .where('username', '=', name)
      .executeTakeFirst();
    if (locked) return fail('loginLocked', { minutes: Math.max(1, locked.minutes) });
    await verify(await decoyHash(), password);
    return fail('loginWrong');
  }
  if (!(await verify(counted.password_hash, password))) return fail('loginWrong');
  await db
    .updateTable('app_user')
    .set({ failed_tries: 0, locked_until: null, last_login_at: new Date().toISOString() })
    .where('user_id', '=', counted.user_id)
    .execute();
  if (counted.status === 'blocked') return fail('userBlocked');
  return ok({
    userId: counted.user_id,
    username: counted.username,
    name: counted.name,
    role: counted.role,
    participantId: counted.participant_id,
  });
}
