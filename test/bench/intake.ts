import { mintId } from '../../server/registry/identity.ts';
import type { Bench, BenchResult } from './bench.ts';
import { BENCH_ACCOUNTS, benchAccount, median, startBenchCentre, type BenchCentre } from './centre-bench.ts';
import { pgbench } from './pgbench.ts';

const ROUNDS = 3;
const IN_FLIGHT = 64;
const WARM_UP = 2_000;
const PAYMENTS_PER_ROUND = 8_000;
const PGBENCH_CLIENTS = 16;
const PGBENCH_SECONDS = 4;

/**
 * One payment per HTTPS request, 64 in flight, posted with its ledger entries, against pgbench calling the same posting
 * function once per payment over 16 connections. They go by turns; the ratio is the median of the rounds'.
 */
export const intakeOverHttps: Bench = {
  name: 'intake over HTTPS, one payment per request, 64 in flight / pgbench, one function per payment',
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
  const { fixture, pgUrl } = centre;
  const key = await centre.addDevice('WS01');
  const token = await centre.token(key);
  const script = `select bench_post(1, '{${fixture.electricity},${fixture.water}}', ${BENCH_ACCOUNTS}, '${key.deviceId}',
    '${fixture.bankId}', null, '${fixture.district}')`;
  const ours = async (count: number): Promise<{ rate: number; p99Ms: number }> => {
    const done = await centre.load('payments.accept', token, payments(centre, count), IN_FLIGHT);
    return { rate: count / done.seconds, p99Ms: done.p99Ms };
  };
  await ours(WARM_UP);
  await pgbench(pgUrl, script.replace(/\s+/g, ' '), { clients: PGBENCH_CLIENTS, seconds: 1 });
  const rounds: { ours: number; p99Ms: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { rate, p99Ms } = await ours(PAYMENTS_PER_ROUND);
    const limit = await pgbench(pgUrl, script.replace(/\s+/g, ' '), {
      clients: PGBENCH_CLIENTS,
      seconds: PGBENCH_SECONDS,
    });
    rounds.push({ ours: rate, p99Ms, limit });
  }
  return {
    ratio: median(rounds.map(({ ours: rate, limit }) => rate / limit)),
    details: {
      oursPerSecond: Math.round(median(rounds.map(({ ours: rate }) => rate))),
      oursP99Ms: Math.round(median(rounds.map(({ p99Ms }) => p99Ms))),
      pgbenchPerSecond: Math.round(median(rounds.map(({ limit }) => limit))),
      payments: ROUNDS * PAYMENTS_PER_ROUND,
    },
  };
}

function payments({ fixture }: BenchCentre, count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const amount = 100 + (n % 5000);
    return JSON.stringify({
      paymentId: mintId(),
      channel: 'kiosk',
      reference: `K-${n}`,
      takenAt: new Date().toISOString(),
      businessDate: '2026-11-23',
      currency: 'AZN',
      subscriberCode: null,
      lines: [{ lineId: mintId(), ...benchAccount(fixture, n * 7919), billNo: null, amount, fee: 10 }],
      total: amount + 10,
    });
  });
}
