import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Biller } from '../../contracts/domain.ts';
import { owedOn } from '../../contracts/rules/owed.ts';
import { createReplica } from '../../native-bridges/replica/replica.ts';
import type { Database } from '../../server/db/database.ts';
import { replicaEpoch } from '../../server/db/centre-meta.ts';
import { withTestDatabase } from '../../server/db/testing.ts';
import { STAGE_COLUMNS } from '../../server/exchange/stage-sql.ts';
import { testCompany } from '../../server/exchange/testing/company.ts';
import { viewAccount } from '../../server/registry/accounts.ts';
import { readBillers } from '../../server/registry/billers.ts';
import { mintId } from '../../server/registry/identity.ts';
import { replicaChanges } from '../../server/replica/changes.ts';
import { horizonPassed } from '../../server/testing/horizon.ts';

/**
 * What the centre says is owed and what a counter's replica makes of the centre's pages: the same figures once the
 * pages are in, and in between never a figure that was not true at some moment since the replica was last complete.
 * (But for an account that two lists changed meanwhile: pages hold rows as they are now, and the first of its changes
 * is never seen.)
 */

let database: Database;
let epoch: string;
let folder: string;

beforeAll(async () => {
  database = await withTestDatabase();
  epoch = await replicaEpoch(database.db);
  await database.pool.query(`create unlogged table ${STAGE} (${STAGE_COLUMNS})`);
  folder = mkdtempSync(join(tmpdir(), 'komis-figures-'));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const ACCOUNTS = ['11', '12', '13', '14'] as const;
const STAGE = 'figures_stage';

type Step =
  /** Paid (or, negative, cancelled) at another counter. */
  | { readonly kind: 'credit'; readonly account: number; readonly amount: number }
  | {
      readonly kind: 'list';
      readonly full: boolean;
      /** What the company says of each account: bills of so much, not on this list, or (a delta) removed. */
      readonly says: readonly (number | 'absent' | 'removed')[];
      /** Up to which of the credits so far it has counted: all but so many of the last ones. */
      readonly behind: number;
    }
  | { readonly kind: 'page' }
  | { readonly kind: 'pages' }
  /** The program starts anew; with `afresh` its cursor means nothing to the centre any more. */
  | { readonly kind: 'restart'; readonly afresh: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('credit' as const),
      account: fc.nat(ACCOUNTS.length - 1),
      amount: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: -300, max: -1 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      full: fc.boolean(),
      says: fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.integer({ min: 1, max: 5000 }) },
          { weight: 1, arbitrary: fc.constantFrom('absent' as const, 'removed' as const) },
        ),
        { minLength: ACCOUNTS.length, maxLength: ACCOUNTS.length },
      ),
      behind: fc.nat(3),
    }),
  },
  { weight: 6, arbitrary: fc.constant<Step>({ kind: 'page' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'pages' }) },
  { weight: 1, arbitrary: fc.boolean().map((afresh): Step => ({ kind: 'restart', afresh })) },
);

let serial = 0;

test('the counter’s figures are the centre’s, page by page and in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
      fc.integer({ min: 1, max: 2 }),
      async (steps, limit) => {
        serial += 1;
        const [biller] = await readBillers(database.db, (await testCompany(database)).billerId);
        if (!biller) throw new Error('it was just added');
        await play(biller, `Rayon ${serial}`, steps, limit);
      },
    ),
    { numRuns: 25, interruptAfterTimeLimit: 30_000 },
  );
});

