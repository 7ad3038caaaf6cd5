import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { qepik } from '../../contracts/money.ts';
import { accountsOf } from '../../server/demo/accounts.ts';
import { demoCompany } from '../../server/demo/companies.ts';
import { mix } from '../../server/demo/random.ts';
import { openDatabase, type Database } from '../../server/db/database.ts';
import { startEmbedded } from '../../server/db/embedded.ts';
import { migrate } from '../../server/db/migrate.ts';
import { HEAD_BYTES } from '../../server/exchange/list-format.ts';
import { readHead } from '../../server/exchange/list-head.ts';
import { accountElement, listEnd, listStart } from '../../server/exchange/list-writer.ts';
import { parseList } from '../../server/exchange/parse-list.ts';
import { STAGE_COLUMNS } from '../../server/exchange/stage-sql.ts';
import { mintId } from '../../server/registry/identity.ts';
import type { Bench, BenchResult } from './bench.ts';
import { median } from './centre-bench.ts';

/**
 * A full list of a million accounts, end to end (read, parse, validate, COPY, merge, acknowledge), against the slower of
 * `xmllint --stream` on the same file and psql copying the ready stage rows and running the same merge. Ours and psql's
 * go by turns, each on a company of its own with the same accounts; the ratio is the median of the rounds'.
 */
const RECORDS = Number(process.env['KOMIS_BENCH_RECORDS'] ?? 1_000_000);
const ROUNDS = 3;
const MEMORY_LIMIT_MB = 512;

const figure = (name: string, run: (bench: ImportBench) => Promise<BenchResult>): Bench => ({
  name: `list import of ${RECORDS / 1e6} M records, ${name} / the slower of xmllint and psql COPY + merge`,
  limit: { kind: 'smaller', bound: 1.5 },
  async run() {
    const bench = await setUp();
    try {
      return await run(bench);
    } finally {
      await bench.stop();
    }
  },
});

/** Every list says what the one before said. */
export const importUnchanged = figure('unchanged', (bench) => measure(bench, [0]));

/** Every list states another debt for every account. */
export const importChanged = figure('all changed', (bench) => measure(bench, [1, 0]));

async function measure(bench: ImportBench, versions: readonly number[]): Promise<BenchResult> {
  const xmllintSeconds = await seconds('xmllint', ['--stream', '--noout', bench.lists[0] ?? '']);
  const rounds: { ours: number; psql: number; maxRssMb: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const version = versions[round % versions.length] ?? 0;
    const ours = await bench.import(version);
    const psql = await bench.psql(version);
    rounds.push({ ours: ours.seconds, psql, maxRssMb: ours.maxRssMb });
  }
  const maxRssMb = Math.max(...rounds.map((round) => round.maxRssMb));
  if (maxRssMb >= MEMORY_LIMIT_MB)
    throw new Error(`the import took ${maxRssMb} MB of memory, ${MEMORY_LIMIT_MB} are allowed`);
  const oursSeconds = median(rounds.map((round) => round.ours));
  return {
    ratio: median(rounds.map((round) => round.ours / Math.max(round.psql, xmllintSeconds))),
    details: {
      oursSeconds,
      psqlCopyAndMergeSeconds: median(rounds.map((round) => round.psql)),
      xmllintSeconds,
      recordsPerSecond: Math.round(RECORDS / oursSeconds),
      maxRssMb,
      records: RECORDS,
      rounds: ROUNDS,
    },
  };
}

type ImportBench = {
  /** Two lists of the same accounts with different debts; their number is set before each import. */
  readonly lists: readonly string[];
  /** Our import of a version, as the next list of our company, in a process of its own. */
  import(version: number): Promise<{ readonly seconds: number; readonly maxRssMb: number }>;
  /** The same rows through psql and the same merge, on the other company. */
  psql(version: number): Promise<number>;
  stop(): Promise<void>;
};

const OURS = 'ELEKTRIK';
const THEIRS = 'ELEKTRIK-2';

