import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { openDatabase, type Database } from '../../server/db/database.ts';
import { addDevice, fillRegistry, type Fixture } from '../../server/testing/fixture.ts';
import type { TestKey } from '../../server/testing/device.ts';
import type { Load, LoadResult } from './https-load.ts';
import { BENCH_FUNCTION } from './pgbench.ts';

/** A centre as a process of its own, with a bank, companies and accounts, for the benches. */
export type BenchCentre = {
  readonly url: string;
  readonly caFile: string;
  readonly pgUrl: string;
  readonly database: Database;
  readonly fixture: Fixture;
  readonly folder: string;
  /** Enrols one more workstation that may use the counter and the kiosk channel. */
  addDevice(code: string): Promise<TestKey>;
  /** A bearer token, by challenge and session as a workstation gets it. */
  token(key: TestKey): Promise<string>;
  /** Sends bodies to a method from another process, so many in flight; throws unless every answer is 200. */
  load(method: string, token: string, bodies: readonly string[], inFlight: number): Promise<LoadResult>;
  stop(): Promise<void>;
};

/** Accounts on the lists, spread over the live companies. */
export const BENCH_ACCOUNTS = 20_000;

/** Starts a centre in a folder of its own under the system's temporary folder, durable as in production. */
export async function startBenchCentre(): Promise<BenchCentre> {
  const folder = mkdtempSync(join(tmpdir(), 'komis-bench-'));
  const main = resolve(import.meta.dirname, '../../server/main.ts');
  // When this bench is killed, its centre is asked to stop.
  const guard = ['--import', new URL('../../scripts/orphan-guard.mjs', import.meta.url).href];
  const child = spawn(
    process.execPath,
    [...guard, main, '--data-dir', folder, '--port', '0', '--log-level', 'warn'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DATABASE_URL: undefined },
    },
  );
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { url, caFile } = await firstLine(child.stdout, exited);
    const runtime = readFileSync(join(folder, 'centre', 'runtime.json'), 'utf8');
    const { pgUrl } = JSON.parse(runtime) as { pgUrl: string }; // written by the centre
    const database = openDatabase(pgUrl, 2);
    const fixture = await fillRegistry(database);
    await fillAccounts(database, fixture);
    await database.pool.query(BENCH_FUNCTION);
    await database.pool.query('vacuum analyze');
    const ca = readFileSync(caFile, 'utf8');
    return {
      url,
      caFile,
      pgUrl,
      database,
      fixture,
      folder,
      addDevice: async (code) => (await addDevice(database, fixture, code, ['counter', 'kiosk'])).key,
      token: (key) => sessionToken(url, ca, key),
      load: (method, token, bodies, inFlight) =>
        sendAll(folder, { url: `${url}/v1/${method}`, ca, token, bodies, inFlight }),
      async stop() {
        await database.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

const fillAccounts = ({ pool }: Database, fixture: Fixture) =>
  pool.query(
    `insert into biller_account (biller_id, account, holder, address, phone, district, active, folded, bills, stated_total, as_of, payments_through, list_id)
     select case n % 2 when 0 then $1::uuid else $2::uuid end, to_char(n, 'FM1000000000'), 'Əliyev Vüqar', 'Bakı, Nizami 1', null, $3, true, 'eliyev vuqar baki',
       '[]', 0, now(), now(), gen_random_uuid() from generate_series(1, $4::int) n`,
    [fixture.electricity, fixture.water, fixture.district, BENCH_ACCOUNTS],
  );

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

async function sessionToken(url: string, ca: string, key: TestKey): Promise<string> {
  const challenge = await post(`${url}/v1/device.challenge`, { deviceId: key.deviceId }, ca);
  const { nonce } = challenge as { nonce: string }; // the contract's answer
  const session = await post(
    `${url}/v1/device.session`,
    { deviceId: key.deviceId, nonce, signature: key.signText(nonce) },
    ca,
  );
  return (session as { token: string }).token; // the contract's answer
}

function post(url: string, input: object, ca: string): Promise<unknown> {
  return new Promise((done, failed) => {
    const call = request(url, { method: 'POST', ca }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => done(JSON.parse(text)));
    });
    call.once('error', failed);
    call.end(JSON.stringify(input));
  });
}

async function sendAll(folder: string, load: Load): Promise<LoadResult> {
  const file = join(folder, 'load.json');
  writeFileSync(file, JSON.stringify(load));
  const program = join(import.meta.dirname, 'https-load.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, file]);
  const result = JSON.parse(stdout) as LoadResult; // printed by https-load.ts
  if (result.statuses['200'] !== load.bodies.length) {
    throw new Error(`the centre answered ${JSON.stringify(result.statuses)}`);
  }
  return result;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
