import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { keeps, type Bench, type BenchResult } from './bench.ts';
import { cardSale } from './card-sale.ts';
import { journalDrain } from './drain.ts';
import { findGrowth } from './find.ts';
import { importChanged, importUnchanged } from './import.ts';
import { intakeOverHttps } from './intake.ts';
import { journalAppend } from './journal-append.ts';
import { meterCardLoad } from './meter-card-load.ts';

/** `npm run bench [-- --only NAME] [--json FILE]`: every figure as a ratio to a limit measured in the same run. */
const BENCHES: readonly Bench[] = [
  journalAppend,
  findGrowth,
  importUnchanged,
  importChanged,
  intakeOverHttps,
  journalDrain,
  cardSale,
  meterCardLoad,
];

type Row = {
  readonly name: string;
  readonly limit: Bench['limit'];
  readonly result: BenchResult | null;
  readonly failure: string | null;
  readonly kept: boolean;
};

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });
const chosen = BENCHES.filter((bench) => values.only === undefined || bench.name.includes(values.only));
if (chosen.length === 0) {
  console.error(`No figure is called ${values.only}. There are: ${BENCHES.map((b) => b.name).join(', ')}.`);
  process.exit(2);
}

const rows: Row[] = [];
for (const bench of chosen) {
  console.log(`\n${bench.name} …`);
  const row = await measure(bench);
  rows.push(row);
  for (const [name, value] of Object.entries(row.result?.details ?? {}))
    console.log(`  ${name.padEnd(34)} ${show(value)}`);
  if (row.failure !== null) console.log(`  not measured: ${row.failure}`);
}

const table = new Table({ head: ['figure', 'ratio', 'limit', ''], style: { head: [], border: [] } });
for (const row of rows)
  table.push([
    row.name,
    row.result?.ratio?.toFixed(2) ?? '–',
    limitText(row.limit),
    row.failure !== null ? 'not measured' : row.kept ? 'kept' : 'MISSED',
  ]);
console.log(`\n${table.toString()}`);

if (values.json !== undefined) {
  const machine = {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? '',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.version,
  };
  writeFileSync(
    values.json,
    `${JSON.stringify({ at: new Date().toISOString(), machine, figures: rows }, null, 2)}\n`,
  );
}
process.exitCode = rows.every((row) => row.kept) ? 0 : 1;

async function measure(bench: Bench): Promise<Row> {
  try {
    const result = await bench.run();
    return { name: bench.name, limit: bench.limit, result, failure: null, kept: keeps(bench, result) };
  } catch (error) {
    return {
      name: bench.name,
      limit: bench.limit,
      result: null,
      failure: error instanceof Error ? error.message : String(error),
      kept: false,
    };
  }
}

function limitText(limit: Bench['limit']): string {
  if (limit.kind === 'report') return 'told';
  return limit.kind === 'smaller' ? `≤ ${limit.bound}` : `≥ ${limit.bound}`;
}

function show(value: number | string): string {
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
