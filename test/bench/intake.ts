import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mintId } from '../../server/registry/identity.ts';
import type { Bench, BenchResult } from './bench.ts';
import {
  BENCH_ACCOUNTS,
  benchAccount,
  benchToken,
  startBenchCentre,
  type BenchCentre,
} from './centre-bench.ts';
import { BENCH_FUNCTION, pgbench } from './pgbench.ts';

const IN_FLIGHT = 64;
const WARM_UP = 2_000;
const PAYMENTS = 12_000;
const PGBENCH_CLIENTS = 16;
const PGBENCH_SECONDS = 5;

/** One payment per HTTPS request, many in flight, posted with ledger, against pgbench calling the same posting per payment. */
export const intakeBench: Bench = {
  name: 'intake over HTTPS, one payment per request, 64 in flight ÷ pgbench, one function per payment, 16 connections',
  limit: { kind: 'larger', bound: 0.5 },
  async run() {
    const centre = await startBenchCentre();
    try {
      return await measure(centre);
    } finally {
      await centre.stop();
    }
  },
};

async function measure(centre: BenchCentre): Promise<BenchResult> {
  const ca = readFileSync(centre.caFile, 'utf8');
  const token = await benchToken(centre, (url, body) => post(url, body, ca));
  await load(centre, ca, token, WARM_UP);
  const ours = await load(centre, ca, token, PAYMENTS);
  const { fixture, deviceId } = centre;
  await centre.database.pool.query(BENCH_FUNCTION);
  const script = `select bench_post(1, '{${fixture.electricity},${fixture.water}}', ${BENCH_ACCOUNTS}, '${deviceId}', '${fixture.bankId}', null, '${fixture.district}')`;
  await pgbench(centre.pgUrl, script, { clients: PGBENCH_CLIENTS, seconds: 1 });
  const limit = await pgbench(centre.pgUrl, script, { clients: PGBENCH_CLIENTS, seconds: PGBENCH_SECONDS });
  return {
    ratio: ours.rate / limit,
    details: {
      oursPerSecond: Math.round(ours.rate),
      oursP99Ms: Math.round(ours.p99Ms * 10) / 10,
      pgbenchPerSecond: Math.round(limit),
      payments: PAYMENTS,
    },
  };
}

async function load(
  centre: BenchCentre,
  ca: string,
  token: string,
  count: number,
): Promise<{ rate: number; p99Ms: number }> {
  const bodies = Array.from({ length: count }, (_, n) => {
    const amount = 100 + (n % 5000);
    return JSON.stringify({
      paymentId: mintId(),
      channel: 'kiosk',
      reference: `K-${n}`,
      takenAt: new Date().toISOString(),
      businessDate: '2026-11-23',
      currency: 'AZN',
      subscriberCode: null,
      lines: [{ lineId: mintId(), ...benchAccount(centre.fixture, n * 7919), billNo: null, amount, fee: 10 }],
      total: amount + 10,
    });
  });
  const file = join(centre.folder, 'load.json');
  writeFileSync(
    file,
    JSON.stringify({ url: `${centre.url}/v1/payments.accept`, ca, token, bodies, inFlight: IN_FLIGHT }),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'intake-load.ts'),
    file,
  ]);
  const done = JSON.parse(stdout) as { seconds: number; statuses: Record<string, number>; p99Ms: number }; // printed by intake-load.ts
  if (done.statuses['200'] !== count) throw new Error(`the centre answered ${JSON.stringify(done.statuses)}`);
  return { rate: count / done.seconds, p99Ms: done.p99Ms };
}

function post(url: string, body: string, ca: string): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    const call = request(
      url,
      { method: 'POST', ca, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.once('end', () => done({ status: response.statusCode ?? 0, body: text }));
      },
    );
    call.once('error', failed);
    call.end(body);
  });
}
