import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type pg from 'pg';
import { replicaEpoch } from '../db/centre-meta.ts';
import type { Database } from '../db/database.ts';
import { withTestDatabase } from '../db/testing.ts';
import { mintId } from '../registry/identity.ts';
import { fillRegistry, putAccount, type Fixture } from '../testing/fixture.ts';
import { horizonPassed } from '../testing/horizon.ts';
import { replicaChanges, type ReplicaChanges } from './changes.ts';
import { cursorAt, decodeCursor, encodeCursor } from './cursor.ts';

let database: Database;
let fixture: Fixture;
let epoch: string;

beforeAll(async () => {
  database = await withTestDatabase();
  fixture = await fillRegistry(database);
  epoch = await replicaEpoch(database.db);
});
afterAll(() => database.close());

/** A replica in memory: what a workstation keeps of the pages. */
function replica(district: string, limit: number) {
  const accounts = new Map<string, { asOf: string; active: boolean }>();
  const credits = new Map<string, number>();
  const subscribers = new Map<string, string>();
  let cursor: string | null = null;
  const apply = (page: ReplicaChanges): void => {
    if (page.restart) for (const kept of [accounts, credits, subscribers]) kept.clear();
    for (const { billerId, account, asOf, active } of page.accounts)
      accounts.set(`${billerId} ${account}`, { asOf, active });
    for (const { lineId, amount } of page.credits) credits.set(lineId, amount);
    for (const { subscriberId, name } of page.subscribers) subscribers.set(subscriberId, name);
    ({ cursor } = page);
  };
  return {
    accounts,
    credits,
    subscribers,
    /** Reads pages to the end; gives the last one. */
    async catchUp(): Promise<ReplicaChanges> {
      for (;;) {
        const page = await replicaChanges(database, epoch, district, cursor, limit);
        expect(page.cursor.length).toBeLessThanOrEqual(200);
        apply(page);
        if (!page.more) return page;
      }
    },
  };
}

const insertCredit = (client: pg.ClientBase, lineId: string, account: string, district: string) =>
  client.query(
    `insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, placed, posted_at)
     values ($1, $2, 1, $3, $4, $5, 100, 0, 'payable', date_trunc('milliseconds', clock_timestamp()))`,
    [lineId, mintId(), fixture.electricity, account, district],
  );

const insertSubscriber = (client: pg.ClientBase, id: string, district: string) =>
  client.query(
    `insert into subscriber (subscriber_id, code, name, address, language, district, registered_at) values ($1, $2, $3, '', 'az', $4, now())`,
    [id, String(serial).padStart(10, '0'), `Abunəçi ${serial}`, district],
  );

let serial = 0;

/** One step of the generator: a writer begins and writes, or ends; or the reader catches up. */
type Step =
  | {
      readonly kind: 'write';
      readonly writer: number;
      readonly what: 'credit' | 'subscriber' | 'account' | 'rename';
    }
  | { readonly kind: 'end'; readonly writer: number; readonly commit: boolean }
  | { readonly kind: 'read' };

const WRITERS = 4;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      writer: fc.nat(WRITERS - 1),
      what: fc.constantFrom('credit', 'subscriber', 'account', 'rename'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      writer: fc.nat(WRITERS - 1),
      commit: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'read' as const }) },
);

