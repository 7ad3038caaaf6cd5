import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { isAlive } from './data-folder.ts';
import { openDatabase } from './db/database.ts';
import { verifyLedger } from './ledger/verify.ts';
import { addDevice, fillRegistry, putAccount } from './testing/fixture.ts';
import { testJournal, testPayment, testShift, type TestKey } from './testing/device.ts';

/** The centre as a process of its own, with its embedded database, on a folder that outlives it. */
type Running = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ca: string;
  readonly pgUrl: string;
  readonly exited: Promise<number | null>;
};

/** When the test's process is killed, its centres are asked to stop. */
const guard = ['--import', new URL('../scripts/orphan-guard.mjs', import.meta.url).href];

// Whole programs are started many times here, on machines that may have better things to do.
vi.setConfig({ testTimeout: 240_000 });

const started = new Set<Running>();
const folders: string[] = [];
afterEach(async () => {
  for (const { child, exited } of started) {
    child.kill('SIGTERM');
    await exited;
  }
  started.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'komis-kill-'));
  folders.push(folder);
  return folder;
}

function launch(folder: string): {
  child: ChildProcess;
  line: Promise<string | undefined>;
  exited: Promise<number | null>;
} {
  const child = spawn(
    process.execPath,
    [
      ...guard,
      join(import.meta.dirname, 'main.ts'),
      '--data-dir',
      folder,
      '--port',
      '0',
      '--log-level',
      'fatal',
    ],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, DATABASE_URL: undefined },
    },
  );
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const lines = createInterface({ input: child.stdout });
  const line = Promise.race([
    new Promise<string>((found) => lines.once('line', found)),
    exited.then(() => undefined),
  ]);
  return { child, line, exited };
}

async function start(folder: string): Promise<Running> {
  const { child, line, exited } = launch(folder);
  const ready = JSON.parse((await line) ?? '{}') as { url: string; caFile: string };
  const { pgUrl } = JSON.parse(readFileSync(join(folder, 'centre', 'runtime.json'), 'utf8')) as {
    pgUrl: string;
  };
  const running = { child, url: ready.url, ca: readFileSync(ready.caFile, 'utf8'), pgUrl, exited };
  started.add(running);
  return running;
}

