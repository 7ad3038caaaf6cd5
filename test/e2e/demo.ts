import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { qepik, type Qepik } from '../../contracts/money.ts';
import { anything, komis } from '../../main/demo/komis-cli.ts';
import { demoAsOf } from '../../server/demo/demo-lists.ts';

/** Everybody's password. */
export const PASSWORD = 'Növbə-2026';

const billSchema = z.object({
  company: z.enum(['ELEKTRIK', 'QAZ', 'SU', 'TELEFON']),
  companyName: z.string(),
  account: z.string(),
  holder: z.string(),
  address: z.string(),
  amount: z.int().transform((amount): Qepik => qepik(amount)),
  barcode: z.string(),
  qr: z.string(),
});
/** A bill that nobody has paid yet, as a subscriber brings it. */
export type Bill = z.infer<typeof billSchema>;

/** Small lists: 600 accounts at each company, about a hundred of them in the counter's district. */
const SMALL = ['--seed', 'e2e', '--subscribers', '600'] as const;

/**
 * Fills a running centre with the demo's people, places and companies and a small list of each company, by its command
 * line. Answers bills of the district, the household of the documentation first, bills of other districts, and a code to
 * enrol a workstation with.
 */
export async function fillCentre(
  dataDir: string,
  folder: string,
  workstation: string,
): Promise<{
  readonly bills: readonly Bill[];
  readonly farBills: readonly Bill[];
  readonly enrolmentCode: string;
}> {
  const cli = { dataDir };
  const lists = [...SMALL, '--as-of', demoAsOf(Date.now())];
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  const [written] = await Promise.all([
    komis(
      cli,
      ['demo', 'lists', ...lists, '--out', join(folder, 'lists')],
      z.array(z.object({ file: z.string() })),
    ),
    komis(cli, ['demo', 'seed', '--password-file', passwordFile], anything),
  ]);
  const [bills, { code }] = await Promise.all([
    komis(cli, ['demo', 'bills', ...lists, '--count', '250'], z.array(billSchema)),
    komis(cli, ['workstations', 'enrol-code', workstation], z.object({ code: z.string() })),
    ...written.map(({ file }) => komis(cli, ['lists', 'import', file], anything)),
  ]);
  const near = ({ address }: Bill): boolean => address.includes('Nərimanov r.');
  return {
    bills: bills.filter(near),
    farBills: bills.filter((bill) => !near(bill)),
    enrolmentCode: code,
  };
}
