import { join } from 'node:path';
import { z } from 'zod';
import { unsound } from '../../../core/testing/soundness.ts';
import type { StoredEntry } from '../../../core/ports/journal.ts';
import { openAuditor, type Auditor } from '../../../main/demo/day/auditor.ts';
import { readBooks } from '../../../main/demo/day/gather.ts';
import { judgeDay, type AccountFigures } from '../../../main/demo/day/invariants.ts';
import { NO_CARDS } from '../../../main/demo/day/invariants-cards.ts';
import { drained } from '../../../main/demo/day/teller.ts';
import { createDeviceKey } from '../../../native-bridges/device-key/device-key.ts';
import { openJournal } from '../../../native-bridges/journal/journal.ts';
import { createMachine } from '../../../native-bridges/machine/machine.ts';
import type { FaultCounter, FaultPlace } from './fault-place.ts';
import type { Diary } from './script.ts';

type Accounts = readonly { readonly billerId: string; readonly account: string }[];

/** What the centre says is owed on accounts, asked past the workstations. */
export const owedAtCentre = (
  place: FaultPlace,
  counter: FaultCounter,
  accounts: Accounts,
): Promise<readonly AccountFigures[]> => asked(place, counter, (auditor) => auditor.owed(accounts));

async function asked<T>(
  place: FaultPlace,
  counter: FaultCounter,
  ask: (auditor: Auditor) => Promise<T>,
): Promise<T> {
  const auditor = openAuditor({
    centreUrl: place.centre.url(),
    caFile: place.centre.caFile(),
    workstationDir: counter.dataDir,
  });
  try {
    return await ask(auditor);
  } finally {
    auditor.close();
  }
}

/** All entries of a workstation that does not run, its chain verified on the way. */
export function readJournal(dataDir: string): readonly StoredEntry[] {
  const machine = createMachine({ level: 'error' });
  const deviceKey = createDeviceKey({ path: join(dataDir, 'device-key.json') });
  const journal = openJournal({
    path: join(dataDir, 'journal.sqlite'),
    holder: 'test',
    identity: () => deviceKey.identity(),
    signer: deviceKey,
    machine,
  });
  if (!journal.ok) throw new Error(`the journal does not open: ${JSON.stringify(journal.error)}`);
  try {
    const damaged = journal.value.damagedAt();
    if (damaged !== null) throw new Error(`the journal is damaged at entry ${damaged}`);
    return [...journal.value.read(1)];
  } finally {
    journal.value.close();
  }
}

const caseSchema = z.array(z.object({ kind: z.string(), workstation: z.string().nullable() }));

/** What waits for a person at the centre because of a workstation. */
export async function openCases(place: FaultPlace, code: string): Promise<readonly string[]> {
  const cases = await place.komis(['cases', 'list'], caseSchema);
  return cases.flatMap(({ kind, workstation }) => (workstation === code ? [kind] : []));
}

export type Judgement = {
  /** What does not hold, in words. */
  readonly broken: readonly string[];
  readonly payments: number;
  readonly stornos: number;
  readonly entries: number;
};

/**
 * The end of the day for all counters of a place: started once more, drained, stopped, and held against the centre's books.
 * `diaries` must be those of every counter that took money since `owedBefore` was asked; of the centre's payments those
 * with receipts of other workstations are left out.
 */
export async function judge(
  place: FaultPlace,
  diaries: readonly Diary[],
  owedBefore: readonly AccountFigures[],
  casesExpected: readonly string[] = [],
): Promise<Judgement> {
  const broken: string[] = [];
  const journals: (readonly StoredEntry[])[] = [];
  for (const { counter } of diaries) {
    counter.line.restore();
    await counter.station.stop();
    await counter.station.start();
    await drained(counter.station.ask);
    const killed = await counter.station.stop();
    if (killed.length > 0) broken.push(`${counter.code} did not end by itself`);
    const journal = readJournal(counter.dataDir);
    journals.push(journal);
    broken.push(...unsound(journal).map((what) => `${counter.code}: ${what}`));
    broken.push(
      ...journal
        .filter(({ outcome }) => outcome !== 'posted' && outcome !== 'recorded')
        .map(({ seq, body, outcome }) => `${counter.code}: entry ${seq}, ${body.type}, is ${outcome}`),
    );
  }
  const [first] = diaries;
  if (!first) throw new Error('there is nothing to judge');
  const books = await readBooks({ dataDir: place.centre.dataDir });
  for (const { counter } of diaries) {
    const cases = await openCases(place, counter.code);
    if (cases.join() !== casesExpected.join())
      broken.push(`${counter.code} has these cases at the centre: ${cases.join(', ')}`);
  }
  const { owedAfter, codes } = await asked(place, first.counter, async (auditor) => ({
    owedAfter: await auditor.owed(owedBefore),
    codes: await Promise.all(
      diaries
        .flatMap((diary) => diary.codes)
        .map(async (code) => ({ code, known: await auditor.knowsCode(code) })),
    ),
  }));
  const entries = journals.flat();
  const elsewhere = (receiptNo: string | null): boolean =>
    receiptNo !== null && !diaries.some(({ counter }) => receiptNo.startsWith(`${counter.code}-`));
  const bodies = entries.map(({ body }) => body);
  const answered = diaries.flatMap((diary) => diary.answered);
  const invariants = judgeDay({
    answered,
    journal: bodies,
    waiting: entries.filter(({ sync }) => sync !== 'acknowledged').length,
    posted: books.posted.filter(({ receiptNo }) => !elsewhere(receiptNo)),
    proof: books.proof,
    ledgerSum: books.balances.reduce((sum, { balance }) => sum + balance, 0),
    owedBefore,
    owedAfter,
    receipts: [],
    codes,
    cards: NO_CARDS,
  });
  broken.push(...invariants.flatMap((one) => one.broken.map((what) => `${one.name}: ${what}`)));

  const closes = bodies.flatMap((body) => (body.type === 'shift.closed' ? [body.payload] : []));
  for (const { shiftId, expected } of diaries.flatMap(({ closed }) => closed)) {
    const zs = closes.filter((one) => one.shiftId === shiftId);
    if (zs.length !== 1 || zs[0]?.expectedTotal !== expected || zs[0].difference !== 0)
      broken.push(`a drawer of ${expected} closed as ${JSON.stringify(zs)}`);
  }
  const count = (kind: string): number => answered.filter((one) => one.kind === kind).length;
  return { broken, payments: count('payment'), stornos: count('storno'), entries: entries.length };
}
