import { sql, type Kysely } from 'kysely';
import { SUBSCRIBER_ACCOUNTS_MAX } from '../../contracts/domain.ts';
import type { EntryBody, EntryPayload } from '../../contracts/journal.ts';
import type { Tables } from '../db/tables.ts';
import type { Device } from '../registry/workstations.ts';

/** Why an entry about a subscriber could not be carried out; null when it was. A person looks at it then. */
export type Refusal =
  'codeNotLeased' | 'codeTaken' | 'subscriberUnknown' | 'billerUnknown' | 'tooManyAccounts' | null;

/** Carries out what a workstation recorded about subscribers. Entries of other types are none of its business. */
export async function applyRegistryEntry(
  db: Kysely<Tables>,
  device: Device,
  body: EntryBody,
): Promise<Refusal> {
  switch (body.type) {
    case 'subscriber.registered':
      return register(db, device, body.payload, body.wallTime);
    case 'subscriber.accountBound':
      return bind(db, body.payload, body.wallTime);
    case 'subscriber.accountUnbound':
      return unbind(db, body.payload);
    default:
      return null;
  }
}

async function register(
  db: Kysely<Tables>,
  device: Device,
  subscriber: EntryPayload<'subscriber.registered'>,
  at: string,
): Promise<Refusal> {
  const serial = Number(subscriber.code.slice(0, 9));
  const leased = await db
    .selectFrom('code_block')
    .select('lease_id')
    .where('device_id', '=', device.deviceId)
    .where('first_serial', '<=', serial)
    .where('last_serial', '>=', serial)
    .executeTakeFirst();
  if (!leased) return 'codeNotLeased';
  const added = await db
    .insertInto('subscriber')
    .values({
      subscriber_id: subscriber.subscriberId,
      code: subscriber.code,
      name: subscriber.name,
      address: subscriber.address,
      phone: subscriber.phone,
      email: subscriber.email,
      language: subscriber.language,
      district: device.district,
      device_id: device.deviceId,
      registered_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) {
    const same = await db
      .selectFrom('subscriber')
      .select('code')
      .where('subscriber_id', '=', subscriber.subscriberId)
      .executeTakeFirst();
    if (same?.code !== subscriber.code) return 'codeTaken';
  }
  let refusal: Refusal = null;
  for (const account of subscriber.accounts) {
    refusal = (await bindOne(db, subscriber.subscriberId, account, at)) ?? refusal;
  }
  return refusal;
}

async function bind(
  db: Kysely<Tables>,
  binding: EntryPayload<'subscriber.accountBound'>,
  at: string,
): Promise<Refusal> {
  if (!(await touch(db, binding))) return 'subscriberUnknown';
  return bindOne(db, binding.subscriberId, binding, at);
}

async function unbind(
  db: Kysely<Tables>,
  binding: EntryPayload<'subscriber.accountUnbound'>,
): Promise<Refusal> {
  if (!(await touch(db, binding))) return 'subscriberUnknown';
  await db
    .deleteFrom('subscriber_account')
    .where('subscriber_id', '=', binding.subscriberId)
    .where('biller_id', '=', binding.billerId)
    .where('account', '=', binding.account)
    .execute();
  return null;
}

type Binding = { readonly billerId: string; readonly account: string; readonly label: string };

async function bindOne(
  db: Kysely<Tables>,
  subscriberId: string,
  { billerId, account, label }: Binding,
  at: string,
): Promise<Refusal> {
  const { rows } = await sql<{ known: boolean; bound: boolean; count: number }>`select
      exists (select from biller where biller_id = ${billerId}) as known,
      coalesce(bool_or(biller_id = ${billerId} and account = ${account}), false) as bound, count(*) as count
    from subscriber_account where subscriber_id = ${subscriberId}`.execute(db);
  const [held] = rows;
  if (!held?.known) return 'billerUnknown';
  // More than the contract carries would stop the replicas of the whole district.
  if (!held.bound && held.count >= SUBSCRIBER_ACCOUNTS_MAX) return 'tooManyAccounts';
  await sql`insert into subscriber_account (subscriber_id, biller_id, account, label, bound_at)
    values (${subscriberId}, ${billerId}, ${account}, ${label}, ${at})
    on conflict (subscriber_id, biller_id, account) do update set label = excluded.label`.execute(db);
  return null;
}

/** Marks the subscriber as changed, so that replicas take it again. False when there is none with this id and code. */
async function touch(
  db: Kysely<Tables>,
  { subscriberId, code }: { subscriberId: string; code: string },
): Promise<boolean> {
  const touched = await db
    .updateTable('subscriber')
    .set({ code })
    .where('subscriber_id', '=', subscriberId)
    .where('code', '=', code)
    .executeTakeFirst();
  return touched.numUpdatedRows === 1n;
}
