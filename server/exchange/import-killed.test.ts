import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTestDatabase } from '../db/testing.ts';
import type { Database } from '../db/database.ts';
import { fingerprint, importFile, testCompany } from './testing/company.ts';
import { accountText, listText, testFolder } from './testing/list-files.ts';

let database: Database;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  [database, folder] = await Promise.all([withTestDatabase(), testFolder()]);
});
afterAll(async () => {
  await database.close();
  await folder.remove();
});

const RECORDS = 60_000;

test.each(['copy list_stage', 'list_merge'])(
  'an importer killed during %s leaves nothing behind, and the list is taken afterwards',
  async (step) => {
    const company = await testCompany(database);
    const list = (seq: number, amount: string) =>
      folder.write(
        `list-${seq}.xml`,
        listText(Array.from({ length: RECORDS }, (_, i) => accountText(i + 1, amount)).join(''), {
          company: company.code,
          seq,
          records: RECORDS,
        }),
      );
    expect((await importFile(database, company, await list(1, '1.00'))).outcome.ok).toBe(true);
    const before = await fingerprint(database, company);

    const path = await list(2, '2.00');
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'testing/import-child.ts'), database.url, path, company.code],
      { stdio: 'ignore' },
    );
    const exited = once(child, 'exit');
    const running = async (): Promise<boolean> =>
      (
        await database.pool.query(
          `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query like $1`,
          [`%${step}%`],
        )
      ).rowCount !== 0;
    for (
      const end = performance.now() + 30_000;
      performance.now() < end && child.exitCode === null && !(await running());
    )
      await sleep(2);
    child.kill('SIGKILL');
    await exited;
    expect(child.signalCode).toBe('SIGKILL');

    // The next import waits until the database has noticed.
    const again = await importFile(database, company, path);
    expect(again.outcome).toMatchObject({
      ok: true,
      value: { repeated: false, counts: { updated: RECORDS } },
    });
    expect(await fingerprint(database, company)).toMatchObject({ applied: 2, stages: 0 });
    expect(before).toMatchObject({ applied: 1, stages: 0 });
  },
  120_000,
);