async function play(biller: Biller, district: string, steps: readonly Step[], limit: number): Promise<void> {
  const place = join(folder, String(serial));
  const openReplica = () => createReplica({ folder: place, onUnreadable: (reason) => expect.fail(reason) });
  let replica = openReplica();
  let cursorLost = false;
  let complete = false;
  const postedAt: string[] = [];
  let through = '2026-01-01T00:00:00.000Z';
  let seq = 0;

  const atCentre = (): Promise<readonly string[]> =>
    Promise.all(
      ACCOUNTS.map(async (account) => {
        const { known, owed } = await viewAccount(database.db, biller, account);
        return known ? String(owed) : 'closed';
      }),
    );
  const atCounter = (): readonly string[] =>
    ACCOUNTS.map((account) => {
      const found = replica.account(biller.id, account);
      if (!found?.account.active) return 'closed';
      const { bills, paymentsThrough } = found.account;
      return String(owedOn(bills, found.credits, paymentsThrough).owed);
    });
  /** For each account, every figure that was true since the replica was last complete. */
  let true_: Set<string>[] = [];
  let listed = ACCOUNTS.map(() => 0);
  const note = async (): Promise<void> => {
    for (const [i, figure] of (await atCentre()).entries()) (true_[i] ??= new Set()).add(figure);
  };
  const page = async (): Promise<boolean> => {
    await horizonPassed(database); // other test files may write on the same server
    const cursor = cursorLost ? null : replica.cursor();
    const answer = await replicaChanges(database, epoch, district, cursor, limit);
    if (answer.restart) cursorLost = false;
    replica.apply(answer);
    if (!answer.more) {
      complete = true;
      true_ = [];
      listed = ACCOUNTS.map(() => 0);
      await note();
    }
    return answer.more;
  };

  await list(
    biller,
    district,
    true,
    ACCOUNTS.map(() => 1000),
    through,
    (seq += 1),
  );
  for (const one of steps) {
    if (one.kind === 'credit') postedAt.push(await credit(biller.id, district, one.account, one.amount));
    else if (one.kind === 'list') {
      // A company never goes back behind what its last list had counted.
      const candidate = postedAt.at(-1 - one.behind) ?? through;
      through = candidate > through ? candidate : through;
      await list(biller, district, one.full, one.says, through, (seq += 1));
      listed = listed.map((times, i) => times + Number(one.full || one.says[i] !== 'absent'));
    } else if (one.kind === 'page') await page();
    else if (one.kind === 'pages') while (await page());
    else {
      replica.close();
      replica = openReplica();
      cursorLost ||= one.afresh;
    }
    await note();
    if (complete)
      for (const [i, shown] of atCounter().entries())
        if ((listed[i] ?? 0) < 2)
          expect([...(true_[i] ?? [])], `account ${ACCOUNTS[i]} after ${one.kind}`).toContain(shown);
  }
  while (await page());
  expect(atCounter()).toEqual(await atCentre());
  replica.close();
}

async function credit(billerId: string, district: string, account: number, amount: number): Promise<string> {
  const { rows } = await database.pool.query<{ posted_at: string }>(
    `insert into payment_line (line_id, payment_id, line_no, biller_id, account, district, amount, fee, placed, posted_at)
     values ($1, $2, 1, $3, $4, $5, $6, 0, 'payable', date_trunc('milliseconds', clock_timestamp())) returning posted_at`,
    [mintId(), mintId(), billerId, ACCOUNTS[account], district, amount],
  );
  return rows[0]?.posted_at ?? '';
}

/** Takes a list in as the exchange does, from a stage of its own. */
async function list(
  biller: Biller,
  district: string,
  full: boolean,
  says: readonly (number | 'absent' | 'removed')[],
  through: string,
  seq: number,
): Promise<void> {
  await database.pool.query(`delete from ${STAGE}`);
  for (const [i, said] of says.entries()) {
    if (said === 'absent' || (said === 'removed' && full)) continue;
    const bills =
      said === 'removed'
        ? []
        : [{ billNo: `B${seq}-${i}`, period: '2026-10', amount: said, dueDate: '2026-11-25' }];
    await database.pool.query(
      `insert into ${STAGE} values ($1, 0, $2, 1, $3, 'Əliyev Vüqar', 'Bakı', $4, null, 'eliyev vuqar baki', $5, $6)`,
      [
        said === 'removed' ? 'r' : 'u',
        i,
        ACCOUNTS[i],
        district,
        JSON.stringify(bills),
        said === 'removed' ? 0 : said,
      ],
    );
  }
  await database.pool.query('select list_merge($1, $2, $3, $4, $5, $5, $6, $7, false, false)', [
    STAGE,
    biller.id,
    mintId(),
    full ? 'full' : 'delta',
    through,
    seq,
    says.length,
  ]);
}