test('whatever commits in whatever order, a replica that keeps asking misses nothing and is right about when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.integer({ min: 1, max: 7 }),
      async (steps, limit) => {
        const district = `Rayon ${(serial += 1)}`;
        const copy = replica(district, limit);
        const clients = await Promise.all(Array.from({ length: WRITERS }, () => database.pool.connect()));
        const open = new Map<number, string[]>();
        const committed: { at: number; ids: readonly string[] }[] = [];
        try {
          for (const one of steps) {
            if (one.kind === 'read') {
              const page = await copy.catchUp();
              for (const { at, ids } of committed.filter(({ at }) => at < Date.parse(page.trueAt))) {
                for (const id of ids)
                  expect(
                    copy.credits.has(id) || copy.subscribers.has(id) || copy.accounts.has(id),
                    `${id} committed at ${at}`,
                  ).toBe(true);
              }
              continue;
            }
            const client = clients[one.writer];
            if (!client) continue;
            if (one.kind === 'end') {
              const ids = open.get(one.writer);
              if (!ids) continue;
              await client.query(one.commit ? 'commit' : 'rollback');
              open.delete(one.writer);
              const { rows } = await database.pool.query<{ at: string }>('select clock_timestamp() as at');
              if (one.commit) committed.push({ at: Date.parse(rows[0]?.at ?? ''), ids });
              continue;
            }
            if (!open.has(one.writer)) {
              await client.query('begin');
              open.set(one.writer, []);
            }
            open.get(one.writer)?.push(await write(client, district, one.what));
          }
        } finally {
          for (const [writer] of open) await clients[writer]?.query('rollback');
          for (const client of clients) client.release();
        }
        await horizonPassed(database);
        await copy.catchUp();
        const { rows: credits } = await database.pool.query<{ line_id: string; amount: number }>(
          'select line_id, amount from payment_line where district = $1',
          [district],
        );
        expect(new Map(credits.map((row) => [row.line_id, row.amount]))).toEqual(copy.credits);
        const { rows: subscribers } = await database.pool.query<{ subscriber_id: string; name: string }>(
          'select subscriber_id, name from subscriber where district = $1',
          [district],
        );
        expect(new Map(subscribers.map((row) => [row.subscriber_id, row.name]))).toEqual(copy.subscribers);
        const { rows: accounts } = await database.pool.query<{ key: string; as_of: string; active: boolean }>(
          `select biller_id || ' ' || account as key, as_of, active from biller_account where district = $1`,
          [district],
        );
        expect(new Map(accounts.map((row) => [row.key, { asOf: row.as_of, active: row.active }]))).toEqual(
          copy.accounts,
        );
      },
    ),
    { numRuns: 25 },
  );
}, 240_000);

/** Writes one row in the client's transaction and gives its id as the replica knows it. */
async function write(
  client: pg.PoolClient,
  district: string,
  what: 'credit' | 'subscriber' | 'account' | 'rename',
): Promise<string> {
  serial += 1;
  const id = mintId();
  if (what === 'credit') await insertCredit(client, id, `5${serial}`, district);
  else if (what === 'account') {
    await client.query(
      `insert into biller_account (biller_id, account, holder, address, district, folded, bills, stated_total, as_of, payments_through, list_id)
       values ($1, $2, 'X', 'Y', $3, 'x y', '[]', 0, '2026-01-01', '2026-01-01', $4)`,
      [fixture.electricity, `A${serial}`, district, id],
    );
    return `${fixture.electricity} A${serial}`;
  } else {
    await insertSubscriber(client, id, district);
    if (what === 'rename')
      await client.query('update subscriber set name = name || $2 where subscriber_id = $1', [id, ' yeni']);
  }
  return id;
}

test('credits that the list already counts stay away; a storno and its later credit come', async () => {
  const copy = replica('Xətai', 100);
  const account = 'K1';
  await putAccount(database, {
    billerId: fixture.electricity,
    account,
    district: 'Xətai',
    paymentsThrough: '2026-06-01T00:00:00.000Z',
  });
  const insert = (lineId: string, at: string, amount: number) =>
    database.pool.query(
      `insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, placed, posted_at) values ($1, $2, 1, $3, $4, 'Xətai', $5, 0, 'payable', $6)`,
      [lineId, mintId(), fixture.electricity, account, amount, at],
    );
  const [old, same, fresh] = [mintId(), mintId(), mintId()];
  await insert(old, '2026-05-01T00:00:00Z', 100);
  await insert(same, '2026-06-01T00:00:00Z', 100);
  await insert(fresh, '2026-06-01T00:00:00.001Z', -100);
  await horizonPassed(database);
  await copy.catchUp();
  expect([...copy.credits]).toEqual([[fresh, -100]]);
});

test('an account that moves takes its credits along, and one that appears on a list later too', async () => {
  await putAccount(database, { billerId: fixture.electricity, account: 'M1', district: 'Binəqədi' });
  const there = replica('Suraxanı', 100);
  await there.catchUp();
  const [moved, unknown] = [mintId(), mintId()];
  for (const [lineId, account] of [
    [moved, 'M1'],
    [unknown, 'M2'],
  ]) {
    await database.pool.query(
      `insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, placed, posted_at) values ($1, $2, 1, $3, $4, 'Binəqədi', 100, 0, 'payable', now())`,
      [lineId, mintId(), fixture.electricity, account],
    );
  }
  await putAccount(database, { billerId: fixture.electricity, account: 'M1', district: 'Suraxanı' });
  await putAccount(database, { billerId: fixture.electricity, account: 'M2', district: 'Suraxanı' });
  await horizonPassed(database);
  await there.catchUp();
  expect([...there.credits.keys()].sort()).toEqual([moved, unknown].sort());
  expect(there.accounts.get(`${fixture.electricity} M1`)?.active).toBe(true);
});