function post(
  centre: Running,
  method: string,
  input: unknown,
  token?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((done, failed) => {
    const agent = new Agent({ ca: centre.ca });
    const call = request(
      `${centre.url}/v1/${method}`,
      { method: 'POST', agent, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('error', failed);
        response.once('end', () =>
          done({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
        );
      },
    );
    call.once('error', failed);
    call.end(JSON.stringify(input));
  });
}

async function session(centre: Running, key: TestKey): Promise<string> {
  const { nonce } = (await post(centre, 'device.challenge', { deviceId: key.deviceId })).body as {
    nonce: string;
  };
  return (
    await post(centre, 'device.session', { deviceId: key.deviceId, nonce, signature: key.signText(nonce) })
  ).body['token'] as string;
}

test('killed at any moment while batches come in: what it acknowledged is there, nothing is doubled, and it starts again', async () => {
  const folder = newFolder();
  let centre = await start(folder);
  const registry = openDatabase(centre.pgUrl, 2);
  const fixture = await fillRegistry(registry);
  await putAccount(registry, { billerId: fixture.electricity, account: '1', district: fixture.district });
  const { device, key } = await addDevice(registry, fixture, 'WS01');
  await registry.close();
  const journal = testJournal(key);
  const shift = testShift();
  for (let i = 0; i < 240; i += 1)
    journal.append(
      'payment.accepted',
      testPayment(shift, [{ billerId: fixture.electricity, account: '1', amount: 100 + i, fee: 1 }]),
    );

  let acknowledged = 0;
  let kills = 0;
  while (acknowledged < journal.entries.length) {
    const token = await session(centre, key);
    const state = await post(centre, 'device.state', {}, token);
    const through = state.body['acknowledgedThrough'] as number;
    // What was acknowledged before the kill must have survived it; more may have been taken without an answer.
    expect(through).toBeGreaterThanOrEqual(acknowledged);
    acknowledged = through;
    const killing = kills < 6 ? sleep(5 + 23 * kills).then(() => centre.child.kill('SIGKILL')) : undefined;
    try {
      while (acknowledged < journal.entries.length) {
        const pushed = await post(
          centre,
          'journal.push',
          { entries: journal.entries.slice(acknowledged, acknowledged + 7) },
          token,
        );
        expect(pushed.status).toBe(200);
        acknowledged = pushed.body['acknowledgedThrough'] as number;
      }
    } catch (error) {
      if (killing === undefined) throw error;
    }
    await killing;
    if (killing) {
      kills += 1;
      await centre.exited;
      started.delete(centre);
      centre = await start(folder);
    }
  }
  expect(kills).toBeGreaterThan(1);
  const database = openDatabase(centre.pgUrl, 2);
  const proof = await verifyLedger(database);
  expect(proof.checks.flatMap(({ findings }) => findings)).toEqual([]);
  const { rows } = await database.pool.query<{ n: number; total: number }>(
    'select count(*) as n, sum(total)::bigint as total from payment where device_id = $1',
    [device.deviceId],
  );
  expect(rows[0]).toEqual({
    n: 240,
    total: Array.from({ length: 240 }, (_, i) => 101 + i).reduce((a, b) => a + b, 0),
  });
  await database.close();
});

test('a killed centre leaves no database running, and one folder has one centre', async () => {
  const folder = newFolder();
  const centre = await start(folder);
  const pid = Number(readFileSync(join(folder, 'centre', 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
  expect(isAlive(pid)).toBe(true);
  const second = launch(folder);
  expect(await second.line).toBeUndefined();
  expect(await second.exited).toBe(3);
  expect(isAlive(pid)).toBe(true);
  centre.child.kill('SIGKILL');
  await centre.exited;
  started.delete(centre);
  for (let i = 0; isAlive(pid) && i < 500; i += 1) await sleep(20);
  expect(isAlive(pid)).toBe(false);
  const again = await start(folder);
  expect((await post(again, 'receipts.verify', { code: 'x'.repeat(20) })).status).toBe(200);
});

test('a centre whose database is killed ends too, says so by its exit code, and starts again with everything', async () => {
  const folder = newFolder();
  const centre = await start(folder);
  const pid = Number(readFileSync(join(folder, 'centre', 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const before = openDatabase(centre.pgUrl, 1);
  await fillRegistry(before);
  await before.close();
  process.kill(pid, 'SIGKILL');
  expect(await centre.exited).toBe(70);
  started.delete(centre);
  const again = await start(folder);
  const after = openDatabase(again.pgUrl, 1);
  expect((await after.db.selectFrom('biller').select('code').execute()).length).toBe(3);
  await after.close();
});

test('of several starters at once exactly one gets the folder', async () => {
  const folder = newFolder();
  const starters = Array.from({ length: 3 }, () => launch(folder));
  const lines = await Promise.all(starters.map(({ line }) => line));
  expect(lines.filter((line) => line !== undefined)).toHaveLength(1);
  for (const { child, exited } of starters) {
    child.kill('SIGTERM');
    await exited;
  }
});

test('stopping answers what is under way first; secrets are for their owner only', async () => {
  const folder = newFolder();
  const centre = await start(folder);
  for (const file of ['runtime.json', 'pg-password', 'certs/ca-key.pem', 'certs/server-key.pem']) {
    expect(statSync(join(folder, 'centre', file)).mode & 0o077, file).toBe(0);
  }
  const answers = Promise.all(
    Array.from({ length: 20 }, () => post(centre, 'receipts.verify', { code: 'x'.repeat(20) })),
  );
  await sleep(15);
  centre.child.kill('SIGTERM');
  const settled = await answers.then(
    (all) => all.map(({ status }) => status),
    (error: NodeJS.ErrnoException) => error.code,
  );
  // A request that had reached the centre is answered; one that had not is refused by a closed door.
  if (Array.isArray(settled)) expect(new Set(settled)).toEqual(new Set([200]));
  else expect(['ECONNREFUSED', 'ECONNRESET']).toContain(settled);
  expect(await centre.exited).toBe(0);
  started.delete(centre);
});
