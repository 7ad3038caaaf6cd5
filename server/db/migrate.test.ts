import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import pg from 'pg';
import { withDatabaseName } from './database.ts';
import { migrate } from './migrate.ts';
import { testServerUrl } from './testing.ts';

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
