import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { anything, komis, type KomisOptions } from './komis-cli.ts';

/** Everybody's password in the demo, made on the first start and kept in the data folder. */
export function demoPassword(dataDir: string): { readonly file: string; readonly password: string } {
  const file = join(dataDir, 'demo-password');
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `komis-${randomInt(100_000, 1_000_000)}\n`, { mode: 0o600 });
  }
  return { file, password: readFileSync(file, 'utf8').trim() };
}

const noteSchema = z.object({
  /** Where the centre listens: the workstation was enrolled at this address. */
  centrePort: z.int(),
  /** When the figures of the lists were true; together with the defaults it says which bills there are. */
  asOf: z.string(),
  /** Everything below was done. */
  complete: z.boolean(),
});
export type DemoNote = z.infer<typeof noteSchema>;

const noteFile = (dataDir: string): string => join(dataDir, 'demo.json');

/** What an earlier start noted; undefined on the first one. */
export function readNote(dataDir: string): DemoNote | undefined {
  const file = noteFile(dataDir);
  return existsSync(file) ? noteSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export function writeNote(dataDir: string, note: DemoNote): void {
  const aside = `${noteFile(dataDir)}.new`;
  writeFileSync(aside, `${JSON.stringify(note)}\n`);
  renameSync(aside, noteFile(dataDir));
}

/** Participants, branches, workstations, people and companies. What is there stays as it is. */
export const seedDemo = (options: KomisOptions, passwordFile: string): Promise<unknown> =>
  komis(options, ['demo', 'seed', '--password-file', passwordFile], anything);

const listSchema = z.array(z.object({ company: z.string(), file: z.string(), records: z.int() }));
export type ListFile = z.infer<typeof listSchema>[number];

/** Writes the four companies' first lists. */
export const writeLists = (
  options: KomisOptions,
  lists: {
    readonly out: string;
    readonly asOf: string;
    readonly seed?: string;
    readonly subscribers?: number;
  },
): Promise<readonly ListFile[]> =>
  komis(
    options,
    [
      'demo',
      'lists',
      '--out',
      lists.out,
      '--as-of',
      lists.asOf,
      ...(lists.seed === undefined ? [] : ['--seed', lists.seed]),
      ...(lists.subscribers === undefined ? [] : ['--subscribers', String(lists.subscribers)]),
    ],
    listSchema,
  );

const importedSchema = z.object({
  company: z.string(),
  seq: z.int(),
  counts: z.object({ records: z.int(), bad: z.int() }),
});
export type ImportedList = z.infer<typeof importedSchema>;

/** Takes one list in; a list that was applied before is answered and changes nothing. */
export const importList = (
  options: KomisOptions,
  file: string,
  acknowledgements?: string,
): Promise<ImportedList> =>
  komis(
    options,
    [
      'lists',
      'import',
      file,
      ...(acknowledgements === undefined ? [] : ['--acknowledgement', acknowledgements]),
    ],
    importedSchema,
  );

const codeSchema = z.object({ code: z.string() });

/** A one-time code with which a device becomes this workstation. */
export const enrolmentCode = async (options: KomisOptions, workstation: string): Promise<string> =>
  (await komis(options, ['workstations', 'enrol-code', workstation], codeSchema)).code;

const billSchema = z.array(
  z.object({
    companyName: z.string(),
    account: z.string(),
    holder: z.string(),
    amount: z.int(),
    barcode: z.string(),
  }),
);
export type DemoBill = z.infer<typeof billSchema>[number];

/** Bills of the demo lists with the codes to scan. */
export const demoBills = (
  options: KomisOptions,
  bills: { readonly asOf: string; readonly district: string; readonly count: number },
): Promise<readonly DemoBill[]> =>
  komis(
    options,
    ['demo', 'bills', '--as-of', bills.asOf, '--district', bills.district, '--count', String(bills.count)],
    billSchema,
  );

/** What demo companies state: their figures as of six in the morning in Bakı (UTC+4) of the latest day. */
export function thisMorning(nowMs: number): string {
  const day = 86_400_000;
  const sixOClock = 2 * 3_600_000;
  const start = Math.floor((nowMs - sixOClock) / day) * day + sixOClock;
  return `${new Date(start).toISOString().slice(0, 19)}Z`;
}
