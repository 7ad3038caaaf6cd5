import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { openDatabase, type Database } from '../../server/db/database.ts';
import { addDevice, fillRegistry, type Fixture } from '../../server/testing/fixture.ts';
import type { TestKey } from '../../server/testing/device.ts';

/** A centre as a process of its own, with a bank, companies and accounts, for the benches. */
export type BenchCentre = {
  readonly url: string;
  readonly caFile: string;
  readonly pgUrl: string;
  readonly database: Database;
  readonly fixture: Fixture;
  readonly deviceId: string;
  readonly key: TestKey;
  readonly folder: string;
  stop(): Promise<void>;
};

/** Accounts on the lists, spread over the live companies. */
export const BENCH_ACCOUNTS = 20_000;

/** Starts a centre in a folder of its own under the system's temporary folder, durable as in production. */
export async function startBenchCentre(): Promise<BenchCentre> {
  const folder = mkdtempSync(join(tmpdir(), 'komis-bench-'));
  const child = spawn(
    process.execPath,
    [
      resolve(import.meta.dirname, '../../server/main.ts'),
      '--data-dir',
      folder,
      '--port',
      '0',
      '--log-level',
      'warn',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DATABASE_URL: undefined } },
  );
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  try {
    const ready = await firstLine(child.stdout, exited);
    const { pgUrl } = JSON.parse(readFileSync(join(folder, 'centre', 'runtime.json'), 'utf8')) as {
      pgUrl: string;
    }; // written by the centre
    const database = openDatabase(pgUrl, 2);
    const fixture = await fillRegistry(database);
    const { key } = await addDevice(database, fixture, 'WS01', ['counter', 'kiosk']);
    await database.pool.query(
      `insert into biller_account (biller_id, account, holder, address, phone, district, active, folded, bills, stated_total, as_of, payments_through, list_id)
       select case n % 2 when 0 then $1::uuid else $2::uuid end, to_char(n, 'FM1000000000'), 'Əliyev Vüqar', 'Bakı, Nizami 1', null, $3, true, 'eliyev vuqar baki',
         '[]', 0, now(), now(), gen_random_uuid() from generate_series(1, $4::int) n`,
      [fixture.electricity, fixture.water, fixture.district, BENCH_ACCOUNTS],
    );
    await database.pool.query('vacuum analyze');
    return {
      ...ready,
      pgUrl,
      database,
      fixture,
      deviceId: key.deviceId,
      key,
      folder,
      async stop() {
        await database.close();
        child.kill('SIGTERM');
        await exited;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function firstLine(
  output: NodeJS.ReadableStream,
  exited: Promise<void>,
): Promise<{ url: string; caFile: string }> {
  const lines = createInterface({ input: output });
  const line = await Promise.race([
    new Promise<string>((found) => lines.once('line', found)),
    exited.then(() => Promise.reject(new Error('the centre ended before it was ready'))),
  ]);
  return JSON.parse(line) as { url: string; caFile: string }; // the centre's ready line
}

/** An account that the bench centre knows. */
export function benchAccount(
  fixture: Fixture,
  n: number,
): { readonly billerId: string; readonly account: string } {
  const index = 1 + (n % BENCH_ACCOUNTS);
  return {
    billerId: index % 2 === 0 ? fixture.electricity : fixture.water,
    account: `1${String(index).padStart(9, '0')}`,
  };
}

/** A token of the bench device, by challenge and session as a workstation gets it. */
export async function benchToken(
  { url, deviceId, key }: BenchCentre,
  post: (url: string, body: string) => Promise<{ status: number; body: string }>,
): Promise<string> {
  const challenge = await post(`${url}/v1/device.challenge`, JSON.stringify({ deviceId }));
  const { nonce } = JSON.parse(challenge.body) as { nonce: string };
  const session = await post(
    `${url}/v1/device.session`,
    JSON.stringify({ deviceId, nonce, signature: key.signText(nonce) }),
  );
  return (JSON.parse(session.body) as { token: string }).token;
}
