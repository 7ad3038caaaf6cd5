import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { assert } from '../../contracts/assert.ts';
import type { StatedBill } from '../../contracts/rules/owed.ts';
import type { Instant } from '../../contracts/time.ts';
import { accountElement, listEnd, listStart, removedElement } from '../exchange/list-writer.ts';
import { accountsOf, type DemoAccount } from './accounts.ts';
import { DEMO_COMPANIES, type DemoCompany, type DemoCompanyCode } from './companies.ts';
import { debtsOf } from './debts.ts';
import { mix } from './random.ts';

export type DemoListOptions = {
  readonly seed: string;
  readonly subscribersPerCompany: number;
  readonly outDir: string;
  /** The list's number; 1 is full, later ones are deltas unless `kind` says otherwise. */
  readonly sequence: number;
  readonly kind?: 'full' | 'delta';
  /** When the figures are true. The same options give the same bytes. */
  readonly asOf: Instant;
  /** Share of accounts whose debts change from one list to the next. */
  readonly changeShare?: number;
  readonly companies?: readonly DemoCompanyCode[];
};

export type DemoList = {
  readonly company: DemoCompanyCode;
  readonly file: string;
  readonly kind: 'full' | 'delta';
  readonly sequence: number;
  readonly records: number;
  readonly bytes: number;
};

type Step = { readonly account: DemoAccount; readonly bills: readonly StatedBill[] | 'removed' };

/** Writes one list per demo company and says what was written. Streams: the size does not matter. */
export async function demoLists(options: DemoListOptions): Promise<DemoList[]> {
  assert(
    options.sequence >= 1 && options.subscribersPerCompany >= 1,
    'lists are numbered from 1 and have accounts',
  );
  await mkdir(options.outDir, { recursive: true });
  const lists: DemoList[] = [];
  for (const company of DEMO_COMPANIES.filter((one) => options.companies?.includes(one.code) ?? true)) {
    lists.push(await writeList(company, options));
  }
  return lists;
}

/** What the demo companies state at 06:00 in Bakı of the latest day: the usual `asOf` of demo lists. */
export function demoAsOf(nowMs: number): Instant {
  const day = 86_400_000;
  const sixOClock = 2 * 3_600_000;
  return `${new Date(Math.floor((nowMs - sixOClock) / day) * day + sixOClock).toISOString().slice(0, 19)}Z`;
}

async function writeList(company: DemoCompany, options: DemoListOptions): Promise<DemoList> {
  const kind = options.kind ?? (options.sequence === 1 ? 'full' : 'delta');
  let records = 0;
  for (const _ of stepsOf(company, options, kind, false)) records += 1;

  const file = join(
    options.outDir,
    `${company.code}-${String(options.sequence).padStart(6, '0')}-${kind}.xml`,
  );
  const out = createWriteStream(file);
  let pending = listStart({
    company: company.code,
    kind,
    seq: options.sequence,
    asOf: options.asOf,
    records,
  });
  for (const { account, bills } of stepsOf(company, options, kind, true)) {
    pending += bills === 'removed' ? removedElement(account.account) : accountElement({ ...account, bills });
    if (pending.length > 60_000) {
      if (!out.write(pending)) await once(out, 'drain');
      pending = '';
    }
  }
  out.end(pending + listEnd());
  await finished(out);
  return { company: company.code, file, kind, sequence: options.sequence, records, bytes: out.bytesWritten };
}

/** The records of a list, in order. Without `withBills` only their number is right: the first pass counts. */
function* stepsOf(
  company: DemoCompany,
  options: DemoListOptions,
  kind: 'full' | 'delta',
  withBills: boolean,
): Generator<Step> {
  const { seed, sequence, subscribersPerCompany } = options;
  const share = options.changeShare ?? 0.08;
  const month = options.asOf.slice(0, 7);
  const newEachTime = Math.ceil(subscribersPerCompany / 500);
  const sizeAt = (seq: number): number => subscribersPerCompany + (seq - 1) * newEachTime;
  const happens = (what: string, ordinal: number, seq: number, probability: number): boolean =>
    mix(seed, what, company.code, ordinal, seq) < probability * 2 ** 32;

  for (const account of accountsOf(company, seed)) {
    const { ordinal } = account;
    if (ordinal >= sizeAt(sequence)) return;
    const isFirstHousehold = account.household === 0;
    let version = 1;
    let leftAt = 0;
    for (let seq = 2; seq <= sequence && leftAt === 0 && !isFirstHousehold; seq += 1) {
      if (ordinal >= sizeAt(seq)) continue;
      if (happens('changes', ordinal, seq, share)) version = seq;
      if (happens('leaves', ordinal, seq, 0.001)) leftAt = seq;
    }
    if (leftAt !== 0 && (leftAt < sequence || kind === 'full')) continue;
    if (leftAt !== 0) {
      if (ordinal < sizeAt(sequence - 1)) yield { account, bills: 'removed' };
      continue;
    }
    const isNew = sequence > 1 && ordinal >= sizeAt(sequence - 1);
    if (kind === 'delta' && !isNew && version !== sequence) continue;
    yield {
      account,
      bills: withBills ? debtsOf(company, seed, ordinal, account.account, month, version) : [],
    };
  }
}