test('a cursor of another database, of the future, or of nobody starts afresh', async () => {
  const first = await replicaChanges(database, epoch, fixture.district, null, 1000);
  expect(first.restart).toBe(true);
  const next = await replicaChanges(database, epoch, fixture.district, first.cursor, 1000);
  expect(next.restart).toBe(false);
  for (const cursor of [
    '',
    'nonsense',
    encodeCursor(cursorAt('000000000000', '5')),
    encodeCursor(cursorAt(epoch, '99999999999')),
  ]) {
    expect((await replicaChanges(database, epoch, fixture.district, cursor, 1000)).restart, cursor).toBe(
      true,
    );
  }
});

test('after a restore the epoch changes and rows of the old count are numbered anew', async () => {
  const own = await withTestDatabase();
  try {
    const first = await replicaEpoch(own.db);
    expect(await replicaEpoch(own.db)).toBe(first);
    await own.pool
      .query(`insert into subscriber (subscriber_id, code, name, address, language, district, registered_at, changed_xid)
      values (gen_random_uuid(), '0000000001', 'Köhnə', '', 'az', 'X', now(), '900000000000')`);
    await own.pool.query(`update centre_meta set value = 'ffffffffffff' where name = 'replicaEpoch'`);
    expect(await replicaEpoch(own.db)).toBe(first);
    await horizonPassed(own);
    const page = await replicaChanges(own, first, 'X', null, 10);
    expect(page.subscribers.map(({ name }) => name)).toEqual(['Köhnə']);
  } finally {
    await own.close();
  }
});

test('a database put back as it was is noticed though its numbers have gone on since: the replica starts afresh', async () => {
  const own = await withTestDatabase();
  try {
    const known = await replicaEpoch(own.db);
    const ask = (cursor: string) => replicaChanges(own, known, 'X', cursor, 10);
    const seal = (hash: string) =>
      own.pool.query(
        `insert into ledger_block (seq, block_id, prev_hash, hash, journals, sealed_at)
         select coalesce(max(seq), 0) + 1, gen_random_uuid(), '', $1, 1, now() from ledger_block`,
        [hash],
      );
    await seal('a'.repeat(64));
    const before = await replicaChanges(own, known, 'X', null, 10);
    expect((await ask(before.cursor)).restart).toBe(false);
    await seal('b'.repeat(64));
    const after = await ask(before.cursor);
    expect([after.restart, (await ask(after.cursor)).restart]).toEqual([false, false]);
    await own.pool.query('alter table ledger_block disable trigger all');
    await own.pool.query('delete from ledger_block where seq = 2');
    expect((await ask(before.cursor)).restart).toBe(false);
    expect((await ask(after.cursor)).restart).toBe(true);
    await seal('c'.repeat(64));
    await seal('d'.repeat(64));
    expect((await ask(before.cursor)).restart).toBe(false);
    expect((await ask(after.cursor)).restart).toBe(true);
  } finally {
    await own.close();
  }
});

test('a workstation whose branch moves to another district starts afresh there', async () => {
  const here = await replicaChanges(database, epoch, 'Sabunçu', null, 10);
  expect((await replicaChanges(database, epoch, 'Sabunçu', here.cursor, 10)).restart).toBe(false);
  expect((await replicaChanges(database, epoch, 'Nizami', here.cursor, 10)).restart).toBe(true);
});

test('a cursor says the same after it was written and read', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.nat(),
      fc.uuid(),
      fc.uuid(),
      fc.option(fc.nat({ max: 10 ** 15 - 1 }), { nil: undefined }),
      fc.boolean(),
      (xid, chunk, line, subscriber, seq, loading) => {
        const cursor = {
          epoch: '0123456789ab',
          accounts: [String(xid), chunk],
          credits: [String(xid), line],
          subscribers: ['7', subscriber],
          ...(loading ? { loading } : {}),
          ...(seq === undefined ? {} : { block: { seq, hash: 'fedcba987654' } }),
        } as const;
        expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
        expect(encodeCursor(cursor).length).toBeLessThanOrEqual(200);
      },
    ),
  );
});
