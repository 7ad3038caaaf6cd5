import type { SignedEntry } from '../../contracts/journal.ts';
import { testJournal, testPayment, testShift } from '../../server/testing/device.ts';
import type { Bench, BenchResult } from './bench.ts';
import { BENCH_ACCOUNTS, benchAccount, median, startBenchCentre, type BenchCentre } from './centre-bench.ts';
import { pgbench } from './pgbench.ts';

const ROUNDS = 3;
const ENTRIES = 5_000;
const BATCH = 1_000;
const PGBENCH_SECONDS = 4;

/**
 * A journal of 5,000 payments drained through journal.push as a workstation does it, one batch after the other (HTTPS,
 * chain and signature of every entry, posting, the raw entries kept), against pgbench calling the same posting function
 * with batches of the same size over one connection. They go by turns; the ratio is the median of the rounds'.
 */
export const journalDrain: Bench = {
  name: 'drain of a journal of 5,000 / pgbench, the batched statement',
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
  await drain(centre, 'WARM', 2 * BATCH);
  await batches(centre, 1);
  const rounds: { ours: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const ours = await drain(centre, `WS0${round}`, ENTRIES);
    rounds.push({ ours, limit: await batches(centre, PGBENCH_SECONDS) });
  }
  return {
    ratio: median(rounds.map(({ ours, limit }) => ours / limit)),
    details: {
      oursPerSecond: Math.round(median(rounds.map(({ ours }) => ours))),
      pgbenchPerSecond: Math.round(median(rounds.map(({ limit }) => limit))),
      entries: ROUNDS * ENTRIES,
      batch: BATCH,
    },
  };
}

/** Entries per second of a whole journal. */
async function drain(centre: BenchCentre, code: string, count: number): Promise<number> {
  const key = await centre.addDevice(code);
  const journal = testJournal(key);
  const shift = testShift(code);
  for (let n = 0; n < count; n += 1) {
    const line = { ...benchAccount(centre.fixture, n * 7919), amount: 100 + (n % 5000), fee: 10 };
    journal.append('payment.accepted', testPayment(shift, [line]));
  }
  const bodies: string[] = [];
  for (let from = 0; from < count; from += BATCH) bodies.push(batchOf(journal.entries, from));
  const done = await centre.load('journal.push', await centre.token(key), bodies, 1);
  return count / done.seconds;
}

const batchOf = (entries: readonly SignedEntry[], from: number): string =>
  JSON.stringify({ entries: entries.slice(from, from + BATCH) });

/** Payments per second of the posting function alone. */
async function batches({ pgUrl, fixture, database }: BenchCentre, seconds: number): Promise<number> {
  const { rows } = await database.pool.query<{ device_id: string }>('select device_id from device limit 1');
  const script = `select bench_post(${BATCH}, '{${fixture.electricity},${fixture.water}}', ${BENCH_ACCOUNTS}, '${rows[0]?.device_id}',
    '${fixture.bankId}', '${fixture.bankId}', '${fixture.district}')`;
  return BATCH * (await pgbench(pgUrl, script.replace(/\s+/g, ' '), { clients: 1, seconds }));
}