async function setUp(): Promise<ImportBench> {
  const folder = await mkdtemp(join(tmpdir(), 'komis-bench-import-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const server = await startEmbedded({ dir: join(folder, 'pg'), durable: true });
    undo.push(() => server.stop());
    await migrate(server.url);
    const database = openDatabase(server.url, 2);
    undo.push(() => database.close());
    const theirs =
      (await Promise.all([addCompany(database, OURS, '001'), addCompany(database, THEIRS, '002')]))[1] ?? '';

    const lists = [join(folder, 'list-0.xml'), join(folder, 'list-1.xml')];
    const rows = [join(folder, 'rows-0.copy'), join(folder, 'rows-1.copy')];
    for (const [version, list] of lists.entries()) {
      await writeBenchList(list, version);
      await writeRows(list, rows[version] ?? '');
    }
    const seq = { ours: 0, theirs: 0 };
    /** Both begin each round alike: no dead rows, nothing left to write out. */
    const settle = async (): Promise<void> => {
      await database.pool.query('vacuum biller_account, biller_account_change');
      await database.pool.query('checkpoint');
    };
    const bench: ImportBench = {
      lists,
      stop,
      async import(version) {
        seq.ours += 1;
        await setNumber(lists[version] ?? '', seq.ours);
        await settle();
        const child = await promisify(execFile)(process.execPath, [
          resolve(import.meta.dirname, '../../server/exchange/testing/import-child.ts'),
          server.url,
          lists[version] ?? '',
          OURS,
        ]);
        const answer = JSON.parse(child.stdout) as { code: string; seconds: number; maxRssMb: number }; // printed by import-child.ts
        if (answer.code !== 'applied') throw new Error(`the list was refused: ${child.stdout}`);
        return answer;
      },
      async psql(version) {
        seq.theirs += 1;
        await settle();
        return seconds('psql', [
          '-qX',
          '-v',
          'ON_ERROR_STOP=1',
          server.url,
          ...mergeCommands(rows[version] ?? '', theirs, seq.theirs),
        ]);
      },
    };
    await bench.import(0);
    await bench.psql(0);
    return bench;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What psql is told: the statements of an import without reading, checking and answering. */
const mergeCommands = (rows: string, billerId: string, seq: number): string[] =>
  [
    'begin',
    `create unlogged table bench_stage (${STAGE_COLUMNS})`,
    `\\copy bench_stage from '${rows}' with (freeze)`,
    `set local work_mem = '256MB'`,
    `select * from list_merge('bench_stage', '${billerId}', '${mintId()}', 'full', '2026-11-20T02:00:00Z', '2026-11-20T02:00:00Z', ${seq}, ${RECORDS}, false, false)`,
    'drop table bench_stage',
    'commit',
  ].flatMap((command) => ['-c', command]);

async function addCompany({ pool }: Database, code: string, number: string): Promise<string> {
  const [participantId, billerId] = [mintId(), mintId()];
  await pool.query(
    `insert into participant (participant_id, code, name, kind) values ($1, $2, $2, 'biller')`,
    [participantId, code],
  );
  await pool.query(
    `insert into biller (biller_id, participant_id, number, code, name, service, status, fetch_mode, exactness, min_amount, max_amount, advance_allowed, account_mask, offline)
     values ($1, $2, $3, $4, $4, '{}', 'live', 'none', 'any', 1, 100000000, true, $5, 'known')`,
    [billerId, participantId, number, code, demoCompany('ELEKTRIK').accountMask],
  );
  await pool.query('insert into biller_exchange (biller_id, unsigned_allowed) values ($1, true)', [billerId]);
  return billerId;
}

/** Believable accounts with one bill each; another version, another amount for every one of them. */
async function writeBenchList(path: string, version: number): Promise<void> {
  const out = createWriteStream(path);
  let pending = listStart({
    company: OURS,
    kind: 'full',
    seq: FIRST_NUMBER,
    asOf: '2026-11-20T02:00:00Z',
    records: RECORDS,
  });
  for (const account of accountsOf(demoCompany('ELEKTRIK'), 'bench')) {
    if (account.ordinal === RECORDS) break;
    const amount = qepik(500 + (mix('bench', account.ordinal) % 9000) * 2 + version);
    const billNo = `2026-10-${account.account.slice(-6)}`;
    pending += accountElement({
      ...account,
      bills: [{ billNo, period: '2026-10', amount, dueDate: '2026-11-25' }],
    });
    if (pending.length > 60_000) {
      if (!out.write(pending)) await once(out, 'drain');
      pending = '';
    }
  }
  out.end(pending + listEnd());
  await finished(out);
}

/** At most nine lists are sent, so that one number can be written over another. */
const FIRST_NUMBER = 1;

async function setNumber(path: string, seq: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const start = Buffer.alloc(HEAD_BYTES);
    await file.read(start, 0, HEAD_BYTES, 0);
    const at = start.indexOf(' seq="') + ' seq="'.length;
    await file.write(String(seq), at);
  } finally {
    await file.close();
  }
}

/** The stage rows of a list, ready to be copied. */
async function writeRows(list: string, path: string): Promise<void> {
  const file = await open(list);
  const out = createWriteStream(path);
  try {
    const start = Buffer.alloc(HEAD_BYTES);
    await file.read(start, 0, HEAD_BYTES, 0);
    const head = readHead(start);
    if (!head.ok) throw new Error(head.error.code);
    const parsed = await parseList({
      file,
      head: head.value,
      mask: new RegExp(demoCompany('ELEKTRIK').accountMask),
      seen: () => undefined,
      async take({ rows }) {
        if (!out.write(rows)) await once(out, 'drain');
      },
    });
    if (!parsed.ok) throw new Error(parsed.error.code);
  } finally {
    out.end();
    await file.close();
  }
  await finished(out);
}

/** How long a program takes. */
async function seconds(program: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await promisify(execFile)(program, args);
  return (performance.now() - started) / 1000;
}
