import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import pg from 'pg';
import { pushJournal } from '../intake/journal-push.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { appendSale, testCardSale } from '../testing/cards.ts';
import { testJournal, testPayment, testShift, testStorno } from '../testing/device.ts';
import { addDevice, fillRegistry, putAccount } from '../testing/fixture.ts';
import { openDatabase, withDatabaseName } from './database.ts';
import { migrate } from './migrate.ts';
import { testServerUrl, withTestDatabase } from './testing.ts';

test('two starters at once apply every migration and function exactly once between them', async () => {
  const server = await testServerUrl();
  const name = `m_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  try {
    const url = withDatabaseName(server, name);
    const [a, b, c] = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    const applied = [...a.migrations, ...b.migrations, ...c.migrations].sort();
    expect(applied.length).toBeGreaterThan(2);
    expect(new Set(applied).size).toBe(applied.length);
    const again = await migrate(url);
    expect(again).toEqual({ migrations: [], functions: [] });
  } finally {
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
});

test('a database from before card payments is brought up to date with its books as they are', async () => {
  const server = await testServerUrl();
  const name = `m_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = withDatabaseName(server, name);
  const older = await mkdtemp(join(tmpdir(), 'komis-migrate-'));
  try {
    await cp(import.meta.dirname, older, {
      recursive: true,
      filter: (path) => !path.includes('0012-card-attempts'),
    });
    expect((await migrate(url, older)).migrations).not.toContain('0012-card-attempts');
    const database = openDatabase(url);
    try {
      const fixture = await fillRegistry(database);
      await putAccount(database, { billerId: fixture.electricity, account: '1', district: fixture.district });
      const before = await addDevice(database, fixture, 'WS01');
      const shift = testShift();
      const journal = testJournal(before.key);
      const lines = [{ billerId: fixture.electricity, account: '1', amount: 500 }];
      const paid = testPayment(shift, lines);
      journal.append('payment.accepted', paid);
      expect((await pushJournal(database, before.device, journal.entries)).ok).toBe(true);

      expect((await migrate(url)).migrations).toEqual(['0012-card-attempts']);
      appendSale(journal, testCardSale(shift, lines, 100));
      journal.append('payment.stornoed', testStorno(shift, paid));
      const pushed = await pushJournal(database, before.device, journal.entries);
      expect(pushed.ok && pushed.value.outcomes.map(({ outcome }) => outcome)).toEqual([
        'posted',
        'recorded',
        'recorded',
        'recorded',
        'posted',
        'posted',
      ]);
      const proof = await verifyLedger(database);
      expect(proof.checks.flatMap(({ findings }) => findings)).toEqual([]);
    } finally {
      await database.close();
    }
  } finally {
    await rm(older, { recursive: true });
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
});

test('no card number that is not masked gets into the table of attempts', async () => {
  const database = await withTestDatabase();
  try {
    const keep = (pan: string) =>
      database.pool.query(
        `insert into card_attempt (device_id, attempt_id, participant_id, kind, amount, masked_pan)
         values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'sale', 1, $1)`,
        [pan],
      );
    await keep('416973******1234');
    for (const pan of ['4169731234561234', '4169731*****1234', '416973******12345', '416973 ****** 1234'])
      await expect(keep(pan)).rejects.toThrow('card_attempt_masked_pan_check');
  } finally {
    await database.close();
  }
});
